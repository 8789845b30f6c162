"""What stands between a computed run and its money: holds, findings and attests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from contracts.models import Contract, ModelStep
from outcomes.models import Placement
from payouts.models.runs import Run
from providers.models import Provider

TARGET = ("placement", "step", "occurrence", "run", "contract", "provider")  # columns that say what a hold is of
LINE_KEY = ("placement", "step", "occurrence", "run")


def _only(*names: str) -> Q:
    """Of a hold's target these columns are set, and no others."""
    return Q(**{f"{name}__isnull": name not in names for name in TARGET})


class Hold(models.Model):
    """Why a line, or all lines of a placement, contract or provider, is not paid for the time being.

    Released once, by an officer or by the rule that placed it; never removed.
    """

    # the four columns of a line's key, or a placement, a contract or a provider
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+", db_constraint=False)
    step = models.ForeignKey(
        ModelStep, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    occurrence = models.IntegerField(null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="holds", db_constraint=False)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="holds")
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="holds")
    reason_code = models.CharField(max_length=30)
    reason = models.CharField(max_length=200, default="", db_default="", blank=True)  # an officer's own words
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=50, null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    release_rule = models.CharField(max_length=50, null=True)
    release_reason = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_only(*LINE_KEY) | _only("placement") | _only("contract") | _only("provider"),
                name="payouts_hold_target",
            ),
            models.CheckConstraint(
                condition=Q(placed_by__isnull=True, rule__isnull=False) | Q(placed_by__isnull=False, rule__isnull=True),
                name="payouts_hold_officer_or_rule",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, release_rule__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=True, release_rule__isnull=False)
                | Q(released_at__isnull=False, released_by__isnull=False, release_rule__isnull=True),
                name="payouts_hold_released",
            ),
        ]


class Finding(models.Model):
    """What a control found in a run; closed once it is found no more. `payouts.controls` says what each means.

    It concerns a line of the run, a placement's provider or contract, or (all empty) the run.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="findings")
    control = models.CharField(max_length=50)
    responsibility_code = models.CharField(max_length=20, blank=True)  # empty: all of the run
    provider = models.ForeignKey(Provider, models.PROTECT, null=True, related_name="+")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+")
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+")
    step = models.ForeignKey(ModelStep, models.PROTECT, null=True, related_name="+", db_index=False)
    occurrence = models.IntegerField(null=True)
    value = models.CharField(max_length=100)  # what was found …
    expected = models.CharField(max_length=100, blank=True)  # … and what is usual or allowed
    line_count = models.PositiveIntegerField()
    amount = models.BigIntegerField()  # öre concerned
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=paired("answered_at", "answered_by"), name="payouts_finding_answered"),
            models.UniqueConstraint(
                fields=["run", "control", "responsibility_code", "provider", "contract", *LINE_KEY[:3]],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="payouts_finding_standing",
            ),
        ]


class Signature(models.TextChoices):
    """Two people sign: one examines, the other decides."""

    EXAMINER = "examiner", _("granskningsattest")
    DECIDER = "decider", _("beslutsattest")


class Attestant(models.Model):
    """Who may sign what and how much, by the board's list. Ended once, never removed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="attestations")
    signature = models.CharField(max_length=10, choices=Signature.choices)
    responsibility_code = models.CharField(max_length=20, blank=True)  # empty: every code
    most = models.BigIntegerField()  # öre
    valid_from = models.DateField()
    valid_through = models.DateField()
    substitute_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=100)  # the board's, by diarienummer
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most__gt=0), name="payouts_attestant_most"),
            models.CheckConstraint(condition=Q(valid_through__gte=F("valid_from")), name="payouts_attestant_days"),
            models.CheckConstraint(condition=paired("ended_at", "ended_by"), name="payouts_attestant_ended"),
        ]


class Attest(AppendOnly):
    """A signature under the part of a run that falls on one responsibility code.

    It stands as long as what was seen (`seen_digest`: the holds on the part's lines and what controls found) is the
    same; `lines_digest` is of the part's lines, `digest` of the whole run.
    """

    Signature = Signature

    run = models.ForeignKey(Run, models.PROTECT, related_name="attests")
    responsibility_code = models.CharField(max_length=20, blank=True)  # empty: of a run without lines
    signature = models.CharField(max_length=10, choices=Signature.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    lines_digest = models.CharField(max_length=64)
    seen_digest = models.CharField(max_length=64)
    amount = models.BigIntegerField()  # öre: the part's lines
    has_no_conflict = models.BooleanField()  # declared: no jäv
    second_factor_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "responsibility_code", "signature", "seen_digest"], name="payouts_attest_signature"
            ),
            models.UniqueConstraint(
                fields=["run", "responsibility_code", "by", "seen_digest"], name="payouts_attest_two_people"
            ),
            models.CheckConstraint(condition=Q(has_no_conflict=True), name="payouts_attest_no_conflict"),
        ]

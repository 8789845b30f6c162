"""What stands between a computed run and its money: holds and attests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly
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


class Attest(AppendOnly):
    """A signature under a run's digest. Two people sign: one examines, the other decides."""

    class Signature(models.TextChoices):
        EXAMINER = "examiner", _("granskningsattest")
        DECIDER = "decider", _("beslutsattest")

    run = models.ForeignKey(Run, models.PROTECT, related_name="attests")
    signature = models.CharField(max_length=10, choices=Signature.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "signature"], name="payouts_attest_signature"),
            models.UniqueConstraint(fields=["run", "by"], name="payouts_attest_two_people"),
        ]

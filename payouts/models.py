"""Runs, the ledger, holds and attests."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from contracts.models import Contract, ModelStep, PaymentModelVersion
from outcomes.models import Fact, Placement
from payouts.sample_models import CounterVerification, RecoveryProposal, Sample, SampledFact, SampleStratum
from payouts.states import UNFINISHED, RunState
from providers.models import Provider

__all__ = [
    "Attest",
    "CounterVerification",
    "Hold",
    "Line",
    "ParkedProvider",
    "RecoveryProposal",
    "Run",
    "RunVersion",
    "Sample",
    "SampleStratum",
    "SampledFact",
    "Simulation",
    "Wakeup",
]


class Run(models.Model):
    """One computation of what is owed at a cut-off. Runs form one sequence."""

    sequence = models.PositiveIntegerField(unique=True)
    cutoff = models.DateField()
    knowledge_at = models.DateTimeField(null=True)  # facts verified by this moment were known
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in RunState])
    is_full = models.BooleanField()  # every placement was computed, not only those that may have changed
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    queued_at = models.DateTimeField()
    computed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    engine_version = models.CharField(max_length=30, default="", blank=True)
    line_count = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField(default=0)  # öre
    digest = models.CharField(max_length=64, default="", blank=True)  # SHA-256 over the lines; attests bind to it
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cancel_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "digest"], name="payouts_run_digest"),  # what attests refer to
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=sorted(UNFINISHED)), name="payouts_run_one_unfinished"
            ),
            models.CheckConstraint(condition=Q(state__in=list(RunState)), name="payouts_run_state"),
            models.CheckConstraint(condition=paired("cancelled_at", "cancelled_by"), name="payouts_run_cancelled"),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False)
                | (~Q(state="cancelled") & Q(cancelled_at__isnull=True)),
                name="payouts_run_cancelled_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["computed", "attested"])
                | Q(computed_at__isnull=False, knowledge_at__isnull=False, digest__regex="^[0-9a-f]{64}$"),
                name="payouts_run_computed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} ({self.cutoff})"


class RunVersion(AppendOnly):
    """A payment model version that a run paid on."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="versions")
    version = models.ForeignKey(PaymentModelVersion, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "version"], name="payouts_runversion_once")]


class ParkedProvider(AppendOnly):
    """A provider that a run left out because its data break a rule, with one breach."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="parked")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    fact = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=50)
    field = models.CharField(max_length=100)
    value = models.CharField(max_length=200)


class Line(AppendOnly):
    """A line of the ledger: what a run added to (or took from) what is owed for one occurrence, in öre.

    The table is partitioned by run. `occurrence` is 0 for "", yyyymm for a month, the number of a block, or the subject
    of a course.
    """

    pk = models.CompositePrimaryKey("placement_id", "step_id", "occurrence", "run_id")
    gross = models.BigIntegerField()
    cap_cut = models.BigIntegerField()
    paid_before = models.BigIntegerField()
    amount = models.BigIntegerField()
    fact = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+", db_index=False)  # the completing one
    run = models.ForeignKey(Run, models.PROTECT, related_name="lines", db_index=False)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="lines", db_index=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_index=False)
    step = models.ForeignKey(ModelStep, models.PROTECT, related_name="+", db_index=False)
    occurrence = models.IntegerField()
    qualifies_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=F("gross") - F("cap_cut") - F("paid_before")) & ~Q(amount=0), name="payouts_line_sum"
            ),
            models.CheckConstraint(condition=Q(cap_cut__gte=0, cap_cut__lte=F("gross")), name="payouts_line_cap"),
        ]


class Hold(models.Model):
    """Why a line, or all lines of a contract, is not paid for the time being. Released once, never removed."""

    # either all four columns of a line's key, or a contract
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+", db_constraint=False)
    step = models.ForeignKey(
        ModelStep, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    occurrence = models.IntegerField(null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="holds", db_constraint=False)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="holds")
    reason_code = models.CharField(max_length=30)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=50, null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    contract__isnull=True,
                    placement__isnull=False,
                    step__isnull=False,
                    occurrence__isnull=False,
                    run__isnull=False,
                )
                | Q(
                    contract__isnull=False,
                    placement__isnull=True,
                    step__isnull=True,
                    occurrence__isnull=True,
                    run__isnull=True,
                ),
                name="payouts_hold_line_or_contract",
            ),
            models.CheckConstraint(
                condition=Q(placed_by__isnull=True, rule__isnull=False) | Q(placed_by__isnull=False, rule__isnull=True),
                name="payouts_hold_officer_or_rule",
            ),
            models.CheckConstraint(condition=paired("released_at", "released_by"), name="payouts_hold_released"),
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


class Wakeup(models.Model):
    """The next day on which anything about a placement's pay can change by the mere passing of time."""

    placement_id = models.IntegerField(primary_key=True)  # without a foreign key: written in bulk by every run
    wake_on = models.DateField(db_index=True)


class Simulation(models.Model):
    """A draft run over the past, as an officer asked for it; its result is kept for the page that shows it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be computed")
        DONE = "done", _("done")
        REFUSED = "refused", _("could not be computed")

    document = models.JSONField()  # the model, as it stood then
    instead_of = models.CharField(max_length=100)
    first = models.DateField()
    last = models.DateField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    refusal = models.TextField(default="", blank=True)
    result = models.JSONField(null=True)  # sums by run, provider, tier and step, in öre

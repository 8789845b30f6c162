"""Samples of verified facts, what counter-verification found in them, and proposals to recover what they show."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from contracts.models import Contract, ModelStep
from outcomes.models import Fact


class Sample(AppendOnly):
    """A stratified random sample of the facts that a run was the first to know. The run's digest is its seed."""

    run = models.OneToOneField("payouts.Run", models.PROTECT, related_name="sample")
    seed = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # null: calendar

    @property
    def month(self) -> date:
        return self.run.cutoff


class SampleStratum(AppendOnly):
    """The facts of one contract and step, or of its other facts; some of them were drawn."""

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="strata")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+")
    step = models.ForeignKey(
        ModelStep, models.PROTECT, null=True, related_name="+"
    )  # null: what has no stratum of its own
    size = models.PositiveIntegerField()
    amount = models.BigIntegerField()  # öre that all its facts brought
    drawn = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "contract", "step"], nulls_distinct=False, name="payouts_stratum_once"
            ),
            models.CheckConstraint(condition=Q(drawn__gt=0, drawn__lte=F("size")), name="payouts_stratum_drawn"),
        ]


class SampledFact(AppendOnly):
    """A fact that was drawn, with the öre that it brought in the sample's run."""

    stratum = models.ForeignKey(SampleStratum, models.PROTECT, related_name="facts")
    fact = models.OneToOneField(Fact, models.PROTECT, related_name="sampled")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="payouts_sampled_amount")]


class CounterVerification(AppendOnly):
    """What somebody other than its verifier found about a sampled fact; of several the newest counts."""

    class Cause(models.TextChoices):
        RIGHT = "right", _("right")
        NO_EVIDENCE = "no_evidence", _("the evidence is missing or does not show it")
        NOT_HAPPENED = "not_happened", _("it did not happen")
        DAYS = "days", _("it happened on other days")
        EXTENT = "extent", _("its extent, number or grade is another")
        NOT_ENTITLED = "not_entitled", _("it happened, but the contract does not pay for it")
        TWICE = "twice", _("it was reported twice")
        OFFICE = "office", _("the municipality's own mistake")

    sampled = models.ForeignKey(SampledFact, models.PROTECT, related_name="results")
    cause = models.CharField(max_length=20, choices=Cause.choices)
    wrong_amount = models.BigIntegerField()  # öre of the fact's amount that should not have been paid
    note = models.CharField(max_length=500, default="", blank=True)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrong_amount=0) | (Q(wrong_amount__gt=0) & ~Q(cause="right")), name="payouts_counter_right"
            ),
        ]


class RecoveryProposal(models.Model):
    """A proposal to recover from a provider what samples show was paid in error. It never touches the ledger."""

    class Decision(models.TextChoices):
        RECOVER = "recover", _("to be recovered")
        DROP = "drop", _("dropped")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="recovery_proposals")
    period = DateRangeField()  # whole months, whose samples it stands on
    paid = models.BigIntegerField()  # öre that the facts of the samples' strata brought
    checked = models.PositiveIntegerField()  # facts
    wrong = models.PositiveIntegerField()  # of them
    found = models.BigIntegerField()  # öre found wrong in the sampled facts themselves
    estimate = models.BigIntegerField()  # öre wrong in all, …
    low = models.BigIntegerField()  # … and within which they lie
    high = models.BigIntegerField()
    amount = models.BigIntegerField()  # öre that are proposed
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answer_by = models.DateField()  # the provider's last day to answer
    reply = models.TextField(default="", blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices, default="", blank=True)
    decided_amount = models.BigIntegerField(default=0)  # öre
    decision_reason = models.CharField(max_length=1000, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="payouts_recovery_once",
                expressions=[("contract", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=~Q(decision="drop"),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("low"), low__lte=F("estimate"), estimate__lte=F("high")),
                name="payouts_recovery_amount",
            ),
            models.CheckConstraint(condition=paired("replied_at", "replied_by"), name="payouts_recovery_replied"),
            models.CheckConstraint(condition=paired("decided_at", "decided_by"), name="payouts_recovery_decided"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="", decided_amount=0)
                | Q(decided_at__isnull=False, decision="drop", decided_amount=0)
                | Q(
                    decided_at__isnull=False, decision="recover", decided_amount__gt=0, decided_amount__lte=F("amount")
                ),
                name="payouts_recovery_decision",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="payouts_recovery_two_people",
            ),
        ]

    @property
    def last_day(self) -> date:
        return self.period.upper - timedelta(days=1)

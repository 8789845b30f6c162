"""Scorecards, what they are computed from, the providers' answers, and the reviews that follow from them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from outcomes.models import District
from providers.models import Provider
from scorecards.states import UNFINISHED, ScorecardState


class EmploymentRate(models.Model):
    """The share of a district's people of ages 20 to 64 who were in work in a year: a covariate of the risk model."""

    district = models.ForeignKey(District, models.PROTECT, related_name="employment_rates")
    year = models.PositiveSmallIntegerField()
    per_cent = models.DecimalField(max_digits=4, decimal_places=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "year"], name="scorecards_rate_once"),
            models.CheckConstraint(condition=Q(per_cent__gte=0, per_cent__lte=100), name="scorecards_rate_per_cent"),
        ]


class MeasureTarget(AppendOnly):
    """What a measure should come to, from a day on, in a district or (null) everywhere. The newest row counts."""

    measure = models.CharField(max_length=40)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    value = models.DecimalField(max_digits=14, decimal_places=4)  # in the measure's unit
    valid_from = models.DateField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()


class ScorecardRun(models.Model):
    """One computation of the scorecards of all providers: from which start months, as known when."""

    first_month = models.DateField()
    until = models.DateField()
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in ScorecardState])
    revises = models.ForeignKey("self", models.PROTECT, null=True, related_name="revisions")
    reason = models.CharField(max_length=500, default="", blank=True)  # of the revision
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    queued_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)  # services …
    total = models.PositiveSmallIntegerField(default=0)  # … of so many
    knowledge_at = models.DateTimeField(null=True)  # facts verified by this moment were known
    computed_at = models.DateTimeField(null=True)
    method_version = models.CharField(max_length=30, default="", blank=True)
    code_version = models.CharField(max_length=64, default="", blank=True)  # SHA-256 of the code that computes
    inputs_digest = models.CharField(max_length=64, default="", blank=True)
    digest = models.CharField(max_length=64, default="", blank=True)  # SHA-256 of all that was found
    result = models.JSONField(null=True)  # what concerns all providers, by service
    hearing_at = models.DateTimeField(null=True)
    hearing_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    hearing_until = models.DateField(null=True)  # the last day to answer
    finalised_at = models.DateTimeField(null=True)
    finalised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("first_month")), name="scorecards_run_days"),
            models.CheckConstraint(condition=Q(first_month__day=1), name="scorecards_run_first_month"),
            models.CheckConstraint(condition=Q(state__in=list(ScorecardState)), name="scorecards_run_state"),
            models.CheckConstraint(condition=Q(revises=None) | ~Q(reason=""), name="scorecards_run_reason"),
            models.CheckConstraint(condition=paired("hearing_at", "hearing_by"), name="scorecards_run_hearing"),
            models.CheckConstraint(condition=paired("hearing_at", "hearing_until"), name="scorecards_run_deadline"),
            models.CheckConstraint(condition=paired("finalised_at", "finalised_by"), name="scorecards_run_finalised"),
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=sorted(UNFINISHED)), name="scorecards_run_one_unfinished"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted({*UNFINISHED, ScorecardState.DISCARDED}))
                | Q(
                    computed_at__isnull=False,
                    knowledge_at__isnull=False,
                    result__isnull=False,
                    digest__regex="^[0-9a-f]{64}$",
                    inputs_digest__regex="^[0-9a-f]{64}$",
                ),
                name="scorecards_run_computed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_month:%Y-%m} – {self.until:%Y-%m}"


class FrozenInputs(AppendOnly):
    """What a run was computed from: columns as bytes (`scorecards.inputs`), and the names behind their numbers."""

    run = models.OneToOneField(ScorecardRun, models.PROTECT, related_name="inputs")
    placements = models.BinaryField()
    names = models.JSONField()


class Scorecard(AppendOnly):
    """What a run found of one provider in one service. Small cells are left out; `FrozenInputs` has the rest."""

    run = models.ForeignKey(ScorecardRun, models.PROTECT, related_name="scorecards")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="scorecards")
    service = models.CharField(max_length=100)  # the code of the payment model
    service_title = models.CharField(max_length=200)
    result = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "provider", "service"], name="scorecards_scorecard_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}, {self.service_title}"


class HearingAnswer(AppendOnly):
    """What a provider says of its scorecards in a hearing. It stands in the document, also of the run that follows."""

    run = models.ForeignKey(ScorecardRun, models.PROTECT, related_name="answers")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ReviewThreshold(AppendOnly):
    """When a review is due, announced before the first participant whom it concerns started."""

    class Step(models.IntegerChoices):
        WARNING = 1, _("step 1: warning, and a plan")
        AUTHORISATION = 2, _("step 2: the authorisation is reviewed")

    class Limit(models.TextChoices):
        L95 = "95", _("the 95 % limit")
        L998 = "998", _("the 99.8 % limit")

    step = models.PositiveSmallIntegerField(choices=Step.choices)
    measure = models.CharField(max_length=40)
    beyond = models.CharField(max_length=3, choices=Limit.choices)
    periods = models.PositiveSmallIntegerField()  # in a row in which the ratio is below the limit
    announced_on = models.DateField()
    valid_from = models.DateField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(periods__gte=1), name="scorecards_threshold_periods"),
            models.CheckConstraint(
                condition=Q(valid_from__gte=F("announced_on")), name="scorecards_threshold_announced"
            ),
        ]


class Review(models.Model):
    """What an officer proposes after a final scorecard, and what a second officer decides. Never removed."""

    class Proposal(models.TextChoices):
        NOTHING = "nothing", _("no measure")
        PLAN = "plan", _("warning, and a plan for improvement")
        WITHDRAW = "withdraw", _("the authorisation is withdrawn")

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="reviews")
    diarienummer = models.CharField(max_length=50)
    proposal = models.CharField(max_length=10, choices=Proposal.choices)
    reasons = models.TextField()
    thresholds = models.JSONField()  # what the announced thresholds said then
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_approved = models.BooleanField(null=True)
    decision_reasons = models.TextField(default="", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard"], condition=Q(decided_at=None), name="scorecards_review_one_open"
            ),
            models.CheckConstraint(condition=paired("decided_at", "decided_by"), name="scorecards_review_decided"),
            models.CheckConstraint(condition=paired("decided_at", "is_approved"), name="scorecards_review_decision"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="scorecards_review_two_officers"
            ),
        ]


class ScorecardArchive(models.Model):
    """The documents of all scorecards of a run as one ZIP, made by a worker."""

    class Format(models.TextChoices):
        DOCX = "docx", "docx"
        PDF = "pdf", "PDF"

    run = models.ForeignKey(ScorecardRun, models.PROTECT, related_name="archives")
    format = models.CharField(max_length=4, choices=Format.choices)
    language = models.CharField(max_length=5)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)  # documents …
    done = models.PositiveIntegerField(default=0)  # … and how many of them are made
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, default="", blank=True)
    content = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=paired("finished_at", "content"), name="scorecards_archive_finished"),
        ]

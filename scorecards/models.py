"""Scorecards and what they are computed from."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.kernel.models import AppendOnly
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
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    queued_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    knowledge_at = models.DateTimeField(null=True)  # facts verified by this moment were known
    computed_at = models.DateTimeField(null=True)
    method_version = models.CharField(max_length=30, default="", blank=True)
    code_version = models.CharField(max_length=64, default="", blank=True)  # SHA-256 of the code that computes
    inputs_digest = models.CharField(max_length=64, default="", blank=True)
    digest = models.CharField(max_length=64, default="", blank=True)  # SHA-256 of all that was found
    result = models.JSONField(null=True)  # what concerns all providers: models, funnels, references

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=models.F("first_month")), name="scorecards_run_days"),
            models.CheckConstraint(condition=Q(first_month__day=1), name="scorecards_run_first_month"),
            models.CheckConstraint(condition=Q(state__in=list(ScorecardState)), name="scorecards_run_state"),
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=sorted(UNFINISHED)), name="scorecards_run_one_unfinished"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(UNFINISHED))
                | Q(state=ScorecardState.DISCARDED)
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
        return f"{self.first_month:%Y-%m} – {self.until}"


class FrozenInputs(AppendOnly):
    """What a run was computed from: columns as bytes (`scorecards.inputs`), and the names behind their numbers."""

    run = models.OneToOneField(ScorecardRun, models.PROTECT, related_name="inputs")
    placements = models.BinaryField()
    grades = models.BinaryField()
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
        return f"{self.provider}, {self.service_title}"


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
    attempts = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # documents …
    done = models.PositiveIntegerField(default=0)  # … and how many of them are made
    finished_at = models.DateTimeField(null=True)
    content = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, content__isnull=True)
                | Q(finished_at__isnull=False, content__isnull=False),
                name="scorecards_archive_finished",
            ),
        ]

"""What is found of authorised providers: site visits, complaints and deviations."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from providers.authorisation_models import TEXT_MOST, Requirement
from providers.states import DeviationState

USER = settings.AUTH_USER_MODEL
STATES = [(state.value, state.value) for state in DeviationState]


class SiteVisit(AppendOnly):
    """A visit to a provider, and what was found there."""

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="visits")
    service = models.ForeignKey("Service", models.PROTECT, related_name="+")
    visited_on = models.DateField()
    is_announced = models.BooleanField()
    findings = models.CharField(max_length=TEXT_MOST)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.visited_on}"


class Complaint(models.Model):
    """What somebody complains of. It names nobody: who complains stands in the case, not here."""

    class Origin(models.TextChoices):
        PARTICIPANT = "participant", _("participant")
        EMPLOYER = "employer", _("employer")
        OFFICER = "officer", _("officer")
        OTHER = "other", _("somebody else")

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="complaints")
    service = models.ForeignKey("Service", models.PROTECT, related_name="+")
    origin = models.CharField(max_length=20, choices=Origin.choices)
    received_on = models.DateField()
    text = models.CharField(max_length=TEXT_MOST)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=TEXT_MOST, default="", blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=paired("settled_at", "settled_by"), name="providers_complaint_settled"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) ^ ~Q(outcome=""), name="providers_complaint_outcome"
            ),
        ]


class Deviation(models.Model):
    """A requirement that was found not to be met: where it was seen, how grave it is, what is to be done, by when."""

    class Source(models.TextChoices):
        VISIT = "visit", _("site visit")
        COMPLAINT = "complaint", _("complaint")
        FOLLOW_UP = "follow_up", _("follow-up of results")
        FACTS = "facts", _("reported facts")
        SUBCONTRACTOR = "subcontractor", _("check of a subcontractor")

    class Severity(models.TextChoices):
        MINOR = "minor", _("minor")
        MAJOR = "major", _("major")
        CRITICAL = "critical", _("critical")

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="deviations")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="deviations")
    visit = models.ForeignKey(SiteVisit, models.PROTECT, null=True, related_name="deviations")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="deviations")
    source = models.CharField(max_length=20, choices=Source.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    description = models.CharField(max_length=TEXT_MOST)
    action = models.CharField(max_length=TEXT_MOST)  # what the provider must do
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    deadline = models.DateField()
    state = models.CharField(max_length=10, choices=STATES)

    def __str__(self) -> str:
        return f"{self.requirement.code} {self.provider.name}"


class DeviationStep(AppendOnly):
    """That a deviation came into a state, with what was said."""

    deviation = models.ForeignKey(Deviation, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=STATES)
    note = models.CharField(max_length=TEXT_MOST)
    deadline = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")


class SubcontractorCheck(AppendOnly):
    """That an officer looked whether a subcontractor meets what is asked of the provider; the newest counts."""

    subcontractor = models.ForeignKey("Subcontractor", models.PROTECT, related_name="checks")
    passed = models.BooleanField()
    note = models.CharField(max_length=TEXT_MOST)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

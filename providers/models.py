"""The register of providers and the decisions that authorise them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired


class Provider(models.Model):
    """Whoever delivers: a company, an association or the municipality itself."""

    class Kind(models.TextChoices):
        EXTERNAL = "external", _("external provider")
        ASSOCIATION = "association", _("association")
        IN_HOUSE = "in_house", _("in-house provider")

    number = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^L[0-9]{4,9}$"), name="providers_provider_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Membership(models.Model):
    """A person, or a system, that acts for a provider from `admitted_at` until `ended_at`; for one at a time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="memberships")
    admitted_at = models.DateTimeField()
    admitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="providers_membership_one"
            ),
            models.CheckConstraint(condition=paired("ended_at", "ended_by"), name="providers_membership_ended"),
        ]


class Authorisation(AppendOnly):
    """A decision to authorise a provider. On a day the newest decision that had begun to apply by then governs."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="authorisations")
    valid_from = models.DateField()
    valid_through = models.DateField(null=True)  # null: until a new decision
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_through__isnull=True) | models.Q(valid_through__gte=models.F("valid_from")),
                name="providers_authorisation_days",
            ),
        ]

"""The register of providers and the decisions that authorise them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly


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

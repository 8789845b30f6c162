"""The register of providers and the decisions that authorise them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from providers.bank_numbers import AccountKind


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


class BankAccount(AppendOnly):
    """Where a provider wants to be paid. The one registered last governs; it pays once another officer confirmed it."""

    KINDS = [
        (AccountKind.BANKGIRO.value, _("Bankgiro")),
        (AccountKind.PLUSGIRO.value, _("Plusgiro")),
        (AccountKind.IBAN.value, _("account with IBAN")),
    ]

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=10, choices=KINDS)
    number = models.CharField(max_length=34)  # without spaces and hyphens
    bic = models.CharField(max_length=11, blank=True)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="bankgiro", number__regex="^[0-9]{7,8}$", bic="")
                | models.Q(kind="plusgiro", number__regex="^[0-9]{2,8}$", bic="")
                | models.Q(
                    kind="iban",
                    number__regex="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
                    bic__regex="^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$",
                ),
                name="providers_bankaccount_number",
            ),
        ]


class AccountConfirmation(AppendOnly):
    """An officer other than the one who registered it stands behind a bank account."""

    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="confirmations")
    confirmed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class TaxRegistration(AppendOnly):
    """That a provider is approved for F-tax, or registered for VAT. Of each kind the newest that had begun governs."""

    class Kind(models.TextChoices):
        F_TAX = "f_tax", _("F-tax")
        VAT = "vat", _("VAT")

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="tax_registrations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    valid_from = models.DateField()
    valid_through = models.DateField(null=True)  # null: until it is recorded otherwise
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_through__isnull=True) | models.Q(valid_through__gte=models.F("valid_from")),
                name="providers_taxregistration_days",
            ),
        ]

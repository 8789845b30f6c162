"""The register of providers and the decisions that authorise them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from providers.authorisation_models import (
    Application,
    ApplicationStep,
    Assessment,
    Catalogue,
    Decision,
    Evidence,
    Proposal,
    ProposalAnswer,
    ProposalReturn,
    Requirement,
    RequirementDraft,
)
from providers.oversight_models import Complaint, Deviation, DeviationStep, SiteVisit, SubcontractorCheck

__all__ = [
    "Application",
    "ApplicationStep",
    "Assessment",
    "Authorisation",
    "BankAccount",
    "Catalogue",
    "Complaint",
    "Decision",
    "Deviation",
    "DeviationStep",
    "Evidence",
    "Membership",
    "Proposal",
    "ProposalAnswer",
    "ProposalReturn",
    "Provider",
    "Requirement",
    "RequirementDraft",
    "Service",
    "SiteVisit",
    "Subcontractor",
    "SubcontractorCheck",
    "TaxFact",
]


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
    contact_name = models.CharField(max_length=200, default="", blank=True)
    contact_email = models.EmailField(default="", blank=True)
    contact_phone = models.CharField(max_length=50, default="", blank=True)

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


class Service(models.Model):
    """What is bought: coaching, a kind of vocational training, matching with employers."""

    code = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class Authorisation(AppendOnly):
    """What was decided of a provider's right to deliver a service, or any: of those begun on a day the newest governs.

    `selectors.authorisation_on` asks which that is. Decisions from before the register have no `decision` here.
    """

    class Effect(models.TextChoices):
        AUTHORISED = "authorised", _("authorised")
        SUSPENDED = "suspended", _("suspended")
        REVOKED = "revoked", _("revoked")

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="authorisations")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="authorisations")  # null: every one
    effect = models.CharField(max_length=10, choices=Effect.choices)
    decision = models.OneToOneField("Decision", models.PROTECT, null=True, related_name="authorisation")
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

    def authorises(self, day: date) -> bool:
        """Whether the provider may deliver on a day that this decision governs."""
        return self.effect == self.Effect.AUTHORISED and (self.valid_through is None or day <= self.valid_through)


class TaxFact(AppendOnly):
    """What the tax agency says of a provider from a day on: approved for F-skatt, registered for VAT, or not."""

    class Kind(models.TextChoices):
        F_SKATT = "f_skatt", _("approved for F-skatt")
        VAT = "vat", _("registered for VAT")

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="tax_facts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    holds = models.BooleanField()
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class BankAccount(models.Model):
    """Where a provider is paid. It pays nothing until a second officer has confirmed it."""

    class Scheme(models.TextChoices):
        BANKGIRO = "bankgiro", _("Bankgiro")
        PLUSGIRO = "plusgiro", _("Plusgiro")
        IBAN = "iban", _("IBAN")

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="bank_accounts")
    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    number = models.CharField(max_length=34)  # digits only; of an IBAN also letters
    bic = models.CharField(max_length=11, default="", blank=True)  # of the bank that holds an IBAN
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider"],
                condition=models.Q(confirmed_at__isnull=False, ended_at__isnull=True),
                name="providers_account_one_in_use",
            ),
            models.CheckConstraint(
                condition=paired("confirmed_at", "confirmed_by"), name="providers_account_confirmed"
            ),
            models.CheckConstraint(condition=paired("ended_at", "ended_by"), name="providers_account_ended"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("entered_by")),
                name="providers_account_two_people",
            ),
        ]


class Subcontractor(models.Model):
    """Whom a provider lets do part of the work, from a day on; approved by an officer."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="subcontractors")
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=20)
    valid_from = models.DateField()
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "organisation_number"],
                condition=models.Q(ended_at__isnull=True),
                name="providers_subcontractor_once",
            ),
            models.CheckConstraint(condition=paired("ended_at", "ended_by"), name="providers_subcontractor_ended"),
        ]

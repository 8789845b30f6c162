"""The register of providers, the decisions that authorise them, and their systems' access to the API."""

import hashlib
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
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


class Scope(models.TextChoices):
    """What a provider's system may do through the API."""

    PLACEMENTS_READ = "placements:read", _("read placements")
    FACTS_READ = "facts:read", _("read facts, their decisions and their evidence")
    FACTS_WRITE = "facts:write", _("report, correct and withdraw facts")
    EVIDENCE_WRITE = "evidence:write", _("upload evidence")
    PAYMENTS_READ = "payments:read", _("read what is owed, and why or why not")


class ApiClient(models.Model):
    """A provider's system that uses the API: an OAuth 2 client with an account of its own, which acts by membership."""

    application = models.OneToOneField(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, models.PROTECT, related_name="api_client"
    )
    membership = models.OneToOneField(Membership, models.PROTECT, related_name="api_client")
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=paired("revoked_at", "revoked_by"), name="providers_apiclient_revoked"),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=Scope.values), name="providers_apiclient_known_scopes"
            ),
        ]

    def __str__(self) -> str:
        return self.application.client_id


class ApiSecret(models.Model):
    """A secret of a client, of which several may be valid at once. It is long and random, so a plain hash keeps it."""

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="secrets")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    valid_until = models.DateTimeField(null=True)  # null: until another one takes its place


class ApiUse(models.Model):
    """How many requests a client made in its newest minute. Unlogged: after a crash counting begins anew."""

    client = models.OneToOneField(ApiClient, models.CASCADE, primary_key=True, related_name="+")
    minute = models.DateTimeField()
    requests = models.PositiveIntegerField()


class IdempotentRequest(models.Model):
    """How a request with an Idempotency-Key was answered, so that it is answered alike if it comes again."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # SHA-256 of method, address and body
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # null while the request is carried out
    location = models.CharField(max_length=500, default="", blank=True)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="providers_idempotent_key")]
        indexes = [models.Index(fields=["client", "at"], name="providers_idempotent_at")]


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


class GroupCompany(AppendOnly):
    """A company that belongs to the same group as a provider, or no longer does; the newest row of a number counts."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="group_companies")
    name = models.CharField(max_length=200)
    organisation_number = models.CharField(max_length=20)
    belongs = models.BooleanField()
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


def secret_digest(secret: str) -> str:
    """The SHA-256 by which a secret is known."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Payment models in versions, contracts, the terms that tie them together, and budgets."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, LocalDay, paired
from contracts.terms import Trigger
from providers.models import Provider, Service


class PaymentModelDraft(models.Model):
    """A payment model under work: any document, checked when it is saved, free to change."""

    code = models.CharField(max_length=100, unique=True)
    document = models.JSONField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    proposed_from = models.DateField(null=True)  # the day from which it is to be valid

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=paired("proposed_at", "proposed_by") & paired("proposed_at", "proposed_from"),
                name="contracts_draft_proposed",
            ),
        ]


class PaymentModelVersion(AppendOnly):
    """A published payment model: its canonical document, numbered per code and valid until the next version is."""

    code = models.CharField(max_length=100)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=2000)
    document = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical document
    valid_from = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="contracts_version_number"),
            models.UniqueConstraint(fields=["code", "valid_from"], name="contracts_version_valid_from"),
            models.CheckConstraint(
                condition=models.Q(valid_from__gte=LocalDay("published_at")),
                name="contracts_version_not_before_publication",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"


class ModelStep(AppendOnly):
    """A step of a published version, so that a ledger line can point to it."""

    version = models.ForeignKey(PaymentModelVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()  # from 0, the model's order
    code = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    trigger = models.CharField(max_length=20, choices=[(trigger.value, trigger.value) for trigger in Trigger])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="contracts_step_position"),
            models.UniqueConstraint(fields=["version", "code"], name="contracts_step_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Course(models.Model):
    """A course that grades are given in, with its credit points where they are known."""

    code = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    points = models.PositiveSmallIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Contract(models.Model):
    """An agreement with one provider. What an amendment may change stands in its versions too."""

    class LegalBasis(models.TextChoices):
        LOV = "lov", _("Act on System of Choice (LOV)")
        LOU = "lou", _("Public Procurement Act (LOU)")
        PARTNERSHIP = "partnership", _("public partnership with an association (IOP)")
        IN_HOUSE = "in_house", _("in-house assignment")

    number = models.CharField(max_length=30, unique=True)
    diarienummer = models.CharField(max_length=50)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="contracts")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="contracts")
    legal_basis = models.CharField(max_length=20, choices=LegalBasis.choices)
    valid_from = models.DateField()
    valid_through = models.DateField()
    responsibility_code = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_through__gte=models.F("valid_from")), name="contracts_contract_days"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ContractVersion(AppendOnly):
    """What a contract says besides its payment model; of the versions that had begun on a day, the newest counts."""

    class Route(models.TextChoices):
        E_INVOICE = "e_invoice", _("the supplier's e-invoice")
        DIRECT = "direct", _("direct payment")
        INTERNAL = "internal", _("internal voucher")

    class Vat(models.TextChoices):
        STANDARD = "standard", _("VAT at the standard rate")
        EXEMPT = "exempt", _("exempt from VAT (education)")
        NONE = "none", _("outside VAT")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    valid_through = models.DateField()
    route = models.CharField(max_length=10, choices=Route.choices)
    vat = models.CharField(max_length=10, choices=Vat.choices)
    responsibility_code = models.CharField(max_length=20)  # ansvar
    account = models.CharField(max_length=10)  # konto
    activity = models.CharField(max_length=20, default="", blank=True)  # verksamhet
    project = models.CharField(max_length=20, default="", blank=True)  # projekt
    counterparty = models.CharField(max_length=20, default="", blank=True)  # motpart
    capacity = models.PositiveIntegerField(null=True)  # placements at a time
    highest_value = models.BigIntegerField(null=True)  # öre, over the contract's life (LOU)
    notice_days = models.PositiveSmallIntegerField()  # to answer before a clawback is set off
    correct_within = models.CharField(max_length=10)  # a duration: how old what is taken back may be
    due_days = models.PositiveSmallIntegerField()  # from attest to payment
    return_within = models.CharField(max_length=10, default="", blank=True)  # a duration: returns reopen a placement
    recovers_by_sample = models.BooleanField(default=False)  # an error rate may be extrapolated to all that was paid

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contracts_contractversion_number"),
            models.CheckConstraint(
                condition=models.Q(highest_value__isnull=True) | models.Q(highest_value__gte=0),
                name="contracts_contractversion_highest_value",
            ),
        ]


class ContractTerms(AppendOnly):
    """The version of a payment model that a contract's placements follow when they are referred in `period`."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="terms")
    version = models.ForeignKey(PaymentModelVersion, models.PROTECT, related_name="terms")
    period = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="contracts_terms_no_overlap",
                expressions=[("contract", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=models.Q(period__isempty=False), name="contracts_terms_some_days"),
        ]


class ContractBudget(AppendOnly):
    """What a contract may cost in a calendar year; the highest number counts."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="budgets")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()  # öre
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "year", "number"], name="contracts_budget_number"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="contracts_budget_amount"),
        ]

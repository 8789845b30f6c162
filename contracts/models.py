"""Payment models in versions, contracts, the terms that tie them together, and budgets."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, LocalDay
from contracts.terms import Trigger
from contracts.vat import Treatment
from providers.models import Provider


class PaymentModelDraft(models.Model):
    """A payment model under work: any document, checked when it is saved, free to change."""

    code = models.CharField(max_length=100, unique=True)
    document = models.JSONField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()


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


class Contract(models.Model):
    """An agreement with one provider."""

    class LegalBasis(models.TextChoices):
        LOV = "lov", _("Act on System of Choice (LOV)")
        LOU = "lou", _("Public Procurement Act (LOU)")
        PARTNERSHIP = "partnership", _("public partnership with an association (IOP)")
        IN_HOUSE = "in_house", _("in-house assignment")

    number = models.CharField(max_length=30, unique=True)
    diarienummer = models.CharField(max_length=50)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="contracts")
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


class ContractSettlement(AppendOnly):
    """How a contract is paid and booked. On a day the row recorded last governs among those that had begun by then."""

    class Route(models.TextChoices):
        DIRECT = "direct", _("paid to the provider's account by us")
        INVOICE = "invoice", _("paid on the supplier's e-invoice")
        INTERNAL = "internal", _("internal voucher")

    TREATMENTS = [
        (Treatment.STANDARD.value, _("VAT is added")),
        (Treatment.EDUCATION.value, _("exempt: education")),
        (Treatment.CARE.value, _("exempt: social care")),
        (Treatment.OUTSIDE.value, _("outside VAT")),
    ]

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="settlements")
    valid_from = models.DateField()
    route = models.CharField(max_length=10, choices=Route.choices)
    treatment = models.CharField(max_length=10, choices=TREATMENTS)
    premises_per_cent = models.PositiveSmallIntegerField()  # the documented part of the price that is for premises
    correct_within = models.CharField(max_length=6)  # a duration: older differences are only proposed
    notice_days = models.PositiveSmallIntegerField()  # in which the provider may answer before a clawback is netted
    payment_days = models.PositiveSmallIntegerField()  # from the statement to its due day
    account = models.CharField(max_length=10)  # of the cost
    activity = models.CharField(max_length=20, blank=True)  # verksamhet
    project = models.CharField(max_length=20, blank=True)  # projekt
    counterparty = models.CharField(max_length=20, blank=True)  # motpart
    agreed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(premises_per_cent__lte=100), name="contracts_settlement_premises"
            ),
            models.CheckConstraint(
                condition=models.Q(correct_within__regex="^P[1-9][0-9]{0,3}[DWM]$"),
                name="contracts_settlement_correct_within",
            ),
        ]


class ContractLimit(AppendOnly):
    """How much a contract may be used. On a day the row recorded last governs among those that had begun by then."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="limits")
    valid_from = models.DateField()
    capacity = models.PositiveIntegerField(null=True)  # placements at a time
    framework_value = models.BigIntegerField(null=True)  # öre in all: the highest value of a framework agreement
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(framework_value__isnull=True) | models.Q(framework_value__gte=0),
                name="contracts_limit_framework_value",
            ),
        ]

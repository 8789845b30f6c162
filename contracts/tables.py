"""Tables of contracts and payment models."""

from datetime import timedelta
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import NONE, DayColumn, MomentColumn, MoneyColumn, NumberColumn, PersonColumn, Table
from contracts.models import Contract, ContractTerms, ContractVersion, PaymentModelDraft, PaymentModelVersion


class ContractTable(Table):
    """All contracts."""

    label = _("Contracts")
    number = tables.Column(_("Contract"), linkify=("contracts:detail", [tables.A("pk")]), orderable=True)
    diarienummer = tables.Column(_("Registry number"))
    provider = tables.Column(
        _("Provider"),
        accessor="provider__name",
        linkify=("providers:detail", [tables.A("provider_id")]),
        orderable=True,
    )
    service = tables.Column(_("Service"), default="–", orderable=True)
    legal_basis = tables.Column(_("Legal basis"), orderable=True)
    valid_from = DayColumn(_("From"), orderable=True)
    valid_through = DayColumn(_("Through"), orderable=True)
    responsibility_code = tables.Column(_("Responsibility"))

    class Meta(Table.Meta):
        model = Contract
        fields = (
            "number",
            "diarienummer",
            "provider",
            "service",
            "legal_basis",
            "valid_from",
            "valid_through",
            "responsibility_code",
        )
        empty_text = _("No contract matches what you chose.")


class ContractsOfProvider(ContractTable):
    """The contracts of one provider."""

    class Meta(ContractTable.Meta):
        exclude = ("provider",)
        empty_text = _("The provider has no contract yet.")


class VersionTable(Table):
    """What a contract said when."""

    label = _("Versions of the contract")
    number = NumberColumn(_("Version"))
    valid_from = DayColumn(_("From"))
    valid_through = DayColumn(_("The contract ends"))
    route = tables.Column(_("Settled by"))
    vat = tables.Column(_("VAT"))
    responsibility_code = tables.Column(_("Responsibility"))
    capacity = NumberColumn(_("Capacity"))
    highest_value = MoneyColumn(_("Highest value"))
    recovers_by_sample = tables.BooleanColumn(verbose_name=_("Extrapolated recovery"), yesno=f"✓,{NONE}")
    reason = tables.Column(_("Why"), default="–")
    recorded_by = PersonColumn(_("Recorded by"))
    recorded_at = MomentColumn(_("Recorded"))

    class Meta(Table.Meta):
        model = ContractVersion
        fields = (
            "number",
            "valid_from",
            "valid_through",
            "route",
            "vat",
            "responsibility_code",
            "capacity",
            "highest_value",
            "recovers_by_sample",
            "reason",
            "recorded_by",
            "recorded_at",
        )


class TermsTable(Table):
    """The payment models that a contract's placements follow."""

    label = _("Payment models of the contract")
    version = tables.Column(_("Payment model"), linkify=("contracts:version", [tables.A("version_id")]))
    first = DayColumn(_("For placements referred from"), accessor="period__lower")
    last = DayColumn(_("Through"), accessor="period__upper")

    class Meta(Table.Meta):
        empty_text = _("No payment model applies yet: the contract takes no referrals.")

    def render_version(self, value: PaymentModelVersion) -> str:
        return f"{value.title} ({value.number})"

    def render_last(self, record: ContractTerms) -> str:
        return (record.period.upper - timedelta(days=1)).isoformat()


class BudgetTable(Table):
    """What a contract may cost, by year; the newest of a year counts."""

    label = _("Budgets")
    year = tables.Column(_("Year"))
    amount = MoneyColumn(_("Amount"))
    number = NumberColumn(_("Version"))
    set_by = PersonColumn(_("Set by"))
    set_at = MomentColumn(_("Set"))

    class Meta(Table.Meta):
        empty_text = _("No budget has been set, so no line is held for its sake.")


class ServiceTable(Table):
    """Services."""

    label = _("Services")
    code = tables.Column(_("Code"), orderable=True)
    title = tables.Column(_("Title"), orderable=True)
    contract_count = NumberColumn(_("Contracts"))

    class Meta(Table.Meta):
        empty_text = _("No service has been entered.")


class CourseTable(Table):
    """Courses."""

    label = _("Courses")
    code = tables.Column(_("Code"), orderable=True)
    title = tables.Column(_("Title"), orderable=True)
    points = NumberColumn(_("Points"), orderable=True)

    class Meta(Table.Meta):
        empty_text = _("No course has been entered. Grades may name courses that are not in the register.")


class ModelTable(Table):
    """Published versions of payment models."""

    label = _("Published payment models")
    title = tables.Column(_("Title"), linkify=("contracts:version", [tables.A("pk")]), orderable=True)
    code = tables.Column(_("Code"), orderable=True)
    number = NumberColumn(_("Version"))
    valid_from = DayColumn(_("Valid from"), orderable=True)
    contract_count = NumberColumn(_("Contracts"))
    published_by = PersonColumn(_("Published by"))

    class Meta(Table.Meta):
        empty_text = _("No payment model has been published yet. Begin with a draft.")


class DraftTable(Table):
    """Drafts of payment models."""

    label = _("Drafts")
    code = tables.Column(_("Code"), linkify=("contracts:draft", [tables.A("pk")]))
    title = tables.Column(_("Title"), empty_values=())
    saved_by = PersonColumn(_("Saved by"))
    saved_at = MomentColumn(_("Saved"))
    proposed_from = DayColumn(_("Proposed from"))

    class Meta(Table.Meta):
        empty_text = _("There is no draft. Begin one from a ready model, or from a published version.")

    def render_title(self, record: PaymentModelDraft) -> Any:
        return record.document.get("title", "")

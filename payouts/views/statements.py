"""Pages of statements: what is paid together under a contract, and why."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.details import DetailPage, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.money import show_kronor
from backend.kernel.web import StaffPage, Text
from payouts import approval_tables as tables
from payouts.approval_filters import StatementFilter
from payouts.approval_selectors import statements
from payouts.models import Statement
from payouts.statements import StatementContent, statement_content


class StatementList(StaffPage, ListPage):
    """All statements, the newest first."""

    table_class, filterset_class = tables.StatementTable, StatementFilter
    heading = _("Statements")
    lead = _(
        "When a run is attested, everything that nothing holds is put into one statement per contract. What is held "
        "comes with a later one. A balance below zero is carried to the contract's next statement."
    )

    def get_queryset(self) -> QuerySet[Statement]:
        return statements()


class StatementDetail(StaffPage, DetailPage):
    """One statement: its lines with their because, sums, VAT, what is held, and when it is due."""

    def get_queryset(self) -> QuerySet[Statement]:
        return statements()

    @cached_property
    def content(self) -> StatementContent:
        return statement_content(self.object.number)

    def heading(self) -> str:
        return gettext("Statement {number}").format(number=self.object.number)

    def state(self) -> Any:
        return tables.statement_state(self.object)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Statements"), reverse("payouts:statements"))]

    def facts(self) -> list[Fact]:
        said = self.object
        contract = said.contract
        return [
            Fact(_("Provider"), contract.provider.name, reverse("providers:detail", args=[contract.provider_id])),
            Fact(_("Contract"), contract.number, reverse("contracts:detail", args=[contract.pk])),
            Fact(_("Run"), said.run.sequence, reverse("payouts:run_detail", args=[said.run.sequence])),
            Fact(_("Net"), show_kronor(said.net), "#section-1"),
            Fact(_("VAT"), show_kronor(said.tax), "#section-3"),
            Fact(_("Carried in"), show_kronor(said.carried_in)),
            Fact(_("To be paid"), show_kronor(said.payable)),
            Fact(_("Carried on"), show_kronor(said.carried_out)),
            Fact(_("Due on"), said.due_on.isoformat()),
            Fact(_("Route"), said.conditions.get_route_display()),
        ]

    def sections(self) -> list[Section]:
        content = self.content
        return [
            Section(_("Lines"), tables.StatementLineTable(content.lines)),
            Section(_("Sums per step and tier"), tables.StepSumTable(content.sums)),
            Section(_("VAT"), tables.TaxTable(content.taxes)),
            Section(_("Owed under the contract and held now"), tables.HeldTable(content.held)),
            Section(_("Budget"), tables.BudgetTable(content.budgets)),
        ]

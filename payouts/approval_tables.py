"""Tables of what stands between a computed run and its money, and of what is paid."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.money import show_kronor
from backend.kernel.tables import (
    NONE,
    DayColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    PersonColumn,
    StateColumn,
    Table,
    label,
)
from payouts.controls import CONTROLS, Severity
from payouts.labels import SEVERITIES, SEVERITY_TONES, hold_reason, occurrence_text
from payouts.models import Export, Finding, Signature, Statement
from payouts.parts import Part
from payouts.statements import StatementLine
from payouts.states import UNDER_ATTEST

_person = PersonColumn().render


class PartTable(Table):
    """The parts of a run: what a signature covers, and which signatures stand."""

    label = _("What is signed")
    code = tables.Column(_("Responsibility code"), default=_("the whole run"))
    line_count = NumberColumn(_("Lines"))
    total = MoneyColumn(_("Sum"))
    held = NumberColumn(_("Holds"), accessor="holds")
    open_findings = NumberColumn(_("Findings"))
    unanswered = NumberColumn(_("To be answered"))
    examiner = tables.Column(_("Granskningsattest"), empty_values=())
    decider = tables.Column(_("Beslutsattest"), empty_values=())
    lines_digest = tables.Column(_("Digest of the lines"))

    class Meta(Table.Meta):
        pass

    def render_held(self, value: dict[int, bool]) -> str:
        return str(sum(value.values()) or NONE)

    def render_open_findings(self, value: list[Finding]) -> str:
        return str(len(value) or NONE)

    def render_unanswered(self, value: list[Finding]) -> SafeString:
        return label(len(value), "wait") if value else format_html("{}", NONE)

    def render_examiner(self, record: Part) -> SafeString:
        return self._signature(record, Signature.EXAMINER)

    def render_decider(self, record: Part) -> SafeString:
        return self._signature(record, Signature.DECIDER)

    def render_lines_digest(self, value: str) -> SafeString:
        return format_html('<code title="{}">{}</code>', value, value[:12])

    def _signature(self, part: Part, signature: Signature) -> SafeString:
        """Who signed; or that what was signed has changed since."""
        if attest := part.standing(signature):
            return label(_person(attest.by), "good")
        void = any(attest.signature == signature for attest in part.attests)
        return label(gettext("void: something has changed"), "bad") if void else format_html("{}", NONE)


class FindingTable(Table):
    """What controls found in a run; an examiner answers."""

    label = _("Findings")
    severity = tables.Column(_("What it does"), empty_values=(), accessor="control")
    control = tables.Column(_("What was found"), attrs={"td": {"class": "name"}})
    act = tables.Column(_("What can be done"), empty_values=(), accessor="control", attrs={"td": {"class": "name"}})
    concerns = tables.Column(_("Where"), empty_values=(), accessor="pk")
    value = tables.Column(_("Found"), default=NONE)
    expected = tables.Column(_("Usual or allowed"), default=NONE)
    line_count = NumberColumn(_("Lines"))
    amount = MoneyColumn(_("Amount"), orderable=True)
    responsibility_code = tables.Column(_("Responsibility code"), default=NONE)
    found_at = MomentColumn(_("When"))
    answer = tables.Column(_("Answer"), default=NONE, attrs={"td": {"class": "name"}})
    to_do = tables.Column(_("To do"), empty_values=(), accessor="pk", exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("The controls found nothing that matches what you chose.")

    def __init__(self, *args: Any, may_answer: bool = False, **kwargs: Any) -> None:
        self.may_answer = may_answer
        super().__init__(*args, **kwargs)

    def render_severity(self, value: str, record: Finding) -> SafeString:
        if record.closed_at:
            return label(gettext("mended"), "good")
        severity = CONTROLS[value].severity if value in CONTROLS else Severity.NOTE
        return label(SEVERITIES[severity], SEVERITY_TONES.get(severity, ""))

    def render_control(self, value: str) -> str:
        return gettext(CONTROLS[value].says) if value in CONTROLS else value

    def render_act(self, value: str) -> str:
        return gettext(CONTROLS[value].act) if value in CONTROLS else NONE

    def render_concerns(self, record: Finding) -> SafeString | str:
        """The place to act: the placement, else the contract, else the provider."""
        if record.placement:
            return _link("payouts:placement_detail", record.placement_id, record.placement.number)
        if record.contract:
            return _link("contracts:detail", record.contract_id, record.contract.number)
        if record.provider:
            return _link("providers:detail", record.provider_id, record.provider.name)
        return gettext("the whole run")

    def render_answer(self, value: str, record: Finding) -> str:
        return f"{value} ({_person(record.answered_by)})"

    def render_to_do(self, record: Finding) -> SafeString | str:
        if not self.may_answer or record.closed_at or record.run.state not in UNDER_ATTEST:
            return ""
        return _link("payouts:answer", record.pk, gettext("Change the answer") if record.answer else gettext("Answer"))


def _link(name: str, pk: int | None, words: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), words)


class PreviewTable(Table):
    """What the next run would write, by provider and step."""

    label = _("Preview")
    provider = tables.Column(_("Provider"))
    step = tables.Column(_("Step"))
    total = MoneyColumn(_("Sum"))
    clawback = MoneyColumn(_("Of which clawbacks"))
    lines = NumberColumn(_("Lines"))

    class Meta(Table.Meta):
        empty_text = _("Nothing new is owed.")


class ExportTable(Table):
    """Files that were made of a run."""

    label = _("Files")
    made_at = MomentColumn(_("When"))
    made_by = PersonColumn(_("By"), default=_("the command line"))
    kind = StateColumn(_("File"), words=dict(Export.Kind.choices), tones={})
    copy = NumberColumn(_("Copy"))
    row_count = NumberColumn(_("Rows"))
    total = MoneyColumn(_("Sum"))
    digest = tables.Column(_("Digest"))

    class Meta(Table.Meta):
        empty_text = _("No file was made of this run.")

    def render_digest(self, value: str) -> SafeString:
        return format_html('<code title="{}">{}</code>', value, value[:12])


class StatementTable(Table):
    """Statements, the newest first."""

    label = _("Statements")
    number = tables.Column(_("Statement"), linkify=("payouts:statement", [tables.A("pk")]))
    run = tables.Column(_("Run"), accessor="run__sequence", linkify=("payouts:run_detail", [tables.A("run__sequence")]))
    provider = tables.Column(_("Provider"), accessor="contract__provider__name", orderable=True)
    contract = tables.Column(
        _("Contract"), accessor="contract__number", linkify=("contracts:detail", [tables.A("contract_id")])
    )
    line_count = NumberColumn(_("Lines"))
    net = MoneyColumn(_("Net"))
    tax = MoneyColumn(_("VAT"))
    payable = MoneyColumn(_("To be paid"), orderable=True)
    carried_out = MoneyColumn(_("Carried on"))
    due_on = DayColumn(_("Due on"), orderable=True)
    route = tables.Column(_("Route"), accessor="conditions__get_route_display")

    class Meta(Table.Meta):
        empty_text = _("No statement matches what you chose. Statements are made when a run is attested.")


class StatementLineTable(Table):
    """The lines of a statement, each with its because."""

    label = _("Lines")
    placement = tables.Column(
        _("Placement"),
        accessor="line__placement__number",
        linkify=lambda record: reverse("payouts:placement_detail", args=[record.line.placement_id]),
    )
    step = tables.Column(_("Step"), accessor="line__step__title")
    tier = tables.Column(_("Tier"), default=NONE)
    occurrence = tables.Column(_("Of what"), empty_values=(), accessor="line")
    qualifies_on = DayColumn(_("Qualifies on"), accessor="line__qualifies_on")
    because = tables.Column(_("Because"), empty_values=(), accessor="line", attrs={"td": {"class": "name"}})
    amount = MoneyColumn(_("Amount"), accessor="line__amount")

    class Meta(Table.Meta):
        pass

    def render_occurrence(self, record: StatementLine) -> str:
        return occurrence_text(record.line)

    def render_because(self, record: StatementLine) -> str:
        return because(record)


def because(said: StatementLine) -> str:
    """Why a line stands in its statement: the fact that completes it, who verified it, and what it takes back."""
    line = said.line
    if line.fact is None:
        why = gettext("the calendar completed it")
    else:
        why = gettext("fact {fact}, verified by {who} on {day}").format(
            fact=line.fact.external_id,
            who=said.verified_by or NONE,
            day=said.verified_at.date().isoformat() if said.verified_at else NONE,
        )
    for taken in said.takes_back:
        why += "; " + gettext("takes back {amount} of run {run}, {statement}").format(
            amount=show_kronor(taken.amount),
            run=taken.run,
            statement=taken.statement or gettext("which was in no statement"),
        )
    return why


class StepSumTable(Table):
    """A statement's sums per step and tier."""

    label = _("Sums per step and tier")
    step = tables.Column(_("Step"))
    tier = tables.Column(_("Tier"), default=NONE)
    line_count = NumberColumn(_("Lines"))
    amount = MoneyColumn(_("Sum"))

    class Meta(Table.Meta):
        pass


class TaxTable(Table):
    """VAT of a statement by rate."""

    label = _("VAT")
    rate = NumberColumn(_("Rate"))
    base = MoneyColumn(_("Basis"))
    amount = MoneyColumn(_("VAT"))

    class Meta(Table.Meta):
        empty_text = _("The statement bears no VAT.")

    def render_rate(self, value: int) -> str:
        return f"{value / 100:g} %".replace(".", ",")


class HeldTable(Table):
    """What is owed under a contract and held, by reason."""

    label = _("Held")
    reason_code = tables.Column(_("Why"))
    lines = NumberColumn(_("Lines"))
    total = MoneyColumn(_("Sum"))

    class Meta(Table.Meta):
        empty_text = _("Nothing under the contract is held.")

    def render_reason_code(self, value: str) -> str:
        return hold_reason(value)


class BudgetTable(Table):
    """A contract's budgets and what is used of them."""

    label = _("Budget")
    year = tables.Column(_("Year"))
    budget = MoneyColumn(_("Budget"))
    used = MoneyColumn(_("Used through this statement"))
    left = MoneyColumn(_("Left"))

    class Meta(Table.Meta):
        empty_text = _("The contract has no budget for these years.")


def statement_state(statement: Statement) -> tuple[object, str]:
    """Whether a statement pays something, or what it comes to is carried on."""
    return (_("carried on"), "wait") if statement.carried_out < 0 else (_("to be paid"), "good")

"""A run as tables: its lines, its statements, and the basis of VAT and of the state's compensation."""

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext

from backend.kernel.sheets import Cell, Sheet, kronor
from contracts.vat import Treatment, compensation
from payouts.labels import hold_reason, occurrence_text
from payouts.models import LINE_KEY, Allocation, Line, Run
from payouts.selectors import reason_held

BLOCK = 2000  # lines read at a time


def lines_sheet(run: Run) -> Sheet:
    """All lines that a run wrote, with the statement of each, or why it is held; they come to the run's total."""
    header = [
        gettext("Statement"), gettext("Held"), gettext("Responsibility"), gettext("Contract"),
        gettext("Provider number"), gettext("Provider"), gettext("Placement"), gettext("Participant"),
        gettext("Step"), gettext("Of what"), gettext("Qualifies on"), gettext("Completing fact"),
        gettext("Gross"), gettext("Cut by cap"), gettext("Paid before"), gettext("Amount"),
    ]  # fmt: skip
    return Sheet(gettext("Lines"), header, _lines(run))


def _lines(run: Run) -> Iterator[list[Cell]]:
    paid = Allocation.objects.filter(**{name: OuterRef(name) for name in LINE_KEY})
    related = ("contract__provider", "placement__participant", "step", "fact__subject")
    lines = Line.objects.filter(run=run).select_related(*related).order_by("placement", "step", "occurrence")
    annotated = lines.annotate(statement_number=Subquery(paid.values("statement__number")), reason_code=reason_held())
    for line in annotated.iterator(BLOCK):
        contract, provider = line.contract, line.contract.provider
        waits = not line.statement_number and line.reason_code
        yield [
            line.statement_number,
            hold_reason(line.reason_code) if waits else None,
            contract.responsibility_code,
            contract.number,
            provider.number,
            provider.name,
            line.placement.number,
            line.placement.participant.number,
            line.step.title,
            occurrence_text(line),
            line.qualifies_on,
            line.fact.external_id if line.fact else None,
            *map(kronor, (line.gross, line.cap_cut, line.paid_before, line.amount)),
        ]


def statements_sheet(run: Run) -> Sheet:
    """The statements that were made after a run."""
    header = [
        gettext("Statement"), gettext("Contract"), gettext("Provider number"), gettext("Provider"), gettext("Route"),
        gettext("Lines"), gettext("Net"), gettext("VAT"), gettext("Carried in"), gettext("To pay"),
        gettext("Carried on"), gettext("Due"),
    ]  # fmt: skip
    return Sheet(gettext("Statements"), header, _statements(run))


def _statements(run: Run) -> Iterator[list[Cell]]:
    for each in run.statements.select_related("contract__provider", "conditions").order_by("number"):
        yield [
            each.number,
            each.contract.number,
            each.contract.provider.number,
            each.contract.provider.name,
            each.conditions.get_route_display(),
            each.line_count,
            *map(kronor, (each.net, each.tax, each.carried_in, each.payable, each.carried_out)),
            each.due_on,
        ]


def tax_sheet(run: Run) -> Sheet:
    """What of the statements bears which VAT, and what the state compensates of what bears none."""
    header = [
        gettext("Statement"), gettext("Contract"), gettext("Provider"), gettext("VAT treatment"),
        gettext("Rate, per cent"), gettext("Basis"), gettext("VAT"), gettext("Compensation"),
    ]  # fmt: skip
    return Sheet(gettext("VAT"), header, _taxes(run))


def _taxes(run: Run) -> Iterator[list[Cell]]:
    for statement in run.statements.select_related("contract__provider", "conditions").order_by("number"):
        conditions = statement.conditions
        for tax in statement.taxes.order_by("rate"):
            compensated = compensation(Treatment(conditions.vat), tax.base, run.cutoff)
            yield [
                statement.number,
                statement.contract.number,
                statement.contract.provider.name,
                conditions.get_vat_display(),
                kronor(tax.rate),
                *map(kronor, (tax.base, tax.amount, compensated)),
            ]

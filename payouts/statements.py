"""What a statement says, as page, document and API show it: every line with its because, participants by number."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import ExtractYear

from contracts.models import ContractBudget
from contracts.selectors import model_of
from outcomes.models import PlacementVersion, VerificationDecision
from payouts.models import Allocation, Line, Statement, StatementTax
from payouts.selectors import Row, held_by_reason

KEY = ("placement", "step", "occurrence")


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An earlier line of the same occurrence, which a clawback takes back wholly or in part."""

    run: int  # sequence
    amount: int
    statement: str  # number; empty if it was never paid


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A ledger line and why it is there; amounts in öre."""

    line: Line  # with placement, participant, step and completing fact
    tier: str
    verified_at: datetime | None  # of the completing fact; None: the calendar completed the occurrence
    verified_by: str  # an officer's name, or the rule's code
    takes_back: list[TakenBack]


@dataclass(frozen=True, slots=True)
class StepSum:
    """What a statement's lines of one step and tier come to."""

    step: str
    tier: str
    line_count: int
    amount: int


@dataclass(frozen=True, slots=True)
class BudgetPosition:
    """A contract's budget of a year, what its statements have used through this one, and what is left, in öre."""

    year: int
    budget: int
    used: int

    @property
    def left(self) -> int:
        return self.budget - self.used


@dataclass(frozen=True, slots=True)
class StatementContent:
    """A whole statement. `held`: what is owed under the contract and held now, by reason, as `held_by_reason` gives."""

    statement: Statement  # with run, contract, provider and conditions
    lines: list[StatementLine]
    sums: list[StepSum]
    taxes: list[StatementTax]
    held: list[Row]
    budgets: list[BudgetPosition]


def statement_content(number: str) -> StatementContent:
    """The statement with a number. Statement.DoesNotExist if there is none."""
    statement = Statement.objects.select_related("run", "contract__provider", "conditions").get(number=number)
    lines = list(_lines_with_reasons(statement))
    return StatementContent(
        statement=statement,
        lines=lines,
        sums=_sums(lines),
        taxes=list(statement.taxes.order_by("rate")),
        held=held_by_reason(statement.contract),
        budgets=_budgets(statement, {each.line.qualifies_on.year for each in lines}),
    )


def lines_of_statement(statement: Statement) -> QuerySet[Line]:
    """The ledger lines that a statement pays, in order of placement, step and occurrence."""
    mine = Allocation.objects.filter(statement=statement, **{name: OuterRef(name) for name in (*KEY, "run")})
    related = ("placement__participant", "step__version", "fact__subject", "run")
    return Line.objects.filter(Exists(mine)).select_related(*related).order_by("placement__number", *KEY[1:], "run")


def _lines_with_reasons(statement: Statement) -> Iterable[StatementLine]:
    lines = list(lines_of_statement(statement))
    tiers = _tiers(lines)
    decisions = _decisions(lines)
    earlier = _earlier(line for line in lines if line.amount < 0)
    for line in lines:
        decision = decisions.get(line.fact_id)
        yield StatementLine(
            line=line,
            tier=tiers.get(line.placement_id, ""),
            verified_at=decision.decided_at if decision else None,
            verified_by=_who(decision) if decision else "",
            takes_back=[
                TakenBack(other.run.sequence, other.amount, number)
                for other, number in earlier.get((line.placement_id, line.step_id, line.occurrence), [])
                if other.run.sequence < line.run.sequence
            ],
        )


def _tiers(lines: list[Line]) -> dict[int, str]:
    """By placement, the title of its tier as it stands in its model."""
    newest = PlacementVersion.objects.filter(placement__in={line.placement_id for line in lines})
    tier = dict(
        newest.order_by("placement", "-recorded_at", "-pk").distinct("placement").values_list("placement", "tier")
    )
    return {
        line.placement_id: model_of(line.step.version).tiers[tier[line.placement_id]]
        for line in lines
        if tier[line.placement_id] < len(model_of(line.step.version).tiers)
    }


def _decisions(lines: list[Line]) -> dict[int | None, VerificationDecision]:
    facts = {line.fact_id for line in lines if line.fact_id}
    verified = VerificationDecision.objects.filter(fact__in=facts, decision=VerificationDecision.Decision.VERIFIED)
    return {decision.fact_id: decision for decision in verified.select_related("decided_by")}


def _who(decision: VerificationDecision) -> str:
    by = decision.decided_by
    return (by.get_full_name() or by.get_username()) if by else decision.rule or ""


def _earlier(clawbacks: Iterable[Line]) -> dict[tuple[int, int, int], list[tuple[Line, str]]]:
    """By occurrence, the lines that count of placements with clawbacks, and the statement in which each was paid."""
    placements = {line.placement_id for line in clawbacks}
    lines = Line.objects.filter(placement__in=placements).exclude(run__state="cancelled").select_related("run")
    paid = {
        (each.placement_id, each.step_id, each.occurrence, each.run_id): each.statement.number
        for each in Allocation.objects.filter(placement__in=placements).select_related("statement")
    }
    found = defaultdict(list)
    for line in lines.order_by("run__sequence"):
        key = (line.placement_id, line.step_id, line.occurrence)
        found[key].append((line, paid.get((*key, line.run_id), "")))
    return found


def _sums(lines: list[StatementLine]) -> list[StepSum]:
    groups: dict[tuple[int, int, str], list[StatementLine]] = defaultdict(list)
    for each in lines:
        groups[each.line.step.version_id, each.line.step.position, each.tier].append(each)
    return [
        StepSum(some[0].line.step.title, tier, len(some), sum(each.line.amount for each in some))
        for (_, _, tier), some in sorted(groups.items(), key=lambda group: group[0])
    ]


def _budgets(statement: Statement, years: set[int]) -> list[BudgetPosition]:
    newest = ContractBudget.objects.filter(contract=statement.contract, year__in=years).order_by("year", "-number")
    paid = Allocation.objects.filter(
        statement__run__sequence__lte=statement.run.sequence, **{name: OuterRef(name) for name in (*KEY, "run")}
    )
    used = dict(
        Line.objects.filter(Exists(paid), contract=statement.contract)
        .annotate(year=ExtractYear("qualifies_on"))
        .filter(year__in=years)
        .order_by()
        .values_list("year")
        .annotate(Sum("amount"))
    )
    return [BudgetPosition(row.year, row.amount, used.get(row.year, 0)) for row in newest.distinct("year")]

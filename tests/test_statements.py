"""Statements: each line in one, holds respected, balances carried, and what each says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from backend.kernel.models import User
from contracts.models import Contract, ContractVersion
from contracts.services import set_budget
from outcomes.models import Placement
from payouts.models import Allocation, Hold, Line, Run, Statement
from payouts.selectors import held_by_reason, held_sum, runs_to_allocate
from payouts.services import allocate_run, place_hold, release_holds
from payouts.statements import StepSum, lines_of_statement, statement_content
from providers.models import Provider
from tests.run_steps import DAY, assert_ledger_is_clean, cancel, refusal
from tests.town import Town, attendance, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
FEBRUARY, MARCH, APRIL = date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)
START_PART = 600_000  # öre, in tier A


@pytest.fixture
def town() -> Town:
    """Three placements under a contract that is paid directly; clawbacks are netted at once."""
    town = Town()
    for number in ("P1", "P2", "P3"):
        town.refer(number, START - 5 * DAY, START)
    return town


def attend(town: Town, number: str, through: date) -> None:
    town.tell(through, attendance(f"a-{number}", number, START, through, 20))


def settle(town: Town, cutoff: date) -> list[Statement]:
    """Pay a month and make its statements. Gives them in order."""
    run = town.allocate(town.pay(cutoff))
    return list(run.statements.order_by("number"))


def figures(statement: Statement) -> tuple[int, ...]:
    return (
        statement.line_count, statement.net, statement.tax, statement.carried_in, statement.payable,
        statement.carried_out,
    )  # fmt: skip


# --- allocation


def test_a_statement_takes_the_lines_of_its_contract(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    attend(town, "P2", date(2025, 2, 20))
    (statement,) = settle(town, FEBRUARY)
    assert statement.number == "U0001-0001"
    assert figures(statement) == (2, 2 * START_PART, 0, 0, 2 * START_PART, 0)
    assert statement.due_on == FEBRUARY + 31 * DAY
    assert set(lines_of_statement(statement)) == set(Line.objects.all())
    assert_ledger_is_clean()


def test_statements_are_made_once(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    (statement,) = settle(town, FEBRUARY)
    again = allocate_run(run=statement.run, by=None, now=noon(MARCH))
    assert again.allocated_at == statement.made_at
    assert Statement.objects.count() == 1


def test_several_processes_make_the_statements_once(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    run = town.pay(FEBRUARY)

    def allocate() -> None:
        try:
            allocate_run(run=run, by=None, now=noon(MARCH))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(allocate) for _ in range(3)]:
            done.result()
    assert (Statement.objects.count(), Allocation.objects.count()) == (1, 1)
    assert_ledger_is_clean()


def test_statements_are_made_of_attested_runs_in_order(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    first = town.compute(FEBRUARY)
    assert refusal(lambda: town.allocate(first)) == "allocate_attested"
    assert list(runs_to_allocate()) == []
    town.attest(first)
    attend(town, "P2", date(2025, 3, 12))
    second = town.pay(MARCH)
    assert refusal(lambda: town.allocate(second)) == "allocate_order"
    assert list(runs_to_allocate()) == [first, second]


def test_what_a_cancelled_run_wrote_is_not_paid(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    cancel(town, town.compute(FEBRUARY))
    (statement,) = settle(town, FEBRUARY)
    assert statement.line_count == 1
    assert_ledger_is_clean()


def test_tax_is_added_where_the_contract_bears_it(town: Town) -> None:
    town.amend(date(2025, 1, 2), vat=ContractVersion.Vat.STANDARD)
    attend(town, "P1", date(2025, 2, 12))
    (statement,) = settle(town, FEBRUARY)
    assert figures(statement) == (1, START_PART, 150_000, 0, 750_000, 0)
    assert list(statement.taxes.values_list("rate", "base", "amount")) == [(2_500, START_PART, 150_000)]


def test_a_balance_below_nothing_is_carried_until_it_is_paid_off(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    settle(town, FEBRUARY)
    town.tell(date(2025, 3, 5), attendance("c1", "P1", START, date(2025, 2, 12), 10, replaces="a-P1"))
    (second,) = settle(town, MARCH)
    assert figures(second) == (1, -START_PART, 0, 0, 0, -START_PART)
    attend(town, "P2", date(2025, 4, 7))
    attend(town, "P3", date(2025, 4, 8))
    (third,) = settle(town, APRIL)
    assert figures(third) == (2, 2 * START_PART, 0, -START_PART, START_PART, 0)
    assert_ledger_is_clean()


# --- holds


def line_of(number: str) -> Line:
    return Line.objects.get(placement__number=number)


def test_every_kind_of_hold_keeps_lines_back_until_it_is_released(town: Town) -> None:
    for number, day in (("P1", 12), ("P2", 20), ("P3", 21)):
        attend(town, number, date(2025, 2, day))
    run = town.compute(FEBRUARY)
    targets: list[tuple[Line | Placement | Contract | Provider, int]] = [
        (line_of("P1"), 1), (line_of("P2").placement, 1), (town.contract, 3), (town.provider, 3),
    ]  # fmt: skip
    for target, lines in targets:
        hold = place_hold(target=target, reason="looks odd", by=town.handler, now=noon(MARCH))
        assert (held_sum(run).line_count, held_sum(run).amount) == (lines, lines * START_PART)
        release_holds(holds=[hold.pk], reason="it was right", by=town.decider, now=noon(MARCH))
        assert held_sum(run).line_count == 0


def test_a_held_line_is_paid_once_it_is_released(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    attend(town, "P2", date(2025, 2, 20))
    run = town.compute(FEBRUARY)
    hold = place_hold(target=line_of("P1").placement, reason="looks odd", by=town.handler, now=noon(MARCH - 30 * DAY))
    town.attest(run)
    town.allocate(run)
    first = run.statements.get()
    assert (first.line_count, held_by_reason(town.contract)) == (
        1,
        [{"reason_code": "officer", "lines": 1, "total": START_PART}],
    )
    assert_ledger_is_clean()
    release_holds(holds=[hold.pk], reason="it was right", by=town.decider, now=noon(MARCH))
    (second,) = settle(town, MARCH)
    assert [line.run for line in lines_of_statement(second)] == [run]
    assert_ledger_is_clean()


def test_who_may_hold_and_release_and_why(town: Town) -> None:
    def place(reason: str, by: User) -> Hold:
        return place_hold(target=town.contract, reason=reason, by=by, now=noon(MARCH))

    def release(hold: Hold, reason: str, by: User) -> None:
        release_holds(holds=[hold.pk], reason=reason, by=by, now=noon(MARCH))

    assert refusal(lambda: place("odd", town.reporter)) == "role_needed"
    assert refusal(lambda: place(" ", town.handler)) == "hold_reason"
    hold = place("odd", town.handler)
    assert refusal(lambda: release(hold, "right", town.handler)) == "role_needed"
    assert refusal(lambda: release(hold, "", town.decider)) == "release_reason"
    release(hold, "right", town.decider)
    assert refusal(lambda: release(hold, "right", town.decider)) == "hold_released"
    assert (Hold.objects.get().released_by, Hold.objects.get().release_reason) == (town.decider, "right")


# --- what a statement says


def test_a_statement_says_every_because(town: Town) -> None:
    set_budget(contract=town.contract, year=2025, amount=2_000_000, by=town.procurement, now=noon(START))
    attend(town, "P1", date(2025, 2, 12))
    attend(town, "P2", date(2025, 2, 20))
    settle(town, FEBRUARY)
    town.tell(date(2025, 3, 5), attendance("c1", "P1", START, date(2025, 2, 12), 10, replaces="a-P1"))
    attend(town, "P3", date(2025, 3, 6))
    (statement,) = settle(town, MARCH)
    content = statement_content(statement.number)
    back, paid = content.lines
    assert (back.line.placement.participant.number, back.line.amount) == ("P1", -START_PART)
    (taken,) = back.takes_back
    assert (taken.run, taken.amount, taken.statement) == (1, START_PART, "U0001-0001")
    assert paid.line.fact is not None
    assert (paid.line.fact.external_id, paid.verified_by, paid.tier) == ("a-P3", "handläggare", "A")
    assert paid.verified_at == noon(date(2025, 3, 6))
    assert paid.takes_back == []
    assert content.sums == [StepSum(paid.line.step.title, "A", 2, 0)]
    (budget,) = content.budgets
    assert (budget.year, budget.budget, budget.used, budget.left) == (2025, 2_000_000, 2 * START_PART, 800_000)
    assert content.held == []


def test_a_statement_tells_what_is_held_under_its_contract(town: Town) -> None:
    set_budget(contract=town.contract, year=2025, amount=START_PART, by=town.procurement, now=noon(START))
    attend(town, "P1", date(2025, 2, 12))
    attend(town, "P2", date(2025, 2, 20))
    (statement,) = settle(town, FEBRUARY)
    content = statement_content(statement.number)
    assert [each.line.placement.number for each in content.lines] == ["P1"]
    assert content.held == [{"reason_code": "budget", "lines": 1, "total": START_PART}]
    assert content.budgets[0].left == 0


# --- the database's own wall


def test_an_allocation_belongs_to_its_statement(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    settle(town, FEBRUARY)
    attend(town, "P2", date(2025, 3, 12))
    run = town.compute(MARCH)
    line, statement = Line.objects.get(run=run), Statement.objects.get()
    values = {"placement_id": line.placement_id, "step_id": line.step_id, "occurrence": line.occurrence}
    for wrong in (
        {"run": run, "statement": statement},  # not attested, and later than the statement
        {"run": run, "statement_id": 0},
        {"run": statement.run, "statement": statement},  # no such line
    ):
        with pytest.raises(DatabaseError, match="does not belong"), transaction.atomic():
            Allocation.objects.create(**(values | wrong))


def test_statements_of_other_contracts_stand_beside_each_other(town: Town) -> None:
    other = Town(number=2, terms={"due_days": 10})
    other.refer("P4", START - 5 * DAY, START)
    attend(other, "P4", date(2025, 2, 12))
    attend(town, "P1", date(2025, 2, 12))
    first, second = settle(town, FEBRUARY)
    assert [first.contract, second.contract] == list(Contract.objects.order_by("number"))
    assert second.due_on == FEBRUARY + timedelta(days=11)
    assert Run.objects.get().total == first.net + second.net

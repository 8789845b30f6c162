"""An attested run's statements are made: every line of this run or an earlier one that nothing holds, each in one."""
# ruff: noqa: S608 - the queries are put together from the project's own parts

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import User
from contracts.models import Contract, ContractVersion
from contracts.selectors import conditions_by_contract
from contracts.vat import Tax, Treatment, taxes
from payouts.held import UNHELD
from payouts.models import Run, Statement, StatementTax
from payouts.services.moving import lock_run, wait_for_turn
from payouts.services.noticing import end_notices, give_notices
from payouts.states import BINDING

NOT_ATTESTED = rule("allocate_attested", gettext_noop("statements are made of a run that is attested; it is {state}"))
OUT_OF_ORDER = rule("allocate_order", gettext_noop("the statements of run {sequence} are made first"))

ALLOCATION_LOCK = 741_855

TAKE = f"""
    CREATE TEMPORARY TABLE payouts_taken_{{run}} ON COMMIT DROP AS
    SELECT line.placement_id, line.step_id, line.occurrence, line.run_id, line.contract_id, line.qualifies_on,
        line.amount
    FROM payouts_line AS line
    JOIN payouts_run AS run ON run.id = line.run_id AND run.state = ANY(%(binding)s) AND run.sequence <= %(sequence)s
    LEFT JOIN payouts_allocation AS paid ON paid.placement_id = line.placement_id AND paid.step_id = line.step_id
        AND paid.occurrence = line.occurrence AND paid.run_id = line.run_id
    WHERE paid.statement_id IS NULL AND {UNHELD}"""
SUMS = "SELECT contract_id, qualifies_on, count(*), sum(amount)::bigint FROM payouts_taken_{run} GROUP BY 1, 2"
ALLOCATE = """
    INSERT INTO payouts_allocation (placement_id, step_id, occurrence, run_id, statement_id)
    SELECT taken.placement_id, taken.step_id, taken.occurrence, taken.run_id, statement.id
    FROM payouts_taken_{run} AS taken JOIN payouts_statement AS statement
        ON statement.contract_id = taken.contract_id AND statement.run_id = %(run)s"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one contract's statement takes: lines, and öre by qualifying day."""

    line_count: int
    amounts: list[tuple[date, int]]


@transaction.atomic
def allocate_run(*, run: Run, by: User | None, now: datetime) -> Run:
    """Make the statements of an attested run, once; `by` is None where the calendar or a command does it."""
    wait_for_turn(ALLOCATION_LOCK)
    run = lock_run(run)
    if run.allocated_at is not None:
        return run
    _check_turn(run)
    give_notices(run, now)
    end_notices(now)
    agreed = conditions_by_contract(run.cutoff)
    made = _make_statements(run, agreed, _take(run), now)
    with connection.cursor() as cursor:
        cursor.execute(ALLOCATE.format(run=run.pk), {"run": run.pk})
    run.allocated_at = now
    run.save(update_fields=["allocated_at"])
    later = {"statements": len(made), "payable": sum(statement.payable for statement in made)}
    record_event(by=by, action="allocate_run", on=run, now=now, later=later)
    return run


def _check_turn(run: Run) -> None:
    if run.state not in BINDING:
        raise refuse(NOT_ATTESTED, field="run", value=run.sequence, state=run.state)
    earlier = Run.objects.filter(sequence__lt=run.sequence, state__in=BINDING, allocated_at=None)
    if before := earlier.order_by("sequence").first():
        raise refuse(OUT_OF_ORDER, field="run", value=run.sequence, sequence=before.sequence)


def _take(run: Run) -> dict[int, Taken]:
    """Set the lines aside that the statements will take. Gives what they come to by contract."""
    parameters: dict[str, Any] = {"binding": sorted(BINDING), "sequence": run.sequence}
    with connection.cursor() as cursor:
        cursor.execute(TAKE.format(run=run.pk), parameters)
        cursor.execute(SUMS.format(run=run.pk))
        counts: defaultdict[int, int] = defaultdict(int)
        amounts: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
        for contract, day, count, amount in cursor.fetchall():
            counts[contract] += count
            amounts[contract].append((day, amount))
    return {contract: Taken(counts[contract], amounts[contract]) for contract in counts}


def _make_statements(
    run: Run, agreed: dict[int, ContractVersion], taken: dict[int, Taken], now: datetime
) -> list[Statement]:
    carried = _carried(taken)
    taxed = {contract: taxes(Treatment(agreed[contract].vat), each.amounts) for contract, each in taken.items()}
    in_order = Contract.objects.filter(pk__in=taken).order_by("number").values_list("pk", flat=True)
    made = Statement.objects.bulk_create(
        _statement(run, number, agreed[contract], taken[contract], taxed[contract], carried.get(contract, 0), now)
        for number, contract in enumerate(in_order, start=1)
    )
    StatementTax.objects.bulk_create(
        StatementTax(statement=statement, rate=tax.rate, base=tax.base, amount=tax.amount)
        for statement in made
        for tax in taxed[statement.contract_id]
    )
    return made


def _carried(contracts: Sequence[int] | dict[int, Taken]) -> dict[int, int]:
    """What the last statement of each contract left to be carried."""
    last = Statement.objects.filter(contract__in=list(contracts)).order_by("contract", "-run__sequence")
    return dict(last.distinct("contract").values_list("contract", "carried_out"))


def _statement(
    run: Run, number: int, conditions: ContractVersion, taken: Taken, taxed: list[Tax], carried: int, now: datetime
) -> Statement:
    net, tax = sum(amount for _, amount in taken.amounts), sum(each.amount for each in taxed)
    balance = net + tax + carried
    return Statement(
        number=f"U{run.sequence:04d}-{number:04d}",
        run=run,
        contract_id=conditions.contract_id,
        conditions=conditions,
        line_count=taken.line_count,
        net=net,
        tax=tax,
        carried_in=carried,
        payable=max(balance, 0),
        carried_out=min(balance, 0),
        due_on=local_day(now) + timedelta(days=conditions.due_days),
        made_at=now,
    )

"""A run's statements as vouchers for the books: costs in the months in which they qualified, and what the year owes.

A year is closed with its last run: what qualified in it and comes later is booked in January of the year after, where
also the accrual of what was owed and unpaid is taken back.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db import connection
from django.utils.translation import gettext, override

from backend.kernel.calendar import local_day
from backend.kernel.periods import last_day
from contracts.models import Contract, ContractVersion
from contracts.selectors import conditions_by_contract
from payouts.files.sie import Books, Voucher, VoucherRow
from payouts.models import Payer, Run, Statement
from payouts.states import BINDING

SERIES = "U"
RESPONSIBILITY, PROJECT, ACTIVITY, COUNTERPARTY = 1, 6, 20, 21  # dimensions: 1 and 6 are the format's own
DECEMBER = 12

COSTS = """
    SELECT paid.statement_id, date_trunc('month', line.qualifies_on)::date, sum(line.amount)::bigint
    FROM payouts_allocation AS paid JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
    JOIN payouts_statement AS statement ON statement.id = paid.statement_id AND statement.run_id = %(run)s
    GROUP BY 1, 2 ORDER BY 1, 2"""
OWED = """
    SELECT line.contract_id, sum(line.amount)::bigint
    FROM payouts_line AS line
    JOIN payouts_run AS run ON run.id = line.run_id AND run.state = ANY(%(binding)s) AND run.sequence <= %(sequence)s
    LEFT JOIN payouts_allocation AS paid USING (placement_id, step_id, occurrence, run_id)
    LEFT JOIN payouts_statement AS statement ON statement.id = paid.statement_id
    LEFT JOIN payouts_run AS paying ON paying.id = statement.run_id
    WHERE paying.id IS NULL OR paying.sequence > %(sequence)s
    GROUP BY 1 HAVING sum(line.amount) <> 0 ORDER BY 1"""


def books_of(run: Run, payer: Payer) -> Books:
    """The vouchers of a run whose statements are made: always the same."""
    assert run.allocated_at is not None
    with override("sv"):  # the language of the books
        return Books(
            made_on=local_day(run.allocated_at),
            organisation=payer.name,
            organisation_number=payer.organisation_number,
            accounts={
                payer.payable_account: gettext("Owed to suppliers"),
                payer.internal_account: gettext("Owed in-house"),
                payer.tax_account: gettext("Incoming VAT"),
                payer.accrued_account: gettext("Accrued costs"),
            },
            dimensions={
                RESPONSIBILITY: gettext("Responsibility"),
                PROJECT: gettext("Project"),
                ACTIVITY: gettext("Activity"),
                COUNTERPARTY: gettext("Counterparty"),
            },
            vouchers=[*_statement_vouchers(run, payer), *_accruals(run, payer)],
        )


def _statement_vouchers(run: Run, payer: Payer) -> Iterator[Voucher]:
    statements = run.statements.select_related("contract__provider", "conditions").in_bulk()
    costs: dict[tuple[int, date], int] = {}
    for statement, month, amount in _rows(COSTS, run):
        day = booked_on(month, run.cutoff)
        costs[statement, day] = costs.get((statement, day), 0) + amount
    for (number, day), amount in sorted(costs.items(), key=lambda cost: (statements[cost[0][0]].number, cost[0][1])):
        if amount:
            yield _voucher(statements[number], payer, day, amount, statements[number].conditions.account)
    for statement in sorted(statements.values(), key=lambda each: each.number):
        if statement.tax:
            yield _voucher(statement, payer, last_day(run.cutoff), statement.tax, payer.tax_account)


def booked_on(month: date, cutoff: date) -> date:
    """The day on which a cost that qualified in a month is booked by a run with this cut-off."""
    return last_day(month if month.year == cutoff.year else cutoff.replace(month=1, day=1))


def _voucher(statement: Statement, payer: Payer, day: date, amount: int, account: str) -> Voucher:
    contract, conditions = statement.contract, statement.conditions
    is_internal = conditions.route == ContractVersion.Route.INTERNAL
    text = f"{statement.number} {contract.provider.name}"
    return _balanced(
        day, text, contract, conditions, amount, account,
        payer.internal_account if is_internal else payer.payable_account,
    )  # fmt: skip


def _balanced(
    day: date, text: str, contract: Contract, conditions: ContractVersion, amount: int, debit: str, credit: str
) -> Voucher:
    objects = {
        RESPONSIBILITY: contract.responsibility_code,
        PROJECT: conditions.project,
        ACTIVITY: conditions.activity,
        COUNTERPARTY: conditions.counterparty,
    }
    given = {number: code for number, code in objects.items() if code}
    counterparty: Mapping[int, str] = {key: code for key, code in given.items() if key == COUNTERPARTY}
    rows = [VoucherRow(debit, amount, given, text), VoucherRow(credit, -amount, counterparty, text)]
    return Voucher(SERIES, day, text, rows)


def _accruals(run: Run, payer: Payer) -> Iterator[Voucher]:
    """At the end of a year what is owed and in no statement yet is a cost of the year, taken back the day after."""
    if run.cutoff.month != DECEMBER:
        return
    contracts, agreed = Contract.objects.in_bulk(), conditions_by_contract(run.cutoff)
    for contract, amount in _rows(OWED, run):
        conditions = agreed[contract]
        text = gettext("Accrual {contract}").format(contract=contracts[contract].number)
        for day, sum_ in ((run.cutoff, amount), (date(run.cutoff.year + 1, 1, 1), -amount)):
            yield _balanced(day, text, contracts[contract], conditions, sum_, conditions.account, payer.accrued_account)


def _rows(query: str, run: Run) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"run": run.pk, "sequence": run.sequence, "binding": sorted(BINDING)})
        return cursor.fetchall()

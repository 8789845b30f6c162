"""Controls of the contracts that a run pays."""
# ruff: noqa: S608 - the queries are put together from the project's own parts

from backend.kernel.errors import gettext_noop
from payouts.controls.checking import CONCERNED, Found, Severity, control, found
from payouts.models import Run


@control(
    Severity.NOTE,
    says=gettext_noop("Lines qualified after the contract's last day."),
    act=gettext_noop("Look at the lines: what began within the contract may qualify after it."),
)
def contract_ended(run: Run) -> list[Found]:
    return found(
        run,
        "contract_ended",
        """
        SELECT responsibility_code AS code, contract.id AS contract, max(qualifies_on)::text AS value,
            valid_through::text AS expected, count(*)::int AS lines, sum(amount)::bigint AS amount
        FROM payouts_line AS line JOIN contracts_contract AS contract ON contract.id = line.contract_id
        WHERE line.run_id = %(run)s AND line.qualifies_on > contract.valid_through GROUP BY contract.id""",
    )


@control(
    Severity.HOLD,  # its lines were held one by one when the run was computed
    says=gettext_noop("The contract's budget of the year does not cover these lines, which are held."),
    act=gettext_noop("Raise the budget on the contract's page and release the holds, or leave them."),
)
def budget_exceeded(run: Run) -> list[Found]:
    return found(
        run,
        "budget_exceeded",
        """
        SELECT responsibility_code AS code, contract.id AS contract, count(*)::int AS lines,
            sum(line.amount)::bigint AS amount
        FROM payouts_hold AS hold JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        WHERE hold.run_id = %(run)s AND hold.rule = 'budget' AND hold.released_at IS NULL GROUP BY contract.id""",
    )


@control(
    Severity.NOTE,
    says=gettext_noop("More placements go on than the contract has room for."),
    act=gettext_noop("Look at the contract's placements, or change its capacity."),
)
def capacity_exceeded(run: Run) -> list[Found]:
    return found(
        run,
        "capacity_exceeded",
        f"""
        {CONCERNED}
        SELECT contract.responsibility_code AS code, contract.id AS contract, lines, amount, going.count::text AS value,
            capacity::text AS expected
        FROM concerned AS contract JOIN agreed ON agreed.contract_id = contract.id CROSS JOIN LATERAL (
            SELECT count(*) FROM outcomes_placement WHERE contract_id = contract.id AND period @> %(cutoff)s
        ) AS going
        WHERE going.count > capacity""",
    )


@control(
    Severity.ANSWER,
    says=gettext_noop("What is owed under the contract in all exceeds its highest value."),
    act=gettext_noop("Stop new referrals, and ask procurement whether the contract may go on."),
)
def highest_value_exceeded(run: Run) -> list[Found]:
    return found(
        run,
        "highest_value_exceeded",
        f"""
        {CONCERNED}
        SELECT contract.responsibility_code AS code, contract.id AS contract, lines, contract.amount,
            owed.kronor AS value, (highest_value / 100)::text AS expected
        FROM concerned AS contract JOIN agreed ON agreed.contract_id = contract.id CROSS JOIN LATERAL (
            SELECT sum(line.amount) AS amount, (sum(line.amount) / 100)::bigint::text AS kronor
            FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'
            WHERE line.contract_id = contract.id
        ) AS owed
        WHERE owed.amount > highest_value""",
    )


@control(
    Severity.NOTE,
    says=gettext_noop("The contract has ended, and the provider owes what was taken back last."),
    act=gettext_noop("Claim the balance from the provider; no statement will net it."),
)
def balance_stands(run: Run) -> list[Found]:
    return found(
        run,
        "balance_stands",
        """
        SELECT responsibility_code AS code, contract.id AS contract, last.number AS value, 0 AS lines,
            last.carried_out AS amount
        FROM contracts_contract AS contract CROSS JOIN LATERAL (
            SELECT statement.number, carried_out FROM payouts_statement AS statement
            JOIN payouts_run AS run ON run.id = statement.run_id
            WHERE contract_id = contract.id ORDER BY run.sequence DESC LIMIT 1
        ) AS last
        WHERE contract.valid_through < %(cutoff)s AND last.carried_out < 0""",
    )

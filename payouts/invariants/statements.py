"""Invariants of statements: what they take, what they come to, and that nothing is left out or taken twice."""

import psycopg

from payouts.invariants.checking import Row, invariant, rows
from payouts.states import BINDING


@invariant
def lines_stand_in_one_statement(connection: psycopg.Connection) -> list[Row]:
    """No line is allocated twice."""
    return rows(
        connection,
        """
        SELECT format('run %s, placement %s, step %s, occurrence %s', run_id, placement_id, step_id, occurrence),
            '1 statement', count(*)
        FROM payouts_allocation GROUP BY run_id, placement_id, step_id, occurrence HAVING count(*) > 1""",
    )


@invariant
def allocations_belong_together(connection: psycopg.Connection) -> list[Row]:
    """A statement takes lines of its contract, of its run or an earlier one, which is attested."""
    return rows(
        connection,
        """
        SELECT format('run %%s, placement %%s, step %%s, occurrence %%s',
                run.sequence, placement_id, step_id, occurrence),
            format('contract %%s, run %%s or earlier', statement.contract_id, paying.sequence),
            format('contract %%s, run %%s, %%s', line.contract_id, run.sequence, run.state)
        FROM payouts_allocation AS allocation
        LEFT JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
        LEFT JOIN payouts_run AS run ON run.id = allocation.run_id
        LEFT JOIN payouts_statement AS statement ON statement.id = allocation.statement_id
        LEFT JOIN payouts_run AS paying ON paying.id = statement.run_id
        WHERE line.contract_id IS DISTINCT FROM statement.contract_id OR statement.id IS NULL
            OR run.sequence > paying.sequence OR run.state <> ALL(%(binding)s)""",
        binding=sorted(BINDING),
    )


@invariant
def statements_add_up(connection: psycopg.Connection) -> list[Row]:
    """A statement's lines, net sum and balance are those of what it takes."""
    return rows(
        connection,
        """
        SELECT format('statement %s', number),
            format('%s lines, %s öre, balance %s', line_count, net, payable + carried_out),
            format('%s lines, %s öre, balance %s', coalesce(lines, 0), coalesce(amount, 0),
                coalesce(amount, 0) + tax + carried_in)
        FROM payouts_statement AS statement LEFT JOIN (
            SELECT statement_id, count(*) AS lines, sum(line.amount) AS amount
            FROM payouts_allocation JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
            GROUP BY statement_id
        ) AS taken ON taken.statement_id = statement.id
        WHERE lines IS DISTINCT FROM line_count OR amount IS DISTINCT FROM net
            OR payable + carried_out <> net + tax + carried_in OR least(payable, -carried_out) <> 0""",
    )


@invariant
def taxes_add_up(connection: psycopg.Connection) -> list[Row]:
    """A statement's tax is that of its lines by rate, each rounded once, half away from zero."""
    return rows(
        connection,
        """
        SELECT format('statement %s', number), format('net %s, tax %s', net, tax),
            format('base %s, tax %s', coalesce(base, 0), coalesce(amount, 0))
        FROM payouts_statement AS statement LEFT JOIN (
            SELECT statement_id, sum(base) AS base,
                sum(sign(base) * div(2 * abs(base) * rate + 10000, 20000)) AS amount,
                bool_and(amount = sign(base) * div(2 * abs(base) * rate + 10000, 20000)) AS is_right
            FROM payouts_statementtax GROUP BY statement_id
        ) AS taxed ON taxed.statement_id = statement.id
        WHERE base IS DISTINCT FROM net OR amount IS DISTINCT FROM tax OR NOT is_right""",
    )


@invariant
def balances_are_carried(connection: psycopg.Connection) -> list[Row]:
    """A statement begins with the balance that the contract's statement before left."""
    return rows(
        connection,
        """
        SELECT format('statement %s', number), before, carried_in FROM (
            SELECT statement.*, coalesce(
                lag(carried_out) OVER (PARTITION BY statement.contract_id ORDER BY run.sequence), 0
            ) AS before
            FROM payouts_statement AS statement JOIN payouts_run AS run ON run.id = statement.run_id
        ) AS ordered WHERE carried_in <> before""",
    )


@invariant
def statements_follow_the_runs(connection: psycopg.Connection) -> list[Row]:
    """Statements are made run by run, each once it is attested."""
    return rows(
        connection,
        """
        SELECT format('run %%s', sequence), 'attested, and the runs before allocated', format('%%s, %%s', state, told)
        FROM (
            SELECT run.sequence, run.state, coalesce(allocated_at::text, 'not allocated') AS told,
                allocated_at IS NULL AND EXISTS (SELECT FROM payouts_statement WHERE run_id = run.id) AS is_early,
                allocated_at IS NULL AND state = ANY(%(binding)s) AND max(allocated_at) OVER (
                    ORDER BY sequence ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                ) IS NOT NULL AS is_late,
                allocated_at IS NOT NULL AND state <> ALL(%(binding)s) AS is_unattested
            FROM payouts_run AS run
        ) AS ordered WHERE is_early OR is_late OR is_unattested""",
        binding=sorted(BINDING),
    )


@invariant
def nothing_is_forgotten(connection: psycopg.Connection) -> list[Row]:
    """What is owed when statements are made stands in one, or was held then, or nobody has said how to pay it."""
    return rows(
        connection,
        """
        WITH last AS (
            SELECT sequence, cutoff, allocated_at FROM payouts_run
            WHERE allocated_at IS NOT NULL ORDER BY sequence DESC LIMIT 1
        ), held AS (
            SELECT hold.* FROM payouts_hold AS hold, last
            WHERE placed_at <= allocated_at AND (released_at IS NULL OR released_at > allocated_at)
        )
        SELECT format('run %%s, placement %%s, step %%s, occurrence %%s', run.sequence, line.placement_id, line.step_id,
            line.occurrence), 'in a statement, or held', 'neither'
        FROM last, payouts_line AS line
        JOIN payouts_run AS run ON run.id = line.run_id AND run.state = ANY(%(binding)s)
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        LEFT JOIN payouts_allocation AS paid USING (placement_id, step_id, occurrence, run_id)
        WHERE run.sequence <= last.sequence AND paid.statement_id IS NULL
            AND NOT EXISTS (
                SELECT FROM held WHERE held.placement_id = line.placement_id AND held.step_id = line.step_id
                    AND held.occurrence = line.occurrence AND held.run_id = line.run_id
            )
            AND NOT EXISTS (SELECT FROM held WHERE held.run_id IS NULL AND held.placement_id = line.placement_id)
            AND NOT EXISTS (SELECT FROM held WHERE held.contract_id = line.contract_id)
            AND NOT EXISTS (SELECT FROM held WHERE held.provider_id = contract.provider_id)""",
        binding=sorted(BINDING),
    )


@invariant
def clawbacks_wait_for_the_answer(connection: psycopg.Connection) -> list[Row]:
    """A clawback that its provider may answer is released by rule only when the time to answer is over."""
    return rows(
        connection,
        """
        SELECT format('hold %s', hold.id), coalesce('after ' || notice.answer_by, 'after a notice'), hold.released_at
        FROM payouts_hold AS hold
        JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
        LEFT JOIN payouts_clawbacknotice AS notice
            ON notice.run_id = line.run_id AND notice.contract_id = line.contract_id
        WHERE hold.rule = 'clawback_notice' AND hold.release_rule IS NOT NULL AND (
            notice.id IS NULL OR (hold.released_at AT TIME ZONE 'Europe/Stockholm')::date <= notice.answer_by
        )""",
    )

"""Holds that a run's computation places by rule: they say why a line is not paid yet, never what is owed."""

from django.db import connection

from payouts.models import Run

# What is paid keeps its place; what remains goes by qualifying day, then key, until the contract's year is spent.
BUDGET = """
    WITH budget AS (
        SELECT DISTINCT ON (contract_id, year) contract_id, year, amount
        FROM contracts_contractbudget ORDER BY contract_id, year, number DESC
    ), spent AS (
        SELECT line.contract_id, extract(year FROM line.qualifies_on) AS year, sum(line.amount) AS amount
        FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state = 'attested'
        WHERE line.contract_id IN (SELECT contract_id FROM budget) AND NOT EXISTS (
            SELECT FROM payouts_hold AS hold
            WHERE hold.released_at IS NULL AND hold.placement_id = line.placement_id AND hold.step_id = line.step_id
                AND hold.occurrence = line.occurrence AND hold.run_id = line.run_id
        )
        GROUP BY 1, 2
    ), queue AS (
        SELECT line.*, budget.amount - coalesce(spent.amount, 0) AS available,
            sum(line.amount) OVER (
                PARTITION BY line.contract_id, extract(year FROM line.qualifies_on)
                ORDER BY (line.amount > 0), line.qualifies_on, line.placement_id, line.step_id, line.occurrence
            ) AS wanted
        FROM payouts_line AS line
        JOIN budget ON budget.contract_id = line.contract_id AND budget.year = extract(year FROM line.qualifies_on)
        LEFT JOIN spent ON spent.contract_id = line.contract_id AND spent.year = budget.year
        WHERE line.run_id = %(run)s
    )
    INSERT INTO payouts_hold (placement_id, step_id, occurrence, run_id, reason_code, rule, placed_at)
    SELECT placement_id, step_id, occurrence, run_id, 'budget', 'budget', %(now)s
    FROM queue WHERE amount > 0 AND wanted > available"""

AUTHORISATION = """
    INSERT INTO payouts_hold (contract_id, reason_code, rule, placed_at)
    SELECT DISTINCT contract.id, 'authorisation', 'authorisation_lapsed', %(now)s::timestamptz
    FROM payouts_line AS line JOIN contracts_contract AS contract ON contract.id = line.contract_id
    CROSS JOIN LATERAL (
        SELECT valid_through, effect FROM providers_authorisation AS decision
        WHERE decision.provider_id = contract.provider_id AND decision.valid_from <= %(cutoff)s
            AND (decision.service_id IS NULL OR decision.service_id = contract.service_id)
        ORDER BY decided_at DESC, id DESC LIMIT 1
    ) AS newest
    WHERE line.run_id = %(run)s AND (newest.effect <> 'authorised' OR newest.valid_through < %(cutoff)s)
        AND NOT EXISTS (
            SELECT FROM payouts_hold AS hold
            WHERE hold.contract_id = contract.id AND hold.rule = 'authorisation_lapsed' AND hold.released_at IS NULL
        )"""


def place_holds(run: Run) -> None:
    """Hold the run's lines that a budget does not cover, and contracts whose provider is not authorised any longer."""
    parameters = {"run": run.pk, "now": run.computed_at, "cutoff": run.cutoff}
    with connection.cursor() as cursor:
        cursor.execute(BUDGET, parameters)
        cursor.execute(AUTHORISATION, parameters)

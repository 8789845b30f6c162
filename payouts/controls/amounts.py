"""Controls of what a run comes to, against what is usual, and of what its lines stand on.

Usual is the median of the twelve runs before; how far amounts usually lie from it is their median absolute deviation
(times 1.4826, as for a normal distribution), and at least a quarter of the median, since most steps have fixed prices.
"""

from backend.kernel.errors import gettext_noop
from backend.kernel.money import plain_kronor
from payouts.controls.checking import Found, Severity, control, found
from payouts.models import Run
from payouts.states import BINDING

LINES_LEAST = 50  # below this a run's sum is chance
CHANGE_MOST = 50  # per cent

# Lines of the last runs by provider, step and amount, which are few: their medians come from counts.
LINE_UNLIKE = """
    WITH counts AS (
        SELECT contract.provider_id, line.step_id, line.amount, count(*) AS lines
        FROM payouts_line AS line
        JOIN payouts_run AS run ON run.id = line.run_id AND run.state = ANY(%(binding)s)
            AND run.sequence < %(sequence)s AND run.sequence >= %(sequence)s - 12
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        WHERE line.amount > 0 GROUP BY 1, 2, 3
    ), ranked AS (
        SELECT *, sum(lines) OVER (PARTITION BY provider_id, step_id ORDER BY amount) AS through,
            sum(lines) OVER (PARTITION BY provider_id, step_id) AS whole
        FROM counts
    ), usual AS (
        SELECT provider_id, step_id, min(amount) AS median FROM ranked
        WHERE whole >= 20 AND 2 * through >= whole GROUP BY 1, 2
    ), apart AS (
        SELECT provider_id, step_id, median, abs(amount - median) AS distance,
            sum(lines) OVER (PARTITION BY provider_id, step_id ORDER BY abs(amount - median)) AS through,
            sum(lines) OVER (PARTITION BY provider_id, step_id) AS whole
        FROM counts JOIN usual USING (provider_id, step_id)
    ), spread AS (
        SELECT provider_id, step_id, median, greatest(1.4826 * min(distance), 0.25 * median) AS width
        FROM apart WHERE 2 * through >= whole GROUP BY 1, 2, 3
    )
    SELECT contract.responsibility_code AS code, contract.id AS contract, line.placement_id AS placement,
        line.step_id AS step, line.occurrence, (line.amount / 100.0)::numeric(15, 2)::text AS value,
        (median / 100.0)::numeric(15, 2)::text AS expected, 1 AS lines, line.amount
    FROM payouts_line AS line JOIN contracts_contract AS contract ON contract.id = line.contract_id
    JOIN spread ON spread.provider_id = contract.provider_id AND spread.step_id = line.step_id
    WHERE line.run_id = %(run)s AND line.amount > 0 AND abs(line.amount - median) > 6 * width
    ORDER BY abs(line.amount - median) DESC, placement, step, line.occurrence LIMIT 20"""

CONTRACT_UNLIKE = """
    WITH sums AS (
        SELECT line.contract_id, run.sequence, sum(line.amount) AS amount, count(*) AS lines
        FROM payouts_line AS line
        JOIN payouts_run AS run ON run.id = line.run_id
            AND (run.state = ANY(%(binding)s) OR run.id = %(run)s)
            AND run.sequence <= %(sequence)s AND run.sequence >= %(sequence)s - 12
        GROUP BY 1, 2
    ), usual AS (
        SELECT contract_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS median, count(*) AS runs
        FROM sums WHERE sequence < %(sequence)s GROUP BY 1 HAVING count(*) >= 6
    ), spread AS (
        SELECT contract_id, median, greatest(
            1.4826 * percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(amount - median)), 0.25 * abs(median)
        ) AS width
        FROM sums JOIN usual USING (contract_id) WHERE sequence < %(sequence)s GROUP BY 1, 2
    )
    SELECT contract.responsibility_code AS code, contract.id AS contract, lines::int, sums.amount::bigint,
        (sums.amount / 100.0)::numeric(15, 2)::text AS value, (median / 100.0)::numeric(15, 2)::text AS expected
    FROM sums JOIN spread USING (contract_id) JOIN contracts_contract AS contract ON contract.id = sums.contract_id
    WHERE sums.sequence = %(sequence)s AND abs(sums.amount - median) > 6 * width"""


@control(
    Severity.ANSWER,
    says=gettext_noop("The line is far from what the provider is usually paid for the step."),
    act=gettext_noop("Look at the placement, and hold the line if it does not explain itself."),
)
def line_unlike_history(run: Run) -> list[Found]:
    return found(run, "line_unlike_history", LINE_UNLIKE)


@control(
    Severity.ANSWER,
    says=gettext_noop("What the run pays under the contract is far from what its runs usually pay."),
    act=gettext_noop("Look at the contract's lines in the run."),
)
def contract_unlike_history(run: Run) -> list[Found]:
    return found(run, "contract_unlike_history", CONTRACT_UNLIKE)


@control(
    Severity.ANSWER,
    says=gettext_noop("The run's sum differs by more than half from that of the run before."),
    act=gettext_noop("Compare the two runs step by step."),
)
def sum_unlike_last_month(run: Run) -> list[Found]:
    before = Run.objects.filter(sequence__lt=run.sequence, state__in=BINDING).order_by("-sequence").first()
    if before is None or min(before.line_count, run.line_count) < LINES_LEAST:
        return []
    if 100 * abs(run.total - before.total) <= CHANGE_MOST * abs(before.total):
        return []
    value, expected = plain_kronor(run.total), plain_kronor(before.total)
    name = "sum_unlike_last_month"
    return [Found(name, value=value, expected=expected, lines=run.line_count, amount=run.total)]


@control(
    Severity.NOTE,
    says=gettext_noop("A rule, and no officer, verified the facts that complete these lines."),
    act=gettext_noop("Sample some of the facts against their evidence."),
)
def verified_by_rule(run: Run) -> list[Found]:
    return found(
        run,
        "verified_by_rule",
        """
        SELECT contract.responsibility_code AS code, contract.id AS contract, string_agg(DISTINCT rule, ', ') AS value,
            count(*)::int AS lines, sum(line.amount)::bigint AS amount
        FROM payouts_line AS line
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
            AND decision.decision = 'verified' AND decision.rule IS NOT NULL
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        WHERE line.run_id = %(run)s GROUP BY contract.id""",
    )

"""Invariants of the ledger's lines and their holds."""
# ruff: noqa: S608 - the queries are put together from this module's own parts

from collections.abc import Iterator

import psycopg

from outcomes.columns import to_day
from payouts.computation import Computation, Job
from payouts.engine.evaluate import ENGINE_VERSION
from payouts.invariants.checking import Row, invariant, rows
from payouts.states import WITH_LINES

LINE = "format('run %s, placement %s, step %s, occurrence %s', run.sequence, placement.number, step.code, occurrence)"
NAMED = """
    FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id
    LEFT JOIN outcomes_placement AS placement ON placement.id = line.placement_id
    LEFT JOIN contracts_modelstep AS step ON step.id = line.step_id
    LEFT JOIN outcomes_fact AS fact ON fact.id = line.fact_id"""


@invariant
def lines_add_up(connection: psycopg.Connection) -> list[Row]:
    """A line's amount is its gross less what the cap cut and what was paid before."""
    return rows(
        connection,
        f"SELECT {LINE}, gross - cap_cut - paid_before, amount {NAMED} WHERE amount <> gross - cap_cut - paid_before",
    )


@invariant
def lines_pay_something(connection: psycopg.Connection) -> list[Row]:
    """No line is of 0 kronor."""
    return rows(connection, f"SELECT {LINE}, 'an amount', amount {NAMED} WHERE amount = 0")


@invariant
def caps_cut_no_more_than_all(connection: psycopg.Connection) -> list[Row]:
    """The cap cuts nothing, something or all of a line's gross."""
    return rows(
        connection, f"SELECT {LINE}, format('0 to %s', gross), cap_cut {NAMED} WHERE cap_cut NOT BETWEEN 0 AND gross"
    )


@invariant
def lines_know_what_was_paid_before(connection: psycopg.Connection) -> list[Row]:
    """What a line says was paid before is the sum of the earlier lines of its occurrence that count."""
    return rows(
        connection,
        f"""
        SELECT {LINE}, before, paid_before FROM (
            SELECT line.*, coalesce(sum(amount) OVER (
                PARTITION BY placement_id, step_id, occurrence ORDER BY run.sequence
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0) AS before
            FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id WHERE run.state <> 'cancelled'
        ) AS line
        JOIN payouts_run AS run ON run.id = line.run_id
        LEFT JOIN outcomes_placement AS placement ON placement.id = line.placement_id
        LEFT JOIN contracts_modelstep AS step ON step.id = line.step_id
        WHERE before <> paid_before""",
    )


@invariant
def lines_name_what_exists(connection: psycopg.Connection) -> list[Row]:
    """A line's placement under its contract, its step and its fact exist."""
    return rows(
        connection,
        f"""
        SELECT {LINE},
            format('contract %s, step %s, fact %s', line.contract_id, line.step_id, line.fact_id),
            format('contract %s, step %s, fact %s', placement.contract_id, step.id, fact.id)
        {NAMED}
        WHERE placement.contract_id IS DISTINCT FROM line.contract_id OR step.id IS NULL
            OR fact.id IS DISTINCT FROM line.fact_id""",
    )


@invariant
def lines_cite_verified_facts(connection: psycopg.Connection) -> list[Row]:
    """A fact that a line cites was verified by the run's knowledge moment."""
    return rows(
        connection,
        f"""
        SELECT {LINE}, format('verified by %s', run.knowledge_at), coalesce(fact.verified_at::text, 'not verified')
        {NAMED}
        WHERE fact.id IS NOT NULL AND (fact.verified_at IS NULL OR fact.verified_at > run.knowledge_at)""",
    )


@invariant
def lines_cite_their_placements_facts(connection: psycopg.Connection) -> list[Row]:
    """A fact that a line cites is one of the line's placement."""
    return rows(
        connection,
        f"SELECT {LINE}, line.placement_id, fact.placement_id {NAMED} WHERE fact.placement_id <> line.placement_id",
    )


@invariant
def lines_qualify_by_the_cutoff(connection: psycopg.Connection) -> list[Row]:
    """What a line pays qualified by the run's cut-off."""
    return rows(
        connection,
        f"SELECT {LINE}, format('by %s', run.cutoff), qualifies_on {NAMED} WHERE qualifies_on > run.cutoff",
    )


@invariant
def lines_follow_the_governing_model(connection: psycopg.Connection) -> list[Row]:
    """A line's step belongs to the version that governs its placement, unless the line only takes back."""
    return rows(
        connection,
        f"""
        SELECT {LINE}, format('version %s', terms.version_id), format('version %s', step.version_id) {NAMED}
        LEFT JOIN LATERAL (
            SELECT contract_id, referred_on FROM outcomes_placementversion AS version
            WHERE version.placement_id = line.placement_id AND recorded_at <= run.knowledge_at
            ORDER BY recorded_at DESC, id DESC LIMIT 1
        ) AS newest ON true
        LEFT JOIN contracts_contractterms AS terms
            ON terms.contract_id = newest.contract_id AND terms.period @> newest.referred_on
        WHERE gross > 0 AND terms.version_id IS DISTINCT FROM step.version_id""",
    )


@invariant
def runs_name_the_versions_they_paid_on(connection: psycopg.Connection) -> list[Row]:
    """The version of each step that a run pays is among those that the run keeps."""
    return rows(
        connection,
        f"""
        SELECT {LINE}, format('version %s', step.version_id), 'not kept' {NAMED}
        WHERE gross > 0 AND NOT EXISTS (
            SELECT FROM payouts_runversion AS kept WHERE kept.run_id = line.run_id AND kept.version_id = step.version_id
        )""",
    )


@invariant
def parked_providers_get_no_lines(connection: psycopg.Connection) -> list[Row]:
    """A run has no line of a provider that it parked."""
    return rows(
        connection,
        f"""
        SELECT {LINE}, format('no line of provider %s', parked.provider_id), amount {NAMED}
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        JOIN payouts_parkedprovider AS parked
            ON parked.run_id = line.run_id AND parked.provider_id = contract.provider_id""",
    )


@invariant
def holds_name_lines(connection: psycopg.Connection) -> list[Row]:
    """A hold of a line names one that exists."""
    return rows(
        connection,
        """
        SELECT format('hold %s', hold.id), format('run %s, placement %s, step %s, occurrence %s', run_id, placement_id,
            step_id, occurrence), 'no such line'
        FROM payouts_hold AS hold LEFT JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
        WHERE hold.step_id IS NOT NULL AND line.run_id IS NULL""",
    )


LAST_RUN = """
    SELECT id, cutoff, knowledge_at, engine_version FROM payouts_run
    WHERE state = ANY(%(with_lines)s) ORDER BY sequence DESC LIMIT 1"""
COUNTING = "SELECT id FROM payouts_run WHERE state = ANY(%(with_lines)s) ORDER BY sequence"
PARKED = "SELECT provider_id FROM payouts_parkedprovider WHERE run_id = %(run)s"
NAMES = """
    SELECT format('placement %%s, step %%s, occurrence %%s', placement.number, step.code, %(occurrence)s::int)
    FROM outcomes_placement AS placement, contracts_modelstep AS step
    WHERE placement.id = %(placement)s AND step.id = %(step)s"""


@invariant
def ledger_is_what_is_owed(connection: psycopg.Connection) -> Iterator[Row]:
    """The ledger's sums are what the engine says is owed at the last run's cut-off, from what it knew."""
    states = {"with_lines": sorted(WITH_LINES)}
    for run, cutoff, moment, engine in connection.execute(LAST_RUN, states).fetchall():
        if engine != ENGINE_VERSION:
            return  # the next run computes every placement anew
        counting = [number for (number,) in connection.execute(COUNTING, states).fetchall()]
        parked = frozenset(provider for (provider,) in connection.execute(PARKED, {"run": run}).fetchall())
        job = Job(to_day(cutoff), moment, counting, left_out=parked)
        for chunk in Computation(connection, connection, job).chunks():
            for one in chunk.parked:
                yield f"provider {one.provider}, placement {one.placement}", f"parked for {one.rule}", "not parked"
            lines, placements = chunk.lines.lines, chunk.lines.placement
            for index in range(len(lines)):
                key = (int(placements[index]), int(lines.step[index]), int(lines.occurrence[index]))
                owed = int(lines.gross[index] - lines.cap_cut[index])
                yield _name(connection, key), f"{owed} öre", f"{lines.paid_before[index]} öre"


def _name(connection: psycopg.Connection, key: tuple[int, int, int]) -> str:
    parameters = dict(zip(("placement", "step", "occurrence"), key, strict=True))
    (name,) = connection.execute(NAMES, parameters).fetchone() or ("",)
    return str(name)

"""Invariants of runs and the signatures under them."""

from collections.abc import Iterator

import psycopg

from backend.kernel.columns import read_columns
from payouts.computation import LINE_TYPES, Digest
from payouts.invariants.checking import Row, invariant, rows

SIGNED = """
    FROM payouts_attest AS attest JOIN payouts_run AS run ON run.id = attest.run_id
    JOIN kernel_user AS signer ON signer.id = attest.by_id"""
SIGNER = "format('run %s, %s %s', run.sequence, attest.signature, signer.username)"
LINES = """
    SELECT placement_id, contract_id, step_id, occurrence, qualifies_on, coalesce(fact_id, 0), gross, cap_cut,
        paid_before, amount
    FROM payouts_line WHERE run_id = %(run)s ORDER BY placement_id, step_id, occurrence"""


@invariant
def run_digests(connection: psycopg.Connection) -> Iterator[Row]:
    """A run's digest is that of its lines."""
    runs = connection.execute("SELECT id, sequence, digest FROM payouts_run WHERE digest <> '' ORDER BY sequence")
    for run, sequence, stored in runs.fetchall():
        columns = read_columns(connection, LINES, list(LINE_TYPES.values()), {"run": run})
        digest = Digest()
        digest.add(dict(zip(LINE_TYPES, columns, strict=True)))
        if digest.hex() != stored:
            yield f"run {sequence}", stored, digest.hex()


@invariant
def run_totals(connection: psycopg.Connection) -> list[Row]:
    """A run's number of lines and total are those of its lines; a run that was never computed has none."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), format('%s lines, %s öre', line_count, total),
            format('%s lines, %s öre', count(amount), coalesce(sum(amount), 0))
        FROM payouts_run AS run LEFT JOIN payouts_line AS line ON line.run_id = run.id
        GROUP BY run.id HAVING line_count <> count(amount) OR total <> coalesce(sum(amount), 0)""",
    )


@invariant
def run_sequence_has_no_gaps(connection: psycopg.Connection) -> list[Row]:
    """Runs are numbered 1, 2, 3 and so on."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), place, sequence
        FROM (SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM payouts_run) AS numbered
        WHERE sequence <> place""",
    )


@invariant
def cutoffs_in_order(connection: psycopg.Connection) -> list[Row]:
    """No run that counts has an earlier cut-off than the one before it."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), format('%s or later', before), cutoff FROM (
            SELECT sequence, cutoff, lag(cutoff) OVER (ORDER BY sequence) AS before
            FROM payouts_run WHERE state <> 'cancelled'
        ) AS ordered WHERE cutoff < before""",
    )


@invariant
def knowledge_in_order(connection: psycopg.Connection) -> list[Row]:
    """A run knows what was known on its cut-off day, and no less than the run before it."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), format('%s or later', greatest(cutoff::timestamptz, before)), knowledge_at
        FROM (
            SELECT sequence, cutoff, knowledge_at, lag(knowledge_at) OVER (ORDER BY sequence) AS before
            FROM payouts_run WHERE knowledge_at IS NOT NULL
        ) AS ordered
        WHERE knowledge_at < before OR (knowledge_at AT TIME ZONE 'Europe/Stockholm')::date < cutoff""",
    )


@invariant
def runs_wait_for_attest(connection: psycopg.Connection) -> list[Row]:
    """Every run but the newest is attested or cancelled."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), 'attested or cancelled', state FROM payouts_run
        WHERE state NOT IN ('attested', 'cancelled') AND sequence < (SELECT max(sequence) FROM payouts_run)""",
    )


@invariant
def no_orphan_staging(connection: psycopg.Connection) -> list[Row]:
    """Lines outside the ledger are those of the run that is being computed."""
    return rows(
        connection,
        """
        SELECT format('table %s', relname), 'part of the ledger, or dropped',
            coalesce('run is ' || run.state, 'no such run')
        FROM pg_class LEFT JOIN payouts_run AS run ON relname = 'payouts_line_' || run.id
        WHERE relkind = 'r' AND relname ~ '^payouts_line_[0-9]+$' AND NOT relispartition
            AND run.state IS DISTINCT FROM 'computing'""",
    )


@invariant
def attested_runs_have_two_signatures(connection: psycopg.Connection) -> list[Row]:
    """A run is attested by an examiner and a decider, who are two people; with both signatures it is attested."""
    return rows(
        connection,
        """
        SELECT format('run %s', sequence), '2 signatures of 2 people if attested',
            format('%s, %s signatures of %s people', state, count(DISTINCT signature), count(DISTINCT by_id))
        FROM payouts_run AS run LEFT JOIN payouts_attest AS attest ON attest.run_id = run.id
        GROUP BY run.id
        HAVING (state = 'attested')
            <> (count(DISTINCT signature) = 2 AND count(DISTINCT by_id) = 2 AND count(*) = 2)""",
    )


@invariant
def signatures_bind_to_the_digest(connection: psycopg.Connection) -> list[Row]:
    """A signature names the digest of its run."""
    return rows(connection, f"SELECT {SIGNER}, run.digest, attest.digest {SIGNED} WHERE attest.digest <> run.digest")


@invariant
def starters_do_not_sign(connection: psycopg.Connection) -> list[Row]:
    """Whoever started a run does not sign it."""
    return rows(
        connection,
        f"SELECT {SIGNER}, 'someone else', 'started the run' {SIGNED} WHERE attest.by_id = run.started_by_id",
    )


@invariant
def verifiers_do_not_sign(connection: psycopg.Connection) -> list[Row]:
    """Whoever verified a fact that a run's lines cite does not sign the run."""
    return rows(
        connection,
        f"""
        SELECT DISTINCT {SIGNER}, 'someone else', 'verified a fact that is cited' {SIGNED}
        JOIN payouts_line AS line ON line.run_id = run.id
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
            AND decision.decision IN ('verified', 'signed') AND decision.decided_by_id = attest.by_id""",
    )

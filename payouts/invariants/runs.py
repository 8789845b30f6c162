"""Invariants of runs and the signatures under them."""
# ruff: noqa: S608 - the queries are put together from this module's own parts

import itertools
from collections.abc import Iterator

import psycopg

from backend.kernel.columns import read_columns
from payouts.computation import LINE_TYPES, Digest
from payouts.controls import CONTROLS, Severity
from payouts.invariants.checking import Row, invariant, rows
from payouts.parts import LINES, line_digests
from payouts.states import BINDING, UNATTESTED

SIGNED = """
    FROM payouts_attest AS attest JOIN payouts_run AS run ON run.id = attest.run_id
    JOIN kernel_user AS signer ON signer.id = attest.by_id"""
SIGNER = "format('run %s, code %s, %s %s', run.sequence, attest.responsibility_code, attest.signature, signer.username)"


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
        SELECT format('run %%s', sequence), 'attested or cancelled', state FROM payouts_run
        WHERE state = ANY(%(unattested)s) AND sequence < (SELECT max(sequence) FROM payouts_run)""",
        unattested=sorted(UNATTESTED),
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
    """Under each part of an attested run stand an examiner's and a decider's signature: two people who saw the same."""
    return rows(
        connection,
        """
        WITH part AS (
            SELECT DISTINCT run_id, responsibility_code FROM payouts_line AS line
            JOIN contracts_contract AS contract ON contract.id = line.contract_id
        )
        SELECT format('run %%s, code %%s', sequence, coalesce(responsibility_code, '–')),
            '2 signatures of 2 people', 'fewer'
        FROM payouts_run AS run LEFT JOIN part ON part.run_id = run.id
        WHERE state = ANY(%(binding)s) AND NOT EXISTS (
            SELECT FROM payouts_attest AS examined JOIN payouts_attest AS decided
                USING (run_id, responsibility_code, seen_digest)
            WHERE run_id = run.id AND responsibility_code = coalesce(part.responsibility_code, '')
                AND examined.signature = 'examiner' AND decided.signature = 'decider'
                AND examined.by_id <> decided.by_id AND examined.id < decided.id
        )""",
        binding=sorted(BINDING),
    )


@invariant
def signatures_bind_to_the_digest(connection: psycopg.Connection) -> list[Row]:
    """A signature names the digest of its run."""
    return rows(connection, f"SELECT {SIGNER}, run.digest, attest.digest {SIGNED} WHERE attest.digest <> run.digest")


@invariant
def signatures_bind_to_their_lines(connection: psycopg.Connection) -> Iterator[Row]:
    """A signature names digest and sum of the lines of its part."""
    signed = connection.execute(
        f"SELECT run.id, attest.responsibility_code, {SIGNER}, lines_digest, amount {SIGNED} ORDER BY run.id"
    ).fetchall()
    for run, attests in itertools.groupby(signed, key=lambda attest: attest[0]):
        parts = line_digests(connection, run)
        for _, code, signer, digest, amount in attests:
            part = parts.get(code, Digest())
            if (digest, amount) != (part.hex(), part.total):
                yield signer, f"{part.hex()}, {part.total} öre", f"{digest}, {amount} öre"


@invariant
def signers_are_listed(connection: psycopg.Connection) -> list[Row]:
    """Whoever signed was in the list of attestants then, for the code and the amount."""
    return rows(
        connection,
        f"""
        SELECT {SIGNER}, 'an appointment', 'none' {SIGNED} WHERE NOT EXISTS (
            SELECT FROM payouts_attestant AS listed
            WHERE listed.user_id = attest.by_id AND listed.signature = attest.signature
                AND (attest.at AT TIME ZONE 'Europe/Stockholm')::date BETWEEN valid_from AND valid_through
                AND (ended_at IS NULL OR ended_at >= attest.at) AND most >= abs(attest.amount)
                AND (attest.responsibility_code = '' OR listed.responsibility_code IN ('', attest.responsibility_code))
        )""",
    )


@invariant
def findings_are_answered(connection: psycopg.Connection) -> list[Row]:
    """What must be answered of what controls found in an attested run is answered."""
    return rows(
        connection,
        """
        SELECT format('run %%s, %%s', sequence, control), 'an answer', 'none'
        FROM payouts_finding AS finding JOIN payouts_run AS run ON run.id = finding.run_id
        WHERE run.state = ANY(%(binding)s) AND control = ANY(%(asked)s)
            AND closed_at IS NULL AND answered_at IS NULL""",
        binding=sorted(BINDING),
        asked=[control.name for control in CONTROLS.values() if control.severity is Severity.ANSWER],
    )


@invariant
def starters_do_not_sign(connection: psycopg.Connection) -> list[Row]:
    """Whoever started a run does not sign it."""
    return rows(
        connection,
        f"SELECT {SIGNER}, 'someone else', 'started the run' {SIGNED} WHERE attest.by_id = run.started_by_id",
    )


@invariant
def verifiers_do_not_sign(connection: psycopg.Connection) -> list[Row]:
    """Whoever verified a fact that lines of a part cite does not sign the part."""
    return rows(
        connection,
        f"""
        SELECT DISTINCT {SIGNER}, 'someone else', 'verified a fact that is cited' {SIGNED}
        JOIN payouts_line AS line ON line.run_id = run.id
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
            AND contract.responsibility_code = attest.responsibility_code
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
            AND decision.decision IN ('verified', 'signed') AND decision.decided_by_id = attest.by_id""",
    )

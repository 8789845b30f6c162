"""Invariants of published payment models and the terms that tie contracts to them."""

import json
from collections.abc import Iterator

import psycopg

from contracts.reading import model_digest, read_model
from payouts.invariants.checking import Row, invariant, rows

VERSIONS = "SELECT id, format('%s version %s', code, number), document::text, digest FROM contracts_paymentmodelversion"
STEPS = "SELECT code FROM contracts_modelstep WHERE version_id = %s ORDER BY position"


@invariant
def published_models_are_unchanged(connection: psycopg.Connection) -> Iterator[Row]:
    """A published version's digest is that of its document."""
    for _, name, document, digest in connection.execute(VERSIONS).fetchall():
        now = model_digest(read_model(json.loads(document)))
        if now != digest:
            yield name, digest, now


@invariant
def steps_are_their_models(connection: psycopg.Connection) -> Iterator[Row]:
    """The stored steps of a version are those of its document, in order."""
    for version, name, document, _ in connection.execute(VERSIONS).fetchall():
        told = [step.code for step in read_model(json.loads(document)).steps]
        stored = [code for (code,) in connection.execute(STEPS, [version]).fetchall()]
        if stored != told:
            yield name, ", ".join(told), ", ".join(stored)


@invariant
def terms_wait_for_their_version(connection: psycopg.Connection) -> list[Row]:
    """A contract's terms begin no earlier than the version that they name is valid."""
    return rows(
        connection,
        """
        SELECT format('contract %s', contract.number), format('%s or later', version.valid_from), lower(terms.period)
        FROM contracts_contractterms AS terms JOIN contracts_contract AS contract ON contract.id = terms.contract_id
        JOIN contracts_paymentmodelversion AS version ON version.id = terms.version_id
        WHERE lower(terms.period) < version.valid_from""",
    )


@invariant
def terms_do_not_overlap(connection: psycopg.Connection) -> list[Row]:
    """No two terms of a contract share a day."""
    return rows(
        connection,
        """
        SELECT format('contract %s', contract.number), format('after terms %s', terms.period), other.period
        FROM contracts_contractterms AS terms JOIN contracts_contract AS contract ON contract.id = terms.contract_id
        JOIN contracts_contractterms AS other
            ON other.contract_id = terms.contract_id AND other.id > terms.id AND other.period && terms.period""",
    )

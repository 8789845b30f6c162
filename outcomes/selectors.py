"""Questions to placements and facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.kernel.bulk import number_array, psycopg_connection
from backend.kernel.columns import Column, read_columns
from contracts.models import PaymentModelVersion
from contracts.selectors import model_of
from contracts.terms import PaymentModel
from outcomes.columns import FAR, FAR_DAY, I64, Facts, Kind, Placements, Shelf, shelve

PLACEMENTS = """
SELECT newest.placement_id AS id, newest.tier, coalesce(newest.price, -1) AS price,
    coalesce(newest.starts_on, %(far)s) AS starts_on, coalesce(terms.version_id, 0) AS version
FROM (
    SELECT DISTINCT ON (placement_id) * FROM outcomes_placementversion
    WHERE placement_id IN (SELECT unnest(%(placements)s::int[])) ORDER BY placement_id, recorded_at DESC, id DESC
) AS newest
LEFT JOIN contracts_contractterms AS terms
    ON terms.contract_id = newest.contract_id AND terms.period @> newest.referred_on
ORDER BY newest.placement_id
"""
FACTS = """
SELECT id, placement_id AS placement, kind, from_day, coalesce(through_day, %(far)s) AS through_day, quantity,
    coalesce(subject_id, 0) AS subject, detail, first_reported, coalesce(verified, %(far)s) AS verified,
    coalesce(replaces_id, 0) AS replaces, withdrawn
FROM outcomes_fact AS fact
WHERE placement_id IN (SELECT unnest(%(placements)s::int[])) AND (
    verified IS NOT NULL
    OR %(with_undecided)s AND NOT EXISTS (
        SELECT FROM outcomes_verificationdecision WHERE fact_id = fact.id AND decision = 'rejected'
    )
)
"""
# the columns of these queries, with numpy's names of their types
PLACEMENT_TYPES = {"id": "i4", "tier": "i2", "price": "i8", "starts_on": "i4", "version": "i4"}
FACT_TYPES = {
    "id": "i8", "placement": "i4", "kind": "i2", "from_day": "i4", "through_day": "i4", "quantity": "i8",
    "subject": "i4", "detail": "i2", "first_reported": "i4", "verified": "i4", "replaces": "i8", "withdrawn": "b1",
}  # fmt: skip
KNOWN = 0  # one moment of knowledge: all that is read is known


@dataclass(frozen=True, slots=True)
class Known:
    """Some placements and their facts as they stand, in the form that rules read."""

    models: Sequence[PaymentModel]
    placements: Placements
    shelves: Mapping[Kind, Shelf]
    without_model: I64  # ids of placements that no payment model applies to


def placements_as_known(ids: Sequence[int], *, with_undecided: bool) -> Known:
    """The newest attributes and verified facts of placements; `with_undecided` takes undecided facts for verified."""
    rows = _read(PLACEMENTS, PLACEMENT_TYPES, {"placements": number_array(ids), "far": FAR_DAY})
    has_model = rows["version"].astype(np.int64) > 0
    without_model = rows["id"][~has_model].astype(np.int64)
    rows = {name: column[has_model] for name, column in rows.items()}
    versions = np.unique(rows["version"])
    stored = PaymentModelVersion.objects.in_bulk(versions.tolist())
    placements = Placements(
        id=rows["id"].astype(np.int64),
        model=np.searchsorted(versions, rows["version"]).astype(np.int16),
        tier=rows["tier"].astype(np.int16),
        price=rows["price"].astype(np.int64),
        starts_on=rows["starts_on"].astype(np.int32),
        known=np.full(len(rows["id"]), KNOWN, np.int32),
        superseded=np.full(len(rows["id"]), KNOWN + 1, np.int32),
    )
    models = [model_of(stored[version]) for version in versions.tolist()]
    return Known(models, placements, _shelves(placements, with_undecided), without_model)


def _shelves(placements: Placements, with_undecided: bool) -> dict[Kind, Shelf]:
    rows = _read(
        FACTS,
        FACT_TYPES,
        {"placements": number_array(placements.id.tolist()), "with_undecided": with_undecided, "far": FAR_DAY},
    )
    verified = rows["verified"].astype(np.int32)
    if with_undecided:
        verified = np.where(verified == FAR, np.int32(FAR - 1), verified)
    return shelve(
        Facts(
            id=rows["id"].astype(np.int64),
            placement=np.searchsorted(placements.id, rows["placement"]).astype(np.int32),
            kind=rows["kind"].astype(np.int8),
            from_day=rows["from_day"].astype(np.int32),
            through_day=rows["through_day"].astype(np.int32),
            quantity=rows["quantity"].astype(np.int64),
            subject=rows["subject"].astype(np.int32),
            detail=rows["detail"].astype(np.int8),
            first_reported=rows["first_reported"].astype(np.int32),
            verified=verified,
            known=np.full(len(verified), KNOWN, np.int32),
            replaces=rows["replaces"].astype(np.int64),
            withdrawn=rows["withdrawn"].astype(np.bool_),
        )
    )


def _read(query: str, types: Mapping[str, str], parameters: Mapping[str, object]) -> dict[str, Column]:
    with psycopg_connection() as connection:
        columns = read_columns(connection, query, list(types.values()), parameters)
    return dict(zip(types, columns, strict=True))

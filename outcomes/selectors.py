"""Questions to placements and facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from backend.kernel.bulk import number_array, psycopg_connection
from backend.kernel.columns import Column, read_columns
from backend.kernel.models import User
from contracts.models import PaymentModelVersion
from contracts.selectors import models_of, terms_of
from contracts.terms import PaymentModel
from outcomes.columns import FAR, FAR_DAY, I32, I64, Facts, Placements
from outcomes.labels import Standing
from outcomes.models import Evidence, Fact, Placement, PlacementVersion, VerificationDecision
from outcomes.permissions import hidden_protections, with_hidden
from providers.models import Provider

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
AS_IF_VERIFIED = np.int32(FAR - 1)  # on the last of all days: whatever is reported has happened by then


@dataclass(frozen=True, slots=True)
class Known:
    """Some placements and their facts as they stand, in the form that rules read."""

    models: Sequence[PaymentModel]
    placements: Placements
    facts: Facts
    without_model: I64  # ids of placements that no payment model applies to

    def rows_of(self, placements: I32 | I64) -> I32:
        """The rows of placements, by their ids."""
        return np.searchsorted(self.placements.id, placements).astype(np.int32)


def placements_as_known(ids: Sequence[int], *, with_undecided: bool) -> Known:
    """The newest attributes and verified facts of placements; `with_undecided` takes undecided facts for verified."""
    rows = _read(PLACEMENTS, PLACEMENT_TYPES, {"placements": number_array(ids), "far": FAR_DAY})
    has_model = rows["version"].astype(np.int64) > 0
    without_model = rows["id"][~has_model].astype(np.int64)
    rows = {name: column[has_model] for name, column in rows.items()}
    versions = np.unique(rows["version"])
    placements = Placements(
        id=rows["id"].astype(np.int64),
        model=np.searchsorted(versions, rows["version"]).astype(np.int16),
        tier=rows["tier"].astype(np.int16),
        price=rows["price"].astype(np.int64),
        starts_on=rows["starts_on"].astype(np.int32),
        known=np.full(len(rows["id"]), KNOWN, np.int32),
        superseded=np.full(len(rows["id"]), KNOWN + 1, np.int32),
    )
    return Known(models_of(versions.tolist()), placements, _facts(placements, with_undecided), without_model)


def _facts(placements: Placements, with_undecided: bool) -> Facts:
    rows = _read(
        FACTS,
        FACT_TYPES,
        {"placements": number_array(placements.id.tolist()), "with_undecided": with_undecided, "far": FAR_DAY},
    )
    verified = rows["verified"].astype(np.int32)
    if with_undecided:
        verified = np.where(verified == FAR, AS_IF_VERIFIED, verified)
    return Facts(
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


def _read(query: str, types: Mapping[str, str], parameters: Mapping[str, object]) -> dict[str, Column]:
    with psycopg_connection() as connection:
        columns = read_columns(connection, query, list(types.values()), parameters)
    return dict(zip(types, columns, strict=True))


# --- what a provider may see


def placements_of(
    provider: Provider, reader: User, *, since: datetime | None = None, after: tuple[datetime, int] | None = None
) -> QuerySet[Placement]:
    """A provider's placements, each with its participant, contract and versions, in the order in which they changed.

    Each has `is_hidden`: whether the reader may not see who its participant is.
    `since`: only what changed then or later; `after`: what follows on this placement (by change and id).
    """
    mine = Placement.objects.filter(contract__provider=provider).order_by("updated_at", "pk")
    if since:
        mine = mine.filter(updated_at__gte=since)
    if after:
        moment, pk = after
        mine = mine.filter(Q(updated_at__gt=moment) | Q(updated_at=moment, pk__gt=pk))
    return with_hidden(mine.select_related("participant", "contract").prefetch_related("versions"), reader)


def facts_of(provider: Provider, reader: User) -> QuerySet[Fact]:
    """A provider's facts with what is told of them, in the alphabetical order of their ids.

    Each has `is_hidden`: whether the reader may not see who its participant is.
    """
    protections = hidden_protections(reader).filter(participant=OuterRef("placement__participant"))
    mine = Fact.objects.filter(provider=provider).annotate(is_hidden=Exists(protections)).order_by("external_id")
    evidence = Prefetch("evidence", Evidence.objects.defer("content").order_by("pk"))
    return mine.select_related("placement", "subject", "replaces").prefetch_related(
        "decisions", "corrections__decisions", "placement__versions", evidence
    )


def governing_versions(
    placements: Iterable[Placement],
) -> dict[int, tuple[PlacementVersion, PaymentModelVersion | None]]:
    """By id of a placement, whose versions have been read, the newest of them and the payment model that it follows."""
    placements = list(placements)
    terms = defaultdict(list)
    for each in terms_of({placement.contract_id for placement in placements}):
        terms[each.contract_id].append(each)
    found = {}
    for placement in placements:
        newest = max(placement.versions.all(), key=lambda version: (version.recorded_at, version.pk))
        governing = (each.version for each in terms[placement.contract_id] if newest.referred_on in each.period)
        found[placement.pk] = newest, next(governing, None)
    return found


def standing_so(facts: QuerySet[Fact], standing: Standing) -> QuerySet[Fact]:
    """Those of the facts that stand so; the same that `labels.standing` says of each."""
    decisions = VerificationDecision.objects.filter(fact=OuterRef("pk"))
    verified, corrected = (
        Q(verified__isnull=False),
        Exists(Fact.objects.filter(replaces=OuterRef("pk"), verified__isnull=False)),
    )
    rejected = Exists(decisions.filter(decision=VerificationDecision.Decision.REJECTED))
    signed = Exists(decisions.filter(decision=VerificationDecision.Decision.SIGNED))
    undecided = facts.filter(~verified, ~corrected, ~rejected)
    match standing:
        case Standing.CORRECTED:
            return facts.filter(corrected)
        case Standing.VERIFIED:
            return facts.filter(verified, ~corrected, withdrawn=False)
        case Standing.WITHDRAWAL:
            return facts.filter(verified, ~corrected, withdrawn=True)
        case Standing.REJECTED:
            return facts.filter(~verified, ~corrected, rejected)
        case Standing.MORE_ASKED:
            return undecided.filter(~signed, Exists(decisions))
        case Standing.SIGNED:
            return undecided.filter(signed)
        case Standing.WAITING:
            return undecided.filter(~Exists(decisions))

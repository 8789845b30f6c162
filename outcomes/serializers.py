"""Placements and facts as the API tells them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from backend.kernel.api import ProblemError
from backend.kernel.money import plain_kronor
from backend.kernel.schema import document
from contracts.models import PaymentModelVersion
from contracts.selectors import model_of
from outcomes.columns import Kind
from outcomes.documents import FactDocument, write_document
from outcomes.labels import EMPLOYERS, Standing, standing
from outcomes.marks import late_steps, missing_keys
from outcomes.models import Evidence, Fact, Placement, PlacementVersion, VerificationDecision
from outcomes.reports import FactReport
from outcomes.selectors import governing_versions

Kronor = Annotated[str, Meta(description="kronor, with two decimals", examples=["12000.00"])]


class PlacementDocument(msgspec.Struct):
    """One participant with one provider under one contract."""

    number: str
    participant: Annotated[
        str | None, Meta(description="the municipality's number for the person; none if the person is protected")
    ]
    is_protected: Annotated[bool, Meta(description="who the person is may not be shown")]
    contract: str
    payment_model: Annotated[str | None, Meta(description="code and version of the payment model that is followed")]
    tier: str | None
    price: Kronor | None
    referred_on: date
    starts_on: Annotated[date | None, Meta(description="none if the participant did not come")]
    ended_on: Annotated[date | None, Meta(description="the exit, once it is verified")]
    updated_at: Annotated[datetime, Meta(description="when it, or a decision about its facts, last changed")]


class PlacementPage(msgspec.Struct):
    """Placements in the order in which they changed."""

    items: list[PlacementDocument]
    next: Annotated[str | None, Meta(description="the address of the next page")]
    read_at: Annotated[datetime, Meta(description="what to give as `updated_since` the next time")]


class DecisionDocument(msgspec.Struct, omit_defaults=True):
    """What was decided about a fact, and why."""

    decision: str
    at: datetime
    reason: str = ""
    rule: Annotated[str, Meta(description="the rule that decided, where no officer did")] = ""


class EvidenceDocument(msgspec.Struct):
    """A document that a fact is verified against."""

    name: str
    content_type: str
    size: Annotated[int, Meta(description="bytes")]
    sha256: str
    attached_at: datetime


class ProtectedFact(msgspec.Struct):
    """A fact whose content would tell where a protected person works."""

    id: str
    placement: str
    kind: str
    is_protected: Literal[True] = True


class FactStatus(msgspec.Struct):
    """A fact as it was reported, and how it stands."""

    fact: Annotated[Any, Meta(extra_json_schema={"anyOf": [document(FactDocument, "Fact"), document(ProtectedFact)]})]
    standing: Annotated[str, Meta(description="; ".join(Standing), examples=["waiting"])]
    reported_on: date
    first_reported_on: Annotated[date, Meta(description="a correction keeps the day of the first report")]
    verified_on: date | None
    replaced_by: Annotated[str | None, Meta(description="the id of a correction that is not rejected")]
    late_for: Annotated[list[str], Meta(description="codes of the steps for which it was first reported too late")]
    missing: Annotated[list[str], Meta(description="keys that were left out and that an officer will ask for")]
    decisions: list[DecisionDocument]
    evidence: list[EvidenceDocument]


class FactPage(msgspec.Struct):
    """Facts in the alphabetical order of their ids."""

    items: list[FactStatus]
    next: str | None


def placement_documents(placements: Sequence[Placement]) -> list[PlacementDocument]:
    """Placements read by `selectors.placements_of`."""
    governing = governing_versions(placements)
    return [_placement_document(placement, *governing[placement.pk]) for placement in placements]


def _placement_document(
    placement: Placement, newest: PlacementVersion, model: PaymentModelVersion | None
) -> PlacementDocument:
    hidden: bool = placement.is_hidden  # type: ignore[attr-defined]
    return PlacementDocument(
        number=placement.number,
        participant=None if hidden else placement.participant.number,
        is_protected=hidden,
        contract=placement.contract.number,
        payment_model=str(model) if model else None,
        tier=model_of(model).tiers[newest.tier] if model else None,
        price=None if newest.price is None else plain_kronor(newest.price),
        referred_on=newest.referred_on,
        starts_on=newest.starts_on,
        ended_on=_ended_on(placement),
        updated_at=placement.updated_at,
    )


def _ended_on(placement: Placement) -> date | None:
    end = placement.period.upper  # the day after the exit
    return end - timedelta(days=1) if end else None


def fact_statuses(facts: Sequence[Fact]) -> list[FactStatus]:
    """Facts read by `selectors.facts_of`."""
    governing = governing_versions({fact.placement_id: fact.placement for fact in facts}.values())
    return [_fact_status(fact, governing[fact.placement_id][1]) for fact in facts]


def _fact_status(fact: Fact, version: PaymentModelVersion | None) -> FactStatus:
    corrections = [each for each in fact.corrections.all() if not _is_rejected(each)]
    corrected = frozenset([fact.pk]) if any(each.verified for each in corrections) else frozenset()
    report, ended_on = _report_of(fact), _ended_on(fact.placement)
    return FactStatus(
        fact=_fact_document(fact, report),
        standing=standing(fact, corrected).value,
        reported_on=fact.reported,
        first_reported_on=fact.first_reported,
        verified_on=fact.verified,
        replaced_by=corrections[0].external_id if corrections else None,
        late_for=late_steps(report, fact.first_reported, ended_on, model_of(version)) if version else [],
        missing=missing_keys(report),
        decisions=[
            DecisionDocument(each.decision, each.decided_at, each.reason_code, each.rule or "")
            for each in sorted(fact.decisions.all(), key=lambda each: each.pk)
        ],
        evidence=[evidence_document(each) for each in fact.evidence.all()],
    )


def _fact_document(fact: Fact, report: FactReport) -> msgspec.Struct:
    if fact.is_hidden and report.kind in EMPLOYERS:  # type: ignore[attr-defined]
        return ProtectedFact(report.external_id, report.placement, report.kind.name.lower())
    return write_document(report)


def evidence_document(evidence: Evidence) -> EvidenceDocument:
    return EvidenceDocument(evidence.name, evidence.content_type, evidence.size, evidence.digest, evidence.attached_at)


def _is_rejected(fact: Fact) -> bool:
    return any(each.decision == VerificationDecision.Decision.REJECTED for each in fact.decisions.all())


def _report_of(fact: Fact) -> FactReport:
    return FactReport(
        external_id=fact.external_id,
        placement=fact.placement.number,
        kind=Kind(fact.kind),
        from_day=fact.from_day,
        through_day=fact.through_day,
        quantity=fact.quantity,
        subject=fact.subject.text if fact.subject else "",
        detail=fact.detail,
        replaces=fact.replaces.external_id if fact.replaces else None,
        withdrawn=fact.withdrawn,
    )


# --- what a report comes to


class ItemAnswer(msgspec.Struct, omit_defaults=True):
    """What one report came to."""

    outcome: Annotated[str, Meta(description="created, unchanged, corrected or refused")]
    id: Annotated[str, Meta(description="the id of the fact")] = ""
    errors: list[ProblemError] = []


class BulkAnswer(msgspec.Struct):
    """What each report came to, in the order of the request, and how many came to what."""

    created: int
    unchanged: int
    corrected: int
    refused: int
    items: list[ItemAnswer]

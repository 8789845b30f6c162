"""Placements and facts as the API tells them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from backend.kernel.api import ProblemError
from backend.kernel.money import plain_kronor
from contracts.models import ContractTerms
from contracts.selectors import model_of, terms_of
from outcomes.columns import Kind
from outcomes.documents import FactDocument, write_document
from outcomes.labels import Standing, standing
from outcomes.models import Fact, Placement, PlacementVersion, VerificationDecision
from outcomes.reports import FactReport

Kronor = Annotated[str, Meta(description="kronor, with two decimals", examples=["12000.00"])]


class PlacementDocument(msgspec.Struct):
    """One participant with one provider under one contract."""

    number: str
    participant: Annotated[str, Meta(description="the municipality's number for the person")]
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


class FactStatus(msgspec.Struct):
    """A fact as it was reported, and how it stands."""

    fact: cast(Any, FactDocument)  # type: ignore[valid-type]
    standing: Annotated[str, Meta(description="; ".join(Standing), examples=["waiting"])]
    reported_on: date
    first_reported_on: Annotated[date, Meta(description="a correction keeps the day of the first report")]
    verified_on: date | None
    replaced_by: Annotated[str | None, Meta(description="the id of a correction that is not rejected")]
    decisions: list[DecisionDocument]


class FactPage(msgspec.Struct):
    """Facts in the alphabetical order of their ids."""

    items: list[FactStatus]
    next: str | None


def placement_documents(placements: Sequence[Placement]) -> list[PlacementDocument]:
    """Placements read by `selectors.placements_of`."""
    terms = terms_of({placement.contract_id for placement in placements})
    return [_placement_document(placement, terms) for placement in placements]


def _placement_document(placement: Placement, terms: Sequence[ContractTerms]) -> PlacementDocument:
    newest: PlacementVersion = max(placement.versions.all(), key=lambda version: (version.recorded_at, version.pk))
    governing = next(
        (
            each.version
            for each in terms
            if each.contract_id == placement.contract_id and newest.referred_on in each.period
        ),
        None,
    )
    ended = placement.period.upper  # the day after the exit
    return PlacementDocument(
        number=placement.number,
        participant=placement.participant.number,
        contract=placement.contract.number,
        payment_model=str(governing) if governing else None,
        tier=model_of(governing).tiers[newest.tier] if governing else None,
        price=None if newest.price is None else plain_kronor(newest.price),
        referred_on=newest.referred_on,
        starts_on=newest.starts_on,
        ended_on=date.fromordinal(ended.toordinal() - 1) if ended else None,
        updated_at=placement.updated_at,
    )


def fact_status(fact: Fact) -> FactStatus:
    """A fact read by `selectors.facts_of`."""
    corrections = [each for each in fact.corrections.all() if not _is_rejected(each)]
    corrected = frozenset([fact.pk]) if any(each.verified for each in corrections) else frozenset()
    return FactStatus(
        fact=write_document(_report_of(fact)),
        standing=standing(fact, corrected).value,
        reported_on=fact.reported,
        first_reported_on=fact.first_reported,
        verified_on=fact.verified,
        replaced_by=corrections[0].external_id if corrections else None,
        decisions=[
            DecisionDocument(each.decision, each.decided_at, each.reason_code, each.rule or "")
            for each in sorted(fact.decisions.all(), key=lambda each: each.pk)
        ],
    )


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

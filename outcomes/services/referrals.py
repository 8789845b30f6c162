"""Participants are referred: they become placements, whose pay-bearing attributes are dated versions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from psycopg.types.range import DateRange

from backend.kernel.audit import record_bulk_event, record_event
from backend.kernel.bulk import constraints_as, copy_rows, reserve_ids
from backend.kernel.calendar import local_day
from backend.kernel.errors import Breach, DomainError, gettext_noop, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from contracts.models import Contract
from outcomes.locks import shared_verification_lock
from outcomes.models import (
    ChangedPlacement,
    Participant,
    ParticipantBackground,
    Placement,
    PlacementVersion,
)
from outcomes.services.checking import check_placements
from providers.models import Authorisation, Provider
from providers.selectors import authorisations_of, is_authorised

PLACEMENT_TWICE = rule("placement_twice", gettext_noop("a placement has this number already"))
PLACEMENT_OVERLAPS = rule(
    "placement_overlaps",
    gettext_noop("the participant already has a placement under this contract on some of these days"),
)
UNKNOWN_CONTRACT = rule("unknown_contract", gettext_noop("there is no such contract"))
OUTSIDE_CONTRACT = rule("outside_contract", gettext_noop("the contract takes referrals from {first} through {last}"))
NOT_AUTHORISED = rule("not_authorised", gettext_noop("the provider {provider} is not authorised on {day}"))
REFERRED_AFTER_EXIT = rule("referred_after_exit", gettext_noop("a placement is not referred after its exit"))
REFERRED_AHEAD = rule("referred_ahead", gettext_noop("a referral is not dated after today, {today}"))

CONSTRAINTS = {
    "outcomes_placement_number_key": PLACEMENT_TWICE,
    "outcomes_placement_no_overlap": PLACEMENT_OVERLAPS,
}


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a participant when it comes; words as in `outcomes.models.ParticipantBackground`."""

    district: int  # id
    birth_year: int
    months_on_assistance: int
    sex: str
    schooling: str
    obstacle_group: str


@dataclass(frozen=True, slots=True)
class Referral:
    """One participant to be placed. `number` names the placement, `participant` the person; both are the city's own."""

    number: str
    participant: str
    contract: int  # id
    tier: int  # index into the model's tiers
    price: int | None  # öre
    referred_on: date
    starts_on: date | None
    background: Background | None = None  # kept when the participant is new


@transaction.atomic
def refer_participants(*, referrals: Sequence[Referral], by: User, now: datetime | None = None) -> list[int]:
    """Make a placement of each referral, and participants of those not known yet. Gives the placements' ids."""
    require_role(by, Role.HANDLER)
    moment = shared_verification_lock(now)
    _check_contracts(referrals, local_day(moment))
    participants = _participant_ids(referrals)
    ids = reserve_ids(Placement, len(referrals))
    with constraints_as(CONSTRAINTS, "referrals"):
        copy_rows(
            Placement,
            ["id", "number", "participant_id", "contract_id", "period", "updated_at"],
            (
                (
                    pk,
                    referral.number,
                    participants[referral.participant],
                    referral.contract,
                    DateRange(referral.referred_on),
                    moment,
                )
                for pk, referral in zip(ids, referrals, strict=True)
            ),
        )
    copy_rows(
        PlacementVersion,
        ["placement_id", "contract_id", "tier", "price", "referred_on", "starts_on", "recorded_at", "recorded_by_id"],
        (
            (pk, each.contract, each.tier, each.price, each.referred_on, each.starts_on, moment, by.pk)
            for pk, each in zip(ids, referrals, strict=True)
        ),
    )
    check_placements(ids, with_undecided=False)
    mark_changed(ids)
    record_bulk_event(by=by, action="refer", on=Placement, now=moment, later={"placements": ids})
    return ids


def _check_contracts(referrals: Sequence[Referral], today: date) -> None:
    contracts = Contract.objects.select_related("provider").in_bulk({referral.contract for referral in referrals})
    authorisations = authorisations_of({contract.provider_id for contract in contracts.values()})
    breaches: list[Breach] = []
    for number, referral in enumerate(referrals, start=1):
        where, contract = f"referrals[{number}]", contracts.get(referral.contract)
        if contract is None:
            breaches.append(Breach(UNKNOWN_CONTRACT, f"{where}.contract", referral.contract))
        else:
            decisions = authorisations[contract.provider_id]
            breaches += _day_breaches(contract, decisions, referral.referred_on, today, f"{where}.referred_on")
    if breaches:
        raise DomainError(*breaches)


def _day_breaches(
    contract: Contract, decisions: Sequence[Authorisation], day: date, today: date, field: str
) -> Iterator[Breach]:
    """Why a contract takes no referral on a day."""
    provider = contract.provider
    if day > today:
        yield Breach(REFERRED_AHEAD, field, day, {"today": today})
    if not contract.valid_from <= day <= contract.valid_through:
        days: dict[str, object] = {"first": contract.valid_from, "last": contract.valid_through}
        yield Breach(OUTSIDE_CONTRACT, field, day, days)
    if provider.kind != Provider.Kind.IN_HOUSE and not is_authorised(decisions, contract.service_id, day):
        yield Breach(NOT_AUTHORISED, field, day, {"provider": provider.number, "day": day})


def _participant_ids(referrals: Sequence[Referral]) -> dict[str, int]:
    """The ids of the participants by number; new ones are entered, with their background."""
    first = {referral.participant: referral for referral in reversed(referrals)}
    known = dict(Participant.objects.filter(number__in=first).values_list("number", "pk"))
    new = [number for number in first if number not in known]
    made = dict(zip(new, reserve_ids(Participant, len(new)), strict=True))
    copy_rows(Participant, ["id", "number"], ((pk, number) for number, pk in made.items()))
    copy_rows(
        ParticipantBackground,
        ["participant_id", "district_id", "birth_year", "months_on_assistance", "sex", "schooling", "obstacle_group"],
        _backgrounds((pk, first[number].background) for number, pk in made.items()),
    )
    return known | made


def _backgrounds(backgrounds: Iterable[tuple[int, Background | None]]) -> Iterator[tuple[object, ...]]:
    for pk, known in backgrounds:
        if known is not None:
            yield (
                pk,
                known.district,
                known.birth_year,
                known.months_on_assistance,
                known.sex,
                known.schooling,
                known.obstacle_group,
            )


@transaction.atomic
def change_placement(
    *,
    placement: Placement,
    tier: int,
    price: int | None,
    referred_on: date,
    starts_on: date | None,
    by: User,
    now: datetime | None = None,
) -> PlacementVersion:
    """Record what a placement's pay depends on anew, whole; earlier versions stay as what was known before."""
    require_role(by, Role.HANDLER)
    moment = shared_verification_lock(now)
    placement = Placement.objects.select_for_update(no_key=True).get(pk=placement.pk)
    contract, exited = placement.contract, placement.period.upper
    decisions = authorisations_of([contract.provider_id])[contract.provider_id]
    breaches = list(_day_breaches(contract, decisions, referred_on, local_day(moment), "referred_on"))
    if exited is not None and referred_on >= exited:
        breaches.append(Breach(REFERRED_AFTER_EXIT, "referred_on", referred_on))
    if breaches:
        raise DomainError(*breaches)
    earlier = placement.versions.latest("recorded_at", "pk")
    version = PlacementVersion.objects.create(
        placement=placement,
        contract_id=placement.contract_id,
        tier=tier,
        price=price,
        referred_on=referred_on,
        starts_on=starts_on,
        recorded_at=moment,
        recorded_by=by,
    )
    with constraints_as(CONSTRAINTS, "referred_on"):
        placement.period, placement.updated_at = DateRange(referred_on, exited), moment
        placement.save(update_fields=["period", "updated_at"])
    check_placements([placement.pk], with_undecided=False)
    mark_changed([placement.pk])
    record_event(
        by=by, action="change", on=placement, now=moment, earlier=_attributes(earlier), later=_attributes(version)
    )
    return version


def _attributes(version: PlacementVersion) -> dict[str, object]:
    return {name: getattr(version, name) for name in ("tier", "price", "referred_on", "starts_on")}


def mark_changed(placements: Sequence[int]) -> None:
    """Mark placements for the next run."""
    copy_rows(ChangedPlacement, ["placement_id"], ((placement,) for placement in placements))

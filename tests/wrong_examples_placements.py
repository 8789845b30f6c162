"""Wrong examples of rules about participants and what the city does; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date, timedelta

from backend.kernel.models import Role
from contracts.models import ContractVersion
from outcomes.models import District, FollowUp, Placement
from outcomes.services import Background, Done, record_follow_ups, register_participant, return_participant
from tests.small_world import STARTS_ON, exit_on, make_contract, make_placement, make_user, moment, report, verify

ENDED_ON = date(2025, 4, 30)
TODAY = date(2025, 6, 3)
DAY = timedelta(days=1)
Kind = FollowUp.Kind


def done(*kinds: FollowUp.Kind, on: date = STARTS_ON, placement: Placement | None = None) -> None:
    """What was done on a day, recorded by a handler."""
    placement = placement or make_placement()
    record_follow_ups(
        done=[Done(placement.pk, kind, on) for kind in kinds], by=make_user(Role.HANDLER), now=moment(TODAY)
    )


def returning_contract(return_within: str = "P3M") -> Placement:
    """A placement whose contract lets participants return, and that ended on ENDED_ON."""
    contract = make_contract()
    version = contract.versions.get()
    fields = [one.attname for one in ContractVersion._meta.concrete_fields if one.attname != "id"]
    values = {name: getattr(version, name) for name in fields} | {"number": 2, "return_within": return_within}
    ContractVersion.objects.create(**values)
    placement = make_placement(contract)
    verify(*report(placement, exit_on(placement, ENDED_ON)))
    placement.refresh_from_db()
    return placement


def come_back(on: date, placement: Placement | None = None) -> None:
    placement = placement or returning_contract()
    return_participant(placement=placement, on=on, by=make_user(Role.HANDLER), now=moment(TODAY))


def enter(number: str, birth_year: int = 1990) -> object:
    district, _ = District.objects.get_or_create(name="Farsta", defaults={"jobbtorg": "Söderort"})
    background = Background(district.pk, birth_year, 12, "woman", "none", "language")
    return register_participant(number=number, background=background, by=make_user(Role.HANDLER), now=moment(TODAY))


def enter_twice() -> object:
    enter("D-1")
    return enter("D-1")


def done_twice() -> None:
    placement = make_placement()
    done(Kind.MEETING, placement=placement)
    done(Kind.MEETING, placement=placement)


PLACEMENTS: dict[str, Callable[[], object]] = {
    "followed_ahead": lambda: done(Kind.MEETING, on=TODAY + DAY),
    "followed_before": lambda: done(Kind.MEETING, on=date(2025, 1, 2)),
    "followed_twice": done_twice,
    "plan_first": lambda: done(Kind.REVIEW),
    "home_district_unknown": lambda: done(Kind.PLAN, Kind.APPROVAL),
    "not_ended": lambda: come_back(TODAY, make_placement()),
    "no_return": lambda: come_back(TODAY, returning_contract("")),
    "return_before_exit": lambda: come_back(ENDED_ON),
    "return_ahead": lambda: come_back(TODAY + DAY),
    "return_too_late": lambda: come_back(TODAY, returning_contract("P1M")),
    "participant_twice": enter_twice,
    "birth_year": lambda: enter("D-1", birth_year=1800),
}

"""Handlers record what the city has done with placements: meetings, activity plans and their reviews."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_bulk_event
from backend.kernel.bulk import constraints_as, copy_rows
from backend.kernel.calendar import local_day
from backend.kernel.errors import Breach, DomainError, gettext_noop, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.models import FollowUp, Placement

FOLLOWED_AHEAD = rule("followed_ahead", gettext_noop("what has been done is not dated after today, {today}"))
FOLLOWED_BEFORE = rule("followed_before", gettext_noop("the placement begins with its referral, {day}"))
FOLLOWED_TWICE = rule("followed_twice", gettext_noop("this is recorded for that day already"))
PLAN_FIRST = rule("plan_first", gettext_noop("an activity plan is approved or reviewed when one has been drawn up"))
HOME_DISTRICT_UNKNOWN = rule(
    "home_district_unknown", gettext_noop("the participant's home district approves the plan, and it is not recorded")
)

ON_A_PLAN = (FollowUp.Kind.APPROVAL, FollowUp.Kind.REVIEW)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done with a placement (by id)."""

    placement: int
    kind: FollowUp.Kind
    happened_on: date


@transaction.atomic
def record_follow_ups(*, done: Sequence[Done], by: User, now: datetime) -> None:
    """Record what was done, in order of time. All of it is stored or, with DomainError, none."""
    require_role(by, Role.HANDLER)
    touched = {one.placement for one in done}
    placements = Placement.objects.filter(pk__in=touched).select_related("participant__background")
    known = {placement.pk: placement for placement in placements}
    _check(done, known, local_day(now))
    with constraints_as({"outcomes_followup_once_a_day": FOLLOWED_TWICE}, "happened_on"):
        copy_rows(
            FollowUp,
            ["placement_id", "kind", "happened_on", "district_id", "recorded_at", "recorded_by_id"],
            (
                (one.placement, one.kind.value, one.happened_on, _district(one, known[one.placement]), now, by.pk)
                for one in done
            ),
        )
    later = {"placements": sorted(touched)[:100], "count": len(done)}
    record_bulk_event(by=by, action="follow_up", on=Placement, now=now, later=later)


def _check(done: Sequence[Done], known: Mapping[int, Placement], today: date) -> None:
    planned = set(
        FollowUp.objects.filter(placement__in=known, kind=FollowUp.Kind.PLAN).values_list("placement", flat=True)
    )
    breaches: list[Breach] = []
    for one in done:
        if one.kind == FollowUp.Kind.PLAN:
            planned.add(one.placement)
        breaches += _breaches(one, known[one.placement], today, is_planned=one.placement in planned)
    if breaches:
        raise DomainError(*breaches)


def _breaches(one: Done, placement: Placement, today: date, *, is_planned: bool) -> Iterator[Breach]:
    if one.happened_on > today:
        yield Breach(FOLLOWED_AHEAD, "happened_on", one.happened_on, {"today": today})
    if one.happened_on < placement.period.lower:
        yield Breach(FOLLOWED_BEFORE, "happened_on", one.happened_on, {"day": placement.period.lower})
    if one.kind in ON_A_PLAN and not is_planned:
        yield Breach(PLAN_FIRST, "kind", one.kind.value)
    if one.kind == FollowUp.Kind.APPROVAL and not hasattr(placement.participant, "background"):
        yield Breach(HOME_DISTRICT_UNKNOWN, "kind", one.kind.value)


def _district(one: Done, placement: Placement) -> int | None:
    """The district that approves: the participant's own."""
    return placement.participant.background.district_id if one.kind == FollowUp.Kind.APPROVAL else None

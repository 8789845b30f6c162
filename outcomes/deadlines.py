"""The city's own deadlines for a placement, and which placements are late.

Source: the city's decision on its job centres (kommunstyrelsen 2007, "Jobbtorg"): a plan within 5 days, approved by
the home district's assistance unit, reviewed when 6 months have passed, and at most 18 months in all; the first
meeting within 2 days. Days are counted from the referral.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.kernel.periods import Duration, add
from outcomes.models import FollowUp, Placement, PlacementVersion

MEETING_WITHIN = Duration(2, "D")
PLAN_WITHIN = Duration(5, "D")
REVIEW_AFTER = Duration(6, "M")
LONGEST = Duration(18, "M")
APPROVED = (FollowUp.Kind.APPROVAL, FollowUp.Kind.REVIEW)  # each begins six new months


class Deadline(StrEnum):
    """What is to be done by a day."""

    MEETING = "meeting"
    PLAN = "plan"
    REVIEW = "review"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline of a placement: by when, and when it was met."""

    deadline: Deadline
    by: date
    met_on: date | None = None

    def is_late(self, today: date) -> bool:
        return (self.met_on or today) > self.by


def deadlines_of(referred_on: date, ended_on: date | None, follow_ups: Sequence[FollowUp]) -> list[Due]:
    """The deadlines of one placement, in order. `ended_on`: its last day; what was not due by then falls away."""
    done = sorted(follow_ups, key=lambda one: one.happened_on)
    approvals = [one.happened_on for one in done if one.kind in APPROVED]
    dues = [
        Due(Deadline.MEETING, add(referred_on, MEETING_WITHIN), _first(done, FollowUp.Kind.MEETING)),
        Due(Deadline.PLAN, add(referred_on, PLAN_WITHIN), _first(done, FollowUp.Kind.APPROVAL)),
        *(Due(Deadline.REVIEW, add(day, REVIEW_AFTER), after) for day, after in zip_longest(approvals, approvals[1:])),
        Due(Deadline.LIMIT, add(referred_on, LONGEST), ended_on),
    ]
    return [due for due in dues if due.met_on or ended_on is None or due.by <= ended_on]


def _first(done: Sequence[FollowUp], kind: FollowUp.Kind) -> date | None:
    return next((one.happened_on for one in done if one.kind == kind), None)


def late_placements(deadline: Deadline, today: date) -> QuerySet[Placement]:
    """The placements under way for which a deadline has passed."""
    return Placement.objects.filter(is_late(deadline, today))


def is_late(deadline: Deadline, today: date) -> Q:
    """A filter of placements: under way on a day, and a deadline has passed before it."""
    under_way = Q(period__contains=today)
    match deadline:
        case Deadline.MEETING:
            return under_way & _begun_before(_earliest(today, MEETING_WITHIN)) & ~Q(_has(FollowUp.Kind.MEETING))
        case Deadline.PLAN:
            return under_way & _begun_before(_earliest(today, PLAN_WITHIN)) & ~Q(_has(FollowUp.Kind.APPROVAL))
        case Deadline.REVIEW:
            reviewed = _has(*APPROVED, since=_earliest(today, REVIEW_AFTER))
            return under_way & Q(_has(*APPROVED)) & ~Q(reviewed)
    came = Exists(PlacementVersion.objects.filter(placement=OuterRef("pk"), starts_on__isnull=False))
    return under_way & _begun_before(_earliest(today, LONGEST)) & Q(came)


def _begun_before(day: date) -> Q:
    return Q(period__startswith__lt=day)


def _has(*kinds: FollowUp.Kind, since: date = date.min) -> Exists:
    return Exists(FollowUp.objects.filter(placement=OuterRef("pk"), kind__in=kinds, happened_on__gte=since))


def _earliest(today: date, duration: Duration) -> date:
    """The earliest day whose deadline has not passed `today`: what happened before it is late."""
    day = today - timedelta(days=duration.count * 31 if duration.unit == "M" else duration.days)
    while add(day, duration) < today:
        day += timedelta(days=1)
    return day

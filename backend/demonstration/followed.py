"""What the city does with placements: meetings, activity plans, approvals and reviews, mostly in time. Pure."""

from dataclasses import dataclass

import numpy as np

from backend.demonstration.placements import DrawnPlacements
from outcomes.columns import I8, I32, Columns
from outcomes.models import FollowUp

KINDS = (FollowUp.Kind.MEETING, FollowUp.Kind.PLAN, FollowUp.Kind.APPROVAL, FollowUp.Kind.REVIEW)
IN_TIME = 0.97
LATE = 20  # days at most
REVIEWED_EVERY = 175  # days, from the approval: within six months
REVIEW = KINDS.index(FollowUp.Kind.REVIEW)


@dataclass(frozen=True, slots=True)
class DrawnFollowUps(Columns):
    """What is done, in order of days."""

    placement: I32  # row of DrawnPlacements
    kind: I8  # index into KINDS
    day: I32


def draw_follow_ups(seed: int, placements: DrawnPlacements) -> DrawnFollowUps:
    rng = np.random.default_rng(seed)
    count = len(placements)
    rows = np.arange(count, dtype=np.int32)

    def days_until(most: int) -> I32:
        late = rng.random(count) > IN_TIME
        return np.where(late, most + rng.integers(1, LATE, count), rng.integers(0, most + 1, count)).astype(np.int32)

    meeting = placements.referred_on + days_until(2)
    plan = np.maximum(meeting, placements.referred_on + rng.integers(2, 5, count)).astype(np.int32)
    approval = np.maximum(plan, placements.referred_on + days_until(5))
    reviews = [approval + REVIEWED_EVERY * number for number in (1, 2, 3)]
    drawn = DrawnFollowUps.join(
        [
            DrawnFollowUps(rows, np.full(count, kind, np.int8), day.astype(np.int32))
            for kind, day in [*enumerate((meeting, plan, approval)), *((REVIEW, day) for day in reviews)]
        ]
    )
    under_way = drawn.day < placements.exit_on[drawn.placement]
    drawn = drawn.take(np.flatnonzero(under_way))
    return drawn.take(np.argsort(drawn.day, kind="stable"))

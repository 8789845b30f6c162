"""What announced thresholds say of a provider: whether its ratio was too low, and how many periods in a row. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecards.rating import Band

Rating = Mapping[str, Any]  # as `scorecards.assessing` makes them


@dataclass(frozen=True, slots=True)
class Threshold:
    step: int  # 1: warning; 2: the authorisation is reviewed
    measure: str
    limit: str  # "95" or "998"
    periods: int  # in a row


@dataclass(frozen=True, slots=True)
class Finding:
    """A threshold, and how many periods in a row, up to the newest one, lie below its limit."""

    threshold: Threshold
    below: int

    @property
    def is_reached(self) -> bool:
        return self.below >= self.threshold.periods


def find(threshold: Threshold, ratings: Sequence[Rating | None]) -> Finding:
    """`ratings` of the threshold's measure, the newest period first; None where the provider had none."""
    below = 0
    for rating in ratings[: threshold.periods]:
        if rating is None or not is_below(rating, threshold.limit):
            break
        below += 1
    return Finding(threshold, below)


def is_below(rating: Rating, limit: str) -> bool:
    """Whether a rating lies below a limit; one of too few never does."""
    return rating["band"] == Band.WORSE and (limit == "95" or bool(rating["is_far"]))


def step_reached(findings: Sequence[Finding]) -> int:
    """The highest step whose threshold is reached; 0 if none is."""
    return max((finding.threshold.step for finding in findings if finding.is_reached), default=0)

"""Which placements a scorecard looks at: those that started from a month on, as far as their follow-up time has passed.

Pure.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from outcomes.columns import FAR, Bool, to_day
from payouts.engine.days import month_of
from scorecards.inputs import Inputs
from scorecards.measures import Measure


@dataclass(frozen=True, slots=True)
class Scope:
    """Start months from `first_month` (its first day) on, and what was known of them at the end of day `until`."""

    first_month: date
    until: date

    @property
    def first_day(self) -> int:
        return to_day(self.first_month)

    @property
    def cutoff(self) -> int:
        return to_day(self.until)

    def months(self, follow_up: int) -> int:
        """How many start months have been followed for so many months after their own."""
        return max(0, self._over() - follow_up - self._first())

    def cohorts(self, measure: Measure, inputs: Inputs) -> Bool:
        """The placements of start months (for some measures months of referral) that are followed for long enough."""
        days = inputs.referred_on if measure.from_referral else inputs.starts_on
        month = month_of(days)
        return (days < FAR) & (month >= self._first()) & (month + measure.follow_up < self._over())

    def _first(self) -> int:
        return int(month_of(np.array([self.first_day], np.int32))[0])

    def _over(self) -> int:
        """The first month that is not over at the cut-off."""
        return int(month_of(np.array([self.cutoff + 1], np.int32))[0])

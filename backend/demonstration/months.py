"""The months of the demonstration, and the hours at which its simulated clock stands. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from backend.kernel.periods import Duration, add, last_day
from outcomes.columns import I32, to_day

SWEDEN = ZoneInfo("Europe/Stockholm")
AHEAD = 60  # months beyond the last one: what falls there is drawn, and never reported

# A month's referrals and reports come on its last day; officers decide, run and attest on the next.
REFERRED, FOLLOWED, REPORTED = time(12), time(14), time(16)
DECIDED, CHANGED, QUEUED, COMPUTED, EXAMINED, ATTESTED = time(8), time(9), time(10), time(10, 5), time(13), time(15)


@dataclass(frozen=True, slots=True)
class Months:
    """Consecutive whole months, counted from 0; days are numbers as in `outcomes.columns`."""

    count: int
    starts: I32  # the first day of each month, also of those ahead

    @property
    def first(self) -> int:
        return int(self.starts[0])

    @property
    def last(self) -> int:
        return int(self.starts[self.count]) - 1

    def of(self, day: I32) -> I32:
        """The number of the month in which each day falls."""
        return (np.searchsorted(self.starts, day, side="right") - 1).astype(np.int32)

    def last_date(self, month: int) -> date:
        return date(2000, 1, 1) + timedelta(days=int(self.starts[month + 1]) - 1)

    def closing(self, month: int, hour: time) -> datetime:
        """An hour of the month's last day."""
        return datetime.combine(self.last_date(month), hour, SWEDEN)

    def after(self, month: int, hour: time) -> datetime:
        """An hour of the day after the month."""
        return datetime.combine(self.last_date(month) + timedelta(days=1), hour, SWEDEN)


def months_until(today: date, count: int) -> Months:
    """The `count` whole months before `today`."""
    end = last_day(today).replace(day=1)
    first = _months_later(end, -count)
    starts = [to_day(_months_later(first, number)) for number in range(count + AHEAD)]
    return Months(count, np.array(starts, np.int32))


def _months_later(first: date, months: int) -> date:
    if months > 0:
        return add(first, Duration(months, "M"))
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)

"""Calendar arithmetic over columns of days (PAYMENT_MODELS.md section 2), from one table of months."""

from functools import cache

import numpy as np

from backend.kernel.periods import Duration
from outcomes.columns import EPOCH, FAR, FAR_DAY, FIRST_DAY, I32

_FIRST = (FIRST_DAY - EPOCH).days
_FIRST_MONTH = FIRST_DAY.year * 12


@cache
def _tables() -> tuple[I32, I32, I32]:
    """By day from FIRST_DAY: its month; by month: the first day, and the length."""
    months = np.arange(np.datetime64(FIRST_DAY, "M"), np.datetime64(FAR_DAY, "M") + 2)
    starts = (months.astype("M8[D]") - np.datetime64(EPOCH)).astype(np.int32)
    lengths = np.diff(starts)
    return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths), starts[:-1], lengths


def month_of(days: I32) -> I32:
    """The months of days, as numbers that go up by one from month to month."""
    return _tables()[0][days - _FIRST]


def month_start(months: I32) -> I32:
    return _tables()[1][months]


def month_length(months: I32) -> I32:
    return _tables()[2][months]


def month_name(months: I32) -> I32:
    """Months as the numbers that ledger lines carry: March 2026 is 202603."""
    year, month = np.divmod(months + _FIRST_MONTH, 12)
    return year * 100 + month + 1


def add(days: I32, duration: Duration, times: I32 | int = 1) -> I32:
    """Each day + times × duration; months are clamped to the month's last day; FAR stays the last day there is."""
    if duration.unit != "M":
        moved: I32 = np.minimum(days + times * duration.days, FAR)
        return moved
    start = month_of(days)
    last_month = _tables()[0][-1]
    goal = np.minimum(start + times * duration.count, last_month)
    day_of_month = days - month_start(start)
    added: I32 = month_start(goal) + np.minimum(day_of_month, month_length(goal) - 1)
    return added

"""Durations and calendar months (PAYMENT_MODELS.md section 2), for single dates.

The engine has the same over columns.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from backend.kernel.errors import gettext_noop, refuse, rule

DURATION = rule("duration", gettext_noop("a duration is P<n>D, P<n>W or P<n>M with n from 1 to 9999, such as P2M"))
MONTH = rule("month", gettext_noop("a month is written as year and month, such as 2026-03"))

_DURATION = re.compile(r"P([1-9][0-9]{0,3})([DWM])", re.ASCII)
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    """`count` days (D), weeks (W) or calendar months (M)."""

    count: int
    unit: Literal["D", "W", "M"]

    def __str__(self) -> str:
        return f"P{self.count}{self.unit}"

    @property
    def days(self) -> int:
        """The length in days; only days and weeks have one."""
        if self.unit == "M":
            raise ValueError(f"{self} has no fixed number of days")
        return self.count * (7 if self.unit == "W" else 1)


def parse_duration(value: object, field: str) -> Duration:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refuse(DURATION, field=field, value=value)
    return Duration(int(match[1]), match[2])  # type: ignore[arg-type]  # the pattern admits D, W and M only


def add(day: date, duration: Duration) -> date:
    """`day` + duration; months are clamped: 2026-07-31 + P4M is 2026-11-30."""
    if duration.unit != "M":
        return day + timedelta(days=duration.days)
    months = day.year * 12 + day.month - 1 + duration.count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_month(value: object, field: str) -> date:
    """The first day of a month written as `2026-03`."""
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise refuse(MONTH, field=field, value=value)
    return date(int(value[:4]), int(value[5:]), 1)


def last_day(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])

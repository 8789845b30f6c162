"""Measures counted over groups of placements, each with an interval of 95 %. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from outcomes.columns import FAR, I32, I64, Index
from payouts.engine.days import month_name, month_of
from scorecards.inputs import SEXES, Inputs, Names
from scorecards.logistic import F64
from scorecards.measures import Figure, Measure
from scorecards.scope import Scope

Values = npt.NDArray[Any]  # yes or no, or whole numbers
Z = 1.959963984540054  # of a normal distribution, at 95 %


@dataclass(frozen=True, slots=True)
class Estimates:
    """A measure in each group. `value`, `low` and `high` are NaN where there is nothing to say."""

    count: I64  # placements counted
    total: I64  # their values, added up: successes, of a share
    value: F64
    low: F64
    high: F64


@dataclass(frozen=True, slots=True)
class Counted:
    """The placements that a measure counts: their places among all, their values and, for a quotient, what by."""

    figure: Figure
    rows: Index
    values: Values
    per: Values | None

    def estimate(self, group: Values, size: int) -> Estimates:
        """The measure in each of `size` groups, given each placement's group."""
        mine = group[self.rows]
        count = np.bincount(mine, minlength=size)
        match self.figure:
            case Figure.SHARE:
                return _shares(count, np.bincount(mine[self.values.astype(bool)], minlength=size))
            case Figure.MEAN:
                return _means(count, mine, self.values)
            case Figure.MEDIAN:
                return _medians(count, mine, self.values)
            case Figure.QUOTIENT:
                assert self.per is not None
                return _quotients(count, mine, self.values, self.per)

    def people(self, group: Values, size: int) -> tuple[I64, I64]:
        """How many are counted in each group, and of how many of them a yes-or-no is told (for `suppression`)."""
        mine = group[self.rows]
        told = self.values if self.figure is Figure.SHARE else self.per
        yes = told.astype(bool) if told is not None and told.dtype == bool else np.zeros(len(mine), bool)
        return np.bincount(mine, minlength=size), np.bincount(mine[yes], minlength=size)


def count(measure: Measure, inputs: Inputs, rows: Values) -> Counted:
    """What a measure counts of the placements in `rows`."""
    some = np.flatnonzero(rows & measure.counted(inputs))
    per = measure.per(inputs)[some] if measure.per else None
    return Counted(measure.figure, some, measure.values(inputs)[some], per)


def _sums(group: Values, values: Values | F64, size: int) -> F64:
    """The sum of the values of each of `size` groups."""
    return np.bincount(group, values, size).astype(np.float64, copy=False)


def _shares(count: I64, total: I64) -> Estimates:
    """With Wilson's interval (Journal of the American Statistical Association 1927)."""
    number = np.where(count > 0, count, np.nan)
    share = total / number
    middle = (share + Z**2 / (2 * number)) / (1 + Z**2 / number)
    reach = Z * np.sqrt(share * (1 - share) / number + Z**2 / (4 * number**2)) / (1 + Z**2 / number)
    return Estimates(count, total, share, np.maximum(middle - reach, 0), np.minimum(middle + reach, 1))


def _means(count: I64, group: Values, values: Values) -> Estimates:
    """With the normal interval."""
    total = _sums(group, values, len(count))
    mean = total / np.where(count > 0, count, np.nan)
    squares = _sums(group, np.square(values - mean[group]), len(count))
    reach = Z * np.sqrt(squares / np.where(count > 1, count - 1, np.nan) / np.maximum(count, 1))
    return Estimates(count, total.astype(np.int64), mean, mean - reach, mean + reach)


def _medians(count: I64, group: Values, values: Values) -> Estimates:
    """With the interval between order statistics that is exact but for whole numbers."""
    ordered = values[np.lexsort((values, group))].astype(np.float64)
    first = np.cumsum(count) - count

    def at(rank: F64) -> F64:
        """The values of some (half) ranks of the groups, from 1; NaN where a group is too small to have them."""
        there = (rank >= 1) & (rank <= count)
        place = np.where(there, first + rank - 1, 0)
        if not len(ordered):
            return np.full(len(count), np.nan)
        value = (ordered[np.floor(place).astype(np.intp)] + ordered[np.ceil(place).astype(np.intp)]) / 2
        return np.where(there, value, np.nan)

    reach = Z * np.sqrt(count) / 2
    return Estimates(
        count,
        _sums(group, values, len(count)).astype(np.int64),
        at((count + 1) / 2),
        at(np.floor(count / 2 - reach)),
        at(np.ceil(count / 2 + 1 + reach)),
    )


def _quotients(count: I64, group: Values, values: Values, per: Values) -> Estimates:
    """With the interval of a ratio of means by linearisation (Cochran, Sampling Techniques, 1977)."""
    total, by = _sums(group, values, len(count)), _sums(group, per, len(count))
    quotient = total / np.where(by > 0, by, np.nan)
    squares = _sums(group, np.square(values - quotient[group] * per), len(count))
    some = np.where(count > 1, count, np.nan)
    reach = Z * np.sqrt(squares * some / (some - 1)) / np.where(by > 0, by, np.nan)
    return Estimates(count, total.astype(np.int64), quotient, np.maximum(quotient - reach, 0), quotient + reach)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What placements are grouped by: each one's index into `labels`, of which the last is "not known"."""

    name: str
    code: I32
    labels: Sequence[str]


NOT_KNOWN = "not known"


def groupings(inputs: Inputs, names: Names, scope: Scope, days: I32) -> list[Grouping]:
    """By tier, district, sex, and quarter of these days (of the start, or of the referral)."""
    districts = sorted(names.districts, key=names.districts.__getitem__)
    place = np.full(max(districts, default=0) + 1, -1, np.int32)
    place[districts] = np.arange(len(districts))
    quarter, labels = quarters(days, scope)
    return [
        _grouping("tier", inputs.tier.astype(np.int32), names.tiers),
        _grouping("sex", inputs.sex.astype(np.int32) - 1, SEXES),
        _grouping("quarter", quarter, labels),
        _grouping("district", place[inputs.district], [names.districts[number] for number in districts]),
    ]


def _grouping(name: str, code: I32, labels: Sequence[str]) -> Grouping:
    """A grouping of known places, or -1, with the labels that somebody has."""
    known = np.where(code < 0, len(labels), code)
    used = np.flatnonzero(np.bincount(known, minlength=len(labels) + 1))
    place = np.zeros(len(labels) + 1, np.int32)
    place[used] = np.arange(len(used))
    return Grouping(name, place[known], [[*labels, NOT_KNOWN][number] for number in used.tolist()])


def quarters(days: I32, scope: Scope) -> tuple[I32, list[str]]:
    """The quarters of days, counted from the scope's first, and their names, such as 2025 Q1; -1 outside."""
    first, last = (month_name(month_of(np.array([day], np.int32)))[0] for day in (scope.first_day, scope.cutoff))
    count = _quarter(last) - _quarter(first) + 1
    number = _quarter(month_name(month_of(days))) - _quarter(first)
    names = [f"{year} Q{quarter + 1}" for year, quarter in (divmod(_quarter(first) + step, 4) for step in range(count))]
    inside = (days < FAR) & (number >= 0) & (number < count)
    return np.where(inside, number, -1).astype(np.int32), names


def _quarter(month: I32) -> I32:
    """A month such as 202603 as a count of quarters."""
    return month // 100 * 4 + (month % 100 - 1) // 3

"""What is known of a group of placements under one payment model at one cut-off, with what the triggers share."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from backend.kernel.periods import Duration
from contracts.terms import PaymentModel
from outcomes.columns import FAR, I32, I64, Bool, Facts, Index, Kind, Placements, Shelf, Subjects
from payouts.engine.days import add

T = TypeVar("T")

_DAYS = 1 << 18  # more than all the days there are, so that (row, day) packs into one sortable number


def row_day(row: I32 | I64, day: I32) -> I64:
    """One number that sorts by row, then by day."""
    return row.astype(np.int64) * _DAYS + day


def first_of_each(row: I32 | I64) -> Bool:
    """True where a sorted column's value differs from the one before."""
    first = np.ones(len(row), bool)
    np.not_equal(row[1:], row[:-1], out=first[1:])
    return first


def last_of_each(first: Bool) -> Index:
    """The places where the groups end whose first members are marked."""
    return np.flatnonzero(np.append(first, True)[1:])


def running_sum(row: I32, values: I64) -> I64:
    """The values added up within each row, in order."""
    first = first_of_each(row)
    total = np.cumsum(values)
    before = (total - values)[first]
    return total - np.repeat(before, last_of_each(first) - np.flatnonzero(first) + 1)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of days, apart from each other, in order of row and day, each day with a weight (such as an extent)."""

    row: I32
    start: I32
    end: I32
    weight: I64

    @property
    def lengths(self) -> I64:
        return (self.end - self.start + 1).astype(np.int64)

    def through(self, row: I32, day: I32) -> tuple[I64, I64]:
        """Days of the stretches up to and of each row and through each day, and the sum of their weights.

        Counted from the first row on, so that only differences within a row mean something.
        """
        place = np.searchsorted(row_day(self.row, self.start), row_day(row, day), side="right")
        lengths = self.lengths
        days = np.concatenate(([0], np.cumsum(lengths)))
        sums = np.concatenate(([0], np.cumsum(lengths * self.weight)))
        if not len(self.row):
            return days[place], sums[place]
        last = place - 1  # -1, and then not looked at, where no stretch begins by the day
        beyond = np.where((place > 0) & (self.row[last] == row), np.maximum(self.end[last] - day, 0), 0)
        return days[place] - beyond, sums[place] - beyond * self.weight[last]

    def of_range(self, row: I32, start: I32, end: I32) -> tuple[I64, I64]:
        """Days, and the sum of their weights, of a row's stretches from start through end."""
        days, sums = self.through(row, end)
        days_before, sums_before = self.through(row, start - 1)
        return days - days_before, sums - sums_before


@dataclass(frozen=True)
class Known:
    """Rows `first` to `first + len(placements)` of the shelves, which all follow `model`."""

    model: PaymentModel
    placements: Placements
    shelves: dict[Kind, Shelf]
    subjects: Subjects
    first: int
    cutoff: int
    knowledge: int
    _shared: dict[Hashable, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.placements)

    def facts(self, kind: Kind) -> Facts:
        """The kind's facts that count now; `placement` is the row in this group."""
        return self.shared(kind, lambda: self._effective(kind))

    def _effective(self, kind: Kind) -> Facts:
        part = self.shelves[kind].effective(self.first, self.first + len(self), self.knowledge)
        np.subtract(part.placement, self.first, out=part.placement)
        return part if self.live.all() else part.take(self.live[part.placement])

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for all steps that ask by the same key."""
        if key not in self._shared:
            self._shared[key] = make()
        made: T = self._shared[key]  # type: ignore[assignment]  # a key always stands for things of one type
        return made

    @cached_property
    def live(self) -> Bool:
        """Rows that hold at this knowledge."""
        return (self.placements.known <= self.knowledge) & (self.placements.superseded > self.knowledge)

    @cached_property
    def starts(self) -> I32:
        """`starts_on`; FAR for a no-show and for rows that do not hold."""
        return np.where(self.live, self.placements.starts_on, FAR)

    @cached_property
    def exit_facts(self) -> Facts:
        """The exit that ends each placement that has one: the earliest (ties: by id)."""
        exits = self.facts(Kind.EXIT)
        return exits.take(first_of_each(exits.placement))

    @cached_property
    def exits(self) -> I32:
        """The day of the exit; FAR where none is known."""
        days = np.full(len(self), FAR, np.int32)
        days[self.exit_facts.placement] = self.exit_facts.from_day
        return days

    @cached_property
    def interruptions(self) -> Stretches:
        """The interrupted days, overlapping ones joined; an open one goes on through the cut-off."""
        facts = self.facts(Kind.INTERRUPTION)
        row, start = facts.placement, facts.from_day
        end = np.where(facts.through_day >= FAR, self.cutoff, facts.through_day)
        some = end >= start
        return _joined(row[some], start[some], end[some])

    @cached_property
    def openly_interrupted(self) -> Bool:
        """Rows with an interruption whose end is not known."""
        facts = self.facts(Kind.INTERRUPTION)
        rows = np.zeros(len(self), bool)
        rows[facts.placement[facts.through_day >= FAR]] = True
        return rows

    def window_ends(self, opened: I32, duration: Duration, *, extends: bool) -> I32:
        """The last day of each row's window that opened on day `opened`; each interrupted day inside it adds a day."""
        ends = add(opened, duration)
        stretches = self.interruptions
        begins, days = row_day(stretches.row, stretches.start), np.append(0, np.cumsum(stretches.lengths))
        rows = stretches.row[first_of_each(stretches.row)]
        plain_ends, before = ends[rows], stretches.through(rows, opened[rows])[0]
        while extends:  # by whole stretches, until no more of them begin inside
            begun = np.searchsorted(begins, row_day(rows, ends[rows]), side="right")
            extended = np.minimum(plain_ends + days[begun] - before, FAR)
            if (extended == ends[rows]).all():
                break
            ends[rows] = extended
        return ends


def _joined(row: I32, start: I32, end: I32) -> Stretches:
    """Ranges in order of row and start as stretches that do not overlap."""
    reach = np.maximum.accumulate(row_day(row, end))
    opens = np.ones(len(row), bool)
    opens[1:] = row_day(row[1:], start[1:]) > reach[:-1]
    ends = reach[last_of_each(opens)] - row_day(row[opens], np.zeros(opens.sum(), np.int32))
    return Stretches(row[opens], start[opens], ends.astype(np.int32), np.ones(len(ends), np.int64))

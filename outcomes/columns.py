"""Placements and facts as columns: the form in which the engine, the checks of bad input and bulk services read them.

Pure. One row of `Placements` is a placement with the attributes that were known in a span of knowledge; one row of
`Facts` is a fact (PAYMENT_MODELS.md section 3). Days are whole numbers counted from 2000-01-01, as PostgreSQL counts
them; `FAR` stands for a day that is not known (an open spell, no exit, a no-show).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

I8 = npt.NDArray[np.int8]
I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]

EPOCH = date(2000, 1, 1)
FIRST_DAY = date(1970, 1, 1)
FAR_DAY = date(2199, 12, 31)
LAST_DAY = FAR_DAY - timedelta(days=1)  # of the days that a fact may have
FAR = (FAR_DAY - EPOCH).days
NO_FACT = 0  # fact ids start from 1


def to_day(day: date | None) -> int:
    """The number of a day; None is `FAR`."""
    return FAR if day is None else (day - EPOCH).days


def to_date(day: int) -> date | None:
    """The day of a number; `FAR` is None."""
    return None if day >= FAR else EPOCH + timedelta(days=int(day))


class Kind(IntEnum):
    """What a fact reports."""

    ATTENDANCE = 1
    INTERRUPTION = 2
    MILESTONE = 3
    REPORT = 4
    GRADE = 5
    EXIT = 6
    EMPLOYMENT = 7
    STUDIES = 8
    EARNINGS = 9


# The words that `detail` holds as numbers from 1, by kind; their order is stored and never changes.
GRADES = ("A", "B", "C", "D", "E", "F", "-")
FORMS = ("permanent", "fixed_term", "probation", "hourly", "subsidised")
EXIT_REASONS = ("completed", "work", "studies", "interrupted", "moved", "other", "unknown")


class Columns:
    """Equally long named arrays that are filtered and ordered together; the subclasses are dataclasses with slots."""

    __slots__ = ()

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return cls.__slots__

    def take(self, index: Index | Bool | slice) -> Self:
        return type(self)(*[getattr(self, name)[index] for name in self.names()])

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts (at least one), one part after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.names()))

    def __len__(self) -> int:
        return len(getattr(self, self.names()[0]))


@dataclass(frozen=True, slots=True)
class Placements(Columns):
    """Rows of placements. One with corrected attributes has several rows, of which one holds at any knowledge."""

    id: I64
    model: I16  # index into the models that are evaluated together
    tier: I16  # index into the model's tiers
    price: I64  # öre; -1 where none is agreed
    starts_on: I32  # FAR: a no-show
    known: I32  # holds from this knowledge on …
    superseded: I32  # … and before this one


@dataclass(frozen=True, slots=True)
class Facts(Columns):
    """Rows of facts. `known` is on the caller's scale of knowledge: days in a case file, runs in a replay."""

    id: I64
    placement: I32  # row of Placements
    kind: I8
    from_day: I32  # for a fact of one day this day; for a report the month's first
    through_day: I32  # for a fact of one day this day; for a report the month's last; FAR while a spell goes on
    quantity: I64  # attended days; points (-1: none given); öre earned; extent in per cent
    subject: I32  # number of the milestone's name, the course or the employer
    detail: I8  # grade, employment form or exit reason, as numbered above
    first_reported: I32  # a correction keeps the first report's day
    verified: I32  # FAR: not verified
    known: I32
    replaces: I64  # id of the corrected fact, or NO_FACT
    withdrawn: Bool


@dataclass(frozen=True, slots=True)
class Subjects:
    """The texts behind subject numbers, as far as rules look at them."""

    milestones: Mapping[str, int]  # number of each milestone's name
    course_rank: I32  # by subject number: place of the course code in alphabetical order


KNOWLEDGE_FAR = np.iinfo(np.int32).max  # later than any knowledge


def sort_day(kind: Kind, facts: Facts) -> I32:
    """The day by which facts of a kind stand in order (PAYMENT_MODELS.md section 4)."""
    return facts.through_day if kind is Kind.ATTENDANCE else facts.from_day


@dataclass(frozen=True, slots=True)
class Shelf:
    """The facts of one kind by placement row, day and id; `replaced` is the knowledge that took a fact away."""

    facts: Facts
    replaced: I32

    def effective(self, first_row: int, end_row: int, knowledge: int) -> Facts:
        """The facts of rows first_row to end_row (exclusive) that count at this knowledge."""
        facts = self.facts
        low, high = np.searchsorted(facts.placement, (first_row, end_row))
        mine = slice(low, high)
        counts = (facts.known[mine] <= knowledge) & (self.replaced[mine] > knowledge) & ~facts.withdrawn[mine]
        return facts.take(low + np.flatnonzero(counts))


def shelve(facts: Facts) -> dict[Kind, Shelf]:
    """Sort facts by kind, placement, day and id; find what each known correction takes away."""
    if len(facts) and not bool(np.all(facts.id[1:] >= facts.id[:-1])):
        facts = facts.take(np.argsort(facts.id, kind="stable"))
    replaced = _replaced(facts)
    shelves = {}
    for kind in Kind:
        rows = np.flatnonzero(facts.kind == kind)
        part = facts.take(rows)
        order = np.argsort(part.placement.astype(np.int64) << 20 | (sort_day(kind, part) + (1 << 18)), kind="stable")
        shelves[kind] = Shelf(part.take(order), replaced[rows][order])
    return shelves


def _replaced(facts: Facts) -> I32:
    """For each fact (in order of id) the knowledge at which a correction of it became known."""
    replaced = np.full(len(facts), KNOWLEDGE_FAR, np.int32)
    corrections = facts.take((facts.replaces != NO_FACT) & (facts.verified < FAR))
    first = np.searchsorted(facts.id, corrections.replaces, side="left")
    count = np.searchsorted(facts.id, corrections.replaces, side="right") - first
    # a placement with several versions has its facts once per row, so a correction may meet several rows
    np.minimum.at(replaced, spread(first, count), np.repeat(corrections.known, count))
    return replaced


def spread(first: Index, count: Index) -> Index:
    """The numbers first, first + 1, … of each range of `count` numbers, one range after the other."""
    before = np.cumsum(count) - count
    return np.repeat(first - before, count) + np.arange(count.sum())

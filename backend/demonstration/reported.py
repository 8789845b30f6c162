"""A table of drawn facts that grows part by part. Pure."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from outcomes.columns import I8, I32, I64, Bool, Columns, Index, Kind

NOTHING = -1  # replaces no other fact

VERIFY, REJECT, ASK, WAIT = range(4)  # what an officer does about a fact, when the month is over

T = TypeVar("T", bound=np.generic)
Values = int | npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class DrawnFacts(Columns):
    """Facts as providers will report them; days and details as in `outcomes.columns.Facts`."""

    placement: I32  # row of DrawnPlacements
    kind: I8
    from_day: I32
    through_day: I32
    quantity: I64
    subject: I32  # index into FactTable.subjects
    detail: I8
    month: I32  # in which it is reported
    replaces: I32  # row of the fact that it corrects, or NOTHING
    withdrawn: Bool
    decision: I8


@dataclass(slots=True)
class FactTable:
    """Facts under way. Rows keep their numbers while parts are added."""

    parts: list[DrawnFacts] = field(default_factory=list)
    subjects: list[str] = field(default_factory=lambda: [""])
    count: int = 0

    def add(
        self,
        kind: Kind,
        placement: Index | I32,
        from_day: Values,
        through_day: Values,
        *,
        month: Values,
        quantity: Values = 0,
        subject: Values = 0,
        detail: Values = 0,
        replaces: Values = NOTHING,
    ) -> Index:
        """Add facts that are to be verified; gives their row numbers."""

        def column(value: Values, type_: type[T]) -> npt.NDArray[T]:
            return np.broadcast_to(value, len(placement)).astype(type_)

        return self.append(
            DrawnFacts(
                placement=column(placement, np.int32),
                kind=column(kind, np.int8),
                from_day=column(from_day, np.int32),
                through_day=column(through_day, np.int32),
                quantity=column(quantity, np.int64),
                subject=column(subject, np.int32),
                detail=column(detail, np.int8),
                month=column(month, np.int32),
                replaces=column(replaces, np.int32),
                withdrawn=np.zeros(len(placement), bool),
                decision=np.full(len(placement), VERIFY, np.int8),
            )
        )

    def append(self, facts: DrawnFacts) -> Index:
        self.parts.append(facts)
        self.count += len(facts)
        return np.arange(self.count - len(facts), self.count)

    def subject_numbers(self, texts: list[str]) -> I32:
        """Enter texts among the subjects; gives their numbers."""
        first = len(self.subjects)
        self.subjects += texts
        return np.arange(first, first + len(texts), dtype=np.int32)

    def facts(self) -> DrawnFacts:
        """All rows so far."""
        return DrawnFacts.join(self.parts)


def in_order(facts: DrawnFacts, key: tuple[npt.NDArray[np.generic], ...], keep: Bool) -> DrawnFacts:
    """The rows to keep, in the order of `key` (its last column first, as np.lexsort); corrections still find theirs."""
    order = np.lexsort(key)
    order = order[keep[order]]
    place = np.full(len(facts) + 1, NOTHING, np.int32)  # its last entry stands for NOTHING
    place[order] = np.arange(len(order))
    taken = facts.take(order)
    return replace(taken, replaces=place[taken.replaces])

"""A timeline: lanes with marks over days, drawn as SVG by `components/timeline.html`. Never without its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

from backend.kernel.periods import Duration, add
from backend.kernel.web import Text

WIDTH, LEFT, RIGHT = 960, 170, 36  # of the drawing; of its lanes' names; and what is free at the end
LANE, TOP = 28, 28
LEAST = 6  # a mark's width, however short what it marks
TICKS_MOST = 12
STEPS = (1, 3, 6, 12, 24, 60)  # months between ticks


@dataclass(frozen=True, slots=True)
class Mark:
    """Some days, and what is told of them; `tone` as that of labels."""

    first: date
    last: date
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """Marks of one kind."""

    title: Text
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark with its place in the drawing."""

    mark: Mark
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lanes over the days from `first` through `last`."""

    lanes: Sequence[Lane]
    first: date
    last: date
    today: date

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def left(self) -> int:
        return LEFT

    @property
    def height(self) -> int:
        return TOP + LANE * len(self.lanes)

    def rows(self) -> list[tuple[int, Text, list[Placed]]]:
        """Per lane how far down it stands, its title and its marks."""
        return [
            (TOP + LANE * number, lane.title, [self._place(mark) for mark in lane.marks])
            for number, lane in enumerate(self.lanes)
        ]

    def ticks(self) -> list[tuple[float, str]]:
        """Where months begin, and their names: at most TICKS_MOST."""
        month = self.first.replace(day=1)
        months = (self.last.year - month.year) * 12 + self.last.month - month.month
        step = next((one for one in STEPS if months <= one * TICKS_MOST), STEPS[-1])
        found: list[tuple[float, str]] = []
        for number in count(1):
            day = add(month, Duration(number * step, "M"))
            if day > self.last:
                return found
            found.append((self._x(day), f"{day:%Y-%m}"))
        return found

    def today_at(self) -> float | None:
        """Where today is, if it is within the days."""
        return self._x(self.today) if self.first <= self.today <= self.last else None

    def _place(self, mark: Mark) -> Placed:
        x = self._x(max(mark.first, self.first))
        end = self._x(min(mark.last, self.last), days=1)
        return Placed(mark, x, max(round(end - x, 1), LEAST))

    def _x(self, day: date, days: int = 0) -> float:
        span = (self.last - self.first).days + 1
        return round(LEFT + ((day - self.first).days + days) / span * (WIDTH - LEFT - RIGHT), 1)

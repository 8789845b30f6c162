"""What a fact of each kind consists of (PAYMENT_MODELS.md section 3): the keys, their limits, and where they are kept.

Pure. All that reads, checks, writes or describes facts follows these shapes. A fact keeps its content in five places:
the first day, the last day, a quantity, a subject (a text) and a detail (the number of a word).
"""

from dataclasses import dataclass
from enum import Enum

from backend.kernel.money import MOST_ORE
from contracts.reading import POINTS_MOST
from outcomes.columns import EXIT_REASONS, FORMS, GRADES, Kind

NONE_GIVEN = -1  # the points of a grade


class Days(Enum):
    """How a fact tells its days."""

    ON = "one day"
    MONTH = "a month"
    RANGE = "a first and a last day"
    OPEN = "a first day, and a last one unless it goes on"


DAY_KEYS = {Days.ON: ("on",), Days.MONTH: ("month",), Days.RANGE: ("from", "through"), Days.OPEN: ("from", "through")}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from 0; without a `default` it must be given."""

    key: str
    most: int
    default: int | None = None
    is_money: bool = False  # written in kronor, kept in öre


@dataclass(frozen=True, slots=True)
class Name:
    """A text; empty where it may be left out."""

    key: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One of some words, kept as its number from 1; without a `default` it must be given."""

    key: str
    words: tuple[str, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of fact: what it reports, and its keys."""

    reports: str
    days: Days
    quantity: Number | None = None
    subject: Name | None = None
    detail: Word | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        parts = (self.quantity, self.subject, self.detail)
        return (*DAY_KEYS[self.days], *(part.key for part in parts if part is not None))


EXTENT = Number("extent", 100, default=100)
SHAPES = {
    Kind.ATTENDANCE: Shape("Days attended, within a range of days.", Days.RANGE, Number("days", 10**5)),
    Kind.INTERRUPTION: Shape("Days on which the placement rests.", Days.OPEN, subject=Name("reason")),
    Kind.MILESTONE: Shape("A milestone of the payment model was reached.", Days.ON, subject=Name("name", True)),
    Kind.REPORT: Shape("The periodic report of a month.", Days.MONTH),
    Kind.GRADE: Shape(
        "A grade of a course; `-` where there is no basis for one.",
        Days.ON,
        Number("points", POINTS_MOST, default=NONE_GIVEN),
        Name("course", True),
        Word("grade", GRADES),
    ),
    Kind.EXIT: Shape("The end of the placement.", Days.ON, detail=Word("reason", EXIT_REASONS, default="unknown")),
    Kind.EMPLOYMENT: Shape(
        "A job, with its extent in per cent of full time, which is needed if it is by the hour.",
        Days.OPEN,
        EXTENT,
        Name("employer", True),
        Word("form", FORMS),
    ),
    Kind.STUDIES: Shape("Studies, with their extent in per cent.", Days.OPEN, EXTENT, Name("employer")),
    Kind.EARNINGS: Shape(
        "What was paid out for work on a day, in kronor.",
        Days.ON,
        Number("amount", MOST_ORE, is_money=True),
        Name("employer"),
    ),
}
HOURLY = FORMS.index("hourly") + 1

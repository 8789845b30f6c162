"""A fact as a provider reports it, and what it must look like by itself, kind by kind.

Pure. `outcomes.facts` reads such a fact from a document; here one that comes from code or a file is tested once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backend.kernel.errors import Breach, gettext_noop, rule
from backend.kernel.fields import CODE_MOST, MISSING, TEXT, WHOLE
from backend.kernel.money import MOST_ORE
from backend.kernel.periods import MONTH, last_day
from contracts.reading import POINTS_MOST
from outcomes.columns import EXIT_REASONS, FIRST_DAY, FORMS, GRADES, LAST_DAY, Kind
from outcomes.facts import DATE, THROUGH_BEFORE_FROM

ONE_DAY = rule("fact_one_day", gettext_noop("a fact of this kind has one day"))
LAST_DAY_NEEDED = rule("fact_last_day", gettext_noop("attendance has a last day"))


@dataclass(frozen=True, slots=True)
class FactReport:
    """A reported fact; `outcomes.columns.Facts` says what `quantity` and `detail` mean for each kind.

    A withdrawal needs `replaces` only: it takes its days and content from the fact that it withdraws.
    """

    external_id: str  # the provider's own
    placement: str  # number
    kind: Kind
    from_day: date
    through_day: date | None  # None: the spell or interruption goes on
    quantity: int = 0
    subject: str = ""  # the milestone's name, the course, the employer or the reason of an interruption
    detail: int = 0
    replaces: str | None = None  # external id
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """The limits of one kind: quantity and detail from … to, and what the subject is (needed unless optional)."""

    one_day: bool = False
    may_be_open: bool = False
    quantity: tuple[int, int] = (0, 0)
    detail: tuple[int, int] = (0, 0)
    subject: str = ""
    needs_subject: bool = False


_SHAPES = {
    Kind.ATTENDANCE: _Shape(quantity=(0, 10**5)),
    Kind.INTERRUPTION: _Shape(may_be_open=True, subject="reason"),
    Kind.MILESTONE: _Shape(one_day=True, subject="name", needs_subject=True),
    Kind.REPORT: _Shape(),
    Kind.GRADE: _Shape(
        one_day=True, quantity=(-1, POINTS_MOST), detail=(1, len(GRADES)), subject="course", needs_subject=True
    ),
    Kind.EXIT: _Shape(one_day=True, detail=(1, len(EXIT_REASONS))),
    Kind.EMPLOYMENT: _Shape(
        may_be_open=True, quantity=(0, 100), detail=(1, len(FORMS)), subject="employer", needs_subject=True
    ),
    Kind.STUDIES: _Shape(may_be_open=True, quantity=(0, 100), subject="employer"),
    Kind.EARNINGS: _Shape(one_day=True, quantity=(0, MOST_ORE), subject="employer"),
}


def report_breaches(report: FactReport, where: str) -> Iterator[Breach]:
    """Every rule that a reported fact breaks by itself."""
    if not 1 <= len(report.external_id) <= CODE_MOST:
        yield Breach(TEXT, f"{where}.external_id", report.external_id, {"most": CODE_MOST})
    if report.withdrawn:
        return
    shape = _SHAPES[report.kind]
    yield from _day_breaches(report, shape, where)
    if len(report.subject) > CODE_MOST:
        yield Breach(TEXT, f"{where}.{shape.subject}", report.subject, {"most": CODE_MOST})
    if shape.needs_subject and not report.subject:
        yield Breach(MISSING, f"{where}.{shape.subject}", "", {"key": shape.subject})
    for name, value, (least, most) in (
        ("quantity", report.quantity, shape.quantity),
        ("detail", report.detail, shape.detail),
    ):
        if not least <= value <= most:
            yield Breach(WHOLE, f"{where}.{name}", value, {"least": least, "most": most})


def _day_breaches(report: FactReport, shape: _Shape, where: str) -> Iterator[Breach]:
    first, last = report.from_day, report.through_day
    for name, day in (("from", first), ("through", last)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            yield Breach(DATE, f"{where}.{name}", day, {"first": FIRST_DAY, "last": LAST_DAY})
    if shape.one_day and last != first:
        yield Breach(ONE_DAY, f"{where}.through", last)
    elif report.kind is Kind.REPORT and (first.day != 1 or last != last_day(first)):
        yield Breach(MONTH, f"{where}.from", first)
    elif last is None and not shape.may_be_open:
        yield Breach(LAST_DAY_NEEDED, f"{where}.through", last)
    elif last is not None and last < first:
        yield Breach(THROUGH_BEFORE_FROM, f"{where}.through", last, {"start": first})

"""Facts as providers report them, and what each must look like by itself, whichever way it came.

Pure. `outcomes.documents` reads them from the API's documents, imports from files. They are checked as columns.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from backend.kernel.errors import Breach, DomainError, Rule, gettext_noop, rule
from backend.kernel.fields import CODE_MOST, MISSING, WHOLE, text
from backend.kernel.periods import MONTH
from outcomes.columns import (
    EPOCH,
    FAR,
    FAR_DAY,
    FIRST_DAY,
    I8,
    I32,
    I64,
    LAST_DAY,
    Bool,
    Index,
    Kind,
    to_day,
)  # fmt: skip
from outcomes.facts import DATE, THROUGH_BEFORE_FROM, Content
from outcomes.shapes import DAY_KEYS, SHAPES, Days, Shape

ONE_DAY = rule("fact_one_day", gettext_noop("a fact of this kind has one day"))
LAST_DAY_NEEDED = rule("fact_last_day", gettext_noop("attendance has a last day"))

FIRST, LAST = to_day(FIRST_DAY), to_day(LAST_DAY)
UNIX_DAYS = (EPOCH - date(1970, 1, 1)).days
WITHDRAWN: Content = (
    FIRST_DAY,
    FIRST_DAY,
    0,
    "",
    0,
)  # the content of a withdrawal, which takes that of what it withdraws


class FactReport(NamedTuple):
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
class ReportColumns:
    """What reports say, in columns and in their order, as `outcomes.columns.Facts` has it."""

    kind: I8
    from_day: I32
    through_day: I32
    quantity: I64
    detail: I8
    withdrawn: Bool


def columns_of_reports(reports: Sequence[FactReport]) -> ReportColumns:
    epoch = EPOCH.toordinal()
    return ReportColumns(
        kind=np.array([report.kind for report in reports], np.int8),
        from_day=np.array([report.from_day.toordinal() for report in reports], np.int32) - epoch,
        through_day=np.array([(report.through_day or FAR_DAY).toordinal() for report in reports], np.int32) - epoch,
        quantity=np.array([report.quantity for report in reports], np.int64),
        detail=np.array([report.detail for report in reports], np.int64).astype(np.int8),
        withdrawn=np.array([report.withdrawn for report in reports], np.bool_),
    )


def own_breaches(reports: Sequence[FactReport], columns: ReportColumns) -> dict[int, list[Breach]]:
    """Every rule that reports break by themselves, by their place from 0. A withdrawal's content is not looked at."""
    found: defaultdict[int, list[Breach]] = defaultdict(list)
    for key, names in (
        ("id", [report.external_id for report in reports]),
        ("placement", [report.placement for report in reports]),
        ("replaces", ["-" if report.replaces is None else report.replaces for report in reports]),
    ):
        for place, name in enumerate(() if _are_plain(names) else names):
            found[place] += _name_breaches(name, key, is_needed=True)
    for kind in map(Kind, np.unique(columns.kind[~columns.withdrawn])):
        rows = np.flatnonzero((columns.kind == kind) & ~columns.withdrawn)
        for place, breach in _kind_breaches(SHAPES[kind], [reports[row] for row in rows.tolist()], columns, rows):
            found[place].append(breach)
    return {place: breaches for place, breaches in found.items() if breaches}


def _are_plain(texts: Sequence[str]) -> bool:
    """Whether all texts are right at a glance: given, short, printable and without spaces around them."""
    return (
        all(texts)
        and max(map(len, texts), default=0) <= CODE_MOST
        and all(map(str.isprintable, texts))
        and all(text == text.strip() for text in texts)
    )


def _name_breaches(name: str, key: str, *, is_needed: bool) -> Sequence[Breach]:
    if not name:
        return [Breach(MISSING, key, name, {"key": key})] if is_needed else ()
    try:
        text(CODE_MOST)(name, key)
    except DomainError as error:
        return error.breaches
    return ()


def _kind_breaches(
    shape: Shape, reports: Sequence[FactReport], columns: ReportColumns, rows: Index
) -> Iterator[tuple[int, Breach]]:
    """What is wrong with reports of one kind, which stand in these rows of the columns."""
    for test in (*_day_tests(shape, columns, rows), *_figure_tests(shape, columns, rows)):
        for index in np.flatnonzero(test.broken).tolist():
            report = reports[index]
            yield int(rows[index]), Breach(test.rule, test.key, test.value(report), test.details(report))
    if shape.subject and not _are_plain(names := [report.subject for report in reports]):
        for row, name in zip(rows.tolist(), names, strict=True):
            for breach in _name_breaches(name, shape.subject.key, is_needed=shape.subject.is_needed):
                yield row, breach


Details = Callable[[FactReport], dict[str, object]]


def _always(**details: object) -> Details:
    return lambda report: details


BOUNDS = _always(first=FIRST_DAY, last=LAST_DAY)


class _Test(NamedTuple):
    """A rule, the key that it looks at, which of the reports break it, and what to say of one that does."""

    rule: Rule
    key: str
    broken: Bool
    value: Callable[[FactReport], object]
    details: Details = _always()


def _day_tests(shape: Shape, columns: ReportColumns, rows: Index) -> Iterator[_Test]:
    first, last = columns.from_day[rows], columns.through_day[rows]
    first_key, last_key = DAY_KEYS[shape.days][0], DAY_KEYS[shape.days][-1]
    from_day, through_day = attrgetter("from_day"), attrgetter("through_day")
    yield _Test(DATE, first_key, (first < FIRST) | (first > LAST), from_day, BOUNDS)
    match shape.days:
        case Days.ON:
            yield _Test(ONE_DAY, last_key, last != first, through_day)
        case Days.MONTH:
            month = (first + UNIX_DAYS).astype("M8[D]").astype("M8[M]")
            begins, ends = (part.astype("M8[D]").astype(np.int64) - UNIX_DAYS for part in (month, month + 1))
            yield _Test(MONTH, first_key, (first != begins) | (last != ends - 1), from_day)
        case Days.RANGE | Days.OPEN:
            yield _Test(DATE, last_key, (last != FAR) & ((last < FIRST) | (last > LAST)), through_day, BOUNDS)
            yield _Test(
                THROUGH_BEFORE_FROM, last_key, last < first, through_day, lambda report: {"start": report.from_day}
            )
            if shape.days is Days.RANGE:
                yield _Test(LAST_DAY_NEEDED, last_key, last == FAR, through_day)


def _figure_tests(shape: Shape, columns: ReportColumns, rows: Index) -> Iterator[_Test]:
    """Quantities and details within their limits; 0 where the kind has none."""
    number, word = shape.quantity, shape.detail
    least = min(number.default or 0, 0) if number else 0
    for values, get, key, low, high in (
        (columns.quantity, "quantity", number.key if number else "quantity", least, number.most if number else 0),
        (columns.detail, "detail", word.key if word else "detail", 1 if word else 0, len(word.words) if word else 0),
    ):
        part = values[rows]
        yield _Test(WHOLE, key, (part < low) | (part > high), attrgetter(get), _always(least=low, most=high))

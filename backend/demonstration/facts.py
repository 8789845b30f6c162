"""Facts are drawn for placements: of each kind that the contract's payment model looks at. Set-wise and pure."""

from dataclasses import dataclass

import numpy as np

from backend.demonstration.cast import JOB_SEARCH, MATCHING, USES
from backend.demonstration.months import Months
from backend.demonstration.placements import REASON, USE_OF, DrawnPlacements
from backend.demonstration.reported import FactTable
from outcomes.columns import FAR, I32, I64, Index, Kind

INTERRUPTED = 0.13  # of all who start
REPORT_FILED = 0.94
ATTENDED_MONTHS = 3  # enough for the start part
LATER_JOB = 0.25  # of those who complete without a job
COURSE_POINTS = 100
DAYS_OF_MONTH = 30.44

INTERRUPTIONS = ["sjukdom", "föräldraledighet", "vård av barn", "annat"]
COURSES = ["Svetsning grund", "Vård och omsorg 1", "Godshantering 1", "Måltidskunskap", "Husbyggnad 1", "Service 1"]
EMPLOYERS = 300
PASS_WORDS = (0.14, 0.2, 0.26, 0.18, 0.13, 0.09)  # A to F
FORMS = (0.34, 0.34, 0.16, 0.06, 0.10)
EXTENTS, EXTENT_PARTS = np.array([100, 80, 75, 50]), (0.66, 0.12, 0.12, 0.10)
WAGES = (13_000, 27_000)  # kronor a month
SCHOOL, COACHING, COLLEGE = "stockholm-auktorisation", "rusta-och-matcha", "falun-65-35"

# When a job that goes on is confirmed: days after its first, just past what each model asks for.
CONFIRMED = {
    SCHOOL: [125],
    COACHING: [94, 187],
    JOB_SEARCH: [184, 270, 355, 440, 550],
}


@dataclass(slots=True)
class Drawing:
    """What the facts of all kinds are drawn with."""

    rng: np.random.Generator
    placements: DrawnPlacements
    months: Months
    table: FactTable
    courses: I32
    employers: I32
    reasons: I32

    def of(self, *codes: str) -> Index:
        """The rows of placements that came, under contracts with one of these models."""
        bought = [number for number, use in enumerate(USES) if use.code in codes]
        return np.flatnonzero(np.isin(USE_OF[self.placements.contract], bought) & (self.placements.reason != 0))

    def some(self, rows: Index, part: float) -> Index:
        return rows[self.rng.random(len(rows)) < part]


def draw_facts(rng: np.random.Generator, placements: DrawnPlacements, months: Months) -> FactTable:
    """All facts of the placements, as they would be reported if nobody ever erred."""
    table = FactTable()
    drawing = Drawing(
        rng,
        placements,
        months,
        table,
        courses=table.subject_numbers(COURSES),
        employers=table.subject_numbers([_organisation_number(number) for number in range(EMPLOYERS)]),
        reasons=table.subject_numbers(INTERRUPTIONS),
    )
    _attendance(drawing)
    _period_reports(drawing)
    _interruptions(drawing)
    _grades(drawing)
    _exits(drawing)
    _studies(drawing)
    rows, start, last = _jobs(drawing)
    _employment(drawing, rows, start, last)
    _earnings(drawing, rows, start, last)
    return table


def _organisation_number(number: int) -> str:
    """An invented company's number, with its check digit."""
    digits = f"559{number + 1:06d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    check = -sum(value // 10 + value % 10 for value in doubled) % 10
    return f"{digits[:6]}-{digits[6:]}{check}"


def _attendance(drawing: Drawing) -> None:
    """Month by month until the start part is earned; one fact is enough where a single day is asked for."""
    school, others = drawing.of(SCHOOL), drawing.of(JOB_SEARCH, MATCHING)
    for later in range(ATTENDED_MONTHS):
        _attendance_of_month(drawing, school if later else np.concatenate((school, others)), later)


def _attendance_of_month(drawing: Drawing, rows: Index, later: int) -> None:
    placements, months = drawing.placements, drawing.months
    month = months.of(placements.starts_on[rows]) + later
    first = np.maximum(placements.starts_on[rows], months.starts[month])
    last = np.minimum(months.starts[month + 1] - 1, placements.exit_on[rows])
    there = first <= last
    rows, month, first, last = rows[there], month[there], first[there], last[there]
    days = np.ceil((last - first + 1) * drawing.rng.uniform(0.35, 0.72, len(rows)))
    drawing.table.add(Kind.ATTENDANCE, rows, first, last, month=month, quantity=days)


def _period_reports(drawing: Drawing) -> None:
    placements, months = drawing.placements, drawing.months
    rows = drawing.of(COACHING)
    first, last = months.of(placements.starts_on[rows]), months.of(placements.exit_on[rows])
    for later in range(int((last - first).max(initial=-1)) + 1):
        filed = drawing.some(np.flatnonzero(first + later <= last), REPORT_FILED)
        month = first[filed] + later
        drawing.table.add(Kind.REPORT, rows[filed], months.starts[month], months.starts[month + 1] - 1, month=month)


def _interruptions(drawing: Drawing) -> None:
    """Reported when they begin; they may be verified in advance."""
    placements, rng = drawing.placements, drawing.rng
    rows = drawing.some(np.flatnonzero(placements.reason != 0), INTERRUPTED)
    length = placements.exit_on[rows] - placements.starts_on[rows]
    first = placements.starts_on[rows] + (length * rng.uniform(0.1, 0.6, len(rows))).astype(np.int32)
    last = np.minimum(first + rng.integers(10, 60, len(rows)), placements.exit_on[rows] - 1)
    last = np.maximum(first, last)
    subject = drawing.reasons[rng.integers(0, len(drawing.reasons), len(rows))]
    drawing.table.add(Kind.INTERRUPTION, rows, first, last, month=drawing.months.of(first), subject=subject)


def _grades(drawing: Drawing) -> None:
    placements, rng = drawing.placements, drawing.rng
    rows = drawing.of(SCHOOL, COLLEGE)
    finished = np.isin(placements.reason[rows], [REASON[name] for name in ("completed", "work", "studies", "unknown")])
    rows = rows[rng.random(len(rows)) < np.where(finished, 0.92, 0.2)]
    on = np.maximum(placements.starts_on[rows] + 5, placements.exit_on[rows] - rng.integers(0, 6, len(rows)))
    grade = rng.choice(len(PASS_WORDS), len(rows), p=PASS_WORDS) + 1
    course = drawing.courses[rng.integers(0, len(drawing.courses), len(rows))]
    month = drawing.months.of(on)
    drawing.table.add(Kind.GRADE, rows, on, on, month=month, quantity=COURSE_POINTS, subject=course, detail=grade)


def _exits(drawing: Drawing) -> None:
    rows = np.flatnonzero(drawing.placements.reason != 0)
    on = drawing.placements.exit_on[rows]
    drawing.table.add(Kind.EXIT, rows, on, on, month=drawing.months.of(on), detail=drawing.placements.reason[rows])


def _studies(drawing: Drawing) -> None:
    """Confirmed after three and six months, as jobs are."""
    rows = drawing.of(COACHING)
    rows = rows[drawing.placements.reason[rows] == REASON["studies"]]
    start = drawing.placements.exit_on[rows] + drawing.rng.integers(1, 40, len(rows))
    last = start + drawing.rng.integers(60, 300, len(rows))
    extent = drawing.rng.choice([100, 75, 50], len(rows))
    _confirm(drawing, Kind.STUDIES, rows, start, last, CONFIRMED[COACHING], quantity=extent)


def _jobs(drawing: Drawing) -> tuple[Index, I64, I64]:
    """Who gets a job, with its first and last day."""
    placements, rng = drawing.placements, drawing.rng
    to_work = np.flatnonzero(placements.reason == REASON["work"])
    later = drawing.some(np.flatnonzero(placements.reason == REASON["completed"]), LATER_JOB)
    rows = np.concatenate((to_work, later))
    delay = np.concatenate((rng.integers(-15, 30, len(to_work)), rng.integers(5, 110, len(later))))
    start = np.maximum(placements.starts_on[rows] + 2, placements.exit_on[rows] + delay)
    length = np.clip(300 * rng.lognormal(0, 0.8, len(rows)), 8, 1500).astype(np.int64)
    return rows, start, start + length


def _employment(drawing: Drawing, rows: Index, start: I64, last: I64) -> None:
    rng = drawing.rng
    employer = drawing.employers[rng.integers(0, EMPLOYERS, len(rows))]
    form = rng.choice(len(FORMS), len(rows), p=FORMS) + 1
    extent = rng.choice(EXTENTS, len(rows), p=EXTENT_PARTS)
    for code, days in CONFIRMED.items():
        mine = np.isin(rows, drawing.of(code))
        _confirm(
            drawing,
            Kind.EMPLOYMENT,
            rows[mine],
            start[mine],
            last[mine],
            days,
            quantity=extent[mine],
            subject=employer[mine],
            detail=form[mine],
        )


def _confirm(
    drawing: Drawing, kind: Kind, rows: Index, start: I64, last: I64, days: list[int], **content: I32 | I64
) -> None:
    """Spells, reported at the first of these days after their start and corrected at each later one, until they end."""
    before = np.full(len(rows), -1)
    goes_on = np.ones(len(rows), bool)
    for day in days:
        ended = last <= start + day
        told = np.minimum(last, start + day)
        chosen = np.flatnonzero(goes_on)
        before[chosen] = drawing.table.add(
            kind,
            rows[chosen],
            start[chosen],
            np.where(ended, last, FAR)[chosen],
            month=drawing.months.of(told[chosen]),
            replaces=before[chosen],
            **{name: values[chosen] for name, values in content.items()},
        )
        goes_on &= ~ended


def _earnings(drawing: Drawing, rows: Index, start: I64, last: I64) -> None:
    """Pay on the 25th of each of the first months of a job."""
    rng, months = drawing.rng, drawing.months
    mine = np.isin(rows, drawing.of(MATCHING))
    rows, start, last = rows[mine], start[mine], last[mine]
    wage = rng.integers(*WAGES, len(rows)) * 100
    employer = drawing.employers[rng.integers(0, EMPLOYERS, len(rows))]
    for later in range(1, 6):
        month = months.of(start.astype(np.int32)) + later
        on = months.starts[month] + 24
        paid = on <= last + DAYS_OF_MONTH
        drawing.table.add(
            Kind.EARNINGS,
            rows[paid],
            on[paid],
            on[paid],
            month=month[paid],
            quantity=wage[paid],
            subject=employer[paid],
        )

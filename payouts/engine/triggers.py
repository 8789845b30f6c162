"""The triggers of PAYMENT_MODELS.md section 4, save employment: one function each, from what is known to candidates.

A candidate is the occurrence that the section's text chooses, before `within`, `report_within`, `requires` and the
cut-off test it. No other takes its place if a test fails.
"""

from dataclasses import dataclass, replace

import numpy as np

from contracts.terms import AttendanceTerms, EarningsTerms, GradeTerms, MilestoneTerms, PeriodTerms
from outcomes.columns import FAR, GRADES, I32, I64, NO_FACT, Bool, Columns, Facts, Kind, spread
from payouts.engine.days import month_length, month_name, month_of, month_start
from payouts.engine.known import Known, first_of_each, running_sum


@dataclass(frozen=True, slots=True)
class Candidates(Columns):
    """Chosen occurrences. The quantity is numerator ÷ denominator; `fact` completes it (NO_FACT: the calendar did)."""

    row: I32
    occurrence: I32  # 0 for "", a month as 202603, a block's number, or the course's subject number
    qualifies_on: I32
    numerator: I64
    denominator: I64
    fact: I64
    first_reported: I32


def once(facts: Facts) -> Candidates:
    """One candidate for each fact, as occurrence "", on the day through which the fact goes."""
    ones = np.ones(len(facts), np.int64)
    nothing = np.zeros(len(facts), np.int32)
    return Candidates(facts.placement, nothing, facts.through_day, ones, ones, facts.id, facts.first_reported)


def attendance(terms: AttendanceTerms, known: Known) -> Candidates:
    facts = attended(known)
    return once(facts.take(reaching(facts, terms.days)))


def attended(known: Known) -> Facts:
    return since_start(known, Kind.ATTENDANCE)


def milestone(terms: MilestoneTerms, known: Known) -> Candidates:
    facts = since_start(known, Kind.MILESTONE)
    name = known.subjects.milestones.get(terms.name, 0)  # 0 is the subject of no milestone
    facts = facts.take(facts.subject == name)
    return once(facts.take(first_of_each(facts.placement)))


def earnings(terms: EarningsTerms, known: Known) -> Candidates:
    facts = earned(known)
    return once(facts.take(reaching(facts, terms.threshold)))


def earned(known: Known) -> Facts:
    """Earnings of days after the start: what is paid out on the first day stems from before."""
    facts = known.facts(Kind.EARNINGS)
    return facts.take(facts.from_day > known.starts[facts.placement])


def since_start(known: Known, kind: Kind) -> Facts:
    facts = known.facts(kind)
    return facts.take(facts.from_day >= known.starts[facts.placement])


def reaching(facts: Facts, goal: int) -> Bool:
    """True on the fact with which its placement's quantities, added up in order, reach the goal."""
    so_far = running_sum(facts.placement, facts.quantity)
    return (so_far >= goal) & (so_far - facts.quantity < goal)


def grade(terms: GradeTerms, known: Known) -> Candidates:
    facts = passed_courses(terms, known)
    occurrence = facts.subject
    if terms.once_per == "placement":
        rank = known.subjects.course_rank[facts.subject]
        facts = facts.take(np.lexsort((rank, facts.from_day, facts.placement)))
        facts = facts.take(first_of_each(facts.placement))
        occurrence = np.zeros(len(facts), np.int32)
    ones = np.ones(len(facts), np.int64)
    quantity = facts.quantity if terms.per == "point" else ones
    candidates = Candidates(facts.placement, occurrence, facts.from_day, quantity, ones, facts.id, facts.first_reported)
    return candidates.take(quantity > 0)


def passed_courses(terms: GradeTerms, known: Known) -> Facts:
    """The earliest passing grade (ties: by id) of each course."""
    facts = since_start(known, Kind.GRADE)
    facts = facts.take(np.isin(facts.detail, [GRADES.index(grade) + 1 for grade in terms.passing]))
    course = facts.placement.astype(np.int64) << 32 | facts.subject
    order = np.argsort(course, kind="stable")  # keeps the order of day and id within a course
    return facts.take(order[first_of_each(course[order])])


@dataclass(frozen=True, slots=True)
class Months(Columns):
    """Active calendar months that are settled at the cut-off, in order of row and month."""

    row: I32
    month: I32
    qualifies_on: I32
    active: I64  # active days
    number: I64  # 1 for the placement's first active month, and so on


def active_months(known: Known) -> Months:
    return known.shared("months", lambda: _active_months(known))


def _active_months(known: Known) -> Months:
    last = np.minimum(known.exits, known.cutoff)
    rows = np.flatnonzero(known.starts <= last)
    first_month = month_of(known.starts[rows])
    count = month_of(last[rows]) - first_month + 1
    row = np.repeat(rows, count).astype(np.int32)
    month = spread(first_month.astype(np.intp), count.astype(np.intp)).astype(np.int32)
    start = np.maximum(known.starts[row], month_start(month))
    end = np.minimum(last[row], month_start(month) + month_length(month) - 1)
    active = (end - start + 1).astype(np.int64)
    interrupted = np.zeros(len(known), bool)
    interrupted[known.interruptions.row] = True
    some = np.flatnonzero(interrupted[row])
    active[some] -= known.interruptions.of_range(row[some], start[some], end[some])[0]
    # the month at the cut-off is settled only if it ends there, by the calendar or by the exit
    settled = (end == month_start(month) + month_length(month) - 1) | (end == known.exits[row])
    months = Months(row, month, end, active, np.zeros(len(row), np.int64)).take(settled & (active > 0))
    return replace(months, number=running_sum(months.row, np.ones(len(months), np.int64)))


def period(terms: PeriodTerms, known: Known) -> Candidates:
    months = active_months(known)
    payable = lasted_days(known)[months.row] >= terms.first_after_days
    if terms.max_periods is not None:
        payable &= months.number <= terms.max_periods
    months = months.take(payable)
    fact = np.full(len(months), NO_FACT, np.int64)
    reported = months.qualifies_on
    if terms.needs_report:
        reports = known.facts(Kind.REPORT)
        reports = reports.take(np.lexsort((reports.first_reported, reports.from_day, reports.placement)))
        key = reports.placement.astype(np.int64) << 32 | month_of(reports.from_day)
        wanted = months.row.astype(np.int64) << 32 | months.month
        place = np.searchsorted(key, wanted)
        found = np.searchsorted(key, wanted, side="right") > place
        months, place = months.take(found), place[found]
        fact, reported = reports.id[place], reports.first_reported[place]
    ones = np.ones(len(months), np.int64)
    numerator, denominator = (
        (months.active, month_length(months.month).astype(np.int64)) if terms.prorate else (ones, ones)
    )
    return Candidates(months.row, month_name(months.month), months.qualifies_on, numerator, denominator, fact, reported)


def lasted_days(known: Known) -> I32:
    """Days from the start through the exit or the cut-off, both ends counted; 0 or less before the start."""
    return np.minimum(known.exits, known.cutoff) - known.starts + 1


def month_wakeups(terms: PeriodTerms, known: Known) -> I32:
    """The next day on which a month can fall due by the mere passing of time."""
    next_day = np.maximum(known.starts, known.cutoff + 1)
    month = month_of(np.minimum(next_day, FAR))
    month_end = np.minimum(month_start(month) + month_length(month) - 1, known.exits)
    enough = known.starts + max(terms.first_after_days - 1, 0)
    waiting_for_days = np.where(enough > known.cutoff, enough, FAR)
    days = np.where(known.starts < FAR, np.minimum(month_end, waiting_for_days), FAR)
    return np.where(known.exits <= known.cutoff, FAR, days)

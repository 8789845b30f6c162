"""Why, and why not (PAYMENT_MODELS.md section 6): for one placement the status of every step, with its checks.

The amounts come from the very evaluation that pays. What is added here is what a later day could still change: facts of
days after the cut-off, an open spell going on, an interruption that makes a window longer.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from contracts.terms import (
    AttendanceTerms,
    EarningsTerms,
    EmploymentTerms,
    GradeTerms,
    MilestoneTerms,
    PeriodTerms,
    Step,
)
from outcomes.columns import FAR, Kind
from payouts.engine import triggers
from payouts.engine.days import month_length, month_of, month_start
from payouts.engine.evaluate import Book, Owed, choose, evaluate_group, tested, within_ends
from payouts.engine.findings import Check, Finding, ids, reported_checks
from payouts.engine.known import Known
from payouts.engine.why_employment import explain_employment


class Status(StrEnum):
    OWED = "owed"
    WAITING = "waiting"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Why:
    """A step of a placement at a cut-off: its status, the owed occurrences, the checks, and until when it can wait."""

    step: Step
    status: Status
    owed: Owed
    checks: list[Check] = field(default_factory=list)
    until: int | None = None

    @property
    def amount(self) -> int:
        """Öre owed for all occurrences, after the cap."""
        return int(self.owed.amount.sum())


def why(book: Book, cutoff: int, knowledge: int | None = None) -> list[Why]:
    """The answer for a book of one placement, asked as of a day, which is both cut-off and knowledge day.

    `knowledge` is given where the book counts it otherwise than in days. Nothing if the placement was not known then.
    """
    groups = book.groups(cutoff, cutoff if knowledge is None else knowledge)
    known = next((known for known in groups if known.live.any()), None)
    if known is None:
        return []
    owed, _ = evaluate_group(known)
    answers: dict[str, Why] = {}
    for index, step in enumerate(known.model.steps):
        mine = owed.take(owed.step == index)
        finding = explain(step, known) if known.starts[known.live][0] < FAR else _no_show()
        required = [
            Check("requires", code, answers[code].status.value, answers[code].status is Status.OWED)
            for code in step.requires
        ]
        possible = all(answers[code].status is not Status.MISSED for code in step.requires)
        status = Status.OWED if len(mine) else Status.WAITING if finding.open and possible else Status.MISSED
        until = finding.until if status is Status.WAITING else None
        answers[step.code] = Why(step, status, mine, [*finding.checks, *required, *_cap_checks(mine, known)], until)
    return list(answers.values())


def _no_show() -> Finding:
    return Finding([Check("starts_after", "starts_on", None, False)], open=False)


def _cap_checks(owed: Owed, known: Known) -> list[Check]:
    if known.model.cap is None or not len(owed):
        return []
    return [Check("cap", int(owed.gross.sum()), int(owed.amount.sum()), not owed.cap_cut.any())]


def explain(step: Step, known: Known) -> Finding:
    """The step's own checks, without what it requires of other steps and without the cap."""
    match step.terms:
        case AttendanceTerms():
            return _explain_attendance(step, step.terms, known)
        case MilestoneTerms():
            return _explain_milestone(step, step.terms, known)
        case GradeTerms():
            return _explain_grade(step, step.terms, known)
        case PeriodTerms():
            return _explain_period(step.terms, known)
        case EarningsTerms():
            return _explain_earnings(step, step.terms, known)
        case EmploymentTerms():
            return explain_employment(step, step.terms, known)


def _windowed(step: Step, known: Known, reached: Check, *, may_come: bool, days_needed: int = 1) -> Finding:
    """The finding of a trigger with `within`: if nothing is chosen, it is open while its window is.

    `may_come`: a fact of a later day can still be chosen; `days_needed`: so many days of the window it takes.
    """
    candidates = choose(step, known)
    ends = within_ends(step, known)
    end = None if ends is None else int(ends[known.live][0])
    checks = [reached]
    if len(candidates):
        on = int(candidates.qualifies_on[-1])
        if end is not None:
            checks.append(Check("within", end, on, on <= end, reached.facts))
        checks += reported_checks(step, candidates)
    elif end is not None and end <= known.cutoff:
        checks.append(Check("within", end, None, False))
    if len(tested(step, candidates, known)):
        return Finding(checks, open=True)
    if not may_come:
        return Finding(checks, open=False)
    if end is None:
        return Finding(checks, open=True)
    left = end - max(known.cutoff, int(known.starts[known.live][0]) - 1)
    return Finding(checks, open=left >= days_needed or (left > 0 and step.extends_for_interruptions), until=end)


def _explain_attendance(step: Step, terms: AttendanceTerms, known: Known) -> Finding:
    facts = triggers.attended(known)
    days = int(facts.quantity.sum())
    check = Check("attended_days", terms.days, days, days >= terms.days, ids(facts))
    return _windowed(step, known, check, may_come=days < terms.days, days_needed=terms.days - days)


def _explain_milestone(step: Step, terms: MilestoneTerms, known: Known) -> Finding:
    candidates = choose(step, known)
    found = int(candidates.qualifies_on[0]) if len(candidates) else None
    check = Check("milestone", terms.name, found, found is not None, tuple(int(fact) for fact in candidates.fact))
    return _windowed(step, known, check, may_come=found is None)


def _explain_grade(step: Step, terms: GradeTerms, known: Known) -> Finding:
    passed = triggers.passed_courses(terms, known)
    graded = triggers.since_start(known, Kind.GRADE)
    check = Check(
        "passing_grade", ", ".join(terms.passing), len(passed), len(passed) > 0, ids(passed if len(passed) else graded)
    )
    return _windowed(step, known, check, may_come=terms.once_per == "course" or not len(passed))


def _explain_earnings(step: Step, terms: EarningsTerms, known: Known) -> Finding:
    facts = triggers.earned(known)
    sum_ = int(facts.quantity.sum())
    check = Check("threshold", terms.threshold, sum_, sum_ >= terms.threshold, ids(facts))
    return _windowed(step, known, check, may_come=sum_ < terms.threshold)


def _explain_period(terms: PeriodTerms, known: Known) -> Finding:
    """Open while active months can come, or while a month that counts has neither ended nor been reported."""
    months = triggers.active_months(known)
    countable = months if terms.max_periods is None else months.take(months.number <= terms.max_periods)
    lasted = max(int(triggers.lasted_days(known)[known.live][0]), 0)
    enough = lasted >= terms.first_after_days
    exits = bool(known.exits[known.live][0] < FAR)
    checks = [Check("starts_after", "starts_on", len(months), len(months) > 0)]
    if terms.first_after_days:
        checks.append(Check("lasts", terms.first_after_days, lasted, enough))
    reported = len(countable)
    if terms.needs_report:
        reports = known.facts(Kind.REPORT)
        reported = int(np.isin(month_of(reports.from_day), countable.month).sum())
        checks.append(Check("period_report", len(countable), reported, reported > 0, ids(reports)))
    if exits:
        month_goes_on = known.cutoff < _month_end(int(known.exits[known.live][0]))
        last_counts = len(countable) > 0 and int(countable.qualifies_on[-1]) == int(known.exits[known.live][0])
        return Finding(checks, open=enough and (reported > 0 or (terms.needs_report and month_goes_on and last_counts)))
    more_months = terms.max_periods is None or len(months) < terms.max_periods
    return Finding(checks, open=more_months or reported > 0)


def _month_end(day: int) -> int:
    month = month_of(np.array([day], np.int32))
    return int((month_start(month) + month_length(month) - 1)[0])

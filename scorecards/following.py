"""What became of each placement, from what is known of it at a cut-off: the columns that measures are computed from.

Pure. It asks the engine that pays (`payouts.engine`), so that a durable job here is what matchningspeng is paid for.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from backend.kernel.periods import Duration
from contracts.library import library_model
from contracts.terms import EmploymentTerms, Grade, GradeTerms
from outcomes.columns import (
    FAR,
    GRADES,
    I8,
    I16,
    I32,
    I64,
    NO_FACT,
    Bool,
    Columns,
    Facts,
    Kind,
    Placements,
    Subjects,
    shelve,
)
from payouts.engine.days import add
from payouts.engine.employment import employment
from payouts.engine.known import Known, first_of_each
from payouts.engine.triggers import attended, passed_courses, since_start

# The city's own definition of a durable job (motion of 2017): at least 4 months, begun within 2 months of the end.
LIBRARY_MODEL, DURABLE_STEP = "stockholm-auktorisation", "matchningspeng"
PASSED = GradeTerms(passing=(Grade.A, Grade.B, Grade.C, Grade.D, Grade.E))
HIGHEST = GRADES.index("B") + 1  # A and B are the high grades
STATUS_MONTHS = (2, 8, 12)  # after the exit: the city asks for 2 and 8, the auditors for a year
NOTHING, STUDIES, WORK = 0, 1, 2  # what `status` says; work counts before studies


@dataclass(frozen=True, slots=True)
class Followed(Columns):
    """One row per placement. Days as in `outcomes.columns`, `FAR` for none."""

    placement: I64
    model: I16  # the payment model that it follows
    tier: I16
    starts_on: I32  # FAR: did not come
    exit_on: I32
    exit_reason: I8  # 0: none known yet
    durable_on: I32  # the day on which a durable job was reached
    job_on: I32  # the first day of the first job after the start
    status_2: I8  # after the exit, as STATUS_MONTHS; NOTHING also before an exit is known
    status_8: I8
    status_12: I8
    courses: I16  # passed
    high_grades: I16  # of them, with A or B
    points: I32
    attended: I32  # days
    is_interrupted: Bool
    facts: I32  # verified
    corrected: I32  # of them, by a later fact that was verified


def follow(placements: Placements, facts: Facts, subjects: Subjects, cutoff: int) -> Followed:
    """What the facts say of placements at a cut-off. Facts name rows of `placements`, one per placement."""
    known = Known(library_model(LIBRARY_MODEL), placements, shelve(facts), subjects, 0, cutoff, 0)
    exits = known.exit_facts
    reasons = np.zeros(len(placements), np.int8)
    reasons[exits.placement] = exits.detail
    courses = passed_courses(PASSED, known)
    attendance = attended(known)
    count = len(placements)
    return Followed(
        placement=placements.id,
        model=placements.model,
        tier=placements.tier,
        starts_on=known.starts,
        exit_on=known.exits,
        exit_reason=reasons,
        durable_on=_first_days(durable_jobs(known), count),
        job_on=_first_days(first_jobs(known), count),
        status_2=status_after(known, 2),
        status_8=status_after(known, 8),
        status_12=status_after(known, 12),
        courses=_counts(courses.placement, count).astype(np.int16),
        high_grades=_counts(courses.placement[courses.detail <= HIGHEST], count).astype(np.int16),
        points=_sums(courses.placement, np.maximum(courses.quantity, 0), count),
        attended=_sums(attendance.placement, attendance.quantity, count),
        is_interrupted=_counts(known.interruptions.row, count) > 0,
        facts=_counts(facts.placement[facts.replaces == NO_FACT], count),
        corrected=_counts(facts.placement[facts.replaces != NO_FACT], count),
    )


@cache
def durable_job_terms() -> EmploymentTerms:
    (step,) = [step for step in library_model(LIBRARY_MODEL).steps if step.code == DURABLE_STEP]
    assert isinstance(step.terms, EmploymentTerms)
    return step.terms


def durable_jobs(known: Known) -> tuple[I32, I32]:
    """Rows with the day on which each reached a durable job."""
    found = employment(durable_job_terms(), known, extends=True)
    return found.row, found.qualifies_on


def first_jobs(known: Known) -> tuple[I32, I32]:
    """Rows with the first day of each one's first job after the start."""
    jobs = since_start(known, Kind.EMPLOYMENT)
    jobs = jobs.take(first_of_each(jobs.placement))
    return jobs.placement, jobs.from_day


def status_after(known: Known, months: int) -> I8:
    """What each participant did so many months after the exit. A spell counts through its `verified` day."""
    day = add(known.exits, Duration(months, "M"))
    status = np.full(len(known), NOTHING, np.int8)
    for kind, meaning in ((Kind.STUDIES, STUDIES), (Kind.EMPLOYMENT, WORK)):
        spells = known.facts(kind)
        asked = day[spells.placement]
        covers = (spells.from_day <= asked) & (asked <= np.minimum(spells.through_day, spells.verified))
        status[spells.placement[covers]] = meaning
    return status


def _first_days(found: tuple[I32, I32], count: int) -> I32:
    days = np.full(count, FAR, np.int32)
    row, day = found
    days[row] = day
    return days


def _counts(row: I32, count: int) -> I32:
    return np.bincount(row, minlength=count).astype(np.int32)


def _sums(row: I32, values: I64, count: int) -> I32:
    return np.bincount(row, values, count).astype(np.int32)

"""The measures by which providers are compared, each once: pages, documents and files draw on this register.

A measure is counted over the placements that started in months whose follow-up time has passed for all of them, so
that denominators don't shrink as results come in. Follow-up is counted from the month of the start: a placement lasts
at most 18 months (the city's rule), and what is asked some months after its end is known so much later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from backend.kernel.errors import gettext_noop
from backend.kernel.periods import Duration
from outcomes.columns import EXIT_REASONS, FAR, I64, Bool
from payouts.engine.days import add
from scorecards.following import STATUS_MONTHS, STUDIES, WORK
from scorecards.inputs import Inputs

PARTICIPATION_MOST = 18  # months
JOB_WINDOW, JOB_LASTS = 2, 4  # months, of a durable job
YEAR = 12


class Figure(StrEnum):
    """What a measure's value is."""

    SHARE = "share"  # of those counted, 0 to 1
    MEAN = "mean"
    MEDIAN = "median"  # days
    QUOTIENT = "quotient"  # of two sums


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: over `counted` placements, the share, mean, median or quotient of `values`.

    For a quotient `values` are divided by `per`. Texts are message ids. `follow_up` in months after the month of the
    start (of the referral, if `from_referral`).
    """

    code: str
    title: str
    definition: str
    source: str
    follow_up: int
    values: Callable[[Inputs], Bool | I64]
    counted: Callable[[Inputs], Bool]
    figure: Figure = Figure.SHARE
    per: Callable[[Inputs], Bool | I64] | None = None
    unit: str = ""  # of a value that is no share by its figure: days, points, öre, or share
    from_referral: bool = False
    is_adjusted: bool = False
    more_is_better: bool | None = True
    within: str = ""  # the measure whose successes this one counts over: what is hidden there is hidden here


REPORTED = gettext_noop("verified facts that the provider reported")
DECISIONS = gettext_noop("the handlers' decisions about reported facts")
LEDGER = gettext_noop("the ledger of payouts")
REFERRALS = gettext_noop("the municipality's referrals")

COMPLETED, TO_WORK, TO_STUDIES, _, _, _, UNKNOWN = range(1, len(EXIT_REASONS) + 1)


def has_started(inputs: Inputs) -> Bool:
    return inputs.starts_on < FAR


def everyone(inputs: Inputs) -> Bool:
    return np.ones(len(inputs), bool)


def has_ended(inputs: Inputs) -> Bool:
    return has_started(inputs) & (inputs.exit_reason > 0)


def has_durable_job(inputs: Inputs) -> Bool:
    return inputs.durable_on < FAR


def job_within_year(inputs: Inputs) -> Bool:
    return (inputs.job_on < FAR) & (inputs.job_on <= add(inputs.starts_on, Duration(YEAR, "M")))


def _ended_with(*reasons: int) -> Callable[[Inputs], Bool]:
    return lambda inputs: np.isin(inputs.exit_reason, reasons)


def _status(months: int, *meanings: int) -> Callable[[Inputs], Bool]:
    return lambda inputs: np.isin(getattr(inputs, f"status_{months}"), meanings)


def _after_exit(months: int) -> list[Measure]:
    """Work, and studies, so many months after the exit."""
    titles = {
        2: (gettext_noop("In work 2 months after the exit"), gettext_noop("In studies 2 months after the exit")),
        8: (gettext_noop("In work 8 months after the exit"), gettext_noop("In studies 8 months after the exit")),
        12: (gettext_noop("In work 12 months after the exit"), gettext_noop("In studies 12 months after the exit")),
    }
    work, studies = titles[months]
    return [
        Measure(
            code=f"{name}_{months}",
            title=title,
            definition=definition,
            source=REPORTED,
            follow_up=PARTICIPATION_MOST + months,
            values=_status(months, meaning),
            counted=has_started,
        )
        for name, title, meaning, definition in (
            ("work", work, WORK, gettext_noop("Of those who started, the share with a verified job on this day.")),
            (
                "studies",
                studies,
                STUDIES,
                gettext_noop("Of those who started, the share with verified studies, and no job, on this day."),
            ),
        )
    ]


MEASURES: dict[str, Measure] = {
    measure.code: measure
    for measure in (
        Measure(
            code="started",
            title=gettext_noop("Started"),
            definition=gettext_noop("Of those who were referred, the share who came."),
            source=REFERRALS,
            follow_up=2,
            values=has_started,
            counted=everyone,
            from_referral=True,
        ),
        Measure(
            code="days_to_start",
            title=gettext_noop("Days from referral to start"),
            definition=gettext_noop("The mean of the days from the referral to the start, over those who started."),
            source=REFERRALS,
            follow_up=2,
            values=lambda inputs: (inputs.starts_on - inputs.referred_on).astype(np.int64),
            counted=has_started,
            figure=Figure.MEAN,
            unit="days",
            more_is_better=False,
        ),
        Measure(
            code="ended_as_planned",
            title=gettext_noop("Ended as planned"),
            definition=gettext_noop(
                "Of those who started, the share whose exit has the reason completed, work or studies."
            ),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=_ended_with(COMPLETED, TO_WORK, TO_STUDIES),
            counted=has_started,
        ),
        Measure(
            code="exit_to_work_or_studies",
            title=gettext_noop("Exit to work or studies"),
            definition=gettext_noop("Of those who started, the share whose exit has the reason work or studies."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=_ended_with(TO_WORK, TO_STUDIES),
            counted=has_started,
        ),
        Measure(
            code="exit_reason_unknown",
            title=gettext_noop("Exit for unknown reasons"),
            definition=gettext_noop("Of those whose exit is known, the share for which no reason is."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=_ended_with(UNKNOWN),
            counted=has_ended,
            more_is_better=False,
        ),
        Measure(
            code="passed_course",
            title=gettext_noop("Passed a course"),
            definition=gettext_noop("Of those who started, the share with a grade from E to A in at least one course."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=lambda inputs: inputs.courses > 0,
            counted=has_started,
            is_adjusted=True,
        ),
        Measure(
            code="points",
            title=gettext_noop("Points passed"),
            definition=gettext_noop("The mean of the points in passed courses, over those who started."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=lambda inputs: inputs.points.astype(np.int64),
            counted=has_started,
            figure=Figure.MEAN,
            unit="points",
        ),
        Measure(
            code="high_grades",
            title=gettext_noop("High grades"),
            definition=gettext_noop("Of the passed courses, the share with the grade A or B."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=lambda inputs: inputs.high_grades.astype(np.int64),
            counted=lambda inputs: inputs.courses > 0,
            figure=Figure.QUOTIENT,
            per=lambda inputs: inputs.courses.astype(np.int64),
            unit="share",
            more_is_better=None,
            within="passed_course",
        ),
        Measure(
            code="error_rate",
            title=gettext_noop("Errors in what was reported"),
            definition=gettext_noop(
                "Of the facts that were decided about, the share that was rejected, or corrected after it was verified."
            ),
            source=DECISIONS,
            follow_up=2,
            values=lambda inputs: inputs.errors.astype(np.int64),
            counted=lambda inputs: inputs.facts > 0,
            figure=Figure.QUOTIENT,
            per=lambda inputs: inputs.facts.astype(np.int64),
            unit="share",
            more_is_better=False,
        ),
        Measure(
            code="job_within_year",
            title=gettext_noop("A job within a year"),
            definition=gettext_noop("Of those who started, the share whose first verified job began within 12 months."),
            source=REPORTED,
            follow_up=YEAR,
            values=job_within_year,
            counted=has_started,
            is_adjusted=True,
        ),
        Measure(
            code="days_to_job",
            title=gettext_noop("Days to the first job"),
            definition=gettext_noop(
                "The median of the days from the start to the first job, over those who got one within 12 months."
            ),
            source=REPORTED,
            follow_up=YEAR,
            values=lambda inputs: (inputs.job_on - inputs.starts_on).astype(np.int64),
            counted=job_within_year,
            figure=Figure.MEDIAN,
            unit="days",
            more_is_better=False,
            within="job_within_year",
        ),
        Measure(
            code="durable_job",
            title=gettext_noop("A durable job"),
            definition=gettext_noop(
                "Of those who started, the share with a job that began no later than 2 months after the exit and lasted"
                " 4 months: what matchningspeng is paid for."
            ),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST + JOB_WINDOW + JOB_LASTS,
            values=has_durable_job,
            counted=has_started,
            is_adjusted=True,
        ),
        *(measure for months in STATUS_MONTHS for measure in _after_exit(months)),
        Measure(
            code="interrupted",
            title=gettext_noop("Interrupted"),
            definition=gettext_noop("Of those who started, the share with at least one interruption."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=lambda inputs: inputs.is_interrupted,
            counted=has_started,
            more_is_better=None,
        ),
        Measure(
            code="attended_days",
            title=gettext_noop("Attended days"),
            definition=gettext_noop("The mean of the attended days, over those who started."),
            source=REPORTED,
            follow_up=PARTICIPATION_MOST,
            values=lambda inputs: inputs.attended.astype(np.int64),
            counted=has_started,
            figure=Figure.MEAN,
            unit="days",
            more_is_better=None,
        ),
        Measure(
            code="cost_per_participant",
            title=gettext_noop("Cost per participant"),
            definition=gettext_noop("The mean of what is owed for a placement, over those who started."),
            source=LEDGER,
            follow_up=PARTICIPATION_MOST + JOB_WINDOW + JOB_LASTS,
            values=lambda inputs: inputs.cost,
            counted=has_started,
            figure=Figure.MEAN,
            unit="öre",
            more_is_better=None,
        ),
        Measure(
            code="cost_per_durable_job",
            title=gettext_noop("Cost per durable job"),
            definition=gettext_noop("What is owed for all who started, divided by their number of durable jobs."),
            source=LEDGER,
            follow_up=PARTICIPATION_MOST + JOB_WINDOW + JOB_LASTS,
            values=lambda inputs: inputs.cost,
            counted=has_started,
            figure=Figure.QUOTIENT,
            per=has_durable_job,
            unit="öre",
            more_is_better=False,
        ),
    )
}
ADJUSTED = tuple(measure for measure in MEASURES.values() if measure.is_adjusted)

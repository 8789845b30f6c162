"""Marks on reported facts: what came too late for a step, and what was left out. Pure.

A mark refuses nothing: a late fact may count for other steps, and an incomplete one is completed by a correction.
"""

from collections.abc import Iterator
from datetime import date

from backend.kernel.periods import add
from contracts.terms import (
    AttendanceTerms,
    EarningsTerms,
    EmploymentTerms,
    GradeTerms,
    MilestoneTerms,
    PaymentModel,
    Step,
)
from outcomes.columns import EXIT_REASONS, GRADES, Kind
from outcomes.reports import FactReport
from outcomes.shapes import NONE_GIVEN, SHAPES

UNKNOWN_EXIT = EXIT_REASONS.index("unknown") + 1


def late_steps(report: FactReport, first_reported: date, ended_on: date | None, model: PaymentModel) -> list[str]:
    """Codes of the steps that the fact can no longer complete, since it was first reported after their `report_within`.

    `ended_on` is the placement's exit, if one is known.
    """
    if report.withdrawn:
        return []
    return [step.code for step in model.steps if _is_late(step, report, first_reported, ended_on)]


def _is_late(step: Step, report: FactReport, first_reported: date, ended_on: date | None) -> bool:
    reached = _reached_on(step, report, ended_on) if step.report_within else None
    return bool(reached and step.report_within and first_reported > add(reached, step.report_within))


def _reached_on(step: Step, report: FactReport, ended_on: date | None) -> date | None:
    """The first day on which the step can be reached with this fact; None if it has no bearing, or is not known yet."""
    match step.terms, report.kind:
        case (AttendanceTerms(), Kind.ATTENDANCE) | (EarningsTerms(), Kind.EARNINGS):
            return report.through_day
        case MilestoneTerms(name=name), Kind.MILESTONE if name == report.subject:
            return report.through_day
        case GradeTerms(passing=passing), Kind.GRADE if GRADES[report.detail - 1] in passing:
            return report.through_day
        case EmploymentTerms() as terms, Kind.EMPLOYMENT | Kind.STUDIES:
            return _job_reached_on(terms, report, ended_on)
    return None


def _job_reached_on(terms: EmploymentTerms, report: FactReport, ended_on: date | None) -> date | None:
    """Blocks and added-up days are reached on days that other facts decide as well."""
    if report.kind.name.lower() not in terms.counts or terms.blocks or terms.cumulative:
        return None
    lasted = add(report.from_day, terms.lasts)
    if terms.of == "start":
        return lasted
    return max(lasted, ended_on) if ended_on else None


def missing_keys(report: FactReport) -> list[str]:
    """The keys that may be left out but say something that an officer will ask for."""
    return [] if report.withdrawn else list(_missing(report))


def _missing(report: FactReport) -> Iterator[str]:
    shape = SHAPES[report.kind]
    if shape.quantity and report.quantity == NONE_GIVEN:
        yield shape.quantity.key
    if shape.subject and not report.subject:
        yield shape.subject.key
    if report.kind is Kind.EXIT and report.detail == UNKNOWN_EXIT:
        yield "reason"

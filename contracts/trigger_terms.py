"""What each trigger's own keys say (PAYMENT_MODELS.md section 4), read from a step's table.

Pure; `contracts.reading` reads the rest of a step.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from fractions import Fraction
from typing import Literal, TypeVar

from backend.kernel.errors import Breach, DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import TITLE_MOST, Table, choice, flag, repeated, several, share, text, whole
from backend.kernel.money import parse_kronor
from backend.kernel.periods import Duration, parse_duration
from contracts.terms import (
    AttendanceTerms,
    Band,
    Blocks,
    EarningsTerms,
    EmploymentForm,
    EmploymentTerms,
    Grade,
    GradeTerms,
    MilestoneTerms,
    PeriodTerms,
    Terms,
    Trigger,
)

START_BEFORE_END = rule(
    "model_start_before_end", gettext_noop('may_start_before_end = false has no meaning with of = "start"')
)
CUMULATIVE_MONTHS = rule(
    "model_cumulative_months", gettext_noop("cumulative days are counted in days or weeks, and {duration} is in months")
)
PERIOD_REPORT_WITHIN = rule(
    "model_report_within_on_period", gettext_noop("a step that pays per month takes no report_within")
)
BAND_TWICE = rule("model_band_twice", gettext_noop("two bands start at the extent {extent}"))
THRESHOLD = rule("model_threshold", gettext_noop("the threshold is above 0.00"))

COUNT_MOST = 99_999  # the most days, periods or blocks that a model may name
_ANY_TIME = Duration(1, "D")  # stands in for a wrong duration until the breaches are raised

W = TypeVar("W", bound=str)

_OF: tuple[Literal["end", "start"], ...] = ("end", "start")
_COUNTS: tuple[Literal["employment", "studies"], ...] = ("employment", "studies")
_PER: tuple[Literal["occurrence", "point"], ...] = ("occurrence", "point")
_ONCE_PER: tuple[Literal["course", "placement"], ...] = ("course", "placement")


def _read_attendance(table: Table) -> AttendanceTerms:
    return AttendanceTerms(
        days=table.need("days", whole(1, COUNT_MOST), 1), within=table.take("within", parse_duration, None)
    )


def _read_milestone(table: Table) -> MilestoneTerms:
    return MilestoneTerms(
        name=table.need("name", text(TITLE_MOST), ""), within=table.take("within", parse_duration, None)
    )


def _read_grade(table: Table) -> GradeTerms:
    return GradeTerms(
        passing=_in_order(Grade, table.need("pass", several(choice(Grade)), ())),
        per=table.take("per", choice(_PER), "occurrence"),
        once_per=table.take("once_per", choice(_ONCE_PER), "course"),
        within=table.take("within", parse_duration, None),
    )


def _read_period(table: Table) -> PeriodTerms:
    if table.has("report_within"):
        table.refuse(PERIOD_REPORT_WITHIN, "report_within")
    return PeriodTerms(
        first_after_days=table.take("first_after_days", whole(0, COUNT_MOST), 0),
        needs_report=table.take("needs_report", flag, default=False),
        prorate=table.take("prorate", flag, default=True),
        max_periods=table.take("max_periods", whole(1, COUNT_MOST), None),
    )


def _read_employment(table: Table) -> EmploymentTerms:
    terms = EmploymentTerms(
        starts_within=table.need("starts_within", parse_duration, _ANY_TIME),
        lasts=table.need("lasts", parse_duration, _ANY_TIME),
        of=table.take("of", choice(_OF), "end"),
        may_start_before_end=table.take("may_start_before_end", flag, default=True),
        counts=_in_order(_COUNTS, table.take("counts", several(choice(_COUNTS)), ("employment",))),
        forms=_in_order(EmploymentForm, table.take("forms", several(choice(EmploymentForm)), tuple(EmploymentForm))),
        extent_at_least=table.take("extent_at_least", whole(0, 100), 0),
        gap_days=table.take("gap_days", whole(0, COUNT_MOST), 0),
        cumulative=table.take("cumulative", flag, default=False),
        bands=table.take("bands", _read_bands, ()),
        blocks=table.take("blocks", _read_blocks, None),
    )
    if terms.of == "start" and not terms.may_start_before_end:
        table.refuse(START_BEFORE_END, "may_start_before_end")
    if terms.cumulative and terms.lasts.unit == "M":
        table.refuse(CUMULATIVE_MONTHS, "lasts", duration=terms.lasts)
    if terms.cumulative and terms.blocks and terms.blocks.every.unit == "M":
        table.refuse(CUMULATIVE_MONTHS, "blocks", duration=terms.blocks.every)
    return terms


def _read_bands(value: object, field: str) -> tuple[Band, ...]:
    bands = several(_read_band)(value, field)
    twice = repeated(band.extent_at_least for band in bands)
    if twice:
        raise DomainError(*(Breach(BAND_TWICE, field, value, {"extent": extent}) for extent in twice))
    return tuple(sorted(bands, key=lambda band: -band.extent_at_least))


def _read_band(value: object, field: str) -> Band:
    table = Table(value, field)
    band = Band(
        extent_at_least=table.need("extent_at_least", whole(0, 100), 0), share=table.need("share", share, Fraction(0))
    )
    table.close()
    return band


def _read_blocks(value: object, field: str) -> Blocks:
    table = Table(value, field)
    blocks = Blocks(
        every=table.need("every", parse_duration, _ANY_TIME), max=table.need("max", whole(1, COUNT_MOST), 1)
    )
    table.close()
    return blocks


def _read_earnings(table: Table) -> EarningsTerms:
    return EarningsTerms(
        threshold=table.need("threshold", _threshold, 1), within=table.take("within", parse_duration, None)
    )


def _threshold(value: object, field: str) -> int:
    ore = parse_kronor(value, field)
    if ore == 0:
        raise refuse(THRESHOLD, field=field, value=value)
    return ore


def _in_order(known: Iterable[W], found: tuple[W, ...]) -> tuple[W, ...]:
    """A set of words in the vocabulary's order, so that models that mean the same are equal."""
    return tuple(word for word in known if word in found)


READ_TERMS: dict[Trigger, Callable[[Table], Terms]] = {
    Trigger.ATTENDANCE: _read_attendance,
    Trigger.MILESTONE: _read_milestone,
    Trigger.GRADE: _read_grade,
    Trigger.PERIOD: _read_period,
    Trigger.EMPLOYMENT: _read_employment,
    Trigger.EARNINGS: _read_earnings,
}

# the keys that are not called as the vocabulary's attributes
_KEYS = {"passing": "pass"}
_TERMS: dict[Trigger, type[Terms]] = {
    Trigger.ATTENDANCE: AttendanceTerms,
    Trigger.MILESTONE: MilestoneTerms,
    Trigger.GRADE: GradeTerms,
    Trigger.PERIOD: PeriodTerms,
    Trigger.EMPLOYMENT: EmploymentTerms,
    Trigger.EARNINGS: EarningsTerms,
}


def key_of(attribute: str) -> str:
    """The document's key for an attribute of a trigger's terms."""
    return _KEYS.get(attribute, attribute)


def keys_of(trigger: Trigger) -> tuple[str, ...]:
    """The keys that a trigger adds to those of every step."""
    return tuple(key_of(term.name) for term in fields(_TERMS[trigger]))


def triggers_of_keys() -> dict[str, str]:
    """For each key that only some triggers have, their names."""
    found: dict[str, list[str]] = {}
    for trigger in Trigger:
        for key in keys_of(trigger):
            found.setdefault(key, []).append(trigger)
    return {key: ", ".join(triggers) for key, triggers in found.items()}

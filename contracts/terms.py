"""The vocabulary of payment models (PAYMENT_MODELS.md sections 1 and 4): what a model can say, as frozen data.

Pure. `contracts.reading` makes these from TOML or JSON and refuses what breaks a rule; the engine reads them.
Amounts are whole öre, shares exact fractions.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from backend.kernel.periods import Duration


class Trigger(StrEnum):
    ATTENDANCE = "attendance"
    MILESTONE = "milestone"
    GRADE = "grade"
    PERIOD = "period"
    EMPLOYMENT = "employment"
    EARNINGS = "earnings"


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    NO_BASIS = "-"


class EmploymentForm(StrEnum):
    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    PROBATION = "probation"
    HOURLY = "hourly"
    SUBSIDISED = "subsidised"


@dataclass(frozen=True, slots=True)
class AttendanceTerms:
    """Pays with the attended day number `days`."""

    days: int
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class MilestoneTerms:
    """Pays on the earliest milestone called `name`."""

    name: str
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class GradeTerms:
    """Pays passed courses, each once, per course or per credit point."""

    passing: tuple[Grade, ...]
    per: Literal["occurrence", "point"] = "occurrence"
    once_per: Literal["course", "placement"] = "course"
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class PeriodTerms:
    """Pays per calendar month while the placement is active."""

    first_after_days: int = 0
    needs_report: bool = False
    prorate: bool = True
    max_periods: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """The share paid where the mean extent (per cent of full time) reaches `extent_at_least`."""

    extent_at_least: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class Blocks:
    """Pay for each further full block of `every` after the first duration, at most `max` of them."""

    every: Duration
    max: int


@dataclass(frozen=True, slots=True)
class EmploymentTerms:
    """Pays for a job (or studies) that begins in its window and lasts."""

    starts_within: Duration
    lasts: Duration
    of: Literal["end", "start"] = "end"
    may_start_before_end: bool = True
    counts: tuple[Literal["employment", "studies"], ...] = ("employment",)
    forms: tuple[EmploymentForm, ...] = tuple(EmploymentForm)
    extent_at_least: int = 0
    gap_days: int = 0
    cumulative: bool = False
    bands: tuple[Band, ...] = ()  # highest `extent_at_least` first
    blocks: Blocks | None = None


@dataclass(frozen=True, slots=True)
class EarningsTerms:
    """Pays once earnings after the start add up to `threshold` öre."""

    threshold: int
    within: Duration | None = None


Terms = AttendanceTerms | MilestoneTerms | GradeTerms | PeriodTerms | EmploymentTerms | EarningsTerms


@dataclass(frozen=True, slots=True)
class Step:
    """One payment step.

    Either `amounts` (öre, one per tier in the order of the model) or `share` of the price of the placement.
    """

    code: str
    title: str
    trigger: Trigger
    terms: Terms
    amounts: tuple[int, ...] | None = None
    share: Fraction | None = None
    requires: tuple[str, ...] = ()
    report_within: Duration | None = None
    extends_for_interruptions: bool = True


@dataclass(frozen=True, slots=True)
class PaymentModel:
    """A whole payment model; `cap` is the most öre that one placement can be paid in all."""

    code: str
    title: str
    source: str
    tiers: tuple[str, ...]
    steps: tuple[Step, ...]
    cap: int | None = None

    def step(self, code: str) -> Step:
        return next(step for step in self.steps if step.code == code)

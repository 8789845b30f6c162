"""From placements, facts and models to what is owed at a cut-off: the modifiers that all triggers share, and the cap.

One path serves a run over a million placements, a page about one, a case file and a simulation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from contracts.terms import (
    AttendanceTerms,
    EarningsTerms,
    EmploymentTerms,
    GradeTerms,
    MilestoneTerms,
    PaymentModel,
    PeriodTerms,
    Step,
)
from outcomes.columns import FAR, I16, I32, I64, Bool, Columns, Facts, Kind, Placements, Shelf, Subjects, shelve
from payouts.engine import triggers
from payouts.engine.days import add
from payouts.engine.employment import employment
from payouts.engine.known import Known, running_sum
from payouts.engine.triggers import Candidates

ENGINE_VERSION = "1"  # raised whenever the same input could give another result


@dataclass(frozen=True, slots=True)
class Owed(Columns):
    """What is owed, before the ledger is subtracted: in order of placement row, step and occurrence. Amounts in öre."""

    row: I32  # row of Placements
    step: I16  # index into the steps of the placement's model
    occurrence: I32
    qualifies_on: I32
    fact: I64
    gross: I64
    cap_cut: I64

    @property
    def amount(self) -> I64:
        return self.gross - self.cap_cut


@dataclass(frozen=True, slots=True)
class Result:
    """`owed` at the cut-off; `wake_on` the next day on which time alone can change it, by placement row (FAR: none)."""

    owed: Owed
    wake_on: I32


class Book:
    """Placements and facts made ready: grouped by model and sorted once, to be evaluated at any number of cut-offs."""

    def __init__(self, models: Sequence[PaymentModel], placements: Placements, facts: Facts, subjects: Subjects):
        self.models = models
        self.order = np.argsort(placements.model, kind="stable")
        self.placements = placements.take(self.order)
        row_of = np.empty(len(placements), np.int32)
        row_of[self.order] = np.arange(len(placements))
        self.shelves: dict[Kind, Shelf] = shelve(replace(facts, placement=row_of[facts.placement]))
        self.subjects = subjects

    def groups(self, cutoff: int, knowledge: int) -> Iterator[Known]:
        """The placements of each model, with what is known of them."""
        for index, model in enumerate(self.models):
            first, end = np.searchsorted(self.placements.model, (index, index + 1))
            if first < end:
                part = self.placements.take(slice(first, end))
                yield Known(model, part, self.shelves, self.subjects, int(first), cutoff, knowledge)

    def evaluate(self, cutoff: int, knowledge: int) -> Result:
        """What is owed at the end of day `cutoff` by the facts known at `knowledge` (on the scale of `Facts.known`)."""
        parts: list[Owed] = []
        wake_on = np.full(len(self.placements), FAR, np.int32)
        for known in self.groups(cutoff, knowledge):
            owed, wakes = evaluate_group(known)
            rows = self.order[known.first : known.first + len(known)]
            parts.append(replace(owed, row=rows[owed.row].astype(np.int32)))
            wake_on[rows] = wakes
        return Result(_in_order(parts), wake_on)


def _in_order(parts: list[Owed]) -> Owed:
    owed = Owed.join(parts) if parts else NOTHING
    # steps, and occurrences within a step, already stand in order, and a stable sort keeps them so
    return owed.take(np.argsort(owed.row, kind="stable"))


NOTHING = Owed(
    row=np.zeros(0, np.int32),
    step=np.zeros(0, np.int16),
    occurrence=np.zeros(0, np.int32),
    qualifies_on=np.zeros(0, np.int32),
    fact=np.zeros(0, np.int64),
    gross=np.zeros(0, np.int64),
    cap_cut=np.zeros(0, np.int64),
)


def evaluate_group(known: Known) -> tuple[Owed, I32]:
    """What is owed to one model's placements, and when each must be looked at again."""
    reached: dict[str, Bool] = {}  # by step code: rows with at least one owed occurrence, before caps
    wake_on = np.where(known.starts > known.cutoff, known.starts, FAR)
    wake_on[known.openly_interrupted] = known.cutoff + 1
    parts = []
    for index, step in enumerate(known.model.steps):
        candidates = tested(step, choose(step, known), known)
        np.minimum.at(
            wake_on, candidates.row, np.where(candidates.qualifies_on > known.cutoff, candidates.qualifies_on, FAR)
        )
        if isinstance(step.terms, PeriodTerms):
            np.minimum(wake_on, triggers.month_wakeups(step.terms, known), out=wake_on)
        candidates = due(step, candidates, known, reached)
        reached[step.code] = np.zeros(len(known), bool)
        reached[step.code][candidates.row] = True
        parts.append(_priced(index, step, candidates, known))
    owed = Owed.join(parts)
    return (_capped(owed, known) if known.model.cap is not None else owed), wake_on


def choose(step: Step, known: Known) -> Candidates:
    """The occurrences that the step's trigger chooses."""
    match step.terms:
        case AttendanceTerms():
            return triggers.attendance(step.terms, known)
        case MilestoneTerms():
            return triggers.milestone(step.terms, known)
        case GradeTerms():
            return triggers.grade(step.terms, known)
        case PeriodTerms():
            return triggers.period(step.terms, known)
        case EarningsTerms():
            return triggers.earnings(step.terms, known)
        case EmploymentTerms():
            return employment(step.terms, known, extends=step.extends_for_interruptions)


def within_ends(step: Step, known: Known) -> I32 | None:
    """The last day of each row's window from `starts_on`, where the step has one."""
    within = getattr(step.terms, "within", None)
    if within is None:
        return None
    extends = step.extends_for_interruptions
    return known.shared(("within", within, extends), lambda: known.window_ends(known.starts, within, extends=extends))


def in_window(step: Step, candidates: Candidates, known: Known) -> Bool:
    ends = within_ends(step, known)
    return np.ones(len(candidates), bool) if ends is None else candidates.qualifies_on <= ends[candidates.row]


def reported_in_time(step: Step, candidates: Candidates) -> Bool:
    """Whether the completing fact was first reported within `report_within` of the qualifying day."""
    if step.report_within is None:
        return np.ones(len(candidates), bool)
    return candidates.first_reported <= add(candidates.qualifies_on, step.report_within)


def tested(step: Step, candidates: Candidates, known: Known) -> Candidates:
    """The candidates of placements that have started and that pass `within` and `report_within`."""
    started = known.starts[candidates.row] < FAR
    return candidates.take(started & in_window(step, candidates, known) & reported_in_time(step, candidates))


def due(step: Step, candidates: Candidates, known: Known, reached: dict[str, Bool]) -> Candidates:
    """The candidates that qualify by the cut-off and whose required steps are owed."""
    now = candidates.qualifies_on <= known.cutoff
    for code in step.requires:
        now &= reached[code][candidates.row]
    return candidates.take(now)


def unit_prices(step: Step, known: Known) -> tuple[I64, int]:
    """What one whole quantity is worth to each row: öre as numerators over one denominator."""
    if step.amounts is not None:
        return np.array(step.amounts, np.int64)[known.placements.tier], 1
    assert step.share is not None  # a step has either
    return known.placements.price * step.share.numerator, step.share.denominator


def _priced(index: int, step: Step, candidates: Candidates, known: Known) -> Owed:
    units, whole = unit_prices(step, known)
    numerator = units[candidates.row] * candidates.numerator
    denominator = candidates.denominator * whole
    gross = (2 * numerator + denominator) // (2 * denominator)  # rounded once, half up, to the öre
    return Owed(
        candidates.row,
        np.full(len(candidates), index, np.int16),
        candidates.occurrence,
        candidates.qualifies_on,
        candidates.fact,
        gross,
        np.zeros(len(candidates), np.int64),
    )


def _capped(owed: Owed, known: Known) -> Owed:
    """Occurrences in order of day, step and occurrence fill the cap; the one that crosses it is cut, later are 0."""
    assert known.model.cap is not None
    order = np.lexsort((_text_order(owed, known), owed.step, owed.qualifies_on, owed.row))
    row, gross = owed.row[order], owed.gross[order]
    cut = np.empty(len(row), np.int64)
    cut[order] = np.clip(running_sum(row, gross) - known.model.cap, 0, gross)
    return replace(owed, cap_cut=cut)


def _text_order(owed: Owed, known: Known) -> I32:
    """Occurrences as numbers that sort as their texts do: courses by code, months and blocks by number."""
    rank = owed.occurrence.copy()
    for index, step in enumerate(known.model.steps):
        if isinstance(step.terms, GradeTerms):
            courses = owed.step == index
            rank[courses] = known.subjects.course_rank[rank[courses]]
    return rank

"""From tables to the engine's columns: placements, facts and ledger as known at given moments.

One book serves a run (one moment), a replay (the moments of all runs) and a page (one placement).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import psycopg

from backend.kernel.bulk import number_array
from backend.kernel.columns import Column, Readers, Reading, read_columns
from contracts.models import ModelStep, PaymentModelVersion
from contracts.selectors import model_of
from contracts.terms import PaymentModel
from outcomes.columns import FAR, I32, I64, KNOWLEDGE_FAR, Facts, Kind, Placements, Subjects, spread
from outcomes.models import Subject
from payouts.engine.evaluate import Book
from payouts.engine.netting import Ledger, Lines

NO_MODEL = -1
EVERY_ID = 2**31 - 1

# Where only one moment is asked about, when a row was recorded need not be read: the last column is left out.
PLACEMENTS = """
    SELECT id, placement_id, contract_id, coalesce(price, -1), referred_on, coalesce(starts_on, 'infinity'), tier,
        recorded_at
    FROM outcomes_placementversion WHERE {rows} AND recorded_at <= %(known)s"""
PLACEMENT_TYPES = ("i4", "i4", "i4", "i8", "i4", "i4", "i2", "i8")
# the three small numbers travel as one
FACTS = """
    SELECT id, placement_id, kind + (detail << 8) + (withdrawn::int << 24), from_day,
        coalesce(through_day, 'infinity'), quantity, coalesce(subject_id, 0), first_reported, verified,
        coalesce(replaces_id, 0), verified_at
    FROM outcomes_fact WHERE {rows} AND verified_at <= %(known)s"""
FACT_TYPES = ("i8", "i4", "i4", "i4", "i4", "i8", "i4", "i4", "i4", "i8", "i8")
LEDGER = """
    SELECT placement_id, step_id, occurrence, qualifies_on, coalesce(fact_id, 0), amount, run_id
    FROM payouts_line WHERE {rows}"""
LEDGER_TYPES = ("i4", "i4", "i4", "i4", "i8", "i8", "i4")
RANGE = "placement_id >= %(low)s AND placement_id < %(end)s"
SOME = "placement_id IN (SELECT unnest(%(some)s::int[]))"
# the ledger has a partition for each run: for many placements one pass is quicker than a search in each (+ 0: no index)
MANY = "placement_id + 0 IN (SELECT unnest(%(some)s::int[]))"
FEW = 200  # placements


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What terms refer to: published models, the numbers of their steps, and which version a contract had when."""

    version_ids: list[int]
    models: list[PaymentModel]
    step_ids: list[list[int]]  # by model and position
    terms: "TermsTable"
    subjects: Subjects

    def step_numbers(self, model: np.ndarray, step: np.ndarray) -> I32:
        """The ids of steps given by model and position."""
        most = max(map(len, self.step_ids), default=0)
        table = np.array([ids + [0] * (most - len(ids)) for ids in self.step_ids] or [[0]], np.int32)
        return table[model, step]


@dataclass(frozen=True, slots=True)
class TermsTable:
    """Contract terms in order of contract and first day."""

    contract: I32
    first_day: I32
    end_day: I32  # exclusive
    model: I32

    def model_of(self, contract: I32, day: I32) -> I32:
        """The model that governs a contract's placements referred on a day; NO_MODEL where none does."""
        if not len(self.contract):
            return np.full(len(contract), NO_MODEL, np.int32)
        key = self.contract.astype(np.int64) << 32 | (self.first_day.astype(np.int64) + (1 << 31))
        asked = contract.astype(np.int64) << 32 | (day.astype(np.int64) + (1 << 31))
        place = np.maximum(np.searchsorted(key, asked, side="right") - 1, 0)
        governs = (self.contract[place] == contract) & (self.first_day[place] <= day) & (day < self.end_day[place])
        return np.where(governs, self.model[place], NO_MODEL).astype(np.int32)


def read_catalogue(connection: psycopg.Connection) -> Catalogue:
    """All published versions; they are few."""
    versions = list(PaymentModelVersion.objects.order_by("id"))
    steps: dict[int, list[int]] = {version.pk: [] for version in versions}
    for version_id, step_id in ModelStep.objects.order_by("version", "position").values_list("version_id", "id"):
        steps[version_id].append(step_id)
    index_of = {version.pk: index for index, version in enumerate(versions)}
    contract, first_day, end_day, version = read_columns(
        connection,
        "SELECT contract_id, coalesce(lower(period), '-infinity'), coalesce(upper(period), 'infinity'), version_id"
        " FROM contracts_contractterms ORDER BY contract_id, lower(period) NULLS FIRST",
        ["i4", "i4", "i4", "i4"],
    )
    model = np.array([index_of[number] for number in version.tolist()], np.int32)
    return Catalogue(
        [version.pk for version in versions],
        [model_of(version) for version in versions],
        [steps[version.pk] for version in versions],
        TermsTable(contract, first_day, end_day, model),
        read_subjects(),
    )


def read_subjects() -> Subjects:
    courses = dict(Subject.objects.filter(kind=Kind.GRADE).values_list("id", "text"))
    rank = np.zeros(max(courses, default=0) + 1, np.int32)
    rank[sorted(courses, key=courses.__getitem__)] = np.arange(len(courses))
    milestones = {
        text: number for number, text in Subject.objects.filter(kind=Kind.MILESTONE).values_list("id", "text")
    }
    return Subjects(milestones, rank)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which placements to read: a range of ids (by default all), or some given ones."""

    low: int = 0
    end: int = EVERY_ID
    some: I32 | None = None

    @property
    def is_everything(self) -> bool:
        return self.some is None and (self.low, self.end) == (0, EVERY_ID)

    @property
    def condition(self) -> str:
        return RANGE if self.some is None else SOME

    @property
    def ledger_condition(self) -> str:
        return MANY if self.some is not None and len(self.some) > FEW else self.condition

    @property
    def parameters(self) -> dict[str, object]:
        return {"low": self.low, "end": self.end} if self.some is None else {"some": number_array(self.some.tolist())}


@dataclass(frozen=True, slots=True)
class PlacementRows:
    """Placement rows in order of id, ready for the engine but for their facts."""

    placements: Placements
    contract: I32
    unruled: I32  # ids of placements that hold and have no model …
    unruled_contract: I32  # … and their contracts

    def block(self, start: int, end: int) -> "PlacementRows":
        """Some of the rows; those without a model go with the first."""
        some = slice(start, end)
        without = slice(None) if start == 0 else slice(0, 0)
        return PlacementRows(
            self.placements.take(some), self.contract[some], self.unruled[without], self.unruled_contract[without]
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table under way; `result` gives their columns, and for each row the first moment that knew it."""

    reading: Reading
    moments: Sequence[datetime]

    def result(self) -> tuple[list[Column], I32]:
        columns = self.reading.result()
        if len(self.moments) == 1:
            return columns, np.zeros(len(columns[0]), np.int32)
        return columns[:-1], _place_of(columns[-1], self.moments)


def start_placements(readers: Readers, selection: Selection, moments: Sequence[datetime]) -> Rows:
    """Begin to read the placements that were known at the last moment."""
    return _start(readers, "outcomes_placementversion", PLACEMENTS, PLACEMENT_TYPES, selection, moments)


def start_facts(readers: Readers, selection: Selection, moments: Sequence[datetime]) -> Rows:
    """Begin to read the facts that were verified by the last moment."""
    return _start(readers, "outcomes_fact", FACTS, FACT_TYPES, selection, moments)


def _start(
    readers: Readers,
    table: str,
    query: str,
    types: Sequence[str],
    selection: Selection,
    moments: Sequence[datetime],
) -> Rows:
    parameters = {**selection.parameters, "known": moments[-1]}
    if len(moments) == 1:
        query, types = last_column_removed(query), types[:-1]
    if selection.is_everything:
        return Rows(readers.start_heap(table, query, types, parameters), moments)
    return Rows(readers.start(query.format(rows=selection.condition), types, parameters), moments)


def last_column_removed(query: str) -> str:
    columns, rest = query.split("    FROM", 1)
    return columns.rpartition(",")[0] + "    FROM" + rest


def _place_of(recorded: I64, moments: Sequence[datetime]) -> I32:
    """The first of the moments by which each row was recorded."""
    epoch = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    known = [(moment - epoch).total_seconds() for moment in moments]
    micros = np.array([round(seconds * 1_000_000) for seconds in known], np.int64)
    return np.searchsorted(micros, recorded, side="left").astype(np.int32)


def placements_of(catalogue: Catalogue, started: Rows) -> PlacementRows:
    """The placements, in order of id; `known` counts the moments, from 0."""
    columns, known = started.result()
    order = np.lexsort((columns[0], columns[1]))
    _, placement, contract, price, referred, starts, tier, known = (column[order] for column in (*columns, known))
    superseded = np.full(len(known), KNOWLEDGE_FAR, np.int32)
    again = np.flatnonzero(placement[1:] == placement[:-1])
    superseded[again] = known[again + 1]
    model = catalogue.terms.model_of(contract, referred)
    holds = superseded > known
    ruled, unruled = holds & (model != NO_MODEL), holds & (model == NO_MODEL)
    rows = Placements(
        placement.astype(np.int64), model.astype(np.int16), tier, price, np.minimum(starts, FAR), known, superseded
    )
    return PlacementRows(rows.take(ruled), contract[ruled], placement[unruled], contract[unruled])


def facts_of(rows: Placements, started: Rows) -> Facts:
    """The facts of placements that have rows; `known` counts the moments, from 0."""
    columns, known = started.result()
    number, placement, small, from_day, through_day, quantity, subject, reported, verified, replaces = columns
    first, count = rows_of(rows, placement)
    facts = Facts(
        id=number,
        placement=first,
        kind=(small & 0xFF).astype(np.int8),
        from_day=from_day,
        through_day=np.minimum(through_day, FAR),
        quantity=quantity,
        subject=subject,
        detail=(small >> 8 & 0xFFFF).astype(np.int8),
        first_reported=reported,
        verified=verified,
        known=known,
        replaces=replaces,
        withdrawn=small >> 24 > 0,
    )
    if bool(np.all(count == 1)):
        return facts
    # a placement with several rows has its facts at each of them; one without a model has none
    repeated = facts.take(np.repeat(np.arange(len(facts)), count))
    return replace(repeated, placement=spread(first.astype(np.intp), count).astype(np.int32))


def rows_of(rows: Placements, placement: I32 | I64) -> tuple[I32, I64]:
    """For placement ids, the first of their rows and how many there are (0 where there is none)."""
    size = max(int(rows.id.max(initial=0)), int(placement.max(initial=0))) + 1
    counts = np.bincount(rows.id, minlength=size)
    first = np.cumsum(counts) - counts  # rows stand in order of id
    return first[placement].astype(np.int32), counts[placement]


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """Ledger lines in order of run: by placement id, not yet by row."""

    placement: I32
    run: I32
    lines: Ledger

    def with_run(self, run: int, placement: I32, lines: Lines) -> "LedgerRows":
        """These, and after them the lines of a later run."""
        later = Ledger(lines.row, lines.step, lines.occurrence, lines.qualifies_on, lines.fact, lines.amount)
        return LedgerRows(
            np.concatenate((self.placement, placement)),
            np.concatenate((self.run, np.full(len(placement), run, np.int32))),
            Ledger.join([self.lines, later]),
        )


@dataclass(frozen=True, slots=True)
class StartedLedger:
    """Ledger lines under way, and the runs whose lines are wanted."""

    reading: Reading
    runs: Sequence[int]


def start_ledger(readers: Readers, selection: Selection, runs: Sequence[int]) -> StartedLedger:
    """Begin to read the lines of some runs, which count."""
    rows = selection.ledger_condition if runs else "false"
    return StartedLedger(readers.start(LEDGER.format(rows=rows), LEDGER_TYPES, selection.parameters), runs)


def lines_held(started: StartedLedger) -> LedgerRows:
    """The lines, in order of run. Those of other runs are few, and cost less here than a condition on every line."""
    placement, step, occurrence, qualifies_on, fact, amount, run = started.reading.result()
    counts = np.zeros(max(int(run.max(initial=0)), *started.runs, 0) + 1, bool)
    counts[list(started.runs)] = True
    order = np.argsort(run, kind="stable")
    order = order[counts[run[order]]]
    lines = Ledger(placement, step, occurrence, qualifies_on, fact, amount).take(order)
    return LedgerRows(placement[order], run[order], lines)


def make_book(catalogue: Catalogue, rows: PlacementRows, facts: Facts) -> Book:
    return Book(catalogue.models, rows.placements, facts, catalogue.subjects)

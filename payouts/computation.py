"""A run's computation: from one snapshot of the tables to the lines that bring the ledger to what is owed.

Chunks are blocks of memory. Tables are read over two connections that share the snapshot; while one chunk is evaluated,
the ledger of the next is under way.
"""

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
import psycopg
from django.db import connection as django_connection

from backend.kernel.columns import Column, Readers, read_columns, write_columns
from outcomes.breaches import Found, find_breaches
from outcomes.columns import I32, I64, NO_FACT, Facts
from outcomes.services.checking import NO_TERMS
from payouts.books import (
    Catalogue,
    LedgerRows,
    PlacementRows,
    Selection,
    StartedLedger,
    facts_of,
    lines_held,
    make_book,
    placements_of,
    read_catalogue,
    rows_of,
    start_facts,
    start_ledger,
    start_placements,
)
from payouts.engine.evaluate import ENGINE_VERSION, Owed
from payouts.engine.netting import Ledger, Lines, difference
from payouts.models import Run
from payouts.states import RunState

CHUNK = 100_000  # placements evaluated together: some 100 MB

MARKS = "SELECT id, placement_id FROM outcomes_changedplacement"
WOKEN = "SELECT placement_id FROM payouts_wakeup WHERE wake_on <= %(cutoff)s"
PARKED_BEFORE = """
    SELECT placement.id FROM outcomes_placement AS placement
    JOIN contracts_contract AS contract ON contract.id = placement.contract_id
    JOIN payouts_parkedprovider AS parked ON parked.provider_id = contract.provider_id
    WHERE parked.run_id = %(run)s"""

# The columns of a line in the order in which the digest takes them.
LINE_TYPES = {
    "placement_id": "i4",
    "contract_id": "i4",
    "step_id": "i4",
    "occurrence": "i4",
    "qualifies_on": "i4",
    "fact_id": "i8",
    "gross": "i8",
    "cap_cut": "i8",
    "paid_before": "i8",
    "amount": "i8",
}


@dataclass(frozen=True, slots=True)
class RunLines:
    """The lines of one chunk, in order of placement, step and occurrence, with the tables' own numbers."""

    lines: Lines
    placement: I32
    contract: I32

    def columns(self) -> dict[str, Column]:
        lines = self.lines
        return {
            "placement_id": self.placement,
            "contract_id": self.contract,
            "step_id": lines.step,
            "occurrence": lines.occurrence,
            "qualifies_on": lines.qualifies_on,
            "fact_id": lines.fact,
            "gross": lines.gross,
            "cap_cut": lines.cap_cut,
            "paid_before": lines.paid_before,
            "amount": lines.amount,
        }


@dataclass(slots=True)
class Digest:
    """SHA-256 over a run's lines: each column's name and the hash of its values, big-endian and of fixed width."""

    hashes: dict[str, "hashlib._Hash"] = field(default_factory=lambda: {name: hashlib.sha256() for name in LINE_TYPES})
    count: int = 0
    total: int = 0  # öre

    def add(self, columns: dict[str, Column]) -> None:
        for name, kind in LINE_TYPES.items():
            self.hashes[name].update(columns[name].astype(f">{kind}").tobytes())
        self.count += len(columns["amount"])
        self.total += int(columns["amount"].sum())

    def hex(self) -> str:
        whole = hashlib.sha256(self.count.to_bytes(8))
        for name, column in self.hashes.items():
            whole.update(len(name).to_bytes(2) + name.encode() + column.digest())
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Parked:
    """A provider that is left out, with the breach that was found first."""

    provider: int
    placement: int
    fact: int
    rule: str
    field: str
    value: str


def new_connection() -> psycopg.Connection:
    """One more connection to the database that Django uses, as the app's role."""
    parameters = django_connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    # the run's own two readers are the parallelism: aggregating columns in parallel workers costs more than it gains
    return psycopg.connect(**parameters, options="-c max_parallel_workers_per_gather=0")


def must_be_full(before: Run | None) -> bool:
    """Whether a run computes every placement: marks and wake-up days go on from the run before, unless it was
    cancelled or another engine computed it."""
    return before is None or before.state == RunState.CANCELLED or before.engine_version != ENGINE_VERSION


def touched_placements(connection: psycopg.Connection, marked: I32, cutoff: date, before: Run) -> I32:
    """Placements that changed since the run before, that time alone may have changed, or that it left out; in order."""
    (woken,) = read_columns(connection, WOKEN, ["i4"], {"cutoff": cutoff})
    (left,) = read_columns(connection, PARKED_BEFORE, ["i4"], {"run": before.pk})
    return np.unique(np.concatenate((marked, woken, left))).astype(np.int32)


@contextmanager
def shared_snapshot(first: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A second connection that sees the very snapshot of `first`, which is inside a repeatable read transaction."""
    with first.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
    with new_connection() as second:
        second.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        second.execute(psycopg.sql.SQL("SET TRANSACTION SNAPSHOT {}").format(psycopg.sql.Literal(snapshot)))
        yield second
        second.rollback()


@dataclass(frozen=True, slots=True)
class Job:
    """What to compute: what is owed at `cutoff` (a day number) by what `moment` knew, less `earlier` runs' lines."""

    cutoff: int
    moment: datetime
    earlier: Sequence[int]
    touched: I32 | None = None  # placement ids in order; None: every placement
    left_out: frozenset[int] = frozenset()  # parked providers


@dataclass(frozen=True, slots=True)
class Computed:
    """One evaluated chunk: its lines, and when each of its placements must be looked at again."""

    lines: RunLines
    placement: I32
    wake_on: I32
    parked: list[Parked]
    versions: set[int]


@dataclass(slots=True)
class Tally:
    """What a computation comes to, gathered chunk by chunk."""

    digest: Digest
    parked: list[Parked] = field(default_factory=list)
    versions: set[int] = field(default_factory=set)
    placements: list[I32] = field(default_factory=list)
    wake_on: list[I32] = field(default_factory=list)

    def add(self, chunk: Computed, columns: dict[str, Column]) -> None:
        known = {one.provider for one in self.parked}
        self.parked += [one for one in chunk.parked if one.provider not in known]
        self.versions |= chunk.versions
        self.digest.add(columns)
        self.placements.append(chunk.placement)
        self.wake_on.append(chunk.wake_on)


class Computation:
    """Evaluates a job chunk by chunk over two connections that see one snapshot."""

    def __init__(self, first: psycopg.Connection, second: psycopg.Connection, job: Job):
        self.first, self.second, self.job = first, second, job
        self.expected = 0 if job.touched is None else len(job.touched)  # placements; of all known once they are read
        self.catalogue: Catalogue = read_catalogue(first)
        contract, provider = read_columns(first, "SELECT id, provider_id FROM contracts_contract", ["i4", "i4"])
        self.provider_of = np.zeros(int(contract.max(initial=0)) + 1, np.int32)
        self.provider_of[contract] = provider

    def chunks(self) -> Iterator[Computed]:
        """What the job comes to, chunk by chunk in order of placement."""
        for block in self.blocks([self.job.moment], self.job.earlier):
            yield self._evaluate(*block)

    def blocks(
        self, moments: Sequence[datetime], runs: Sequence[int]
    ) -> Iterator[tuple[PlacementRows, Facts, StartedLedger]]:
        """The job's placements as known at the moments, block by block; the ledger lines of the runs are under way."""
        with Readers([self.first, self.second]) as readers:
            if self.job.touched is None:
                yield from self._all_blocks(readers, moments, runs)
            else:
                for start in range(0, len(self.job.touched), CHUNK):
                    some = Selection(some=self.job.touched[start : start + CHUNK])
                    held = start_ledger(readers, some, runs)  # takes longest
                    placements, facts = start_placements(readers, some, moments), start_facts(readers, some, moments)
                    rows = placements_of(self.catalogue, placements)
                    yield rows, facts_of(rows.placements, facts), held

    def _all_blocks(
        self, readers: Readers, moments: Sequence[datetime], runs: Sequence[int]
    ) -> Iterator[tuple[PlacementRows, Facts, StartedLedger]]:
        """Whole tables are read in slices, whatever their order; the ledger a block ahead of what is evaluated."""
        everything = Selection()
        placements, all_facts = (
            start_placements(readers, everything, moments),
            start_facts(readers, everything, moments),
        )
        rows = placements_of(self.catalogue, placements)
        self.expected = len(rows.placements)
        ends = _block_ends(rows.placements.id)
        held = [start_ledger(readers, _ids_of(rows, *block), runs) for block in ends[:1]]
        facts = facts_of(rows.placements, all_facts)
        for number, (start, end) in enumerate(ends):
            held += [start_ledger(readers, _ids_of(rows, *block), runs) for block in ends[number + 1 : number + 2]]
            part = facts.take(slice(None) if len(ends) == 1 else (facts.placement >= start) & (facts.placement < end))
            yield rows.block(start, end), replace(part, placement=part.placement - np.int32(start)), held.pop(0)

    def _evaluate(self, rows: PlacementRows, facts: Facts, held: StartedLedger) -> Computed:
        book = make_book(self.catalogue, rows, facts)
        parked = self._parked(rows, find_breaches(book.models, book.placements, book.shelves, 0), book.order)
        result = book.evaluate(self.job.cutoff, 0)
        left_out = self.job.left_out | {one.provider for one in parked}
        paid = ~np.isin(self.provider_of[rows.contract], list(left_out))  # placements whose provider is not left out
        made = self.lines_of(rows, result.owed, lines_held(held), paid)
        placement = rows.placements.id.astype(np.int32)
        versions = {self.catalogue.version_ids[model] for model in np.unique(rows.placements.model[paid])}
        return Computed(made, placement[paid], result.wake_on[paid], parked, versions)

    def lines_of(self, rows: PlacementRows, owed: Owed, held: LedgerRows, paid: np.ndarray) -> RunLines:
        """What is owed less what is held, for the placement rows that are `paid`."""
        first_row = rows_of(rows.placements, rows.placements.id)[0]
        owed = owed.take(paid[owed.row])
        step = self.catalogue.step_numbers(rows.placements.model[owed.row], owed.step)
        owed = replace(owed, row=first_row[owed.row])  # a placement's rows share one place in the ledger
        lines = difference(owed, step, ledger_of(rows, held, paid))
        return RunLines(lines, rows.placements.id.astype(np.int32)[lines.row], rows.contract[lines.row])

    def _parked(self, rows: PlacementRows, found: list[Found], order: np.ndarray) -> list[Parked]:
        """The first breach of each provider that is not left out already. Breaches count rows in the book's order."""
        breaches = [
            (int(order[breach.row]), breach.fact, breach.rule.code, breach.field, str(breach.value)) for breach in found
        ]
        parked: dict[int, Parked] = {}
        for row, fact, code, name, value in breaches:
            provider = int(self.provider_of[rows.contract[row]])
            parked.setdefault(provider, Parked(provider, int(rows.placements.id[row]), fact, code, name, value))
        for placement, contract in zip(rows.unruled.tolist(), rows.unruled_contract.tolist(), strict=True):
            provider = int(self.provider_of[contract])
            parked.setdefault(provider, Parked(provider, placement, NO_FACT, NO_TERMS.code, "referred_on", ""))
        return [one for provider, one in parked.items() if provider not in self.job.left_out]


def ledger_of(rows: PlacementRows, held: LedgerRows, paid: np.ndarray) -> Ledger:
    """The held lines of placements that are computed, by placement row."""
    if not len(rows.placements):
        return held.lines.take(slice(0, 0))
    row, count = rows_of(rows.placements, held.placement)
    row = np.where(count > 0, row, 0).astype(np.int32)
    return replace(held.lines, row=row).take((count > 0) & paid[row])


def write_lines(connection: psycopg.Connection, staging: str, columns: dict[str, Column], run: int) -> None:
    """Copy a chunk's lines into the run's staging table. Lines that the calendar alone completes have no fact."""
    typed = {name: (LINE_TYPES[name], values) for name, values in columns.items()}
    typed["run_id"] = ("i4", np.full(len(columns["amount"]), run, np.int32))
    by_fact = columns["fact_id"] != NO_FACT
    with connection.transaction():
        write_columns(connection, staging, typed, by_fact)
        del typed["fact_id"]
        write_columns(connection, staging, typed, ~by_fact)


def _ids_of(rows: PlacementRows, start: int, end: int) -> Selection:
    """The placements of some rows, as a range of ids: rows stand in order of id."""
    ids = rows.placements.id[start:end]
    return Selection(int(ids[0]), int(ids[-1]) + 1) if len(ids) else Selection(0, 0)


def _block_ends(placement: I64) -> list[tuple[int, int]]:
    """Ranges of rows of some `CHUNK` placements, at least one; the rows of one placement stay together."""
    if not len(placement):
        return [(0, 0)]
    cuts = [0]
    while cuts[-1] < len(placement):
        last = min(cuts[-1] + CHUNK, len(placement)) - 1
        cuts.append(int(np.searchsorted(placement, placement[last], side="right")))
    return list(itertools.pairwise(cuts))

"""Past runs computed again, from what was known at each, and compared with what they wrote.

All runs are replayed over one reading of the tables: facts and attributes carry the number of the first run that knew
them. Each run evaluates what it must have touched: placements of which something became known, or whose day had come.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import psycopg

from outcomes.columns import FAR, I32, Bool, Facts, to_day
from payouts.books import Catalogue, LedgerRows, PlacementRows, lines_held, make_book
from payouts.computation import Computation, Digest, Job, RunLines, new_connection, shared_snapshot
from payouts.engine.evaluate import Owed
from payouts.models import ParkedProvider, Run
from payouts.states import RunState


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run beside what it comes to when it is computed again."""

    run: Run
    digest: str
    line_count: int
    total: int  # öre

    @property
    def equal(self) -> bool:
        return self.digest == self.run.digest


def replay_runs(runs: Sequence[Run] | None = None) -> list[Replayed]:
    """Compute some (by default all) computed runs again."""
    everything = list(Run.objects.exclude(digest="").order_by("sequence"))
    wanted = {run.pk for run in (everything if runs is None else runs)}
    digests = {run.pk: Digest() for run in everything if run.pk in wanted}
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shared_snapshot(first) as second:
            for run, lines in _replay(first, second, everything, wanted):
                digests[run.pk].add(lines.columns())
    return [
        Replayed(run, digests[run.pk].hex(), digests[run.pk].count, digests[run.pk].total)
        for run in everything
        if run.pk in wanted
    ]


def _replay(
    first: psycopg.Connection, second: psycopg.Connection, runs: list[Run], wanted: set[int]
) -> Iterator[tuple[Run, RunLines]]:
    """The lines of each wanted run, block by block of placements; within a block in order of run."""
    if not runs:
        return
    moments = knowledge_scale(runs)
    parked = parked_providers(runs)
    computation = Computation(first, second, Job(0, moments[-1], []))
    for rows, facts, started in computation.blocks(moments, [run.pk for run in runs]):
        held = lines_held(started)
        past = Past(computation.catalogue, rows, facts)
        for run in runs:
            past.learn(known_by(run, moments))
            if run.pk in wanted:
                free = ~np.isin(computation.provider_of[rows.contract], parked[run.pk])
                owed, touched = past.owed(run, free)
                yield run, computation.lines_of(rows, owed, _earlier(held, runs, run), touched)


def _earlier(held: LedgerRows, runs: list[Run], run: Run) -> LedgerRows:
    """The lines that counted when the run was computed: of earlier runs that were not cancelled."""
    counted = np.zeros(max(other.pk for other in runs) + 1, bool)
    counted[[other.pk for other in runs if other.sequence < run.sequence and other.state != RunState.CANCELLED]] = True
    rows = np.flatnonzero(counted[held.run])
    return LedgerRows(held.placement[rows], held.run[rows], held.lines.take(rows))


class Past:
    """A block of placements as its runs went by: what is owed at each, of the placements that the run touched."""

    def __init__(self, catalogue: Catalogue, rows: PlacementRows, facts: Facts):
        self.catalogue, self.rows, self.facts = catalogue, rows, facts
        placements = rows.placements
        self.first_row = np.searchsorted(placements.id, placements.id)
        self.pending = np.zeros(len(placements), bool)  # not computed since something became known
        self.wake_on = np.full(len(placements), FAR, np.int32)
        self.number = -1
        # what became known at which number: rows in order of it
        self._known = np.concatenate((placements.known, facts.known))
        self._row = np.concatenate((np.arange(len(placements)), facts.placement))
        order = np.argsort(self._known, kind="stable")
        self._known, self._row = self._known[order], self._row[order]

    def learn(self, number: int) -> None:
        """Go on to a later knowledge. Where a simulated clock went back, everything is to be computed anew."""
        if number < self.number:
            self.pending[:] = True
        low, high = np.searchsorted(self._known, (self.number + 1, number + 1))
        self.pending[self._row[low:high]] = True
        self.number = number

    def owed(self, run: Run, free: Bool) -> tuple[Owed, Bool]:
        """What is owed at the run's cut-off to the placements that it touched, and which rows these are.

        `free` rows are not parked. What a cancelled run computed is to be computed again.
        """
        cutoff = to_day(run.cutoff)
        touched = np.zeros(len(free), bool)
        touched[self.first_row[self.pending | (self.wake_on <= cutoff)]] = True
        touched = touched[self.first_row] & free
        owed, wake_on = self._evaluate(touched, cutoff)
        if run.state != RunState.CANCELLED:
            self.pending[touched] = False
            self.wake_on[touched] = wake_on
        return owed, touched

    def _evaluate(self, touched: Bool, cutoff: int) -> tuple[Owed, I32]:
        chosen = np.flatnonzero(touched)
        place = np.cumsum(touched, dtype=np.int32) - 1
        facts = self.facts.take(np.flatnonzero(touched[self.facts.placement] & (self.facts.known <= self.number)))
        facts = replace(facts, placement=place[facts.placement].astype(np.int32))
        rows = replace(self.rows, placements=self.rows.placements.take(chosen))
        result = make_book(self.catalogue, rows, facts).evaluate(cutoff, self.number)
        return replace(result.owed, row=chosen[result.owed.row].astype(np.int32)), result.wake_on


def parked_providers(runs: Sequence[Run]) -> dict[int, list[int]]:
    """By run, the providers that it left out."""
    parked: dict[int, list[int]] = {run.pk: [] for run in runs}
    for run_id, provider in ParkedProvider.objects.filter(run__in=parked).values_list("run_id", "provider_id"):
        parked[run_id].append(provider)
    return parked


def knowledge_scale(runs: Sequence[Run]) -> list[datetime]:
    """The moments at which the runs knew what they paid on, in order; facts are numbered by them."""
    return sorted({run.knowledge_at for run in runs if run.knowledge_at})


def known_by(run: Run, moments: Sequence[datetime]) -> int:
    """The run's place on that scale."""
    assert run.knowledge_at is not None  # it was computed
    return moments.index(run.knowledge_at)

"""Past runs computed again, from what was known at each, and compared with what they wrote.

All runs are replayed over one reading of the tables: facts and attributes carry the number of the first run that knew
them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg

from outcomes.columns import to_day
from payouts.books import LedgerRows, make_book
from payouts.computation import Computation, Digest, Job, RunLines, new_connection, shared_snapshot
from payouts.models import ParkedProvider, Run


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
    """The lines of each wanted run, chunk by chunk of placements; within a chunk in order of run."""
    if not runs:
        return
    moments = knowledge_scale(runs)
    parked = parked_providers(runs)
    computation = Computation(first, second, Job(0, moments[-1], []))
    for rows, facts, held in computation.blocks(moments, [run.pk for run in runs]):
        book = make_book(computation.catalogue, rows, facts)
        for run in runs:
            if run.pk in wanted:
                paid = ~np.isin(computation.provider_of[rows.contract], parked[run.pk])
                earlier = _earlier(held, runs, run)
                yield (
                    run,
                    computation.lines_of(
                        rows, book.evaluate(to_day(run.cutoff), known_by(run, moments)).owed, earlier, paid
                    ),
                )


def _earlier(held: LedgerRows, runs: list[Run], run: Run) -> LedgerRows:
    """The lines that counted when the run was computed: of earlier runs that were not cancelled."""
    counted = [other.pk for other in runs if other.sequence < run.sequence and other.state != "cancelled"]
    rows = np.isin(held.run, counted)
    return LedgerRows(held.placement[rows], held.run[rows], held.lines.take(rows))


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

"""What a run would write if it were started now, at any cut-off: the running month before it is over. Nothing is
stored."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
import psycopg
from django.utils import timezone

from backend.kernel.calendar import local_day
from backend.kernel.columns import read_columns
from backend.kernel.periods import last_day
from outcomes.columns import I32, to_day
from payouts.computation import (
    MARKS,
    Computation,
    Computed,
    Job,
    must_be_full,
    new_connection,
    shared_snapshot,
    touched_placements,
)
from payouts.models import Run
from payouts.selectors import counting_runs

COLUMNS = ["provider", "step", "amount"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What is owed at `cutoff` by what was known at `moment`, beyond what the ledger holds.

    `sums` has a row for each provider and step (ids): `lines`, `total` and `clawback` in öre. `parked`: ids of the
    providers that a run would leave out.
    """

    cutoff: date
    moment: datetime
    sums: pd.DataFrame
    parked: list[int]

    @property
    def total(self) -> int:
        return int(self.sums["total"].sum())


def preview_run(*, cutoff: date | None = None, now: datetime | None = None) -> Preview:
    """What the next run would come to, by default at the end of the running month."""
    moment = now or timezone.now()
    end = cutoff or last_day(local_day(moment))
    before = Run.objects.order_by("sequence").last()
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        first.read_only = True
        touched = None if before is None or must_be_full(before) else _touched(first, end, before)
        job = Job(to_day(end), moment, counting_runs(), touched)
        with shared_snapshot(first) as second:
            computation = Computation(first, second, job)
            chunks = list(computation.chunks())
    parked = {one.provider for chunk in chunks for one in chunk.parked}
    lines = pd.concat([_lines(computation, chunk) for chunk in chunks] or [pd.DataFrame(columns=COLUMNS)])
    return Preview(end, moment, _sums(lines[~lines["provider"].isin(parked)]), sorted(parked))


def _touched(connection: psycopg.Connection, cutoff: date, before: Run) -> I32:
    _, marked = read_columns(connection, MARKS, ["i8", "i4"])
    return touched_placements(connection, marked, cutoff, before)


def _lines(computation: Computation, chunk: Computed) -> pd.DataFrame:
    amount = chunk.lines.lines.amount
    provider = computation.provider_of[chunk.lines.contract]
    return pd.DataFrame({"provider": provider, "step": chunk.lines.lines.step, "amount": amount})


def _sums(lines: pd.DataFrame) -> pd.DataFrame:
    lines = lines.assign(clawback=np.minimum(lines["amount"], 0))
    groups = lines.groupby(["provider", "step"], as_index=False)
    return groups.agg(lines=("amount", "size"), total=("amount", "sum"), clawback=("clawback", "sum"))

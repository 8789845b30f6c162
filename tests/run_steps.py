"""What the tests of runs do again and again: queue, break off, cancel, and read the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connections

from backend.kernel.errors import DomainError
from backend.kernel.models import User
from payouts.management.commands.check_ledger import check
from payouts.models import Line, Run
from payouts.services import cancel_run, compute_run, queue_run
from payouts.states import RunState
from tests.town import Town, noon

DAY = timedelta(days=1)


def queue(town: Town, cutoff: date, *, on: date | None = None, by: User | None = None) -> Run:
    """Queue a run, by default on the day after its cut-off."""
    return queue_run(cutoff=cutoff, by=by or town.starter, now=noon(on or cutoff + DAY))


def cancel(town: Town, run: Run) -> Run:
    return cancel_run(run=run, reason="wrong", by=town.starter, now=noon(run.cutoff + DAY))


class Stopped(Exception):  # noqa: N818  # not an error
    """The computation is broken off."""


def stop_while_computing(run: Run) -> None:
    """Compute a run until its first lines are written, and no further."""

    def stop(lines: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        compute_run(run.pk, now=noon(run.cutoff + DAY), progress=stop)


def refusal(work: Callable[[], object]) -> str:
    """The code of the rule that refuses this."""
    with pytest.raises(DomainError) as refused:
        work()
    (breach,) = refused.value.breaches
    return breach.rule.code


def ledger() -> list[tuple[str, str, int]]:
    """The lines that count, in order of run: placement, step and öre."""
    lines = Line.objects.exclude(run__state=RunState.CANCELLED).order_by("run", "placement", "step", "occurrence")
    return list(lines.values_list("placement__number", "step__code", "amount"))


def assert_ledger_is_clean() -> None:
    failing = check()
    assert not failing, failing


def owner() -> psycopg.Connection:
    """A connection as the database's owner; what is not committed on it never was."""
    return psycopg.connect(**connections["owner"].get_connection_params() | {"cursor_factory": psycopg.Cursor})


@contextmanager
def as_owner(table: str) -> Iterator[psycopg.Connection]:
    """Change a table of history as its owner, past its triggers: data as no service would leave it. Committed."""
    with owner() as connection:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield connection
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

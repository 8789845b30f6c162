"""The calendar's work: lost runs are found, orphan tables dropped, and a month's run is queued once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from payouts import tasks
from payouts.computation import new_connection
from payouts.models import Run
from payouts.services import cancel_run, compute_run, queue_run
from payouts.services.computing import ATTEMPTS_MOST, COMPUTING_LOCK
from payouts.services.sweeping import drop_orphan_staging, find_lost_runs, queue_month
from payouts.states import RunState
from tests.town import Town, noon, person

MARCH = date(2025, 3, 31)
PATIENCE = 30  # seconds
SECOND_OF_APRIL = noon(date(2025, 4, 2))
FIFTH_OF_APRIL = datetime(2025, 4, 5, 4, tzinfo=UTC)

committed = pytest.mark.django_db(transaction=True)
rolled_back = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs whose message is sent during the test."""
    runs: list[int] = []
    monkeypatch.setattr(tasks.compute, "send", runs.append)
    return runs


def queue_march() -> Run:
    return queue_run(cutoff=MARCH, by=Town().starter, now=SECOND_OF_APRIL)


def set_state(run: Run, state: RunState, attempts: int = 1) -> None:
    Run.objects.filter(pk=run.pk).update(state=state, attempts=attempts)


def open_staging(run: Run) -> None:
    set_state(run, RunState.COMPUTING)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payouts_open_run(%s)", [run.pk])


def staging_exists(run: Run) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.payouts_line_{run.pk}"])
        return bool(cursor.fetchone()[0])


def cancel(run: Run) -> None:
    cancel_run(run=run, reason="test", by=Town().starter, now=SECOND_OF_APRIL)


@contextmanager
def computing() -> Iterator[None]:
    """As while a process computes a run; at the end the process is gone, as after a kill."""
    with new_connection() as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [COMPUTING_LOCK])
        yield
        guard.execute("SELECT pg_advisory_unlock(%s)", [COMPUTING_LOCK])  # a server frees it only soon after a kill


def leave_orphan() -> Run:
    """A run that was cancelled while a process computed it, which was then killed."""
    run = queue_march()
    open_staging(run)
    with computing():
        cancel(run)
    return run


# --- runs that lost their message


@rolled_back
@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.COMPUTING])
def test_a_run_that_nobody_computes_gets_its_message_again(state: RunState, sent: list[int]) -> None:
    run = queue_march()
    set_state(run, state)
    tasks.sweep.fn()
    assert sent == [run.pk]


@rolled_back
def test_a_run_whose_attempts_are_spent_waits_for_an_officer() -> None:
    set_state(queue_march(), RunState.COMPUTING, attempts=ATTEMPTS_MOST)
    assert find_lost_runs() == []


@rolled_back
def test_a_run_that_a_process_computes_is_left_alone() -> None:
    run = queue_march()
    with computing():
        assert find_lost_runs() == []
    assert find_lost_runs() == [run.pk]


@rolled_back
def test_another_lock_does_not_hide_a_lost_run() -> None:
    run = queue_march()
    with new_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [COMPUTING_LOCK + 1])
        assert find_lost_runs() == [run.pk]


@committed
def test_a_lost_run_is_computed_by_its_second_message(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue_march()
    open_staging(run)  # a worker was killed here
    monkeypatch.setattr(tasks.compute, "send", compute_run)
    tasks.sweep.fn()
    run.refresh_from_db()
    assert run.state == RunState.COMPUTED
    assert find_lost_runs() == []


@committed
def test_statements_are_made_of_what_was_attested(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Town().pay(MARCH)
    monkeypatch.setattr(tasks.allocate, "send", tasks.allocate.fn)
    tasks.sweep.fn()
    run.refresh_from_db()
    assert run.allocated_at is not None


# --- orphan staging tables


@rolled_back
def test_the_staging_table_of_a_cancelled_run_is_dropped() -> None:
    run = leave_orphan()
    with computing():
        assert drop_orphan_staging() == []  # whoever computes it sees to it
    assert drop_orphan_staging() == [run.pk]
    assert not staging_exists(run)
    assert drop_orphan_staging() == []


@rolled_back
def test_the_staging_table_of_a_run_being_computed_stays() -> None:
    run = queue_march()
    open_staging(run)
    assert drop_orphan_staging() == []
    assert staging_exists(run)


@committed
def test_a_staging_table_in_use_is_left_for_the_next_time() -> None:
    run = leave_orphan()
    with new_connection() as writer:
        writer.execute(f"LOCK payouts_line_{run.pk} IN ROW EXCLUSIVE MODE")
        assert drop_orphan_staging() == []
    assert drop_orphan_staging() == [run.pk]


@committed
def test_lines_of_the_ledger_are_no_orphans() -> None:
    run = Town().compute(MARCH)
    cancel(run)
    assert drop_orphan_staging() == []
    assert staging_exists(run)


# --- the month's run


@rolled_back
def test_the_month_before_is_queued_once_in_the_officers_name(settings: Settings, sent: list[int]) -> None:
    officer = person("kalender", Role.EXAMINER)
    settings.MONTHLY_RUN_BY = "kalender"
    tasks.compute_month.fn()
    tasks.compute_month.fn()
    run = Run.objects.get()
    assert run.started_by == officer
    assert sent == [run.pk]


@rolled_back
def test_nothing_is_queued_while_no_officer_is_named(settings: Settings, sent: list[int]) -> None:
    settings.MONTHLY_RUN_BY = ""
    tasks.compute_month.fn()
    assert not Run.objects.exists()
    assert sent == []


@rolled_back
def test_the_cutoff_is_the_last_day_of_the_month_before() -> None:
    person("kalender", Role.EXAMINER)
    run = queue_month(username="kalender", now=FIFTH_OF_APRIL)
    assert run is not None
    assert run.cutoff == MARCH


@rolled_back
def test_a_cancelled_run_of_the_month_is_not_made_anew() -> None:
    cancel(queue_march())
    person("kalender", Role.EXAMINER)
    assert queue_month(username="kalender", now=FIFTH_OF_APRIL) is None


@rolled_back
def test_an_unknown_or_wrong_officer_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="MONTHLY_RUN_BY = nobody"):
        queue_month(username="nobody", now=FIFTH_OF_APRIL)
    person("läsare", Role.AUDITOR)
    with pytest.raises(DomainError):
        queue_month(username="läsare", now=FIFTH_OF_APRIL)
    assert not Run.objects.exists()


# --- the scheduler


def test_the_calendar_is_as_the_pages_say() -> None:
    on_the_fifth = datetime(2025, 4, 5, 6, tzinfo=UTC)
    assert tasks.FIFTH_OF_MONTH.validate(on_the_fifth)
    assert not tasks.FIFTH_OF_MONTH.validate(on_the_fifth.replace(day=6))
    assert tasks.EVERY_MINUTE.validate(on_the_fifth.replace(day=6, minute=17))


def test_the_scheduler_finds_its_actors_and_goes_on(tmp_path: Path) -> None:
    """Without actors it would end, and docker compose would start it again and again."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        scheduler = subprocess.Popen(
            [str(Path(sys.executable).parent / "periodiq"), "backend.worker"],
            env=os.environ | {"BROKER_URL": ""},
            cwd=Path(__file__).parents[1],
            stderr=output,
        )
    try:
        begun = time.monotonic()
        while "Scheduling Actor(sweep)" not in log.read_text() and time.monotonic() - begun < PATIENCE:
            assert scheduler.poll() is None, log.read_text()
            time.sleep(0.1)
        assert "payouts.tasks:compute_month" in log.read_text()
        assert "Scheduling Actor(sweep)" in log.read_text()
        assert scheduler.poll() is None
    finally:
        scheduler.kill()
        scheduler.wait()

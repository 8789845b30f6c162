"""`replay_payouts`: past runs computed again give what they wrote; where history was changed, the run is named."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from backend.kernel.periods import last_day
from payouts.models import Line, Run
from payouts.replaying import replay_runs
from payouts.states import RunState
from tests.conftest import TestDatabase
from tests.random_town import RandomTown
from tests.run_steps import as_owner, cancel, queue

MONTHS = [date(2025, number, 1) for number in range(1, 9)]
CANCELLED = 5  # the run's number in the sequence


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[RandomTown]:
    """Eight months of a random town: one run is cancelled, the last one waits for attest. The tests leave it so."""
    with django_db_blocker.unblock():
        town = RandomTown(seed=3)
        for month in MONTHS[:-1]:
            town.live_through(month)
            if Run.objects.count() + 1 == CANCELLED:
                cancel(town.towns[0], town.compute(last_day(month)))
            town.pay(last_day(month))
        town.live_through(MONTHS[-1])
        town.compute(last_day(MONTHS[-1]))
        yield town
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


def differing() -> list[int]:
    """The runs that come to something else than they wrote."""
    return [replayed.run.sequence for replayed in replay_runs() if not replayed.equal]


def replay(capsys: pytest.CaptureFixture[str], *runs: int) -> list[str]:
    call_command("replay_payouts", *map(str, runs))
    return capsys.readouterr().out.splitlines()


def test_every_run_comes_to_what_it_wrote(town: RandomTown) -> None:
    replayed = replay_runs()
    assert [each.run.sequence for each in replayed] == list(range(1, len(MONTHS) + 2))
    for each in replayed:
        assert (each.digest, each.line_count, each.total) == (each.run.digest, each.run.line_count, each.run.total)
    assert Run.objects.get(sequence=CANCELLED).state == RunState.CANCELLED
    assert Line.objects.filter(amount__lt=0).exists()


def test_a_run_can_be_replayed_alone(town: RandomTown) -> None:
    (third,) = replay_runs([Run.objects.get(sequence=3)])
    assert (third.run.sequence, third.equal) == (3, True)


@pytest.fixture
def changed_line(town: RandomTown) -> Iterator[Line]:
    """A line of an early run with a krona more than was written."""
    line = Line.objects.filter(amount__gt=0, run__sequence__lt=CANCELLED)[0]
    key = "placement_id = %s AND step_id = %s AND occurrence = %s AND run_id = %s"
    for ore in (100, -100):
        with as_owner("payouts_line") as connection:
            connection.execute(
                f"UPDATE payouts_line SET gross = gross + {ore}, amount = amount + {ore} WHERE {key}",
                [line.placement_id, line.step_id, line.occurrence, line.run_id],
            )
        if ore > 0:
            yield line


def test_a_line_that_the_owner_changed_is_found(changed_line: Line) -> None:
    found, changed = differing(), changed_line.run.sequence
    assert changed + 1 in found  # which would take the krona back
    assert changed not in found  # its facts still come to its digest; that its lines do not, check_ledger tells


@pytest.fixture
def changed_fact(town: RandomTown) -> Iterator[int]:
    """The sequence number of a run that cites attendance, which now says that nobody came."""
    line = Line.objects.filter(fact__kind=1, amount__gt=0).exclude(run__state=RunState.CANCELLED)[0]
    assert line.fact
    for days in (0, line.fact.quantity):
        with as_owner("outcomes_fact") as connection:
            connection.execute("UPDATE outcomes_fact SET quantity = %s WHERE id = %s", [days, line.fact_id])
        if not days:
            yield line.run.sequence


def test_a_fact_that_the_owner_changed_is_found(changed_fact: int) -> None:
    assert changed_fact in differing()


def test_the_command_says_what_each_run_comes_to(town: RandomTown, capsys: pytest.CaptureFixture[str]) -> None:
    told = replay(capsys)
    assert len(told) == Run.objects.count()
    assert all(line.endswith(" equal") for line in told)
    first = Run.objects.get(sequence=1)
    assert told[0].startswith(f"1 2025-01 {first.line_count} ")


def test_the_command_takes_some_runs(town: RandomTown, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in replay(capsys, 4, 2)] == ["2", "4"]


def test_the_command_fails_where_a_run_differs(changed_line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="differ"):
        replay(capsys, changed_line.run.sequence, changed_line.run.sequence + 1)
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith(" equal")
    assert "DIFFERS: written" in told[1]


def test_a_run_that_was_never_computed_cannot_be_replayed(town: RandomTown, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"^RUN = 98, 99: no computed run has this number"):
        replay(capsys, 1, 99, 98)


@pytest.mark.django_db(transaction=True)
def test_without_runs_there_is_nothing_to_replay(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(capsys) == []


@pytest.mark.django_db(transaction=True)
def test_a_queued_run_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    town = RandomTown(seed=1).towns[0]
    queue(town, date(2025, 1, 31))
    assert replay(capsys) == []

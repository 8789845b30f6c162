"""Every pair of a run's states: services lead from one to the other where the table of states says so, only there."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from backend.kernel.errors import DomainError
from payouts.models import Finding, Run, Signature
from payouts.services import compute_run, examine_run
from payouts.states import TRANSITIONS, UNATTESTED, RunState
from tests.conftest import TestDatabase
from tests.run_steps import DAY, cancel, queue, stop_while_computing
from tests.town import Town, noon, sign

CUTOFF = date(2025, 2, 28)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """One database for all tests here: each finishes the run that it queues."""
    with django_db_blocker.unblock():
        town = Town()
        town.refer("P1", date(2025, 1, 10), date(2025, 1, 15))
        yield town
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


@pytest.fixture
def run(town: Town) -> Iterator[Run]:
    """A queued run."""
    run = queue(town, CUTOFF)
    yield run
    run.refresh_from_db()
    if run.state in UNATTESTED:
        cancel(town, run)


def start_computing(town: Town, run: Run) -> None:
    """Begin to compute a run that may be computed, and break off."""
    if run.state in (RunState.QUEUED, RunState.COMPUTING):
        stop_while_computing(run)
    else:
        compute_run(run.pk)


def sign_as(signature: Signature) -> Callable[[Town, Run], object]:
    def sign_run(town: Town, run: Run) -> None:
        by = town.examiner if signature == Signature.EXAMINER else town.decider
        sign(run, signature, by, noon(CUTOFF + DAY))

    return sign_run


def examine(town: Town, run: Run) -> None:
    """Begin the examination; of a run that is signed once, after something was found that is found no more."""
    if run.state == RunState.ATTESTED_ONCE:
        at = noon(CUTOFF + DAY)
        Finding.objects.create(run=run, control="gone", value="1", line_count=1, amount=1, found_at=at)
    examine_run(run=run, by=town.examiner, now=noon(CUTOFF + DAY))


# how each state is sought
SEEK: dict[RunState, Callable[[Town, Run], object]] = {
    RunState.COMPUTING: start_computing,
    RunState.COMPUTED: lambda town, run: compute_run(run.pk, now=noon(CUTOFF + DAY)),
    RunState.EXAMINING: examine,
    RunState.ATTESTED_ONCE: sign_as(Signature.EXAMINER),
    RunState.ATTESTED: sign_as(Signature.DECIDER),
    RunState.CANCELLED: cancel,
}
# and the ways there from the queue
PATHS: dict[RunState, list[RunState]] = {
    RunState.QUEUED: [],
    RunState.COMPUTING: [RunState.COMPUTING],
    RunState.COMPUTED: [RunState.COMPUTED],
    RunState.EXAMINING: [RunState.COMPUTED, RunState.EXAMINING],
    RunState.ATTESTED_ONCE: [RunState.COMPUTED, RunState.EXAMINING, RunState.ATTESTED_ONCE],
    RunState.ATTESTED: [RunState.COMPUTED, RunState.EXAMINING, RunState.ATTESTED_ONCE, RunState.ATTESTED],
    RunState.CANCELLED: [RunState.CANCELLED],
}


def is_within_reach(state: RunState, goal: RunState) -> bool:
    """A queued run is computed by way of computing."""
    return goal in TRANSITIONS[state] or (
        goal == RunState.COMPUTED and any(goal in TRANSITIONS[between] for between in TRANSITIONS[state])
    )


@pytest.mark.parametrize("goal", sorted(SEEK))
@pytest.mark.parametrize("state", list(PATHS))
def test_every_pair_of_states(town: Town, run: Run, state: RunState, goal: RunState) -> None:
    for step in PATHS[state]:
        SEEK[step](town, run)
        run.refresh_from_db()
    assert run.state == state
    refused = refusals(lambda: SEEK[goal](town, run))
    run.refresh_from_db()
    if is_within_reach(state, goal):
        assert (run.state, refused) == (goal, set())
    else:
        assert run.state == state
        assert refused <= {"run_state", "attest_twice", "attest_order"}


def refusals(work: Callable[[], object]) -> set[str]:
    """The codes of the rules that refuse this, if any."""
    try:
        work()
    except DomainError as error:
        return {breach.rule.code for breach in error.breaches}
    return set()


def test_nothing_returns_to_the_queue_and_what_leads_nowhere_is_finished() -> None:
    assert not any(RunState.QUEUED in following for following in TRANSITIONS.values())
    assert {state for state in RunState if not TRANSITIONS[state]} == {RunState.SETTLED, RunState.CANCELLED}

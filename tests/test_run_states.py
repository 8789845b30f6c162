"""Every pair of a run's states: services lead from one to the other where the table of states says so, only there."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from backend.demonstration.bank import Ordered, notify
from backend.kernel.errors import DomainError
from backend.kernel.money import plain_kronor
from payouts.models import Export, Finding, Payment, Run, Signature
from payouts.services import compute_run, examine_run, export_run, import_bank_file
from payouts.states import TRANSITIONS, UNATTESTED, RunState
from tests.conftest import TestDatabase
from tests.run_steps import DAY, cancel, queue, stop_while_computing
from tests.town import Town, attendance, noon, sign

START, ATTENDED, CUTOFF = date(2025, 1, 15), date(2025, 2, 13), date(2025, 2, 28)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """One database for all tests here: each finishes the run that it queues."""
    with django_db_blocker.unblock():
        town = Town()
        town.record_payer()
        yield town
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


@pytest.fixture
def run(town: Town) -> Iterator[Run]:
    """A queued run that has something to pay."""
    number = f"P{Run.objects.count()}"
    town.refer(number, START, START)
    town.tell(ATTENDED, attendance(number, number, START, ATTENDED, 20))
    run = queue(town, CUTOFF)
    yield run
    run.refresh_from_db()
    if run.state in UNATTESTED:
        cancel(town, run)
    elif run.state != RunState.CANCELLED:
        town.allocate(run)


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


def tell_of_payments(run: Run, *, returned: bool) -> None:
    """The bank tells that what was ordered of a run was booked, or came back."""
    at = noon(CUTOFF + DAY)
    ordered = [
        Ordered(payment.end_to_end_id, plain_kronor(payment.amount), "", CUTOFF)
        for payment in Payment.objects.filter(statement__run=run)
    ]
    message = notify(ordered, f"N-{run.sequence}-{returned}", at, returned=returned)
    import_bank_file(name="n.xml", content=message, by=None, now=at)


def export(town: Town, run: Run) -> None:
    """Order the payments; of a settled run, have the bank send one back."""
    if run.state == RunState.SETTLED:
        tell_of_payments(run, returned=True)
    else:
        export_run(run=run, kind=Export.Kind.PAIN001, by=town.decider, now=noon(CUTOFF + DAY))


# how each state is sought
SEEK: dict[RunState, Callable[[Town, Run], object]] = {
    RunState.COMPUTING: start_computing,
    RunState.COMPUTED: lambda town, run: compute_run(run.pk, now=noon(CUTOFF + DAY)),
    RunState.EXAMINING: examine,
    RunState.ATTESTED_ONCE: sign_as(Signature.EXAMINER),
    RunState.ATTESTED: sign_as(Signature.DECIDER),
    RunState.EXPORTED: export,
    RunState.SETTLED: lambda town, run: tell_of_payments(run, returned=False),
    RunState.CANCELLED: cancel,
}
# and the ways there from the queue
WAY = [
    RunState.COMPUTED, RunState.EXAMINING, RunState.ATTESTED_ONCE, RunState.ATTESTED, RunState.EXPORTED,
    RunState.SETTLED,
]  # fmt: skip
PATHS: dict[RunState, list[RunState]] = {
    RunState.QUEUED: [],
    RunState.COMPUTING: [RunState.COMPUTING],
    **{state: WAY[: place + 1] for place, state in enumerate(WAY)},
    RunState.CANCELLED: [RunState.CANCELLED],
}


def is_within_reach(state: RunState, goal: RunState) -> bool:
    """A queued run is computed by way of computing."""
    return goal in TRANSITIONS[state] or (
        goal == RunState.COMPUTED and any(goal in TRANSITIONS[between] for between in TRANSITIONS[state])
    )


@pytest.mark.parametrize("goal", sorted(SEEK))
@pytest.mark.parametrize("state", list(RunState))
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
        assert refused <= {"run_state", "attest_twice", "attest_order", "allocate_attested"}


def refusals(work: Callable[[], object]) -> set[str]:
    """The codes of the rules that refuse this, if any."""
    try:
        work()
    except DomainError as error:
        return {breach.rule.code for breach in error.breaches}
    return set()


def test_nothing_returns_to_the_queue_and_what_leads_nowhere_is_finished() -> None:
    assert not any(RunState.QUEUED in following for following in TRANSITIONS.values())
    assert {state for state in RunState if not TRANSITIONS[state]} == {RunState.CANCELLED}

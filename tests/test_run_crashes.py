"""A run is computed once, whole or not at all: started twice, killed, beside verification, and by a real worker."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import dramatiq
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backend.devtools.processes import Process, start, stop
from backend.kernel.models import AuditEvent
from backend.kernel.queue import make_broker
from outcomes.locks import shared_verification_lock
from outcomes.models import ChangedPlacement, Fact
from outcomes.services import verify_facts
from payouts.models import Line, Run, RunVersion, Signature
from payouts.replaying import replay_runs
from payouts.services import compute_run, examine_run
from payouts.services.computing import ATTEMPTS_MOST
from payouts.states import RunState
from payouts.tasks import compute
from tests.rabbitmq import SERVER, running_rabbitmq
from tests.run_steps import assert_ledger_is_clean, cancel, ledger, queue, refusal, stop_while_computing
from tests.stopping_worker import DONE, LINES_WRITTEN
from tests.town import Town, attendance, sign

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[1]
START, ATTENDED = date(2025, 1, 15), date(2025, 2, 13)
FEBRUARY = date(2025, 2, 28)
PATIENCE = 60  # seconds
PAID = [("P1", "start", 600_000)]


@pytest.fixture
def town() -> Town:
    """A placement that has earned its start part."""
    town = Town()
    town.refer("P1", date(2025, 1, 10), START)
    town.tell(ATTENDED, attendance("a1", "P1", START, ATTENDED, 22))
    return town


def environment(**more: str) -> dict[str, str]:
    """What lets another process work in this test's database."""
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    return os.environ | {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}"} | more


def compute_in_process(run: Run, where: str = "to the end") -> Process:
    command = [sys.executable, "-m", "tests.stopping_worker", str(run.pk), where]
    return start(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)


def in_thread(work: Callable[[], object]) -> None:
    """Do work in a thread, whose own connection is closed afterwards."""
    try:
        work()
    finally:
        connection.close()


def wait_for(run: Run, state: RunState) -> Run:
    begun = time.monotonic()
    while run.state != state:
        assert time.monotonic() - begun < PATIENCE, f"the run is still {run.state}"
        time.sleep(0.05)
        run.refresh_from_db()
    return run


# --- started twice


def test_started_by_several_at_once_it_is_computed_once(town: Town) -> None:
    run = queue(town, FEBRUARY)
    processes = [compute_in_process(run), compute_in_process(run)]
    with ThreadPoolExecutor(2) as pool:
        threads = [pool.submit(in_thread, lambda: compute_run(run.pk)) for _ in range(2)]
    for thread in threads:
        thread.result()
    assert [process.wait(PATIENCE) for process in processes] == [0, 0]
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.COMPUTED, 1)
    assert AuditEvent.objects.filter(action="compute_run").count() == 1
    assert ledger() == PAID
    assert_ledger_is_clean()


# --- killed

STEPS = {
    "before its table is made": "SELECT payouts_open_run",
    "before it takes its knowledge": "SELECT pg_advisory_lock",
    "while lines are written": LINES_WRITTEN,
    "before the key": "SELECT payouts_key_run",
    "before the links": "SELECT payouts_link_run",
    "before the check": "SELECT payouts_check_run",
    "before it enters the ledger": "SELECT payouts_attach_run",
    "before it is committed": 'INSERT INTO "kernel_auditevent"',
}


def kill_at(run: Run, where: str) -> None:
    process = compute_in_process(run, where)
    assert process.stdout
    assert process.stdout.readline() == b"stopped\n"
    process.kill()
    process.wait()


@pytest.mark.parametrize("step", STEPS)
def test_killed_it_leaves_nothing_and_is_computed_by_the_next_delivery(town: Town, step: str) -> None:
    run = queue(town, FEBRUARY)
    kill_at(run, STEPS[step])
    run.refresh_from_db()
    assert (run.state, run.digest, run.line_count) == (RunState.COMPUTING, "", 0)
    assert ledger() == []
    assert not RunVersion.objects.exists()
    assert ChangedPlacement.objects.exists()
    assert_ledger_is_clean()
    run = compute_run(run.pk)
    assert (run.state, run.attempts) == (RunState.COMPUTED, 2)
    assert ledger() == PAID
    assert not ChangedPlacement.objects.exists()
    assert [replayed.equal for replayed in replay_runs()] == [True]
    assert_ledger_is_clean()


def test_killed_after_the_end_the_next_delivery_changes_nothing(town: Town) -> None:
    run = queue(town, FEBRUARY)
    kill_at(run, DONE)
    run.refresh_from_db()
    again = compute_run(run.pk)
    assert (again.digest, again.knowledge_at, again.attempts) == (run.digest, run.knowledge_at, 1)
    assert ledger() == PAID


def test_attempts_are_counted_and_end_in_a_clear_error(town: Town) -> None:
    run = queue(town, FEBRUARY)
    for _ in range(ATTEMPTS_MOST):
        stop_while_computing(run)
    assert refusal(lambda: compute_run(run.pk)) == "run_attempts_spent"
    run.refresh_from_db()
    assert (run.state, run.attempts) == (RunState.COMPUTING, ATTEMPTS_MOST)
    cancel(town, run)
    assert_ledger_is_clean()
    assert town.pay(FEBRUARY).line_count == 1


# --- beside verification

FACTS = 60
RUNS = 4


def test_every_fact_verified_meanwhile_is_in_this_run_or_in_the_next(town: Town) -> None:
    numbers = [f"V{number}" for number in range(FACTS)]
    for number in numbers:
        town.refer(number, date(2025, 1, 10), START)
    facts = town.report(ATTENDED, *(attendance(number, number, START, ATTENDED, 20) for number in numbers))
    handler, begun = town.handler, threading.Event()

    def verify_all() -> None:
        for number, fact in enumerate(facts):
            verify_facts(facts=[fact], by=handler)
            time.sleep(0.01)  # so that it lasts for some runs
            if number == FACTS // 4:
                begun.set()

    with ThreadPoolExecutor(1) as pool:
        verification = pool.submit(in_thread, verify_all)
        begun.wait(PATIENCE)
        for _ in range(RUNS):
            pay_by_the_clock(town)
        verification.result(PATIENCE)
    pay_by_the_clock(town)
    assert_each_run_paid_what_was_verified_since_the_one_before()
    assert len(ledger()) == FACTS + 1
    assert Line.objects.values("run").distinct().count() > 1  # the two did go on beside each other
    assert all(replayed.equal for replayed in replay_runs())
    assert_ledger_is_clean()


def pay_by_the_clock(town: Town) -> None:
    run = compute_run(queue(town, FEBRUARY).pk)
    examine_run(run=run, by=town.examiner, now=timezone.now())
    for signature, by in ((Signature.EXAMINER, town.examiner), (Signature.DECIDER, town.decider)):
        sign(run, signature, by, timezone.now())


def assert_each_run_paid_what_was_verified_since_the_one_before() -> None:
    before = None
    for run in Run.objects.order_by("sequence"):
        verified = Fact.objects.filter(verified_at__lte=run.knowledge_at)
        since = verified.filter(verified_at__gt=before) if before else verified
        assert set(Line.objects.filter(run=run).values_list("fact", flat=True)) == set(
            since.values_list("pk", flat=True)
        )
        before = run.knowledge_at


# --- the real worker, on the real broker


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield url


@pytest.fixture(params=["valkey", pytest.param("rabbitmq", marks=pytest.mark.needs(SERVER))])
def broker_url(request: pytest.FixtureRequest, worker_id: str) -> str:
    """Each of the real brokers: the tests' Valkey, in a database for each of pytest's workers, and a RabbitMQ."""
    if request.param == "rabbitmq":
        return str(request.getfixturevalue("rabbitmq"))
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    return f"{settings.BROKER_URL}?db={1 + number}"


@pytest.fixture
def broker(broker_url: str) -> Iterator[dramatiq.Broker]:
    """The broker's end in this process, with an empty queue."""
    broker = make_broker(broker_url)
    broker.declare_queue(compute.queue_name)
    broker.flush_all()
    yield broker
    broker.close()


@pytest.fixture
def work(broker_url: str, tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """Starts workers, which end with the test."""
    workers: list[Process] = []

    def begin() -> Process:
        command = [sys.executable, "-m", "dramatiq", "tests.hasty_worker", "--processes", "1", "--threads", "2"]
        variables = environment(BROKER_URL=broker_url, dramatiq_worker_timeout="50")
        with (tmp_path / "worker.log").open("ab") as log:
            workers.append(start(command, cwd=ROOT, env=variables, stdout=log, stderr=log, start_new_session=True))
        return workers[-1]

    yield begin
    for worker in workers:
        stop(worker)


def kill_all(worker: Process) -> None:
    """The worker and its children, which are in a session of their own."""
    os.killpg(worker.pid, 9)
    worker.wait()


def test_the_worker_computes_a_run_once_however_often_it_is_told(
    town: Town, broker: dramatiq.Broker, work: Callable[[], Process]
) -> None:
    run = queue(town, FEBRUARY)
    for _ in range(3):
        broker.enqueue(compute.message(run.pk))
    work()
    wait_for(run, RunState.COMPUTED)
    broker.join(compute.queue_name, timeout=PATIENCE * 1000)
    run.refresh_from_db()
    assert run.attempts == 1
    assert ledger() == PAID
    assert_ledger_is_clean()


def test_the_message_of_a_killed_worker_is_delivered_again(
    town: Town, broker: dramatiq.Broker, work: Callable[[], Process]
) -> None:
    run = queue(town, FEBRUARY)
    broker.enqueue(compute.message(run.pk))
    with transaction.atomic():
        shared_verification_lock()  # someone verifies, so the run waits
        worker = work()
        wait_for(run, RunState.COMPUTING)
        kill_all(worker)
    assert_ledger_is_clean()
    work()
    wait_for(run, RunState.COMPUTED)
    assert run.attempts == 2
    assert ledger() == PAID
    assert_ledger_is_clean()

"""A run from queue to attest: what is refused, and what is stored."""

import hashlib
from datetime import date

import psycopg
import pytest
from django.db import OperationalError

from backend.kernel.models import AuditEvent
from contracts.library import library_model
from outcomes.columns import to_day
from outcomes.models import ChangedPlacement
from payouts import computation
from payouts.books import lines_held
from payouts.computation import Computation, Job, new_connection, shared_snapshot
from payouts.models import Line, ParkedProvider, Run, RunVersion, Wakeup
from payouts.services import cancel_run, compute_run
from payouts.services.computing import _patiently
from payouts.states import RunState
from tests.run_steps import DAY, assert_ledger_is_clean, cancel, ledger, queue, refusal, stop_while_computing
from tests.town import Town, attendance, milestone, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
JANUARY, FEBRUARY, MARCH = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)


@pytest.fixture
def town() -> Town:
    """Two placements; the first has attended enough for its start part by the end of February."""
    town = Town()
    for number in ("P1", "P2"):
        town.refer(number, START - 5 * DAY, START, tier=1)
    town.tell(date(2025, 2, 16), attendance("a1", "P1", START, date(2025, 2, 13), 22))
    return town


# --- the queue


def test_a_run_is_queued_by_finance_for_days_that_have_passed(town: Town) -> None:
    assert refusal(lambda: queue(town, FEBRUARY, on=FEBRUARY)) == "cutoff_ahead"
    assert refusal(lambda: queue(town, FEBRUARY, by=town.handler)) == "role_needed"
    run = queue(town, FEBRUARY)
    assert (run.sequence, run.state, run.is_full, run.started_by) == (1, RunState.QUEUED, True, town.starter)


def test_no_run_starts_before_the_last_one_is_attested(town: Town) -> None:
    run = queue(town, JANUARY)
    assert refusal(lambda: queue(town, FEBRUARY)) == "run_unfinished"
    run = compute_run(run.pk, now=noon(JANUARY + DAY))
    assert refusal(lambda: queue(town, FEBRUARY)) == "run_unfinished"
    town.attest(run)
    assert queue(town, FEBRUARY).sequence == 2


def test_cutoffs_follow_each_other(town: Town) -> None:
    town.pay(FEBRUARY)
    assert refusal(lambda: queue(town, JANUARY, on=MARCH)) == "cutoff_before_last"
    cancel(town, queue(town, MARCH))
    assert queue(town, FEBRUARY, on=MARCH).sequence == 3  # what was cancelled does not count


# --- computing


def test_each_block_of_placements_reads_its_own_lines(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are blocks of memory: none reads the lines of another, and together they read all."""
    town.tell(date(2025, 2, 17), attendance("a2", "P2", START, date(2025, 2, 13), 22))
    run = town.pay(FEBRUARY)
    monkeypatch.setattr(computation, "CHUNK", 1)
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shared_snapshot(first) as second:
            blocks = Computation(first, second, Job(to_day(MARCH), noon(MARCH + DAY), [])).blocks
            read = [
                (rows.placements.id.tolist(), lines_held(held).placement.tolist())
                for rows, _facts, held in blocks([noon(MARCH + DAY)], [run.pk])
            ]
    assert read == [([pk], [pk]) for pk in sorted(line.placement_id for line in Line.objects.all())]
    assert len(read) == 2


def test_upkeep_that_is_in_the_way_is_waited_for() -> None:
    """The database's own upkeep may lock a run's table against the run; the short transaction is then begun again."""
    in_the_way = [psycopg.errors.DeadlockDetected(), psycopg.errors.LockNotAvailable()]

    def work() -> None:
        if in_the_way:
            raise OperationalError from in_the_way.pop()

    _patiently(work)
    assert not in_the_way


def test_a_computed_run_has_its_lines_and_says_what_it_stood_on(town: Town) -> None:
    run = town.compute(FEBRUARY)
    (line,) = Line.objects.all()
    paid = (line.placement.number, line.step.code, line.occurrence, line.qualifies_on, line.gross, line.amount)
    assert paid == ("P1", "start", 0, date(2025, 2, 13), 800_000, 800_000)
    assert line.fact is not None
    assert line.fact.external_id == "a1"
    assert (run.state, run.line_count, run.total, run.attempts) == (RunState.COMPUTED, 1, 800_000, 1)
    assert run.knowledge_at == noon(FEBRUARY + DAY)
    assert run.digest == plain_digest(run)
    assert [each.version for each in RunVersion.objects.filter(run=run)] == [town.version]
    assert not ChangedPlacement.objects.exists()
    assert not ParkedProvider.objects.exists()


def plain_digest(run: Run) -> str:
    """The digest as its description reads, line by line."""
    widths = {"placement_id": 4, "contract_id": 4, "step_id": 4, "occurrence": 4, "qualifies_on": 4, "fact_id": 8}
    widths |= dict.fromkeys(("gross", "cap_cut", "paid_before", "amount"), 8)
    lines = list(Line.objects.filter(run=run).order_by("placement", "step", "occurrence"))
    whole = hashlib.sha256(len(lines).to_bytes(8))
    for name, width in widths.items():
        column = hashlib.sha256()
        for line in lines:
            value = to_day(line.qualifies_on) if name == "qualifies_on" else getattr(line, name) or 0
            column.update(value.to_bytes(width, signed=True))
        whole.update(len(name).to_bytes(2) + name.encode() + column.digest())
    return whole.hexdigest()


def test_who_did_what_is_kept(town: Town) -> None:
    run = town.pay(FEBRUARY)
    events = AuditEvent.objects.filter(object_type="payouts.run", object_id=str(run.pk)).order_by("pk")
    done = [(event.action, event.by) for event in events]
    assert done == [
        ("queue_run", town.starter),
        ("compute_run", town.starter),
        ("examine_run", town.examiner),
        ("attest_examiner", town.examiner),
        ("attest_decider", town.decider),
    ]
    computed = events[1].later
    assert computed == {"lines": 1, "total": 800_000, "digest": run.digest, "parked": 0}


def test_a_run_notes_when_time_alone_can_change_what_is_owed() -> None:
    town = Town(library_model("nacka-jobbpeng"))
    town.refer("P1", START - 5 * DAY, START)
    town.pay(JANUARY)
    (wakeup,) = Wakeup.objects.all()
    assert JANUARY < wakeup.wake_on <= FEBRUARY
    february = town.pay(FEBRUARY)
    assert (february.is_full, february.total) == (False, 368_600)  # nothing was marked as changed


def test_the_same_month_again_writes_nothing(town: Town) -> None:
    town.pay(FEBRUARY)
    again = town.pay(FEBRUARY)
    assert (again.is_full, again.line_count, again.total) == (False, 0, 0)
    assert ledger() == [("P1", "start", 800_000)]


def test_a_computed_run_is_not_computed_again(town: Town) -> None:
    run = town.compute(FEBRUARY)
    town.tell(date(2025, 3, 2), attendance("a2", "P2", START, date(2025, 2, 13), 22))
    again = compute_run(run.pk, now=noon(date(2025, 3, 3)))
    assert (again.digest, again.knowledge_at, again.attempts) == (run.digest, run.knowledge_at, 1)


def test_a_month_without_placements_is_computed() -> None:
    run = Town().pay(JANUARY)
    assert (run.state, run.line_count, run.total) == (RunState.ATTESTED, 0, 0)


def test_a_correction_takes_back_what_it_undoes(town: Town) -> None:
    town.pay(FEBRUARY)
    town.tell(date(2025, 3, 5), attendance("a1-mended", "P1", START, date(2025, 2, 13), 12, replaces="a1"))
    run = town.pay(MARCH)
    assert ledger() == [("P1", "start", 800_000), ("P1", "start", -800_000)]
    assert Line.objects.get(run=run).paid_before == 800_000


def test_a_fact_that_no_step_asks_for_pays_nothing(town: Town) -> None:
    town.pay(FEBRUARY)
    town.tell(date(2025, 3, 5), milestone("m1", "P1", date(2025, 3, 4), "kartläggning"))
    assert town.pay(MARCH).line_count == 0


# --- cancelling


def test_a_cancelled_run_stays_readable_and_no_longer_counts(town: Town) -> None:
    first = town.compute(FEBRUARY)
    cancelled = cancel(town, first)
    assert (cancelled.digest, cancelled.line_count, cancelled.cancel_reason) == (first.digest, 1, "wrong")
    assert Line.objects.filter(run=first).count() == 1
    assert ledger() == []
    second = town.pay(FEBRUARY)
    assert (second.is_full, second.digest) == (True, first.digest)  # the same lines, found without marks
    assert ledger() == [("P1", "start", 800_000)]


def test_a_run_can_be_cancelled_before_it_is_computed(town: Town) -> None:
    run = cancel(town, queue(town, FEBRUARY))
    assert compute_run(run.pk).state == RunState.CANCELLED
    assert ledger() == []


def test_a_run_that_is_cancelled_while_it_is_computed_leaves_nothing(town: Town) -> None:
    run = queue(town, FEBRUARY)

    def cancel_now(lines: int) -> None:
        cancel(town, run)

    done = compute_run(run.pk, now=noon(FEBRUARY + DAY), progress=cancel_now)
    assert (done.state, done.digest) == (RunState.CANCELLED, "")
    assert ChangedPlacement.objects.exists()
    assert_ledger_is_clean()
    assert town.pay(FEBRUARY).line_count == 1


def test_a_run_that_nobody_computes_any_more_leaves_nothing_when_it_is_cancelled(town: Town) -> None:
    run = queue(town, FEBRUARY)
    stop_while_computing(run)
    cancel(town, run)
    assert_ledger_is_clean()


def test_a_cancelled_run_needs_a_reason_and_finance(town: Town) -> None:
    run = queue(town, FEBRUARY)
    at = noon(MARCH)
    assert refusal(lambda: cancel_run(run=run, reason=" ", by=town.starter, now=at)) == "cancel_reason"
    assert refusal(lambda: cancel_run(run=run, reason="wrong", by=town.handler, now=at)) == "role_needed"

"""A run is queued and computed: once, by one process, from one snapshot, with all of its lines or none."""

import time
from collections.abc import Callable, Set
from datetime import date, datetime

import numpy as np
import psycopg
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from backend.kernel.audit import record_event
from backend.kernel.bulk import number_array
from backend.kernel.calendar import local_day
from backend.kernel.columns import read_columns, write_columns
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, User
from backend.kernel.permissions import require_role
from outcomes.columns import FAR, I64, to_day
from outcomes.locks import exclusive_verification_lock
from outcomes.models import Placement
from payouts.computation import (
    MARKS,
    Computation,
    Digest,
    Job,
    Parked,
    Tally,
    must_be_full,
    new_connection,
    shared_snapshot,
    touched_placements,
    write_lines,
)
from payouts.engine.evaluate import ENGINE_VERSION
from payouts.models import ParkedProvider, Run, RunVersion
from payouts.selectors import counting_runs
from payouts.services.holding import place_holds
from payouts.states import UNATTESTED, RunState

CUTOFF_AHEAD = rule("cutoff_ahead", gettext_noop("a run needs a cut-off before today, {today}"))
CUTOFF_BEFORE_LAST = rule("cutoff_before_last", gettext_noop("runs follow each other; the last one ended on {last}"))
RUN_UNFINISHED = rule("run_unfinished", gettext_noop("run {sequence} is not attested yet, so no other can start"))
ATTEMPTS_SPENT = rule("run_attempts_spent", gettext_noop("{most} attempts to compute the run have failed; cancel it"))

QUEUE_LOCK = 741_853
COMPUTING_LOCK = 741_854
ATTEMPTS_MOST = 5
LOCK_TRIES = 30
LOCK_PAUSE = 0.2  # seconds
IN_THE_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

PROGRESS = "UPDATE payouts_run SET progress = %s, progress_of = %s WHERE id = %s"
DROP_UNFINISHED = """
    SELECT payouts_drop_staging(id) FROM payouts_run
    WHERE id = %(run)s AND state = 'cancelled' AND digest = '' AND pg_try_advisory_xact_lock(%(lock)s)"""

Progress = Callable[[int], None]


def queue_run(*, cutoff: date, by: User, now: datetime) -> Run:
    """Note that a run at this cut-off is to be computed. DomainError while another is unattested, or out of order."""
    require_role(by, *FINANCE)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [QUEUE_LOCK])
        if cutoff >= local_day(now):
            raise refuse(CUTOFF_AHEAD, field="cutoff", value=cutoff, today=local_day(now))
        last = Run.objects.order_by("sequence").last()
        if last and last.state in UNATTESTED:
            raise refuse(RUN_UNFINISHED, field="cutoff", value=cutoff, sequence=last.sequence)
        paid = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence").last()
        if paid and cutoff < paid.cutoff:
            raise refuse(CUTOFF_BEFORE_LAST, field="cutoff", value=cutoff, last=paid.cutoff)
        run = Run.objects.create(
            sequence=last.sequence + 1 if last else 1,
            cutoff=cutoff,
            state=RunState.QUEUED,
            is_full=must_be_full(last),
            started_by=by,
            queued_at=now,
        )
        record_event(by=by, action="queue_run", on=run, now=now, later={"cutoff": cutoff, "is_full": run.is_full})
    return run


def compute_run(run_id: int, *, now: datetime | None = None, progress: Progress = lambda lines: None) -> Run:
    """Compute a queued run. Harmless if it is computed already, being computed elsewhere, or left by a killed process.

    Waits for whoever computes: if that process dies, this one takes over.
    `now` is the knowledge moment where the clock is simulated; else the clock is read under the verification lock.
    `progress` is told the number of lines so far. DomainError once too many attempts have failed.
    """
    with new_connection() as guard:  # its lock goes with the process if that dies
        guard.autocommit = True
        guard.execute("SELECT pg_advisory_lock(%s)", [COMPUTING_LOCK])
        if _begin(run_id):
            run = Run.objects.get(pk=run_id)
            parked: list[Parked] = []
            while found := _attempt(run, guard, parked, now, progress):
                parked += found
    run = Run.objects.get(pk=run_id)
    if run.state == RunState.CANCELLED:
        drop_unfinished_lines(run_id)
    return run


def drop_unfinished_lines(run_id: int) -> None:
    """Remove what a run had written when it was cancelled; a process that still computes it does so in the end."""

    def drop() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(DROP_UNFINISHED, {"run": run_id, "lock": COMPUTING_LOCK})

    _patiently(drop)


def _begin(run_id: int) -> bool:
    """Move the run to computing (again, after a killed worker) and count the attempt; false if nothing is to do."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        if run.state not in (RunState.QUEUED, RunState.COMPUTING):
            return False
        if run.attempts >= ATTEMPTS_MOST:
            raise refuse(ATTEMPTS_SPENT, field="attempts", value=run.attempts, most=ATTEMPTS_MOST)
        run.state, run.attempts, run.engine_version = RunState.COMPUTING, run.attempts + 1, ENGINE_VERSION
        run.save()
    return True


def _attempt(
    run: Run, writer: psycopg.Connection, parked: list[Parked], now: datetime | None, progress: Progress
) -> list[Parked]:
    """Compute the run without the parked providers and store it whole.

    If others must be parked too: these, and nothing is stored.
    """
    _staging("open", run)
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with exclusive_verification_lock():
            moment = now or timezone.now()
            marks, marked = read_columns(first, MARKS, ["i8", "i4"])
        touched = None if run.is_full else touched_placements(first, marked, run.cutoff, _before(run))
        left_out = frozenset(one.provider for one in parked)
        job = Job(to_day(run.cutoff), moment, counting_runs(before=run.sequence), touched, left_out)
        tally = _compute(run, first, writer, job, progress)
        if tally.parked:
            return tally.parked
    for step in ("key", "link", "check"):
        _staging(step, run)
    _patiently(lambda: _finish(run, moment, tally, parked, marks[~np.isin(marked, _placements_of(left_out))]))
    return []


def _compute(run: Run, first: psycopg.Connection, writer: psycopg.Connection, job: Job, progress: Progress) -> Tally:
    """Write the job's lines into the run's staging table, chunk by chunk."""
    tally, done = Tally(Digest()), 0
    with shared_snapshot(first) as second:
        computation = Computation(first, second, job)
        for chunk in computation.chunks():
            columns = chunk.lines.columns()
            tally.add(chunk, columns)
            done += len(chunk.placement)
            writer.execute(PROGRESS, [done, computation.expected, run.pk])  # committed at once: a page may ask
            if tally.parked:
                continue  # only to find all providers that must be parked
            write_lines(writer, f"payouts_line_{run.pk}", columns, run.pk)
            progress(tally.digest.count)
    return tally


def _before(run: Run) -> Run:
    return Run.objects.get(sequence=run.sequence - 1)


def _placements_of(providers: Set[int]) -> list[int]:
    """The placements of parked providers, whose marks stay."""
    if not providers:
        return []
    return list(Placement.objects.filter(contract__provider__in=providers).values_list("pk", flat=True))


def _staging(step: str, run: Run) -> None:
    """One step of the owner's functions on the run's lines, in a transaction of its own."""

    def call() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT payouts_{step}_run(%s)", [run.pk])

    _patiently(call)


def _patiently(work: Callable[[], None]) -> None:
    """Do a short transaction; while a lock cannot be had in time, or the database's own upkeep is in the way, again."""
    for _ in range(LOCK_TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, IN_THE_WAY):
                raise
            time.sleep(LOCK_PAUSE)
    return work()


def _finish(run: Run, moment: datetime, tally: Tally, parked: list[Parked], marks: I64) -> None:
    """The lines become part of the ledger and the run is computed, both at once."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if run.state != RunState.COMPUTING:  # cancelled meanwhile
            return
        run.state, run.knowledge_at, run.computed_at = RunState.COMPUTED, moment, moment
        run.line_count, run.total, run.digest = tally.digest.count, tally.digest.total, tally.digest.hex()
        run.save()
        RunVersion.objects.bulk_create(RunVersion(run=run, version_id=version) for version in sorted(tally.versions))
        ParkedProvider.objects.bulk_create(_parked_row(run, one) for one in parked)
        _store_wakeups(run, tally, parked)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM outcomes_changedplacement WHERE id = ANY(%s::bigint[])", [number_array(marks)])
            cursor.execute("SELECT payouts_attach_run(%s)", [run.pk])
        place_holds(run)
        record_event(
            by=run.started_by,
            action="compute_run",
            on=run,
            now=moment,
            later={"lines": run.line_count, "total": run.total, "digest": run.digest, "parked": len(parked)},
        )


def _parked_row(run: Run, one: Parked) -> ParkedProvider:
    return ParkedProvider(
        run=run,
        provider_id=one.provider,
        placement_id=one.placement,
        fact_id=one.fact or None,
        rule=one.rule,
        field=one.field,
        value=one.value[:200],
    )


def _store_wakeups(run: Run, tally: Tally, parked: list[Parked]) -> None:
    """Replace the wake-up days of what was computed; a parked provider's placements keep theirs."""
    placement = np.concatenate(tally.placements) if tally.placements else np.zeros(0, np.int32)
    wake_on = np.concatenate(tally.wake_on) if tally.wake_on else np.zeros(0, np.int32)
    with connection.cursor() as cursor:
        if run.is_full and not parked:
            cursor.execute("DELETE FROM payouts_wakeup")
        else:
            cursor.execute("DELETE FROM payouts_wakeup WHERE placement_id = ANY(%s::int[])", [number_array(placement)])
        columns = {"placement_id": ("i4", placement), "wake_on": ("i4", wake_on)}
        write_columns(cursor.connection, "payouts_wakeup", columns, wake_on < FAR)

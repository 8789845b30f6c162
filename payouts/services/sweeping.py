"""What the calendar sees to: runs that lost their message, tables that nobody fills any more, and the month's run."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction

from backend.kernel.calendar import local_day
from backend.kernel.models import User
from payouts.models import Run
from payouts.services.computing import ATTEMPTS_MOST, COMPUTING_LOCK, queue_run
from payouts.states import RunState

logger = logging.getLogger(__name__)

# Looked up, not tried: to take the lock even for a moment would keep a worker waiting.
HELD = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE granted AND locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )"""

# Cancelling a run drops what it had written, unless a process still computes it, which may then be killed.
ORPHANS = """
    SELECT number FROM (
        SELECT substring(relname FROM '^payouts_line_([0-9]{1,9})$')::integer AS number
        FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relnamespace = 'public'::regnamespace
    ) AS staging
    WHERE number IS NOT NULL AND NOT EXISTS (SELECT FROM payouts_run WHERE id = number AND state = %s)
    ORDER BY number"""


def find_lost_runs() -> list[int]:
    """Ids of runs that are to be computed and that no process is computing.

    A run whose attempts are spent is not among them: it waits for an officer to cancel it.
    """
    if _is_computing():
        return []
    waiting = Run.objects.filter(state__in=[RunState.QUEUED, RunState.COMPUTING], attempts__lt=ATTEMPTS_MOST)
    return list(waiting.values_list("pk", flat=True))


def drop_orphan_staging() -> list[int]:
    """Drop the staging tables of runs that are not being computed. Gives the runs' ids.

    A table that somebody may still use is left for the next time.
    """
    if _is_computing():
        return []
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS, [RunState.COMPUTING])
        orphans = [number for (number,) in cursor.fetchall()]
    return [number for number in orphans if _drop(number)]


def _is_computing() -> bool:
    """Whether a process computes a run now."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [COMPUTING_LOCK])
        (held,) = cursor.fetchone()
    return bool(held)


def _drop(number: int) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT payouts_drop_staging(%s)", [number])
    except OperationalError:  # not to be had within the function's lock_timeout
        logger.warning("The staging table of run %s is in use; it stays until the next sweep.", number)
        return False
    logger.info("Dropped the staging table of run %s, which is not being computed.", number)
    return True


def queue_month(*, username: str, now: datetime) -> Run | None:
    """Queue the run of the month before, in an officer's name. None if there is a run of it, or of a later day.

    A cancelled run counts too: whether it is to be made anew is for an officer to say.
    """
    by = User.objects.filter(username=username).first()
    if by is None:
        raise ImproperlyConfigured(f"MONTHLY_RUN_BY = {username}: there is no user with this name")
    cutoff = local_day(now).replace(day=1) - timedelta(days=1)
    if Run.objects.filter(cutoff__gte=cutoff).exists():
        return None
    return queue_run(cutoff=cutoff, by=by, now=now)

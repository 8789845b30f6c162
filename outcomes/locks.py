"""The lock that keeps a run's knowledge sharp: no verification falls between two runs.

Whatever a run may know is written under the shared lock, with a moment read inside it. A run takes the lock exclusively
once, before it reads: all that was written under the lock is then committed, and what comes after has a later moment.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.utils import timezone

from backend.kernel.bulk import number_array

LOCK = 741_852


def shared_verification_lock(now: datetime | None = None) -> datetime:
    """Hold the lock, beside others, until the transaction ends. Gives the moment to write: `now`, else the clock's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    return now or timezone.now()


def lock_placements(ids: Sequence[int]) -> None:
    """Keep others from changing or verifying anything of these placements until the transaction ends.

    Rules that look at several facts are checked on what is committed: without this, two verifications beside each other
    could each be right and both together wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM outcomes_placement WHERE id = ANY(%s::int[]) ORDER BY id FOR NO KEY UPDATE",
            [number_array(ids)],
        )


@contextmanager
def exclusive_verification_lock() -> Iterator[None]:
    """Wait until nobody holds the lock, and keep all others from it inside the block. Needs no transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

"""Small instruments: medians with their spread, a process's peak memory, and how long facts can't be written."""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil
import psycopg

from outcomes.locks import LOCK
from payouts.computation import new_connection


def say(values: Sequence[float], digits: int = 2) -> str:
    """The median, with minimum and maximum."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


class Peak:
    """The most memory that this process held at any moment since the start, in MiB."""

    def __init__(self) -> None:
        self.mib = 0.0
        self._process = psutil.Process()

    @contextmanager
    def watching(self) -> Iterator[None]:
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                self.mib = max(self.mib, self._process.memory_info().rss / 2**20)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


class Writer:
    """Verifies one waiting fact after the other, as an officer would, and notes the longest wait."""

    def __init__(self, waiting: list[int]):
        self.longest = 0.0  # seconds
        self._waiting = waiting

    @contextmanager
    def writing(self) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._write, args=[done])
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _write(self, done: threading.Event) -> None:
        with new_connection() as connection:
            while self._waiting and not done.wait(0.05):
                started = time.perf_counter()
                verify(connection, [self._waiting.pop()])
                self.longest = max(self.longest, time.perf_counter() - started)


def verify(connection: psycopg.Connection, facts: list[int]) -> None:
    """What the verification service writes for some facts."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
        connection.execute(
            "INSERT INTO outcomes_verificationdecision"
            " (fact_id, replaces_id, decided_at, decided_by_id, decision, reason_code)"
            " SELECT id, replaces_id, now(), 1, 'verified', '' FROM outcomes_fact WHERE id = ANY(%s)",
            [facts],
        )
        connection.execute(
            "UPDATE outcomes_fact SET verified_at = now(), verified = (now() AT TIME ZONE 'Europe/Stockholm')::date"
            " WHERE id = ANY(%s) AND verified_at IS NULL",
            [facts],
        )
        connection.execute(
            "INSERT INTO outcomes_changedplacement (placement_id)"
            " SELECT placement_id FROM outcomes_fact WHERE id = ANY(%s)",
            [facts],
        )

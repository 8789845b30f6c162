"""The keeper: a background process that runs a cluster's servers for as long as any command uses them (see sharing)."""

import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from backend.devtools.processes import Process, stop
from backend.devtools.servers import start_postgres, start_valkey
from backend.devtools.state import Cluster, Failure, lock, open_cluster, try_lock

PULSE = 0.2  # seconds between two looks


def keep(cluster: Cluster) -> None:
    own = lock(cluster.root / "keeper")
    own.truncate(0)
    own.write(str(os.getpid()).encode())
    own.flush()
    servers: list[tuple[Process, signal.Signals]] = []
    try:
        servers.append((start_valkey(cluster), signal.SIGTERM))
        servers.append((start_postgres(cluster), signal.SIGINT))
        cluster.ready.touch()
        nobody = None  # held to the end: who comes meanwhile waits, and then starts a keeper of its own
        while all(process.poll() is None for process, _ in servers) and not nobody:
            time.sleep(PULSE)
            nobody = try_lock(cluster.root / "users")
    finally:
        cluster.ready.unlink(missing_ok=True)
        for process, sign in reversed(servers):
            stop(process, by=sign)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        keep(open_cluster(sys.argv[1]))
    except Failure as failure:
        sys.exit(str(failure))

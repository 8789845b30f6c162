"""The keeper: a background process that runs a cluster's servers for as long as any command uses them.

Every command holds a shared lock on `users`; once the keeper can take it exclusively, nobody is left, and it stops the
servers. So any number of commands share them, in any order of coming and going, and a kill -9 of any leaves nothing.
"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import IO, NoReturn

from backend.devtools.processes import Process, stop
from backend.devtools.servers import start_postgres, start_valkey
from backend.devtools.state import REPOSITORY, Cluster, Failure, is_locked, lock, open_cluster, tail, try_lock

PULSE = 0.2  # seconds between two looks


def join(cluster: Cluster) -> IO[bytes]:
    """Have the cluster's servers running until the returned lock is closed or the process ends."""
    used = lock(cluster.root / "users", shared=True)
    with lock(cluster.root / "door"):
        if not _is_up(cluster):
            _start_keeper(cluster)
    return used


def dismiss(cluster: Cluster) -> None:
    """Stop the servers, whoever uses them."""
    keeper = cluster.root / "keeper"
    if is_locked(keeper):
        os.kill(int(keeper.read_text()), signal.SIGTERM)
        lock(keeper).close()


def _is_up(cluster: Cluster) -> bool:
    return cluster.ready.exists() and is_locked(cluster.root / "keeper")


def _start_keeper(cluster: Cluster) -> None:
    lock(cluster.root / "keeper").close()  # one that is on its way out
    cluster.ready.unlink(missing_ok=True)
    with cluster.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.devtools.keeper", cluster.name],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    while not cluster.ready.exists():
        if process.poll() is not None:
            raise Failure(tail(cluster.log))
        time.sleep(0.02)


def _keep(cluster: Cluster) -> None:
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
        _keep(open_cluster(sys.argv[1]))
    except Failure as failure:
        sys.exit(str(failure))

"""How the commands of several terminals share a cluster's servers.

Every command holds a shared lock on `users`; once the keeper can take it exclusively, nobody is left, and it stops the
servers. So any number of commands share them, in any order of coming and going, and a kill -9 of any leaves nothing.
"""

import os
import signal
import subprocess
import sys
import time
from typing import IO

from backend.devtools.state import REPOSITORY, Cluster, Failure, is_locked, lock, tail


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
            [sys.executable, "-W", "ignore", "-m", "backend.devtools.keeper", cluster.name],
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

"""The web server of production as a process, in the test's database; some tests kill it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from backend.devtools.processes import Process, start, stop

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web_server(port: int, workers: int = 2) -> Iterator[Process]:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    more = {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}", "API_REQUESTS": "1000000", "DEBUG": "1"}
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--log-level", "critical"]
    command = [sys.executable, "-m", "gunicorn", "backend.wsgi", *bind]
    web = start(command, cwd=ROOT, env=os.environ | more, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield web
    finally:
        stop(web)


def _wait_for(port: int) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError("the web server does not start")

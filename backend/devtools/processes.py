"""Starting and stopping processes so that none outlives who started it."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# Loaded here: a child that has changed its user may not be able to read the library's directory.
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

SERVERS = ("postgres", "valkey-server")

Process = subprocess.Popen[bytes]


def die_with_parent(sign: signal.Signals) -> Callable[[], object]:
    """For Popen's preexec_fn: the kernel sends the signal when the parent ends, by kill -9 too."""
    return lambda: _LIBC.prctl(_PR_SET_PDEATHSIG, sign)


def start(command: Sequence[str | Path], *, ends_by: signal.Signals = signal.SIGTERM, **options: Any) -> Process:
    return subprocess.Popen(command, preexec_fn=die_with_parent(ends_by), **options)


def stop(process: Process, *, by: signal.Signals = signal.SIGTERM, patience: float = 20) -> None:
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(command: Sequence[str | Path], **options: Any) -> int:
    """Run in the foreground; when we are told to end, the child ends with us."""
    process = start(command, **options)
    try:
        return process.wait()
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)  # the terminal's Ctrl-C has reached the child too: let it finish what it says
        raise
    finally:
        stop(process)


def working_in(directory: Path) -> list[int]:
    """The servers whose working directory is this one: how those that lost their keeper are recognised."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            is_server = entry.name.isdigit() and (entry / "comm").read_text().strip() in SERVERS
            if is_server and (entry / "cwd").samefile(directory):
                found.append(int(entry.name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def await_departure(directory: Path, *, patience: float = 20) -> None:
    """Wait until no process works in the directory any more; after a while, insist."""
    begun = time.monotonic()
    while (pids := working_in(directory)) and time.monotonic() - begun < 2 * patience:
        if time.monotonic() - begun > patience:
            for pid in pids:
                os.kill(pid, signal.SIGQUIT)
        time.sleep(0.1)

"""Where this checkout keeps its servers, and the locks by which the commands of several terminals share them.

All locks are flock(2): the kernel frees them however their holder ends, so nothing is ever stale.
"""

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

REPOSITORY = Path(__file__).resolve().parents[2]
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
DATABASE = "utfall"
OWNER = "utfall_owner"  # migrates
APP = "utfall_app"


class Failure(Exception):  # noqa: N818  # not an error of the program
    """A command can't go on; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL with its Valkey: `main` for the demonstration, `bench`, and `test-0` … for runs of the tests."""

    name: str
    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def ready(self) -> Path:
        return self.root / "ready"

    @property
    def log(self) -> Path:
        return self.root / "keeper.log"

    @property
    def may_lose_data(self) -> bool:
        return self.name.startswith("test")

    def database_url(self, role: str) -> str:
        return f"postgres://{role}@{quote(str(self.postgres), safe='')}/{DATABASE}"

    @property
    def broker_url(self) -> str:
        return f"unix://{quote(str(self.valkey / 'socket'))}"


def state_directory(repository: Path = REPOSITORY, user: int | None = None) -> Path:
    """The directory of a checkout's servers. Not in the checkout: a socket's path may have no more than 107 bytes,
    and the account that runs PostgreSQL for root must be able to enter."""
    if chosen := os.environ.get("UTFALL_STATE"):
        return Path(chosen).absolute()
    key = hashlib.sha256(bytes(repository)).hexdigest()[:10]
    return Path(f"/var/tmp/utfall-{os.geteuid() if user is None else user}-{key}")  # noqa: S108  # its owner is checked


def open_cluster(name: str) -> Cluster:
    state = state_directory()
    state.mkdir(parents=True, exist_ok=True)
    if state.stat().st_uid != os.geteuid():
        raise Failure(f"{state} belongs to another user; UTFALL_STATE=… chooses another directory.")
    cluster = Cluster(name, state / name)
    if len(bytes(cluster.postgres / SOCKET)) > LONGEST_SOCKET_PATH:
        raise Failure(f"{state} is too long a path for sockets; UTFALL_STATE=… chooses a shorter one.")
    cluster.root.mkdir(exist_ok=True)
    for directory in (state, cluster.root):  # whatever the umask: PostgreSQL's account must be able to enter
        directory.chmod(0o711)
    return cluster


def lock(path: Path, *, shared: bool = False) -> IO[bytes]:
    """Wait for a lock and hold it until the returned file is closed."""
    file = path.open("ab")
    fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    return file


def try_lock(path: Path, *, shared: bool = False) -> IO[bytes] | None:
    """Like lock(), but None when someone else holds it."""
    file = path.open("ab")
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    probe = try_lock(path, shared=True)
    if probe:
        probe.close()
    return probe is None


def tail(path: Path, characters: int = 2000) -> str:
    try:
        return path.read_text(errors="replace")[-characters:]
    except OSError:
        return ""

"""The commands of `./dev`."""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from backend.devtools.processes import Process, run, start, stop
from backend.devtools.sharing import dismiss, join
from backend.devtools.state import (
    APP,
    OWNER,
    REPOSITORY,
    Cluster,
    Failure,
    lock,
    open_cluster,
    state_directory,
    tail,
    try_lock,
)
from backend.devtools.translations import compile_translations

PYTHON = sys.executable
MANAGE = [PYTHON, str(REPOSITORY / "manage.py")]
DEMONSTRATION = {"DEMONSTRATION": "true", "dramatiq_worker_timeout": "50"}  # ms between looks at an empty queue
# what tests need besides Python: each program with its Debian package
PROGRAMS = {
    "chromium": "chromium",
    "curl": "curl",
    "soffice": "libreoffice-writer-nogui",
    "/usr/lib/rabbitmq/bin/rabbitmq-server": "rabbitmq-server",
}
TEST_RUNS = 8  # how many `./dev test` may run at once
BEGUN = time.monotonic()


def say(text: str) -> None:
    """Progress, apart from what a command prints."""
    print(f"[{time.monotonic() - BEGUN:5.1f} s] {text}", file=sys.stderr, flush=True)


def environment(cluster: Cluster, *, debug: bool = False) -> dict[str, str]:
    """The variables that backend/settings.py reads, over the caller's own; the caller's PG… would mislead psycopg."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "DATABASE_URL": cluster.database_url(APP),
        "DATABASE_OWNER_URL": cluster.database_url(OWNER),
        "BROKER_URL": cluster.broker_url,
        "SECRET_KEY": _secret("secret_key", 50),
        "IDENTITY_KEYS": f"dev:{_secret('identity_key', 32)}",
        "IDENTITY_HASH_KEYS": f"dev:{_secret('identity_hash_key', 32)}",
        "DEBUG": "true" if debug else os.environ.get("DEBUG", "false"),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        # what large columns took goes back to the system when they are done with (glibc)
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
    }


def _secret(name: str, size: int) -> str:
    """Random bytes as text. Made once, so that what is kept with it outlives the command that began it."""
    path = state_directory() / name
    with lock(path) as file:
        if not path.stat().st_size:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(size).encode())
    return path.read_text()


def enter(cluster: Cluster) -> IO[bytes]:
    """Join a cluster; the returned lock holds its servers until the command ends."""
    if not (cluster.postgres / "data").exists():
        say(f"Making the {cluster.name} database …")
    compile_translations()
    return join(cluster)


def migrate(variables: dict[str, str]) -> None:
    if run([*MANAGE, "migrate", "--database", "owner", "-v", "0"], env=variables):
        raise Failure("The migrations failed. If this database is not worth mending, `./dev clean` starts over.")


# --- demo


def demo(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("./dev demo", description="Demonstration data, the main job, then the web server.")
    parser.add_argument("--once", action="store_true", help="end after the summary")
    parser.add_argument("--placements", type=int, metavar="N", help="how many placements to make")
    parser.add_argument("--port", type=int, default=8000, help="the web server's port on 127.0.0.1 (default 8000)")
    chosen = parser.parse_args(arguments)
    if not 0 < chosen.port < 65536:
        parser.error(f"--port {chosen.port}: a port is a number from 1 to 65535")
    if not chosen.once:
        _check_port(chosen.port)
    cluster = open_cluster("main")
    _held = enter(cluster)
    variables = environment(cluster) | DEMONSTRATION
    say("The servers run. Migrating …")
    migrate(variables)
    worker = Worker(cluster, variables)
    try:
        size = ["--placements", str(chosen.placements)] if chosen.placements is not None else []
        say("Building the demonstration …")
        code = worker.accompany(start([*MANAGE, "build_demo", *size], env=variables))
        if code or chosen.once:
            return code
        say(f"Open http://127.0.0.1:{chosen.port}/ (Ctrl-C ends the demonstration)")
        with suppress(KeyboardInterrupt):
            return worker.accompany(_start_web(chosen.port, environment(cluster, debug=True) | DEMONSTRATION))
        return 0
    finally:
        worker.stop()


def _check_port(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            advice = f"./dev demo --port {port + 1} takes another, ./dev demo --once needs none."
            raise Failure(f"Port {port} on 127.0.0.1 can't be had ({error.strerror}). {advice}") from None


def _start_web(port: int, variables: dict[str, str]) -> Process:
    address = f"127.0.0.1:{port}"
    command = [PYTHON, "-m", "gunicorn", "backend.wsgi", "--bind", address, "--workers", "2", "--log-level", "warning"]
    return start(command, env=variables, cwd=REPOSITORY)


class Worker:
    """The dramatiq worker of the demonstration, started anew when it ends."""

    SOON = 5  # seconds; a worker that ends sooner than this will not do better the next time

    def __init__(self, cluster: Cluster, variables: dict[str, str]):
        self.log = cluster.root / "worker.log"
        self.log.unlink(missing_ok=True)
        self.variables = variables
        self._start()

    def _start(self) -> None:
        command = [PYTHON, "-m", "dramatiq", "backend.worker", "--processes", "1", "--threads", "2"]
        self.started = time.monotonic()
        with self.log.open("ab") as log:  # in a session of its own: Ctrl-C is for the foreground
            self.process = start(
                command, env=self.variables, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True
            )

    def accompany(self, foreground: Process) -> int:
        """Wait for a process, and see to it that there is a worker meanwhile."""
        try:
            while True:
                try:
                    return foreground.wait(0.2)
                except subprocess.TimeoutExpired:
                    self._revive()
        finally:
            stop(foreground)

    def _revive(self) -> None:
        if self.process.poll() is None:
            return
        if time.monotonic() - self.started < self.SOON:
            raise Failure(f"The worker ended. Its log ends:\n{tail(self.log)}")
        say("The worker ended; starting another.")
        self._end_remains()
        self._start()

    def stop(self) -> None:
        stop(self.process)
        self._end_remains()

    def _end_remains(self) -> None:
        """dramatiq's own children outlive it when it is killed; they are in the session that it was given."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


# --- test and lint


def test(arguments: Sequence[str]) -> int:
    _install_programs()
    cluster, _alone = _free_test_cluster()
    _held = enter(cluster)
    variables = environment(cluster, debug=True) | {"STAFF_MFA": "false"}  # pages answer without TLS, to a password
    if arguments:
        return _pytest(arguments, variables)
    checks = check(variables)
    tests = _pytest(["-n", "2", "--dist", "loadfile"], variables)
    return checks or tests


def _pytest(arguments: Sequence[str], variables: dict[str, str]) -> int:
    return run([PYTHON, "-m", "pytest", *arguments], env=variables, cwd=REPOSITORY)


def _free_test_cluster() -> tuple[Cluster, IO[bytes]]:
    """A cluster that no other run of the tests uses now, and the lock that keeps it so."""
    for number in range(TEST_RUNS):
        cluster = open_cluster(f"test-{number}")
        if alone := try_lock(cluster.root / "taken"):
            return cluster, alone
    raise Failure(f"The tests run {TEST_RUNS} times at once in this checkout; wait for one to end.")


def _install_programs() -> None:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing {', '.join(missing)} …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = [PROGRAMS[program] for program in missing]
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        if run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL):
            say(f"apt-get {command[0]} failed; the tests that need {', '.join(missing)} will not run.")
            return


def lint(arguments: Sequence[str]) -> int:
    _refuse(arguments)
    cluster, _alone = _free_test_cluster()
    _held = enter(cluster)
    return check(environment(cluster))


def check(variables: dict[str, str]) -> int:
    """Every check, also after one has failed: all can then be mended at once."""
    failed = []
    for name, command in _checks().items():
        say(name)
        if run(command, env=variables, cwd=REPOSITORY):
            failed.append(name)
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _checks() -> dict[str, list[str]]:
    checks = {
        "ruff check": [PYTHON, "-m", "ruff", "check", "--quiet"],
        "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet"],
        "mypy": [PYTHON, "-m", "mypy", "--no-error-summary"],
        "import-linter": [str(Path(PYTHON).parent / "lint-imports"), "--no-logo"],
        "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run", "-v", "1"],
    }
    if any(REPOSITORY.glob("*/**/management/commands/check_translations.py")):
        checks["translations"] = [*MANAGE, "check_translations"]
    return checks


# --- the others


def manage(arguments: Sequence[str]) -> NoReturn:
    cluster = open_cluster("main")
    held = enter(cluster)
    _become([*MANAGE, *arguments], environment(cluster), held)


def shell(arguments: Sequence[str]) -> NoReturn:
    manage(["shell", *arguments])


def bench(arguments: Sequence[str]) -> NoReturn:
    if not arguments or arguments[0].startswith("-"):
        raise Failure("Which benchmark? ./dev bench NAME …")
    cluster = open_cluster("bench")
    alone = try_lock(cluster.root / "taken")
    if not alone:
        raise Failure("Another benchmark runs in this checkout; two would disturb each other.")
    held = enter(cluster)
    variables = environment(cluster)
    migrate(variables)
    _become([*MANAGE, f"bench_{arguments[0]}", *arguments[1:]], variables, held, alone)


def _become(command: list[str], variables: dict[str, str], *held: IO[bytes]) -> NoReturn:
    """Turn into the command, so that signals and the terminal are its own, and its locks last as long as it does."""
    for file in held:
        os.set_inheritable(file.fileno(), True)
    os.execve(command[0], command, variables)  # noqa: S606  # no shell is wanted


def clean(arguments: Sequence[str]) -> int:
    _refuse(arguments)
    state = state_directory()
    for keeper in state.glob("*/keeper"):
        dismiss(open_cluster(keeper.parent.name))
    shutil.rmtree(state, ignore_errors=True)
    if state.exists():
        raise Failure(f"{state} could not be removed wholly.")
    return 0


def _refuse(arguments: Sequence[str]) -> None:
    if arguments:
        raise Failure(f"{' '.join(arguments)}: this command takes no arguments.")


COMMANDS: dict[str, tuple[str, Callable[[Sequence[str]], int], str]] = {
    "demo": ("[--once] [--placements N] [--port P]", demo, "demonstration data, the main job, the web server"),
    "test": ("[PYTEST ARGUMENTS]", test, "every check and test; with arguments, only pytest with these"),
    "lint": ("", lint, "style, types, direction of imports, migrations, translations"),
    "manage": ("COMMAND …", manage, "a management command of Django"),
    "shell": ("", shell, "Django's shell"),
    "bench": ("NAME …", bench, "a benchmark, in a database of its own"),
    "clean": ("", clean, "stop the servers of this checkout and remove their data"),
}
LOCK = ("lock", "write requirements.lock from requirements.in")  # carried out by the script itself


def usage() -> str:
    lines = [f"  ./dev {name + ' ' + arguments:44} {text}" for name, (arguments, _run, text) in COMMANDS.items()]
    lines.append(f"  ./dev {LOCK[0]:44} {LOCK[1]}")
    return "\n".join(["Usage:", *lines])


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(usage())
        return 0
    if arguments[0] not in COMMANDS:
        print(f"./dev has no command {arguments[0]}.\n{usage()}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background command begins with it ignored
    try:
        return COMMANDS[arguments[0]][1](arguments[1:])
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(143)

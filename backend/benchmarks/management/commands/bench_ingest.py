"""`./dev bench ingest`: facts per second through the API, beside a usual one and the database alone.

Real HTTP on loopback to the web server of production with one worker, and one client: each way has the same two
processes, the web's and the database's. Every round takes all ways, one after the other, with new facts.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from backend.benchmarks.management.commands.bench_payouts import number
from backend.benchmarks.measuring import Peak, say
from backend.devtools.processes import start, stop
from backend.kernel.audit import record_bulk_event
from backend.kernel.calendar import local_day
from backend.kernel.models import Role, User
from backend.kernel.money import plain_kronor
from outcomes.columns import Kind
from outcomes.models import Fact, Placement
from providers.models import Provider, Scope
from providers.services import issue_credentials

GATES = {"drf": 10.0, "database": 0.5, "single": 1.5}
SINGLES = 200  # facts reported one by one in a round
COLUMNS = (
    "external_id, placement_id, kind, from_day, through_day, quantity, detail, withdrawn, first_reported, provider_id,"
    " reported, reported_by_id"
)


class Command(BaseCommand):
    help = "Measure facts per second through the API, as ratios to a usual API and to the database alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sizes", default="100k", help="placements, such as 100k")
        parser.add_argument("--batch", type=int, default=10_000, help="facts in one request")
        parser.add_argument("--repeat", type=int, default=5)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: object, sizes: str, batch: int, repeat: int, **options: object) -> None:
        size = number(sizes)
        subprocess.run([sys.executable, "manage.py", "bench_payouts", "--load", str(size)], check=True)
        connection.close()
        peak = Peak()
        with peak.watching(), web_server() as port:
            rates = measure(port, batch, repeat)
        for name, each in rates.items():
            self.stdout.write(f"{name:20} {say(each, 0)} facts per second")
        ratios = {name: statistics.median(values) for name, values in ratios_of(rates).items()}
        for name, values in ratios_of(rates).items():
            kept = "kept  " if ratios[name] >= GATES[name] else "BROKEN"
            self.stdout.write(f"{kept} ratios.{name} {say(values)}, at least {GATES[name]}")
        if options["json"]:
            result = {
                "bench": "ingest",
                "sizes": [size],
                "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
                "exponents": {},
                "peak_mib": round(peak.mib),
            }
            self.stdout.write(json.dumps(result))


def ratios_of(rates: dict[str, list[float]]) -> dict[str, list[float]]:
    """The ratios of each round."""
    pairs = {
        "drf": ("bulk", "usual bulk"),
        "database": ("bulk", "database alone"),
        "single": ("single", "usual single"),
    }
    return {
        name: [ours / theirs for ours, theirs in zip(rates[mine], rates[other], strict=True)]
        for name, (mine, other) in pairs.items()
    }


NewFact = tuple[str, int, str, date, int]  # external id, placement (id and number), day and öre


class Reporter:
    """A provider and its system, which reports what was paid out to the participants of its placements."""

    def __init__(self, provider: Provider, by: User, port: int):
        self.provider = provider
        mine = Placement.objects.filter(contract__provider=provider).order_by("pk")
        self.placements = list(mine.values_list("pk", "number"))
        issued = issue_credentials(provider=provider, name="bench", scopes=Scope.values, by=by, now=timezone.now())
        self.user = issued.client.membership.user
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        basic = b64encode(f"{issued.client_id}:{issued.secret}".encode()).decode()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
        answer = self._send("/api/v1/token/", b"grant_type=client_credentials", form)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {answer['access_token']}"}

    def facts(self, count: int) -> Iterator[NewFact]:
        every = len(self.placements)
        for place in range(count):
            day = date(2024, 1, 2) + timedelta(days=place // every)
            yield f"B{place}", *self.placements[place % every], day, 100 + place

    def our_documents(self, count: int) -> list[dict[str, Any]]:
        return [
            {"id": name, "placement": placement, "kind": "earnings", "on": str(day), "amount": plain_kronor(amount)}
            for name, _, placement, day, amount in self.facts(count)
        ]

    def usual_documents(self, count: int) -> list[dict[str, Any]]:
        today = str(local_day(timezone.now()))
        return [
            {
                "external_id": name, "placement": placement, "kind": Kind.EARNINGS.value, "from_day": str(day),
                "through_day": str(day), "quantity": amount, "reported": today, "first_reported": today,
                "reported_by": self.user.pk,
            }
            for name, _, placement, day, amount in self.facts(count)
        ]  # fmt: skip

    def copy(self, count: int) -> float:
        """The seconds that it takes to copy the same rows, made ready before, into the same tables."""
        today = local_day(timezone.now())
        same = f"0\tf\t{today}\t{self.provider.pk}\t{today}\t{self.user.pk}\n"
        text = "".join(
            f"{name}\t{placement}\t{Kind.EARNINGS.value}\t{day}\t{day}\t{amount}\t{same}"
            for name, placement, _, day, amount in self.facts(count)
        ).encode()
        started = time.perf_counter()
        with transaction.atomic():
            with connection.cursor() as cursor, cursor.copy(f"COPY outcomes_fact ({COLUMNS}) FROM STDIN") as copy:
                copy.write(text)
            record_bulk_event(by=self.user, action="report", on=Fact, now=timezone.now(), later={"facts": count})
        return time.perf_counter() - started

    def send(self, path: str, documents: list[Any]) -> float:
        """The seconds that it takes to send documents, one a request, and have them acknowledged."""
        bodies = [json.dumps(document).encode() for document in documents]
        started = time.perf_counter()
        answers = [self._send(path, body, self.headers) for body in bodies]
        seconds = time.perf_counter() - started
        if any(answer.get("refused") for answer in answers if isinstance(answer, dict)):
            raise RuntimeError(f"{path} refused facts")
        return seconds

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        self.http.request("POST", path, body, headers | {"X-Forwarded-Proto": "https"})
        response = self.http.getresponse()
        content = response.read()
        if response.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise RuntimeError(f"{path} answers {response.status}: {content[:500]!r}")
        return json.loads(content)


OURS, OURS_BULK, USUAL = "/api/v1/facts/", "/api/v1/bulk/facts/", "/usual/facts/"
WAYS: dict[str, Callable[[Reporter, int], float]] = {  # each gives the seconds that so many facts take
    "bulk": lambda by, count: by.send(OURS_BULK, [by.our_documents(count)]),
    "usual bulk": lambda by, count: by.send(USUAL, [by.usual_documents(count)]),
    "database alone": lambda by, count: by.copy(count),
    "single": lambda by, count: by.send(OURS, by.our_documents(count)),
    "usual single": lambda by, count: by.send(USUAL, by.usual_documents(count)),
}


def measure(port: int, batch: int, repeat: int) -> dict[str, list[float]]:
    """By way, the facts per second of each round, each for a provider of its own; the first round warms up."""
    by = User.objects.create_user("bench-administrator", roles=[Role.ADMINISTRATOR])
    providers = Provider.objects.order_by("pk").iterator()
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(repeat + 1):
        for name, way in WAYS.items():
            count = SINGLES if "single" in name else batch
            seconds = way(Reporter(next(providers), by, port), count)
            if turn:
                rates[name].append(count / seconds)
    return rates


@contextmanager
def web_server() -> Iterator[int]:
    """The web server of production, with the usual API beside ours; gives its port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "backend.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "1", "--keep-alive", "600", "--timeout", "600",
    ]  # fmt: skip
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "backend.benchmarks.usual_settings"}
    web = start(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        stop(web)


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise RuntimeError("the web server does not start")

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
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from backend.benchmarks.management.commands.bench_payouts import number
from backend.benchmarks.measuring import Peak, say
from backend.devtools.processes import start, stop
from backend.kernel.audit import record_bulk_event
from backend.kernel.calendar import local_day
from backend.kernel.models import Role, User
from backend.kernel.money import plain_kronor
from outcomes.columns import EXIT_REASONS, Kind
from outcomes.models import Fact, Placement
from providers.models import Provider, Scope
from providers.services import Issued, issue_credentials

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
        bench = Bench(batch)
        with peak.watching(), web_server() as port:
            rates = bench.measure(Caller(port, bench.issued), repeat)
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


class Bench:
    """New facts of one provider, over and over: a job's pay for each of its placements, day after day."""

    def __init__(self, batch: int):
        self.batch, self.made = batch, 0
        # the largest provider, so that a request's facts lie in many placements
        self.provider = Provider.objects.order_by("pk")[0]
        mine = Placement.objects.filter(contract__provider=self.provider)
        self.placements = list(mine.values_list("pk", "number").order_by("pk"))
        by = User.objects.create_user("bench-administrator", roles=[Role.ADMINISTRATOR])
        self.issued = issue_credentials(
            provider=self.provider, name="bench", scopes=Scope.values, by=by, now=timezone.now()
        )
        self.user = self.issued.client.membership.user

    def measure(self, caller: "Caller", repeat: int) -> dict[str, list[float]]:
        """By way, the facts per second of each round; the first round warms up."""
        rates: dict[str, list[float]] = {}
        for turn in range(repeat + 1):
            for name, way in self.ways(caller).items():
                facts = self.facts(self.batch if "single" not in name else SINGLES)
                rate = len(facts) / way(facts)
                if turn:
                    rates.setdefault(name, []).append(rate)
        return rates

    def ways(self, caller: "Caller") -> dict[str, Callable[[list[Any]], float]]:
        """Each way of reporting facts: gives the seconds that it took."""
        return {
            "bulk": lambda facts: caller.post("/api/v1/bulk/facts/", [[our_document(fact) for fact in facts]]),
            "usual bulk": lambda facts: caller.post("/usual/facts/", [[self.usual_document(fact) for fact in facts]]),
            "database alone": self.copy,
            "single": lambda facts: caller.post("/api/v1/facts/", [our_document(fact) for fact in facts]),
            "usual single": lambda facts: caller.post("/usual/facts/", [self.usual_document(fact) for fact in facts]),
        }

    def facts(self, count: int) -> list[tuple[str, int, str, date, int]]:
        """External id, placement (id and number), day and öre of new facts."""
        first, self.made = self.made, self.made + count
        every = len(self.placements)
        return [
            (f"B{place}", *self.placements[place % every], date(2024, 1, 2) + timedelta(days=place // every), 100 + place)
            for place in range(first, first + count)
        ]

    def usual_document(self, fact: tuple[str, int, str, date, int]) -> dict[str, Any]:
        name, _, placement, day, amount = fact
        today = str(local_day(timezone.now()))
        return {
            "external_id": name, "placement": placement, "kind": Kind.EARNINGS.value, "from_day": str(day),
            "through_day": str(day), "quantity": amount, "reported": today, "first_reported": today,
            "reported_by": self.user.pk,
        }  # fmt: skip

    def copy(self, facts: list[tuple[str, int, str, date, int]]) -> float:
        """The same rows, made ready before, copied into the same tables."""
        today = local_day(timezone.now())
        same = f"0\tf\t{today}\t{self.provider.pk}\t{today}\t{self.user.pk}\n"
        text = "".join(
            f"{name}\t{placement}\t{Kind.EARNINGS.value}\t{day}\t{day}\t{amount}\t{same}"
            for name, placement, _, day, amount in facts
        ).encode()
        started = time.perf_counter()
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY outcomes_fact ({COLUMNS}) FROM STDIN") as copy:
                copy.write(text)
        record_bulk_event(by=self.user, action="report", on=Fact, now=timezone.now(), later={"facts": len(facts)})
        return time.perf_counter() - started


def our_document(fact: tuple[str, int, str, date, int]) -> dict[str, str]:
    name, _, placement, day, amount = fact
    return {"id": name, "placement": placement, "kind": "earnings", "on": str(day), "amount": plain_kronor(amount)}


class Caller:
    """A client with a token, over one connection that stays open."""

    def __init__(self, port: int, issued: Issued):
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        basic = b64encode(f"{issued.client_id}:{issued.secret}".encode()).decode()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
        answer = self._send("/api/v1/token/", b"grant_type=client_credentials", form)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {answer['access_token']}"}

    def post(self, path: str, documents: list[Any]) -> float:
        """The seconds that it takes to send each document and have it acknowledged, without making them."""
        bodies = [json.dumps(document).encode() for document in documents]
        started = time.perf_counter()
        answers = [self._send(path, body, self.headers) for body in bodies]
        seconds = time.perf_counter() - started
        for answer in answers:
            if isinstance(answer, dict) and (answer.get("refused") or answer.get("errors")):
                raise RuntimeError(f"{path}: {str(answer)[:500]}")
        return seconds

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        self.http.request("POST", path, body, headers | {"X-Forwarded-Proto": "https"})
        response = self.http.getresponse()
        content = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{path} answers {response.status}: {content[:500]!r}")
        return json.loads(content)


@contextmanager
def web_server() -> Iterator[int]:
    """The web server of production, with the usual API beside ours; gives its port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "backend.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "1", "--keep-alive", "600", "--timeout", "600", "--log-level", "warning",
    ]  # fmt: skip
    more = {"ROOT_URLS": "backend.benchmarks.usual_api", "API_REQUESTS": "1000000", "LOG_LEVEL": "WARNING"}
    web = start(command, env=os.environ | more)
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

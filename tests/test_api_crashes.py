"""Web processes are killed while several systems report: every acknowledged fact is there once, and no other."""

import http.client
import json
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import psutil
import pytest

from backend.kernel.models import AuditEvent
from outcomes.models import Fact
from tests.api_client import System
from tests.town import Town
from tests.web_processes import free_port, web_server

START = date(2025, 1, 15)
SYSTEMS, REQUESTS, FACTS = 3, 20, 20  # clients, bulk requests of each, facts in a request
KILLS = 4  # at least
BETWEEN_KILLS = 200  # facts
PATIENCE = 60  # seconds


class Reporter:
    """A system that sends each request until it is acknowledged, as a careful client does."""

    def __init__(self, town: Town, port: int):
        self.system, self.port, self.number = System(town.provider), port, town.number
        self.acknowledged: list[str] = []
        self.repeated = 0

    def report_all(self) -> None:
        for turn in range(REQUESTS):
            facts = [self._fact(turn * FACTS + place) for place in range(FACTS)]
            self.acknowledged += self._until_acknowledged(facts, f"request-{turn}")

    def _fact(self, place: int) -> dict[str, Any]:
        on = str(START + timedelta(days=place))
        return {"id": f"F{place}", "placement": f"P-{self.number}", "kind": "earnings", "on": on, "amount": "100.00"}

    def _until_acknowledged(self, facts: list[dict[str, Any]], key: str) -> list[str]:
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            try:
                return self._send(facts, key)
            except (OSError, http.client.HTTPException):
                self.repeated += 1  # killed before the answer came: nobody knows whether it is stored
                time.sleep(0.02)
        raise AssertionError("never acknowledged")

    def _send(self, facts: list[dict[str, Any]], key: str) -> list[str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.system.token}", "Idempotency-Key": key}
        connection.request(
            "POST", "/api/v1/bulk/facts/", json.dumps(facts), headers | {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        content = json.loads(response.read())
        if response.status >= 500:
            raise http.client.HTTPException(str(content))
        assert response.status == 200, content
        assert content["created"] == FACTS, content
        return [item["id"] for item in content["items"]]


@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_is_there_once_and_nothing_else() -> None:
    towns = [Town(number=number) for number in range(1, SYSTEMS + 1)]
    for town in towns:
        town.refer(f"P-{town.number}", date(2025, 1, 10), START)
    port = free_port()
    reporters = [Reporter(town, port) for town in towns]
    done = threading.Event()
    with web_server(port) as web, ThreadPoolExecutor(SYSTEMS + 1) as pool:
        killing = pool.submit(kill_as_it_goes_on, web.pid, reporters, done)
        try:
            for reporting in [pool.submit(reporter.report_all) for reporter in reporters]:
                reporting.result()
        finally:
            done.set()
        assert killing.result() >= KILLS
    for reporter in reporters:
        stored = Counter(Fact.objects.filter(provider=reporter.system.provider).values_list("external_id", flat=True))
        assert stored == Counter(reporter.acknowledged)
        assert set(stored.values()) == {1}
    assert Fact.objects.count() == SYSTEMS * REQUESTS * FACTS
    # what was stored is noted in the same transaction: as many events as requests, however often each was sent
    assert AuditEvent.objects.filter(action="report").count() == SYSTEMS * REQUESTS


def kill_as_it_goes_on(web: int, reporters: list[Reporter], done: threading.Event) -> int:
    """Kill a worker of the web server, which starts another, each time that a few more requests were acknowledged."""
    killed, seen = 0, 0
    while not done.wait(0.02):
        now = sum(len(reporter.acknowledged) for reporter in reporters)
        if now - seen >= BETWEEN_KILLS:
            seen = now
            for worker in psutil.Process(web).children()[:1]:
                worker.send_signal(signal.SIGKILL)
                killed += 1
    return killed

"""`./dev bench pages`: every list and every page about one thing, as a ratio to its bare queries."""

import json
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from backend.benchmarks.addresses import Address, pages
from backend.benchmarks.management.commands.bench_payouts import known_at, months, number
from backend.benchmarks.measuring import Peak, say
from backend.benchmarks.questions import ask_again, listening
from backend.kernel.actions import FormPage
from backend.kernel.components import Components
from backend.kernel.models import Role, User
from contracts.models import PaymentModelVersion
from contracts.services import save_draft
from payouts.models import Attest
from payouts.services import ask_simulation, attest_run, compute_run, queue_run
from providers.models import Membership, Provider

# as in production, but without TLS, a second factor and files with hashed names
AS_DEVELOPED = {
    "STAFF_MFA": False,
    "SECURE_SSL_REDIRECT": False,
    "STORAGES": settings.STORAGES
    | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
}
GATE = 20  # of a page's median to its bare queries


class Command(BaseCommand):
    help = "Measure each list and each page about one thing, as a ratio to the queries that it asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sizes", default="100k", help="placements, such as 100k")
        parser.add_argument("--repeat", type=int, default=9)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: object, sizes: str, repeat: int, **options: object) -> None:
        sizes_measured = [number(size) for size in sizes.split(",")]
        peak, ratios = Peak(), {}
        for size in sizes_measured:
            prepare(size)
            self.stdout.write(f"{size:,} placements")
            with peak.watching(), override_settings(**AS_DEVELOPED):
                ratios = dict(self._measured(repeat))
        if options["json"]:
            result = {
                "bench": "pages",
                "sizes": sizes_measured,
                "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
                "exponents": {},
                "peak_mib": round(peak.mib),
            }
            self.stdout.write(json.dumps(result))

    def _measured(self, repeat: int) -> Iterator[tuple[str, float]]:
        """By the name of each page, its median time as a multiple of that of its bare queries; then the worst time."""
        worst = 0.0
        for name, page in lists_and_details():
            times, bare = measure(page, repeat)
            ratio, slowest = statistics.median(times) / bare, max(times) / bare
            worst = max(worst, slowest)
            kept = "kept  " if ratio <= GATE else "BROKEN"
            self.stdout.write(
                f"{kept} {name}: {say([one * 1000 for one in times], 1)} ms, bare {bare * 1000:.1f} ms,"
                f" ratio {ratio:.2f}, worst {slowest:.2f}"
            )
            yield name, ratio
        yield "worst", worst


def lists_and_details() -> Iterator[tuple[str, Address]]:
    """All pages but forms, by name; the home page for each role, as each has its own cards."""
    for page in pages():
        if page.name == "home":
            yield from ((f"home:{role.value}", replace(page, role=role)) for role in Role)
        elif not issubclass(page.view, FormPage | Components):  # components are only where data are invented
            yield page.name, page


def measure(page: Address, repeat: int) -> tuple[list[float], float]:
    """The page's times, each with a warm process; and the median time of its bare queries, asked in between."""
    client, path = client_of(page.role), page.path()
    times, bare = [], []
    get(client, path)
    for _ in range(repeat):
        started = time.perf_counter()
        get(client, path)
        times.append(time.perf_counter() - started)
        with listening() as questions:
            get(client, path)
        bare.append(ask_again(questions))
    return times, statistics.median(bare)


def get(client: Client, path: str) -> None:
    status = client.get(path).status_code
    if status != 200:
        raise RuntimeError(f"{path} answers {status}")


def client_of(role: Role) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=role.value))
    return client


def prepare(size: int) -> None:
    """Load the placements, compute two runs, and let somebody of each role in."""
    # in a process of its own, so that the generator's memory is not counted
    subprocess.run([sys.executable, "manage.py", "bench_payouts", "--load", str(size)], check=True)
    connection.close()
    starter, examiner, decider = User.objects.order_by("id")[:3]
    for cutoff in months()[-2:]:
        run = compute_run(queue_run(cutoff=cutoff, by=starter, now=timezone.now()).pk, now=known_at(cutoff))
        if cutoff != months()[-1]:
            for signature, by in ((Attest.Signature.EXAMINER, examiner), (Attest.Signature.DECIDER, decider)):
                attest_run(run=run, signature=signature, digest=run.digest, by=by, now=known_at(cutoff))
    people: dict[str, Any] = {role.value: User.objects.create_user(role.value, roles=[role]) for role in Role}
    by, now = people["procurement"], timezone.now()
    draft = save_draft(document=PaymentModelVersion.objects.latest("pk").document, by=by, now=now)
    last = months()[-1]
    ask_simulation(draft=draft, instead_of=draft.code, first=last, last=last, by=by, now=now)
    Membership.objects.create(
        user=people["provider"],
        provider=Provider.objects.earliest("pk"),
        admitted_at=now,
        admitted_by=people["administrator"],
    )

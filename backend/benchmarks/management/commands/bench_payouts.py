"""`./dev bench payouts`: runs at several sizes as multiples of the floor that is measured beside them."""

import json
import math
import random
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

from django.core.management.base import BaseCommand
from django.db import connection, connections
from django.utils import timezone

from backend.benchmarks.comparison import compare_with_plain_reader
from backend.benchmarks.dataset import LAST_DAY, MONTHS
from backend.benchmarks.floor import Floor
from backend.benchmarks.loading import load
from backend.benchmarks.measuring import Peak, Writer, say, verify
from backend.benchmarks.orm import OrmEngine
from backend.kernel.models import User
from backend.kernel.periods import Duration, add, last_day
from outcomes.columns import to_date
from outcomes.models import Fact
from payouts.computation import new_connection
from payouts.models import Attest, Run
from payouts.replaying import replay_runs
from payouts.services import attest_run, cancel_run, compute_run, queue_run

GATES = {"month": 2.0, "full": 2.0, "incremental": 0.20, "replay": 6.0}
EXPONENT_GATE, MEMORY_GATE, ORM_GATE = 1.15, 1024, 15
ORM_PLACEMENTS = 5_000


class Command(BaseCommand):
    help = "Measure runs: one month, everything, 2 % changed, a replay of 36 months, and a typical ORM engine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sizes", default="10k,100k,1m", help="placements, such as 10k,100k,1m")
        parser.add_argument("--repeat", type=int, default=3)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        parser.add_argument("--load", type=int, help="only load so many placements (used by the benchmark itself)")

    def handle(self, *args: object, sizes: str, repeat: int, load: int | None, **options: object) -> None:
        if load is not None:
            _load(load)
            return
        measured = [Size(self, number(size), repeat) for size in sizes.split(",")]
        for size in measured:
            size.measure()
        largest = measured[-1]
        exponents = {
            name: round(_exponent(measured[0], largest, name), 3) for name in ("month", "full") if len(measured) > 1
        }
        self._judge(largest, exponents)
        if options["json"]:
            result = {
                "bench": "payouts",
                "sizes": [size.placements for size in measured],
                "ratios": {name: round(value, 3) for name, value in largest.ratios.items()},
                "exponents": exponents,
                "peak_mib": round(largest.peak.mib),
            }
            self.stdout.write(json.dumps(result))

    def _judge(self, size: "Size", exponents: dict[str, float]) -> None:
        kept = [(name, size.ratios[name], "at most", gate, size.ratios[name] <= gate) for name, gate in GATES.items()]
        kept += [
            (f"exponent {name}", value, "at most", EXPONENT_GATE, value <= EXPONENT_GATE)
            for name, value in exponents.items()
        ]
        kept.append(("peak MiB", size.peak.mib, "at most", MEMORY_GATE, size.peak.mib <= MEMORY_GATE))
        kept.append(("orm", size.ratios["orm"], "at least", ORM_GATE, size.ratios["orm"] >= ORM_GATE))
        for name, value, bound, gate, good in kept:
            self.stdout.write(f"{'kept  ' if good else 'BROKEN'} {name}: {value:.2f}, {bound} {gate}")


def number(text: str) -> int:
    factors = {"k": 1_000, "m": 1_000_000}
    return int(float(text[:-1]) * factors[text[-1]]) if text[-1].lower() in factors else int(text)


def _exponent(small: "Size", large: "Size", name: str) -> float:
    """How the time grows: 1 is in proportion to the placements."""
    return math.log(large.seconds[name] / small.seconds[name]) / math.log(large.placements / small.placements)


def _load(placements: int) -> None:
    load(placements)


def months() -> list[date]:
    """The cut-offs of the benchmark's months, in order."""
    end = to_date(LAST_DAY)
    assert end is not None
    first = end.replace(day=1, year=end.year - MONTHS // 12 + 1, month=1)
    return [last_day(add(first, Duration(number, "M"))) if number else last_day(first) for number in range(MONTHS)]


def known_at(cutoff: date) -> datetime:
    """A run is computed ten days after its cut-off."""
    return datetime(cutoff.year, cutoff.month, cutoff.day, 20, tzinfo=UTC) + timedelta(days=10)


class Size:
    """All measurements at one number of placements."""

    def __init__(self, command: BaseCommand, placements: int, repeat: int):
        self.command, self.placements, self.repeat = command, placements, repeat
        self.peak = Peak()
        self.seconds: dict[str, float] = {}
        self.ratios: dict[str, float] = {}

    def say(self, text: str) -> None:
        self.command.stdout.write(text)
        self.command.stdout.flush()

    def measure(self) -> None:
        started = time.perf_counter()
        # in a process of its own, so that the generator's memory is not counted
        subprocess.run([sys.executable, "manage.py", "bench_payouts", "--load", str(self.placements)], check=True)
        connection.close()
        facts = Fact.objects.count()
        self.say(f"{self.placements:,} placements, {facts:,} facts (loaded in {time.perf_counter() - started:.0f} s)")
        self.officers = list(User.objects.order_by("id"))
        cutoffs = months()
        self._full(cutoffs[-1])
        self._history(cutoffs[:-1])
        self._month(cutoffs[-1])
        self._incremental(cutoffs[-1])
        self._replay()
        self._orm()
        differing = compare_with_plain_reader(1000)
        self.say(f"  compared with the plain reader: 1000 placements, {differing} differ")

    def _run(self, cutoff: date, moment: datetime | None) -> tuple[Run, float]:
        """Queue and compute a run that knows what was verified by a moment (None: now); its seconds."""
        run = queue_run(cutoff=cutoff, by=self.officers[0], now=timezone.now())
        started = time.perf_counter()
        with self.peak.watching():
            run = compute_run(run.pk, now=moment)
        return run, time.perf_counter() - started

    def _repeated(self, name: str, cutoff: date) -> None:
        """A full run again and again, between measurements of its floor; each but the last is cancelled."""
        run, _ = self._run(cutoff, known_at(cutoff))  # warms up, and writes the lines that the floor copies
        earlier = list(Run.objects.filter(state="attested").order_by("sequence").values_list("pk", flat=True))
        floor = Floor(known_at(cutoff).isoformat(), earlier, run.pk)
        self._cancel(run)
        floors, times, ratios = [floor.measure()], [], []
        for turn in range(self.repeat):
            run, seconds = self._run(cutoff, known_at(cutoff))
            floors.append(floor.measure())
            times.append(seconds)
            ratios.append(seconds / statistics.mean(floors[-2:]))
            if turn < self.repeat - 1:
                self._cancel(run)
        floor.close()
        self.run = run
        self.seconds[name] = statistics.median(times)
        self.ratios[name] = statistics.median(ratios)
        self.say(f"  {name}: {run.line_count:,} lines, {say(times)} s, floor {say(floors)} s, ratio {say(ratios)}")

    def _full(self, cutoff: date) -> None:
        self._repeated("full", cutoff)
        self._cancel(self.run)

    def _month(self, cutoff: date) -> None:
        # the run before is cancelled and computed again, so that every placement is computed
        self._repeated("month", cutoff)

    def _history(self, cutoffs: list[date]) -> None:
        """The months before, each from what was known then."""
        started = time.perf_counter()
        before = datetime(2000, 1, 1, tzinfo=UTC)
        for cutoff in cutoffs:
            self._mark(before, known_at(cutoff))
            before = known_at(cutoff)
            run, _ = self._run(cutoff, known_at(cutoff))
            self._attest(run)
        self.say(f"  {len(cutoffs)} months of history in {time.perf_counter() - started:.1f} s")
        run, _ = self._run(cutoffs[-1], known_at(cutoffs[-1]))
        self._cancel(run)  # the next run is a full one

    def _mark(self, after: datetime, through: datetime) -> None:
        """The marks that services would have left since the run before."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO outcomes_changedplacement (placement_id)"
                " SELECT placement_id FROM outcomes_fact"
                " WHERE verified_at > %(after)s AND verified_at <= %(through)s UNION"
                " SELECT placement_id FROM outcomes_placementversion"
                " WHERE recorded_at > %(after)s AND recorded_at <= %(through)s",
                {"after": after, "through": through},
            )

    def _incremental(self, cutoff: date) -> None:
        """Runs after 2 % of the placements have changed; one more while one fact after the other is verified."""
        self._attest(self.run)
        waiting = list(
            Fact.objects.filter(verified_at=None)
            .order_by("placement", "id")
            .distinct("placement")
            .values_list("pk", flat=True)
        )
        random.Random(2).shuffle(waiting)
        writer = Writer(waiting[: self.placements // 100])
        waiting = waiting[self.placements // 100 :]
        changed = min(self.placements // 50, len(waiting) // (self.repeat + 1))
        times = []
        for turn in range(self.repeat + 1):
            with new_connection() as other:
                verify(other, waiting[turn * changed : (turn + 1) * changed])
            with writer.writing() if turn == self.repeat else nullcontext():
                run, seconds = self._run(cutoff, None)
            times.append(seconds)
            self._attest(run)
        times.pop()  # the writer takes its share of the processors
        ratio = [seconds / self.seconds["month"] for seconds in times]
        self.ratios["incremental"] = statistics.median(ratio)
        self.say(f"  2 % changed: {changed:,} placements, {say(times)} s, ratio to the full month {say(ratio, 3)}")
        self.say(f"  facts could not be written for at most {writer.longest * 1000:.0f} ms")

    def _replay(self) -> None:
        started = time.perf_counter()
        with self.peak.watching():
            differing = [replayed for replayed in replay_runs() if not replayed.equal]
        seconds = time.perf_counter() - started
        self.ratios["replay"] = seconds / (self.seconds["full"] / self.ratios["full"])
        self.say(
            f"  replay: {Run.objects.filter(state='attested').count()} runs, {seconds:.1f} s, {len(differing)} differ"
        )

    def _orm(self) -> None:
        engine = OrmEngine(min(ORM_PLACEMENTS, self.placements), months()[-1])
        seconds = engine.measure() / engine.count * self.placements
        self.ratios["orm"] = seconds / self.seconds["full"]
        self.say(
            f"  ORM engine: {engine.rows_per_second:,.0f} rows/s, {self.ratios['orm']:.0f} × slower than the full run"
        )

    def _attest(self, run: Run) -> None:
        for signature, officer in zip(Attest.Signature, self.officers[1:], strict=False):
            attest_run(run=run, signature=signature, digest=run.digest, by=officer, now=known_at(run.cutoff))

    def _cancel(self, run: Run) -> None:
        cancel_run(run=run, reason="benchmark", by=self.officers[0], now=known_at(run.cutoff))
        with connections["owner"].cursor() as cursor:  # its lines would only fill the disk
            cursor.execute(
                f"ALTER TABLE payouts_line DETACH PARTITION payouts_line_{run.pk}; DROP TABLE payouts_line_{run.pk}"
            )

"""`build_demo`: invented data pass the services month by month, each month's run passes the queue; then a summary."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext, override

from backend.demonstration.building import Plan, build, is_built
from backend.demonstration.summary import Summary, summarise
from backend.demonstration.telling import Teller
from backend.kernel.calendar import local_day
from backend.kernel.errors import DomainError
from backend.kernel.queue import send_on_commit
from contracts.wording import Language
from payouts.models import Run
from payouts.states import RunState
from payouts.tasks import compute

PLACEMENTS = 3_000
SEED = 1
MONTHS = 36
PATIENCE = 30  # seconds until somebody takes up a run
LONGEST_RUN = 600  # seconds
POLL = 0.02
PROGRESS_EVERY = 1.0  # seconds


class Command(BaseCommand):
    help = "Build the demonstration and run its main job. Needs a worker (./dev demo starts one) and DEMONSTRATION=1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--placements", type=int, default=PLACEMENTS, metavar="N")
        parser.add_argument("--seed", type=int, default=SEED, metavar="S")
        parser.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="instead of the clock's day")
        parser.add_argument("--language", choices=["sv", "en"], default="sv")
        parser.add_argument("--json", action="store_true", help="the summary as one JSON object")

    def handle(
        self, *, placements: int, seed: int, today: date | None, language: Language, json: bool, **options: Any
    ) -> None:
        self.teller = Teller(language)
        plan = Plan(placements, seed, MONTHS)
        with override(language):
            try:
                self.build(plan, today or local_day(timezone.now()))
            except DomainError as error:
                raise CommandError(error.say(gettext)) from error
            summary = summarise()
            self.stdout.write(as_json(summary) if json else "\n".join(self.teller.tell(summary, plan)))

    def build(self, plan: Plan, today: date) -> None:
        if is_built(plan):
            self.progress(self.teller.say("stands", **asdict(plan)))
            return
        self.progress(self.teller.say("builds", **asdict(plan)))
        told = time.monotonic()
        for played in build(plan, today, through_queue):
            if time.monotonic() - told > PROGRESS_EVERY:
                told = time.monotonic()
                self.progress(self.teller.tell_month(played))

    def progress(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def through_queue(run: Run, simulated: str) -> Callable[[], Run]:
    """Send the run's message; a worker computes it."""
    send_on_commit(compute, run.pk, simulated)
    return partial(wait_for, run.pk)


def wait_for(run_id: int) -> Run:
    began = time.monotonic()
    while True:
        run = Run.objects.get(pk=run_id)
        waited = time.monotonic() - began
        if run.state not in (RunState.QUEUED, RunState.COMPUTING):
            return run
        if run.state == RunState.QUEUED and waited > PATIENCE:
            raise CommandError(
                f"No worker has taken up run {run.sequence} within {PATIENCE} s. ./dev demo starts one; "
                "elsewhere: dramatiq backend.worker, with DEMONSTRATION=1. Then ./dev clean and build again."
            )
        if waited > LONGEST_RUN:
            raise CommandError(f"Run {run.sequence} is not computed after {LONGEST_RUN} s; see the worker's log.")
        time.sleep(POLL)


def as_json(summary: Summary) -> str:
    """The summary's figures; amounts in öre."""
    values = {name: getattr(summary, name) for name in summary.__slots__ if name not in ("last", "shown")}
    last = summary.last
    document = values | {
        "last": {"sequence": last.sequence, "cutoff": last.cutoff, "digest": last.digest} if last else None,
        "shown": summary.shown.number if summary.shown else None,
    }
    return json.dumps(document, default=plain, ensure_ascii=False)


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else asdict(value)

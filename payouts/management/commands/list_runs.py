"""`list_runs [--state STATE] [--json]`: the runs, with month, state and sum."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backend.kernel.money import plain_kronor, show_kronor
from payouts.labels import RUN_STATES
from payouts.models import Run
from payouts.states import RunState


class Command(BaseCommand):
    help = "List the runs, the oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=list(RunState), help="only runs in this state")
        parser.add_argument("--json", action="store_true", help="a JSON list; sums as decimal strings in kronor")

    def handle(self, *, state: str | None, **options: Any) -> None:
        runs = Run.objects.order_by("sequence")
        if state:
            runs = runs.filter(state=state)
        self.stdout.write(as_json(runs) if options["json"] else "\n".join(map(in_words, runs)))


def as_json(runs: Any) -> str:
    listed = [
        {"id": run.sequence, "month": f"{run.cutoff:%Y-%m}", "state": run.state, "total": plain_kronor(run.total)}
        for run in runs
    ]
    return json.dumps(listed, ensure_ascii=False)


def in_words(run: Run) -> str:
    return f"{run.sequence:>5}  {run.cutoff:%Y-%m}  {RUN_STATES[RunState(run.state)]!s:28}{show_kronor(run.total):>22}"

"""`replay_payouts [RUN…]`: compute past runs again from what was known then, and compare digests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.kernel.money import show_kronor
from payouts.models import Run
from payouts.replaying import replay_runs


class Command(BaseCommand):
    help = "Compute past runs again and compare them with what they wrote. Ends with 1 if any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "runs", nargs="*", type=int, metavar="RUN", help="sequence numbers; default all computed runs"
        )

    def handle(self, *, runs: list[int], **options: Any) -> None:
        chosen = list(Run.objects.filter(sequence__in=runs).exclude(digest="")) if runs else None
        if chosen is not None and len(chosen) < len(set(runs)):
            missing = sorted(set(runs) - {run.sequence for run in chosen})
            raise CommandError(f"RUN = {', '.join(map(str, missing))}: no computed run has this number")
        differing = 0
        for replayed in replay_runs(chosen):
            run = replayed.run
            self.stdout.write(
                f"{run.sequence} {run.cutoff:%Y-%m} {replayed.line_count} {show_kronor(replayed.total)} "
                + ("equal" if replayed.equal else f"DIFFERS: written {run.line_count}, {show_kronor(run.total)}")
            )
            differing += not replayed.equal
        if differing:
            raise CommandError(f"{differing} runs differ from what they wrote.")

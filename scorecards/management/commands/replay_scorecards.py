"""`replay_scorecards [NUMBER…]`: compute frozen scorecards again from what they stand on, and compare digests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scorecards.models import ScorecardRun
from scorecards.services import replay
from scorecards.services.computing import METHOD_VERSION


class Command(BaseCommand):
    help = "Compute scorecards again from their frozen inputs. Ends with 1 if any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("runs", nargs="*", type=int, metavar="NUMBER", help="default: all that were computed")

    def handle(self, *, runs: list[int], **options: Any) -> None:
        computed = ScorecardRun.objects.exclude(digest="").select_related("inputs").order_by("pk")
        chosen = list(computed.filter(pk__in=runs) if runs else computed)
        if missing := set(runs) - {run.pk for run in chosen}:
            raise CommandError(
                f"NUMBER = {', '.join(map(str, sorted(missing)))}: no computed scorecards have this number"
            )
        differing = 0
        for run in chosen:
            is_equal = replay(run)
            method = "" if run.method_version == METHOD_VERSION else f", computed by method {run.method_version}"
            self.stdout.write(f"{run.pk} {run} {run.state} {'equal' if is_equal else 'DIFFERS'}{method}")
            differing += not is_equal
        if differing:
            raise CommandError(f"{differing} differ from what was computed.")

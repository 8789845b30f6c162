"""`simulate MODEL.toml --from 2024-01 --to 2025-12`: a draft over the real past, without writing anything."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from backend.kernel.money import plain_kronor, show_kronor
from backend.kernel.periods import last_day, parse_month
from contracts.reading import read_model_file
from payouts.models import Run
from payouts.simulating import Simulated, simulate
from providers.models import Provider

VIEWS = ("run", "provider", "tier", "step")


class Command(BaseCommand):
    help = "Run a draft payment model over the runs of some months, beside what they wrote."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", metavar="MODEL.toml")
        parser.add_argument("--from", dest="first", required=True, metavar="YYYY-MM", help="the first month")
        parser.add_argument("--to", dest="last", required=True, metavar="YYYY-MM", help="the last month")
        parser.add_argument(
            "--instead-of",
            metavar="CODE",
            help="the published model that the draft stands in for; default its own code",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *, model: str, first: str, last: str, instead_of: str | None, **options: Any) -> None:
        try:
            months = parse_month(first, "from"), last_day(parse_month(last, "to"))
            simulated = simulate(read_model_file(model), *months, instead_of=instead_of)
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        names = {
            "run": {run.pk: f"{run.cutoff:%Y-%m}" for run in Run.objects.all()},
            "provider": {provider.pk: str(provider) for provider in Provider.objects.all()},
        }
        (self._print_json if options["json"] else self._print_tables)(simulated, names)

    def _print_tables(self, simulated: Simulated, names: dict[str, dict[int, str]]) -> None:
        for view in VIEWS:
            self.stdout.write(f"{view:30} {'draft':>22} {'written':>22} {'difference':>22}")
            for key, row in simulated.compared(view).iterrows():
                amounts = " ".join(f"{show_kronor(int(row[side])):>22}" for side in ("draft", "written", "difference"))
                self.stdout.write(f"{names.get(view, {}).get(key, key)!s:30} {amounts}")
            self.stdout.write("")
        self.stdout.write(
            f"{len(simulated.draft)} lines under the draft, {len(simulated.written)} written,"
            f" {simulated.differing} differ"
        )

    def _print_json(self, simulated: Simulated, names: dict[str, dict[int, str]]) -> None:
        views = {
            view: [
                {view: names.get(view, {}).get(key, key)}
                | {side: plain_kronor(int(row[side])) for side in ("draft", "written", "difference")}
                for key, row in simulated.compared(view).iterrows()
            ]
            for view in VIEWS
        }
        totals = {"draft": simulated.draft, "written": simulated.written}
        result = {
            **{
                side: {"lines": len(table), "total": plain_kronor(int(table["amount"].sum()))}
                for side, table in totals.items()
            },
            "differing_lines": simulated.differing,
            "by": views,
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))

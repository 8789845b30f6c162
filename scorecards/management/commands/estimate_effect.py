"""`estimate_effect FILE.csv --assistance …`: participants beside a comparison group, and the economy."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, override

from backend.kernel.errors import DomainError
from backend.kernel.money import parse_kronor
from scorecards.effect import Prices, economy_of
from scorecards.effect_file import effects_of_file
from scorecards.effect_words import tell

PRICES = {
    "assistance": "kronor of assistance that a month of self-support saves",
    "tax": "kronor of municipal tax that a month of work brings",
    "cost": "kronor that a participant costs",
}


class Command(BaseCommand):
    help = "Compare participants with a weighted comparison group at 2, 8 and 12 months."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        columns = "participant (1 or 0), self_support_2, self_support_8, self_support_12 (1, 0 or empty) and covariates"
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=f"a table with the columns {columns}")
        for name, meaning in PRICES.items():
            parser.add_argument(f"--{name}", required=True, metavar="KRONOR", help=f"{meaning}, such as 9000.00")
        parser.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, file: Path, language: str, **options: Any) -> None:
        with override(language):
            try:
                prices = Prices(**{name: parse_kronor(options[name], name) for name in PRICES})
                effects = effects_of_file(file)
            except DomainError as error:
                raise CommandError(error.say(gettext)) from error
            self.stdout.write("\n".join(tell(effects, economy_of(effects, prices))))

"""`result_measure FILE.csv --weights A=…,B=…,C=…`: the national scheme's measure of each contract in a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from scorecards.files import three_decimals
from scorecards.rating import FEWEST
from scorecards.result_measure import Measured, measure_file, parse_weights


class Command(BaseCommand):
    help = "Print the weighted result measure of the national scheme for each contract in a table."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        columns = "contract, tier, participants, first_results and followups"
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=f"a table with the columns {columns}")
        parser.add_argument("--weights", required=True, metavar="A=…,B=…", help="the weight of each tier")

    def handle(self, *, file: Path, weights: str, **options: Any) -> None:
        try:
            measured = measure_file(file, parse_weights(weights))
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        for contract, one in measured.items():
            self.stdout.write(f"{contract}\t{_said(one)}")


def _said(one: Measured) -> str:
    if one.measure is None:
        return f"not rated: {one.participants} participants, and at least {FEWEST} are needed"
    return three_decimals(one.measure)

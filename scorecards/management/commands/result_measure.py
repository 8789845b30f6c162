"""`result_measure FILE --weights A=…,B=…,C=…`: the national scheme's measure per contract, for any table. Needs no
database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from scorecards.files import read_table
from scorecards.national import COLUMNS, ContractResult, contract_results, parse_weights
from scorecards.rating import PARTICIPANTS_LEAST


class Command(BaseCommand):
    help = (
        "Print the weighted result measure of each contract: the sum over tiers of (first results + follow-up results)"
        f" × weight, by twice its participants in all tiers. Columns: {', '.join(COLUMNS)}."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a table in CSV or XLSX")
        parser.add_argument("--weights", required=True, metavar="A=…,B=…", help="each tier's weight")

    def handle(self, *, file: Path, weights: str, **options: Any) -> None:
        try:
            results = contract_results(read_table(file, COLUMNS), parse_weights(weights))
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        for contract, result in results.items():
            self.stdout.write(f"{contract}: {result.measure() if result.is_rated else why_not(result)}")


def why_not(result: ContractResult) -> str:
    few = "1 participant" if result.participants == 1 else f"{result.participants} participants"
    return f"not rated ({few}; at least {PARTICIPANTS_LEAST} are needed)"

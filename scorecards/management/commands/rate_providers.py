"""`rate_providers FILE.csv -o OUT.csv`: providers rated by the method of the scorecards, from anybody's table."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from scorecards.rating_file import RatedFile, rate_file, write_ratings


class Command(BaseCommand):
    help = "Compare providers with what is expected of their participants."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        columns = "provider, outcome (0 or 1) and any covariates, numbers or texts"
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=f"a table with the columns {columns}")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv", help="where the ratings go")

    def handle(self, *, file: Path, output: Path, **options: Any) -> None:
        try:
            rated = rate_file(file)
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        try:
            with output.open("w", encoding="utf-8", newline="") as out:
                write_ratings(rated, out)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
        self._tell(rated, output)

    def _tell(self, rated: RatedFile, output: Path) -> None:
        say = self.stdout.write
        say(f"{output}: {len(rated.names)} providers, {sum(one.n for one in rated.ratings)} participants")
        say(f"adjusted for {', '.join(rated.covariates) or 'nothing'}")
        if rated.unused:
            say(f"not adjusted for {', '.join(rated.unused)}: constant, or said by the provider or by other covariates")
        if rated.comparison.fit.prior:
            say("some covariate separates the outcomes, so that coefficients were held by a weak prior")
        say(f"over-dispersion (variance of ordinary providers' true ratios): {rated.comparison.over_dispersion:.6f}")

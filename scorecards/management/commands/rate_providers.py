"""`rate_providers FILE -o OUT.csv`: any table's providers rated by the method of the scorecards. Needs no database."""

import csv
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from scorecards.files import read_table
from scorecards.rating_table import HEADER, NEEDED, RatedTable, rate_table


class Command(BaseCommand):
    help = (
        "Rate providers by their participants' outcomes, adjusted for whom they received. Columns: provider, outcome"
        " (1 or 0), and any covariates in numbers or words."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a table in CSV or XLSX, one row per participant")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv", help="one row per provider")

    def handle(self, *, file: Path, output: Path, **options: Any) -> None:
        try:
            rated = rate_table(read_table(file, NEEDED))
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        try:
            with output.open("w", newline="", encoding="utf-8") as written:
                writer = csv.writer(written, lineterminator="\n")
                writer.writerow(HEADER)
                writer.writerows(rated.rows())
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
        for sentence in summary(rated):
            self.stdout.write(sentence)


def summary(rated: RatedTable) -> Iterator[str]:
    """How many providers there are in each band, and what the model could not use."""
    bands = Counter(rated.ratings.band)
    yield f"{len(rated.providers)} providers: " + ", ".join(f"{count} {band}" for band, count in sorted(bands.items()))
    for name in rated.constant:
        yield f"Not adjusted for {name}: it is the same for all."
    for name in not_identified(rated):
        yield f"Not adjusted for {name}: it follows from the provider, or from other covariates."
    if rated.model.fit is None:
        yield "Not adjusted for anything: no provider has both successes and failures."
    elif rated.model.fit.has_prior:
        yield "A covariate tells the outcome with certainty; coefficients were held near 0 (normal, deviation 2.5)."


def not_identified(rated: RatedTable) -> list[str]:
    """What the model has no coefficient for: numbers by name, categories as name = category."""
    fit = rated.model.fit
    found = (
        []
        if fit is None
        else [column for column, has in zip(rated.model.columns, fit.identified, strict=True) if not has]
    )
    return [one.covariate if one.category is None else f"{one.covariate} = {one.category}" for one in found]

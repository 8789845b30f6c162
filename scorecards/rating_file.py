"""Providers rated from a table of participants, whoever made it: the file in, the ratings out. Pure."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from backend.kernel.errors import Breach, gettext_noop, rule
from scorecards.covariates import design_of
from scorecards.files import Refusals, read_columns
from scorecards.logistic import Rows
from scorecards.rating import Comparison, Rating, compare, in_order

OUTCOME = rule("rating_outcome", gettext_noop("an outcome is 0 or 1"))
PROVIDER = rule("rating_provider", gettext_noop("each row names its provider"))

OUTCOMES = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}
HEADER = (
    "provider", "n", "observed", "expected", "ratio", "ratio_low", "ratio_high",
    "limit95_low", "limit95_high", "limit998_low", "limit998_high", "shrunken", "band",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RatedFile:
    """The ratings of a file's providers, by name, and the covariates that they were adjusted for, or could not be."""

    names: list[str]
    ratings: list[Rating]
    comparison: Comparison
    covariates: list[str]
    unused: list[str]  # constant, or said by the provider or by other covariates


def rate_file(path: Path) -> RatedFile:
    """Rate the providers of a file with the columns provider, outcome (0 or 1) and any covariates.

    A covariate whose cells all are numbers is taken as one, else each of its texts has an effect of its own; an empty
    cell is a value of its own. DomainError names each cell that can't be used.
    """
    columns = read_columns(path, ("provider", "outcome"))
    providers, outcomes = columns.pop("provider"), columns.pop("outcome")
    outcome = _outcomes(outcomes)
    _check_providers(providers)
    names, number = np.unique(np.asarray(providers, dtype=str), return_inverse=True)
    design = design_of(columns, len(outcome))
    order = in_order(number)
    comparison = compare(Rows(design.columns[order], outcome[order], number[order]))
    used = comparison.fit.used.tolist()
    return RatedFile(
        names.tolist(),
        [comparison.rating(provider) for provider in comparison.providers],
        comparison,
        [name for name, is_used in zip(design.names, used, strict=True) if is_used],
        [name for name, is_used in zip(design.names, used, strict=True) if not is_used],
    )


def _outcomes(texts: Sequence[str]) -> np.ndarray:
    refusals = Refusals()
    for number, text in enumerate(texts, start=2):
        if text not in OUTCOMES:
            refusals.add(Breach(OUTCOME, f"row {number}.outcome", text))
    refusals.raise_if_any()
    return np.array([OUTCOMES[text] for text in texts])


def _check_providers(names: Sequence[str]) -> None:
    refusals = Refusals()
    for number, name in enumerate(names, start=2):
        if not name:
            refusals.add(Breach(PROVIDER, f"row {number}.provider", name))
    refusals.raise_if_any()


def write_ratings(rated: RatedFile, file: TextIO) -> None:
    """The ratings as CSV with HEADER, decimal points, and six decimals."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    for name, rating in zip(rated.names, rated.ratings, strict=True):
        writer.writerow([name, rating.n, rating.observed, *_figures(rating), rating.band.value])


def _figures(rating: Rating) -> Iterator[str]:
    for value in (
        rating.expected,
        rating.ratio,
        *rating.interval,
        *rating.limits95,
        *rating.limits998,
        rating.shrunken,
    ):
        yield f"{value:.6f}"

"""Anybody's participants, as a table, rated by the method of the scorecards. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from backend.kernel.errors import gettext_noop, refuse, rule
from scorecards.covariates import MISSING as NO_VALUE
from scorecards.covariates import Categories, Covariate, Numbers
from scorecards.files import MISSING, TextColumn, parse_number
from scorecards.logistic import Bool
from scorecards.rating import TAILS, Model, Ratings, rate

NO_PROVIDER = rule("rating_provider", gettext_noop("each row names a provider"))
OUTCOME = rule("rating_outcome", gettext_noop("an outcome is 1 for a success and 0 for none"))
ONE_OUTCOME = rule(
    "rating_one_outcome", gettext_noop("there are both successes and failures, or nothing can be compared")
)
LEVELS = rule(
    "rating_levels",
    gettext_noop("a covariate in words has at most {most} different values; group them, or leave it out"),
)

NEEDED = ("provider", "outcome")
LEVELS_MOST = 200
HEADER = (
    "provider", "n", "observed", "expected", "ratio", "ratio_low", "ratio_high",
    *(f"limit{name}_{side}" for name in TAILS for side in ("low", "high")), "shrunken", "band",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RatedTable:
    """The providers' names, in alphabetical order, with their ratings, and the model behind them."""

    providers: list[str]
    ratings: Ratings
    model: Model
    constant: list[str]  # covariates that are the same for all

    def rows(self) -> Iterator[list[str]]:
        """The rows under `HEADER`."""
        found = self.ratings
        limits = [side for name in TAILS for side in found.limits[name]]
        for index, provider in enumerate(self.providers):
            figures = (found.expected, found.ratio, found.low, found.high, *limits, found.shrunken)
            shown = [f"{column[index]:.6f}" for column in figures]
            yield [provider, str(found.count[index]), str(found.observed[index]), *shown, found.band[index].value]


def rate_table(table: Mapping[str, TextColumn]) -> RatedTable:
    """Rate the providers of a table with the columns provider, outcome and covariates. DomainError if it has faults."""
    outcome = _outcomes(table["outcome"])
    if outcome.all() or not outcome.any():
        raise refuse(ONE_OUTCOME, field="outcome", value=table["outcome"].texts[0])
    column = table["provider"]
    if "" in column.texts:
        row = column.first_row(column.texts.index(""))
        raise refuse(NO_PROVIDER, field=f"provider, row {row}", value="")
    order = sorted(range(len(column.texts)), key=column.texts.__getitem__)
    number = np.argsort(order)
    covariates = [_covariate(one) for name, one in table.items() if name not in NEEDED]
    ratings, model = rate(number[column.code], outcome, covariates)
    modelled = {one.covariate for one in model.columns}
    constant = [one.name for one in covariates if one.name not in modelled]
    return RatedTable([column.texts[index] for index in order], ratings, model, constant)


def _outcomes(column: TextColumn) -> Bool:
    values = [parse_number(text) for text in column.texts]
    for index, value in enumerate(values):
        if value not in (0, 1):
            raise refuse(OUTCOME, field=f"outcome, row {column.first_row(index)}", value=column.texts[index])
    return np.array(values, bool)[column.code]


def _covariate(column: TextColumn) -> Covariate:
    numbers = column.numbers()
    if numbers is not None:
        return Numbers(column.name, numbers)
    labels = sorted({NO_VALUE if text.lower() in MISSING else text for text in column.texts})
    if len(labels) > LEVELS_MOST:
        raise refuse(LEVELS, field=column.name, value=len(labels), most=LEVELS_MOST)
    place = {label: index for index, label in enumerate(labels)}
    code = np.array([place.get(text, 0) for text in column.texts], np.int32)  # a missing value comes first
    return Categories(column.name, code[column.code], labels)

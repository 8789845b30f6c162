"""Covariates: what is known of participants before their outcome, as columns of a logistic model.

A category becomes a column of 0 and 1, save the most common one, to which the others are compared. A number enters in
standard deviations from the mean. A missing value is a category of its own; a missing number counts as the mean, and a
column says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorecards.logistic import F64, Design

I32 = npt.NDArray[np.int32]
MISSING = ""  # the label of a missing value


@dataclass(frozen=True, slots=True)
class Categories:
    """A covariate in words: `code` is each participant's index into `labels`."""

    name: str
    code: I32
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A covariate in numbers; NaN is missing."""

    name: str
    values: F64


Covariate = Categories | Numbers


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the model: a category against `reference`, or (both None) a number per `scale`.

    A coefficient divided by `scale` is per unit of the number.
    """

    covariate: str
    category: str | None = None
    reference: str | None = None
    scale: float = 1.0


def make_design(covariates: Sequence[Covariate], count: int) -> tuple[Design, list[Column]]:
    """The model's columns for `count` participants. A covariate that is the same for all gives no column."""
    categories: list[tuple[Column, npt.NDArray[np.uint8]]] = []
    numbers: list[tuple[Column, F64]] = []
    for covariate in covariates:
        if isinstance(covariate, Categories):
            categories += _categories(covariate)
        else:
            categories += _missing(covariate)
            numbers += _numbers(covariate)
    design = Design(
        np.stack([column for _, column in categories], axis=1) if categories else np.zeros((count, 0), np.uint8),
        np.stack([column for _, column in numbers], axis=1) if numbers else np.zeros((count, 0)),
    )
    return design, [column for column, _ in (*categories, *numbers)]


def _categories(covariate: Categories) -> Iterator[tuple[Column, npt.NDArray[np.uint8]]]:
    frequency = np.bincount(covariate.code, minlength=len(covariate.labels))
    reference = int(frequency.argmax())
    for code in np.flatnonzero(frequency).tolist():
        if code != reference:
            column = Column(covariate.name, covariate.labels[code], covariate.labels[reference])
            yield column, (covariate.code == code).astype(np.uint8)


def _missing(covariate: Numbers) -> Iterator[tuple[Column, npt.NDArray[np.uint8]]]:
    missing = np.isnan(covariate.values)
    if missing.any() and not missing.all():
        yield Column(covariate.name, MISSING, "mean"), missing.astype(np.uint8)


def _numbers(covariate: Numbers) -> Iterator[tuple[Column, F64]]:
    known = covariate.values[~np.isnan(covariate.values)]
    if len(known) and np.ptp(known) > 0:
        scale = float(known.std())
        yield Column(covariate.name, scale=scale), np.nan_to_num((covariate.values - known.mean()) / scale)

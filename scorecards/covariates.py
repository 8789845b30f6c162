"""Covariates as columns of numbers: texts as one column per value, numbers standardised, missing values apart.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.kernel.errors import gettext_noop, refuse, rule
from scorecards.logistic import F64

VALUES_MOST = 100
TOO_MANY_VALUES = rule(
    "covariate_values",
    gettext_noop("a covariate in words has at most {most} different values; this one has {count}"),
)
NOT_FINITE = rule("covariate_number", gettext_noop("a number is finite; leave the cell empty where it is not known"))
MISSING = ""


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a model: their names (`age`, `sex = man`) and values, a row per participant."""

    names: list[str]
    columns: F64


def design_of(covariates: Mapping[str, Sequence[str]], rows: int) -> Design:
    """The columns of covariates given as texts; a covariate is a number if all that is said of it is."""
    names: list[str] = []
    columns: list[F64] = []
    for name, texts in covariates.items():
        for label, column in _columns(name, np.asarray(texts, dtype=object)):
            names.append(label)
            columns.append(column)
    return Design(names, np.column_stack(columns) if columns else np.zeros((rows, 0)))


def _columns(name: str, texts: np.ndarray) -> list[tuple[str, F64]]:
    numbers = as_numbers(texts)
    if numbers is None:
        return categories(name, texts)
    known = texts != MISSING
    if not np.isfinite(numbers[known]).all():
        wrong = next(text for text in texts[known] if not np.isfinite(_number(text)))
        raise refuse(NOT_FINITE, field=name, value=wrong)
    return numbered(name, numbers, known)


def as_numbers(texts: np.ndarray) -> F64 | None:
    """The numbers that texts say, 0 where one is missing; none if a text is no number. A decimal comma is one too."""
    values, places = np.unique(texts.astype(str), return_inverse=True)
    try:
        return np.array([_number(value) if value != MISSING else 0.0 for value in values])[places]
    except ValueError:
        return None


def _number(text: str) -> float:
    return float(text.replace(",", ".", 1)) if text.count(",") == 1 and "." not in text else float(text)


def standardised(values: F64) -> F64:
    """With mean 0 and standard deviation 1; 0 where all are alike."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))


def categories(name: str, texts: np.ndarray) -> list[tuple[str, F64]]:
    """A column of 0 and 1 for each value but the most common one, which the others are compared with."""
    values, places = np.unique(texts.astype(str), return_inverse=True)
    if len(values) > VALUES_MOST:
        raise refuse(TOO_MANY_VALUES, field=name, value=values[0], most=VALUES_MOST, count=len(values))
    return coded(name, places, values.tolist())


def coded(name: str, places: np.ndarray, labels: Sequence[str]) -> list[tuple[str, F64]]:
    """The same, of values given as places among their labels; a label that nobody has gives no column."""
    counts = np.bincount(places, minlength=len(labels))
    common = int(np.argmax(counts))
    return [
        (f"{name} = {labels[number]}", (places == number).astype(np.float64))
        for number in np.flatnonzero(counts).tolist()
        if number != common
    ]


def numbered(name: str, values: F64, known: np.ndarray) -> list[tuple[str, F64]]:
    """A column of numbers, standardised; where some are not known, they count as the mean and a column says so."""
    made = [(name, standardised(np.where(known, values, values[known].mean() if known.any() else 0.0)))]
    return made if known.all() else [*made, (f"{name} missing", (~known).astype(np.float64))]

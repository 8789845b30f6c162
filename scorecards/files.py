"""Anybody's table, as CSV or XLSX, in columns of texts: for commands that compute on files. Pure but for reading."""

import math
from array import array
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.sheets import read_rows
from scorecards.covariates import I32
from scorecards.logistic import F64

FILE_UNREADABLE = rule("file_unreadable", gettext_noop("the file can't be opened"))
FILE_COLUMN = rule("file_column", gettext_noop("the table needs this column; it has {columns}"))
FILE_COLUMN_NAME = rule("file_column_name", gettext_noop("each column has a name of its own"))
FILE_ROW = rule("file_row", gettext_noop("a row has as many cells as there are columns, {columns}"))
FILE_NO_ROWS = rule("file_no_rows", gettext_noop("the table needs at least one row under its header"))

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of a table: `code` is each row's index into `texts`, which are different from each other."""

    name: str
    code: I32
    texts: Sequence[str]

    def first_row(self, index: int) -> int:
        """Where a text first stands, counted as a spreadsheet does, with the header as row 1 and no empty rows."""
        return int(np.argmax(self.code == index)) + 2

    def numbers(self) -> F64 | None:
        """The column in numbers, NaN where missing; None if it is a column of words.

        Words are what has something else than numbers, or numbers that begin with 0, as codes do.
        """
        values = [parse_number(text) for text in self.texts]
        if any(value is None for value in values) or all(math.isnan(value or 0) for value in values):
            return None
        return np.array(values, np.float64)[self.code]


def parse_number(text: str) -> float | None:
    """A number with decimal point or comma; NaN where it is missing; None if it is none, or a code such as 0180."""
    if text.lower() in MISSING:
        return math.nan
    plain = text.replace("\u2212", "-").replace(",", ".", 1)
    digits = plain.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return None
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in plain else None


def read_table(path: Path, needed: Sequence[str]) -> dict[str, TextColumn]:
    """The columns of a file by name, in the file's order; `needed` must be among them, in capitals or not.

    DomainError if the file can't be read as a table.
    """
    try:
        with path.open("rb") as file, closing(read_rows(file)) as rows:
            names = _names(next(rows, []), needed)
            known: list[dict[str, int]] = [{} for _ in names]
            codes = [array("i") for _ in names]
            for number, row in enumerate(rows, start=2):
                if len(row) < len(names) or any(row[len(names) :]):
                    raise refuse(FILE_ROW, field=f"row {number}", value=len(row), columns=len(names))
                for texts, code, text in zip(known, codes, row, strict=False):
                    code.append(texts.setdefault(text, len(texts)))
    except OSError as error:
        raise refuse(FILE_UNREADABLE, field="file", value=path) from error
    if not codes[0]:
        raise refuse(FILE_NO_ROWS, field="file", value=path)
    return {
        name: TextColumn(name, np.array(code, np.int32), list(texts))
        for name, code, texts in zip(names, codes, known, strict=True)
    }


def _names(header: list[str], needed: Sequence[str]) -> list[str]:
    """The names of columns; empty ones at the end are left out, as spreadsheet programs write them."""
    while header and not header[-1]:
        header = header[:-1]
    names = [name.lower() if name.lower() in needed else name for name in header]
    for column, name in enumerate(names):
        if not name or name in islice(names, column):
            raise refuse(FILE_COLUMN_NAME, field=f"column {column + 1}", value=name)
    for name in needed:
        if name not in names:
            raise refuse(FILE_COLUMN, field="column", value=name, columns=", ".join(names))
    return names

"""A table that somebody hands in (CSV or XLSX) as columns of texts, and the numbers in it. Pure."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

from backend.kernel.errors import Breach, DomainError, gettext_noop, refuse, rule
from backend.kernel.sheets import read_rows

TABLE_FILE = rule("table_file", gettext_noop("the file can't be read: {why}"))
TABLE_COLUMNS = rule("table_columns", gettext_noop("the first row names the columns; {needed} must be among them"))
TABLE_COLUMN_TWICE = rule(
    "table_column_twice", gettext_noop("the first row names a column once, and leaves none empty")
)
TABLE_EMPTY = rule("table_empty", gettext_noop("below the names of the columns stands at least one row"))
TABLE_ROW = rule("table_row", gettext_noop("the row has {found} cells, and the first row names {needed} columns"))
CELL_WHOLE = rule("cell_whole", gettext_noop("a whole number from 0 is needed"))

SHOWN = 20  # breaches at most, so that a table of a million wrong rows gives a message that can be read


class Refusals:
    """Breaches of a table, gathered until there are enough to mend at once."""

    def __init__(self) -> None:
        self.breaches: list[Breach] = []

    def add(self, breach: Breach) -> None:
        self.breaches.append(breach)
        if len(self.breaches) >= SHOWN:
            self.raise_if_any()

    def raise_if_any(self) -> None:
        if self.breaches:
            raise DomainError(*self.breaches)


def read_columns(path: Path, needed: Sequence[str]) -> dict[str, list[str]]:
    """The columns of a file by name, as texts; each of `needed` is among them.

    DomainError names what is wrong with the file, its first row, or the rows (counted from 2).
    """
    try:
        with path.open("rb") as file:
            rows = read_rows(file)
            header = next(rows, [])
            _check_header(header, needed)
            body = list(rows)
    except OSError as error:
        raise refuse(TABLE_FILE, field="file", value=path, why=error.strerror) from error
    _check_rows(header, body)
    return {name: [row[place] for row in body] for place, name in enumerate(header)}


def _check_header(header: Sequence[str], needed: Sequence[str]) -> None:
    if not set(needed) <= set(header):
        raise refuse(TABLE_COLUMNS, field="header", value=", ".join(header), needed=", ".join(needed))
    if "" in header or len(set(header)) < len(header):
        raise refuse(TABLE_COLUMN_TWICE, field="header", value=", ".join(header))


def _check_rows(header: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    if not body:
        raise refuse(TABLE_EMPTY, field="rows", value=0)
    wrong = ((number, row) for number, row in enumerate(body, start=2) if len(row) != len(header))
    breaches = [
        Breach(TABLE_ROW, f"row {number}", ", ".join(row), {"found": len(row), "needed": len(header)})
        for number, row in islice(wrong, SHOWN)
    ]
    if breaches:
        raise DomainError(*breaches)


def whole_numbers(name: str, texts: Sequence[str]) -> list[int]:
    """A column of whole numbers from 0."""
    refusals = Refusals()
    for number, text in enumerate(texts, start=2):
        if not (text.isascii() and text.isdigit()):
            refusals.add(Breach(CELL_WHOLE, f"row {number}.{name}", text))
    refusals.raise_if_any()
    return [int(text) for text in texts]


def three_decimals(exact: Fraction) -> str:
    """A number from 0 with three decimals, a half rounded up."""
    thousandths = int(exact * 1000 + Fraction(1, 2))
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"

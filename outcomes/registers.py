"""Files from registers: layouts declare which column means what, and every row becomes a record of one shape. Pure.

A new register, or a new version of its file, is a TOML file in `register_layouts`; no code knows a column's name.
"""

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from outcomes.columns import GRADES
from outcomes.identity import Identity, read_identity

LAYOUT_UNKNOWN = rule("register_layout", gettext_noop("the known layouts are {known}"))
FILE_KIND = rule("register_file", gettext_noop("the file can't be read as {encoding}, or has no row below its header"))
COLUMN_MISSING = rule(
    "register_column", gettext_noop("the file lacks the column {column}; its first row names columns")
)
CELL = rule("register_cell", gettext_noop("row {row}: {column} can't be read; it is written as {form}"))

LAYOUTS = Path(__file__).parent / "register_layouts"
ORE = {"number": 1, "kronor": 100}  # by `quantity_is`, what a whole number is multiplied with


class Register(StrEnum):
    GRADES = "grades"
    EMPLOYMENT = "employment"
    INCOME = "income"
    ASSISTANCE = "assistance"
    CERTIFICATES = "certificates"


@dataclass(frozen=True, slots=True)
class Layout:
    """How one file is written: `columns` are by the field of `Record`, `codes` by what stands in the file."""

    name: str
    register: Register
    title: str
    encoding: str
    delimiter: str
    days: str
    columns: Mapping[str, str]
    quantity_is: str = "number"
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What a register says of a person. `quantity`: points, per cent of full time, or öre; -1 where none is given."""

    person: Identity
    from_day: date
    through_day: date | None = None
    subject: str = ""  # course or employer
    quantity: int = -1
    code: str = ""  # grade or obstacle class


@cache
def layouts() -> Mapping[str, Layout]:
    """All layouts by their file's name."""
    found = {}
    for path in sorted(LAYOUTS.glob("*.toml")):
        document = tomllib.loads(path.read_text())
        found[path.stem] = Layout(name=path.stem, **document | {"register": Register(document["register"])})
    return found


def layout_named(name: str) -> Layout:
    if name not in layouts():
        raise refuse(LAYOUT_UNKNOWN, field="layout", value=name, known=", ".join(layouts()))
    return layouts()[name]


def read_records(layout: Layout, content: bytes) -> Iterator[Record]:
    """The records of a file. DomainError at the first row that can't be read, with its number and column."""
    try:
        text = content.decode(layout.encoding)
    except UnicodeDecodeError as error:
        raise refuse(FILE_KIND, field="file", value="…", encoding=layout.encoding) from error
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    header = rows.fieldnames or ()
    for column in layout.columns.values():
        if column not in header:
            raise refuse(COLUMN_MISSING, field="file", value=", ".join(header), column=column)
    is_empty = True
    for number, row in enumerate(rows, start=2):
        is_empty = False
        yield _record(layout, row, number)
    if is_empty:
        raise refuse(FILE_KIND, field="file", value="…", encoding=layout.encoding)


def _record(layout: Layout, row: Mapping[str, str | None], number: int) -> Record:
    cells = {name: (row[column] or "").strip() for name, column in layout.columns.items()}

    def wrong(name: str, form: str) -> DomainError:
        # what stood there is not repeated where it may be a person's number
        value = "…" if name == "person" else cells[name]
        return refuse(CELL, field="file", value=value, row=number, column=layout.columns[name], form=form)

    def day(name: str) -> date:
        try:
            return datetime.strptime(cells[name], layout.days).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError as error:
            raise wrong(name, layout.days) from error

    try:
        person = read_identity(cells["person"], "person")
    except DomainError as error:
        raise wrong("person", "19800101-1231") from error
    quantity, code = cells.get("quantity", ""), cells.get("code", "")
    if quantity and not (quantity.isascii() and quantity.isdigit()):
        raise wrong("quantity", "100")
    known = layout.codes or ({grade: grade for grade in GRADES} if layout.register is Register.GRADES else {})
    if "code" in layout.columns and code not in known:
        raise wrong("code", " / ".join(known))
    return Record(
        person=person,
        from_day=day("from_day"),
        through_day=day("through_day") if cells.get("through_day") else None,
        subject=cells.get("subject", ""),
        quantity=int(quantity) * ORE[layout.quantity_is] if quantity else -1,
        code=known.get(code, ""),
    )

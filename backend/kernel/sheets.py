"""Tables as files: CSV and XLSX out in constant memory, and their rows in, as text.

CSV is written as Swedish spreadsheet programs open it: UTF-8 with a byte order mark, semicolons, decimal commas. A text
never becomes a formula, whatever it begins with.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import BinaryIO

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from backend.kernel.errors import gettext_noop, refuse, rule

SHEET_KIND = rule(
    "sheet_kind", gettext_noop("a table is a file in CSV (UTF-8) or XLSX; this one can't be read as such")
)

Cell = str | int | Decimal | date | None
CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DELIMITERS = ";,\t"
TITLE_MOST = 31  # of a sheet in a workbook
FORMATS = {Decimal: "#,##0.00", date: "yyyy-mm-dd"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under a header. Money is a Decimal in kronor with two decimals."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def kronor(ore: int) -> Decimal:
    """Öre as the kronor of a cell, exactly."""
    return Decimal(ore).scaleb(-2)


def write_csv(sheet: Sheet, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    writer.writerow(sheet.header)
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    text.detach()


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case str() if cell.startswith(FORMULA_STARTS):
            return f"'{cell}"
        case _:
            return str(cell)


def write_xlsx(sheets: Iterable[Sheet], file: BinaryIO) -> None:
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        page = workbook.create_sheet(sheet.title[:TITLE_MOST])
        page.freeze_panes = "A2"
        page.append([_header_cell(page, text) for text in sheet.header])
        for row in sheet.rows:
            page.append([_xlsx_cell(page, cell) for cell in row])
    workbook.save(file)


def _header_cell(page: object, text: str) -> WriteOnlyCell:
    cell = _xlsx_cell(page, text)
    cell.font = Font(bold=True)
    return cell


def _xlsx_cell(page: object, value: Cell) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"  # also if it begins with =
    for kind, number_format in FORMATS.items():
        if isinstance(value, kind):
            cell.number_format = number_format
    return cell


def read_rows(file: BinaryIO) -> Iterator[list[str]]:
    """The rows of a CSV file, or of the first sheet of a workbook, as texts; empty rows are left out.

    DomainError if the file is neither.
    """
    start = file.read(4)
    file.seek(0)
    rows = _workbook_rows(file) if start == b"PK\x03\x04" else _csv_rows(file)
    for row in rows:
        if any(row):
            yield row


def _workbook_rows(file: BinaryIO) -> Iterator[list[str]]:
    try:
        workbook = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError) as error:
        raise refuse(SHEET_KIND, field="file", value=getattr(file, "name", "")) from error
    for row in workbook.worksheets[0].iter_rows(values_only=True):
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


def _csv_rows(file: BinaryIO) -> Iterator[list[str]]:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    try:
        beginning = "".join(islice(text, 1))
        text.seek(0)
        delimiter = max(DELIMITERS, key=beginning.count)
        for row in csv.reader(text, delimiter=delimiter, strict=True):
            yield [cell.strip() for cell in row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise refuse(SHEET_KIND, field="file", value=getattr(file, "name", "")) from error
    finally:
        if not file.closed:  # the caller may have stopped reading and closed it
            text.detach()

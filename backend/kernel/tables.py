"""Columns and manners that all tables of pages share (django-tables2).

A column says twice what stands in a cell: `render` for a page, `value` for a file, where money is a number and a day a
day.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django_tables2.rows import BoundRow

from backend.kernel.money import show_kronor
from backend.kernel.sheets import Cell, Sheet, kronor

NONE = "–"
NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}
READ_AT_ONCE = 2000  # rows, when a whole table is written to a file


def label(word: object, tone: str = "") -> SafeString:
    """A state as a word in a quiet label. Tones: good, wait, bad."""
    return format_html('<span class="label {}">{}</span>', tone, word)


class NumberColumn(tables.Column):
    """Figures, set to the right; a dash for none."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": NUMBER, "default": NONE} | kwargs)

    def render(self, value: int) -> str:
        return str(value) if value else NONE

    def value(self, value: int) -> Cell:
        return value


class MoneyColumn(NumberColumn):
    """Öre as 12 000,00 kr; a dash for none."""

    def render(self, value: int) -> str:
        return show_kronor(value) if value else NONE

    def value(self, value: int) -> Cell:
        return kronor(value)


class DayColumn(tables.Column):
    """A day as 2026-11-22."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": {"td": {"class": "day"}}, "default": NONE} | kwargs)

    def render(self, value: date) -> str:
        return value.isoformat()

    def value(self, value: date) -> Cell:
        return value


class MomentColumn(DayColumn):
    """A moment as 2026-11-22 14:05, in Swedish time."""

    def render(self, value: datetime) -> str:  # type: ignore[override]
        return f"{localtime(value):%Y-%m-%d %H:%M}"

    def value(self, value: datetime) -> Cell:  # type: ignore[override]
        return self.render(value)


class LabelColumn(tables.Column):
    """A state, as a word in a quiet label."""

    def __init__(self, *args: object, words: Mapping[Any, Any], tones: Mapping[Any, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.words, self.tones = words, tones

    def render(self, value: object) -> SafeString:
        return label(self.words.get(value, value), self.tones.get(value, ""))

    def value(self, value: object) -> Cell:
        return str(self.words.get(value, value))


class Table(tables.Table):
    """A table of a page: it can be sorted where a column says so, and says when it is empty.

    A subclass has `label`, what the table shows, and may name in `optional` the columns that are shown only if a reader
    chooses them.
    """

    label: Any = ""
    optional: Sequence[str] = ()

    class Meta:
        attrs = {"class": "rows"}
        orderable = False
        empty_text = _("Nothing to show.")

    @property
    def choices(self) -> list[dict[str, object]]:
        """The columns with their headings, and whether each is shown; the first one always is."""
        shown = {column.name for column in self.columns}
        columns = list(self.columns.iterall())[1:]
        return [{"name": each.name, "heading": each.header, "shown": each.name in shown} for each in columns]

    def choose(self, names: Sequence[str]) -> None:
        """Show the first column and those named; of none known, the usual ones."""
        _first, *rest = [column.name for column in self.columns.iterall()]
        chosen = set(names).intersection(rest) or set(rest).difference(self.optional)
        for name in rest:
            (self.columns.show if name in chosen else self.columns.hide)(name)

    def sheet(self) -> Sheet:
        """All rows, in their order, with the columns that are shown."""
        names = [column.name for column in self.columns]
        header = [str(column.header) for column in self.columns]
        return Sheet(str(self.label), header, (self._cells(row, names) for row in self._all_rows()))

    def _all_rows(self) -> Iterator[BoundRow]:
        data = self.data.data
        records = data.iterator(READ_AT_ONCE) if isinstance(data, QuerySet) else iter(data)
        return (BoundRow(record, self) for record in records)

    def _cells(self, row: BoundRow, names: Sequence[str]) -> list[Cell]:
        return [_cell(row.get_cell_value(name)) for name in names]


def _cell(value: Any) -> Cell:
    """A cell of a file from that of a page."""
    if isinstance(value, SafeString):
        return unescape(strip_tags(value)).strip()
    if value is None or isinstance(value, int | Decimal | date):
        return value
    return "" if value == NONE else str(value)

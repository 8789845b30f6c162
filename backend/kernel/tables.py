"""Columns and manners that all tables of pages share (django-tables2)."""

from datetime import date

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from backend.kernel.money import show_kronor

NONE = "–"
NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


class NumberColumn(tables.Column):
    """Figures, set to the right; a dash for none."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": NUMBER, "default": NONE} | kwargs)

    def render(self, value: int) -> str:
        return str(value) if value else NONE


class MoneyColumn(NumberColumn):
    """Öre as 12 000,00 kr; a dash for none."""

    def render(self, value: int) -> str:
        return show_kronor(value) if value else NONE


class DayColumn(tables.Column):
    """A day as 2026-11-22."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": {"td": {"class": "day"}}} | kwargs)

    def render(self, value: date) -> str:
        return value.isoformat()


class Table(tables.Table):
    """A table of a page: it can be sorted where a column says so, and says when it is empty."""

    class Meta:
        attrs = {"class": "rows"}
        orderable = False
        empty_text = _("Nothing to show.")

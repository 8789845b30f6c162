"""Columns and manners that all tables of pages share (django-tables2)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AuditEvent, Role
from backend.kernel.money import show_kronor
from backend.kernel.selectors import event_word, object_page
from backend.kernel.sheets import kronor

NONE = "–"
NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


def label(word: object, tone: str = "") -> SafeString:
    """A state as a word in a quiet label."""
    return format_html('<span class="label {}">{}</span>', tone, word)


class NumberColumn(tables.Column):
    """Figures, set to the right; a dash for none."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": NUMBER, "default": NONE} | kwargs)

    def render(self, value: int) -> str:
        return str(value) if value else NONE

    def value(self, value: int) -> int:
        return value


class MoneyColumn(NumberColumn):
    """Öre as 12 000,00 kr; a dash for none. In files, kronor."""

    def render(self, value: int) -> str:
        return show_kronor(value) if value else NONE

    def value(self, value: int) -> Decimal:  # type: ignore[override]  # another kind of number
        return kronor(value)


class DayColumn(tables.Column):
    """A day as 2026-11-22."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"attrs": {"td": {"class": "day"}}, "default": NONE} | kwargs)

    def render(self, value: date) -> str:
        return value.isoformat()

    def value(self, value: date) -> date:
        return value


class MomentColumn(DayColumn):
    """A moment as 2026-11-22 14:05, in Swedish time."""

    def render(self, value: datetime) -> str:  # type: ignore[override]  # of a day, too
        return f"{localtime(value):%Y-%m-%d %H:%M}"

    def value(self, value: datetime) -> str:  # type: ignore[override]
        return self.render(value)


class StateColumn(tables.Column):
    """One of some words, in a quiet label. `words` and `tones` are by the stored value."""

    def __init__(self, *args: object, words: Mapping[Any, object], tones: Mapping[Any, str], **kwargs: object) -> None:
        self.words, self.tones = words, tones
        super().__init__(*args, **kwargs)

    def render(self, value: object, record: object, bound_column: Any) -> SafeString:
        stored = bound_column.accessor.resolve(record)
        return label(self.words.get(stored, value), self.tones.get(stored, ""))

    def value(self, record: object, bound_column: Any) -> str:
        stored = bound_column.accessor.resolve(record)
        return str(self.words.get(stored, stored))


class PersonColumn(tables.Column):
    """What somebody is called."""

    def render(self, value: Any) -> str:
        return value.get_full_name() or value.get_username()


class Table(tables.Table):
    """A table of a page: it can be sorted where a column says so, and says when it is empty."""

    class Meta:
        attrs = {"class": "rows"}
        orderable = False
        empty_text = _("Nothing to show.")


class AccountTable(Table):
    """Accounts."""

    label = _("Accounts")
    username = tables.Column(_("User name"), linkify=("account_detail", [tables.A("pk")]), orderable=True)
    name = tables.Column(_("Name"), accessor="get_full_name", orderable=True, order_by=("last_name", "first_name"))
    roles = tables.Column(_("Roles"), default=NONE)
    has_second_factor = tables.BooleanColumn(verbose_name=_("Second factor"), yesno=f"✓,{NONE}")
    session_count = NumberColumn(_("Sessions"))
    last_login = MomentColumn(_("Last log-in"), orderable=True)
    is_active = StateColumn(_("State"), words={True: _("open"), False: _("closed")}, tones={False: "bad"})

    class Meta(Table.Meta):
        empty_text = _("No account matches what you chose.")

    def render_roles(self, value: list[str]) -> str:
        return ", ".join(str(Role(role).label) for role in value)


class EventTable(Table):
    """Events of the audit trail."""

    label = _("Events")
    at = MomentColumn(_("When"), orderable=True)
    by = PersonColumn(_("By"), default=_("a rule"))
    action = tables.Column(_("What was done"))
    object_type = tables.Column(_("Of what"))
    object_id = tables.Column(_("Number"), default=NONE)
    earlier = tables.Column(_("Earlier"), default="")
    later = tables.Column(_("Later"), default="")

    def render_object_id(self, value: str, record: AuditEvent) -> str:
        address = object_page(record)
        return format_html('<a href="{}">{}</a>', address, value) if address else value

    def render_action(self, value: str) -> str:
        return event_word(value)

    render_object_type = render_action

    def render_earlier(self, value: Mapping[str, object]) -> str:
        return ", ".join(f"{name}: {content}" for name, content in value.items())

    render_later = render_earlier

    class Meta(Table.Meta):
        empty_text = _("No event matches what you chose.")

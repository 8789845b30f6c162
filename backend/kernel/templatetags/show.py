"""How pages write money, days and moments, and small parts of pages."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from backend.kernel.models import User
from backend.kernel.money import show_kronor

register = template.Library()


@register.filter
def kronor(ore: int | None) -> str:
    """Whole öre as 12 000,00 kr; nothing for no amount."""
    return "" if ore is None else show_kronor(ore)


@register.filter
def person(user: User) -> str:
    """What somebody is called: the full name, or the user name."""
    return user.get_full_name() or user.get_username()


@register.filter
def day(value: date | None) -> str:
    """2026-11-22, or a dash for no day."""
    return "–" if value is None else value.isoformat()


@register.filter
def month(value: date) -> str:
    """2026-11"""
    return f"{value:%Y-%m}"


@register.filter
def moment(value: datetime | None) -> str:
    """2026-11-22 14:05 in Swedish time, or a dash for none."""
    return "–" if value is None else f"{localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def groups(form: Form) -> Iterator[tuple[str, list[BoundField]]]:
    """A form's visible fields in question groups: a form may have `groups`, pairs of a heading and field names."""
    for heading, names in getattr(form, "groups", [("", [field.name for field in form.visible_fields()])]):
        yield heading, [form[name] for name in names if name in form.fields]


@register.filter
def error_count(form: Form) -> int:
    return sum(len(errors) for errors in form.errors.values())


@register.filter
def anchor(field: BoundField) -> str:
    """The id of the first input of a field, to which the error summary leads."""
    return f"{field.auto_id}_0" if field.field.widget.use_fieldset else field.id_for_label


@register.simple_tag(takes_context=True)
def keep_others(context: dict[str, Any], *names: str) -> SafeString:
    """Hidden inputs for the parameters of the address that a form does not ask for itself: all but these."""
    request: HttpRequest = context["request"]
    kept = ((name, value) for name, values in request.GET.lists() if name not in names for value in values)
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag(takes_context=True)
def keep_others_than(context: dict[str, Any], form: Form) -> SafeString:
    """The same for a form that shows all of its fields, and goes back to the first page."""
    return keep_others(context, "page", *form.fields)


@register.inclusion_tag("components/progress.html")
def progress(done: int, of: int, text: str) -> dict[str, Any]:
    """How far something has come; `of` 0: nobody knows how much there is."""
    return {"done": done, "of": of, "text": text, "percent": 100 * done // of if of else None}

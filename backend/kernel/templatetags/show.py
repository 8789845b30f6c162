"""How pages write money, days and moments."""

from datetime import date, datetime

from django import template
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

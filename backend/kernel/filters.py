"""Filters of lists (django-filter)."""

from typing import Any

import django_filters as filters
from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.selectors import action_choices, dormant, object_choices, weak


class DayFilter(filters.Filter):
    """A day as 2026-11-22."""

    field_class = DayField


class TextFilter(filters.CharFilter):
    """Some part of a text, whatever its letters' case."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name, lookup_expr="icontains", **kwargs)


class YesNoFilter(filters.BooleanFilter):
    """Yes, no, or all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("", _("all")), ("true", _("yes")), ("false", _("no"))]
        super().__init__(*args, widget=forms.Select(choices=choices), **kwargs)


class AccountFilter(filters.FilterSet):
    """Accounts by name, role and state."""

    username = TextFilter("username", label=_("User name"))
    role = filters.ChoiceFilter(
        "roles", "contains", label=_("Role"), choices=Role.choices, method="with_role", empty_label=_("all")
    )
    is_active = YesNoFilter("is_active", label=_("Open"))
    weak = YesNoFilter(label=_("Lacks a second factor"), method="that_are_weak")
    dormant = YesNoFilter(label=_("Not used for 90 days"), method="that_are_dormant")

    class Meta:
        model = User
        fields: list[str] = []

    def with_role(self, accounts: Any, name: str, value: str) -> Any:
        return accounts.filter(roles__contains=[value])

    def that_are_weak(self, accounts: Any, name: str, value: bool) -> Any:
        return accounts.filter(weak() if value else ~weak())

    def that_are_dormant(self, accounts: Any, name: str, value: bool) -> Any:
        return accounts.filter(dormant(now()) if value else ~dormant(now()))


class EventFilter(filters.FilterSet):
    """Events by who, what and when."""

    by = filters.CharFilter("by__username", "iexact", label=_("By (user name)"))
    action = filters.ChoiceFilter("action", label=_("What was done"), choices=action_choices, empty_label=_("all"))
    object_type = filters.ChoiceFilter(
        "object_type", label=_("Kind of object"), choices=object_choices, empty_label=_("all")
    )
    object_id = filters.CharFilter("object_id", "exact", label=_("Number of the object"))
    since = DayFilter("at", "date__gte", label=_("From"))
    until = DayFilter("at", "date__lte", label=_("Through"))

    class Meta:
        model = AuditEvent
        fields: list[str] = []

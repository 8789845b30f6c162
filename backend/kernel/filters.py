"""Filters of lists, which stand in the address (django-filter)."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField

ALL = _("all")


class DayFilter(django_filters.Filter):
    """A day as 2026-11-22."""

    field_class = DayField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"required": False} | kwargs)


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of some words, or all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": ALL} | kwargs)


class ModelChoiceFilter(django_filters.ModelChoiceFilter):
    """One of some rows, or all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": ALL} | kwargs)


class BeginningFilter(django_filters.CharFilter):
    """The beginning of a number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"lookup_expr": "startswith", "max_length": 50} | kwargs)

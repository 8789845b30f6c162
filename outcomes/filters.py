"""Filters of what waits."""

import django_filters as filters


class NoFilter(filters.FilterSet):
    """Nothing to filter by."""

    class Meta:
        fields: list[str] = []

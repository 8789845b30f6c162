"""Filters of what waits."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from outcomes.labels import KINDS
from outcomes.models import Fact
from providers.models import Provider


class WaitingFilter(filters.FilterSet):
    """Waiting facts by provider, kind and state."""

    provider = filters.ModelChoiceFilter(
        label=_("Provider"), queryset=Provider.objects.order_by("name"), empty_label=_("all")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=[(kind.value, word) for kind, word in KINDS.items()], empty_label=_("all")
    )
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[("decide", _("waits for verification")), ("asked", _("more is asked for"))],
        method="in_state",
        empty_label=_("all"),
    )

    class Meta:
        model = Fact
        fields: list[str] = []

    def in_state(self, facts: Any, name: str, value: str) -> Any:
        return facts.filter(is_asked=value == "asked")


class NoFilter(filters.FilterSet):
    """Nothing to filter by."""

    class Meta:
        fields: list[str] = []

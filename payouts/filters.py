"""Filters of the handlers' queue."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from backend.kernel.filters import YesNoFilter
from outcomes.labels import KINDS
from outcomes.models import Fact
from payouts.labels import CONFLICTS
from payouts.queue import for_me
from providers.models import Provider


class QueueFilter(filters.FilterSet):
    """Waiting facts by state, provider, kind and conflict. What is late and what conflicts is asked of the queue."""

    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("decide", _("for me to decide")),
            ("second", _("waits for a second officer")),
            ("asked", _("more is asked for")),
        ],
        method="in_state",
        empty_label=_("all"),
    )
    provider = filters.ModelChoiceFilter(
        label=_("Provider"), queryset=Provider.objects.order_by("name"), empty_label=_("all")
    )
    kind = filters.ChoiceFilter(
        label=_("Kind"), choices=[(kind.value, word) for kind, word in KINDS.items()], empty_label=_("all")
    )
    conflict = filters.ChoiceFilter(
        label=_("Conflict"), choices=list(CONFLICTS.items()), method="later", empty_label=_("all")
    )
    late = YesNoFilter(label=_("Overdue"), method="later")

    class Meta:
        model = Fact
        fields: list[str] = []

    def in_state(self, facts: Any, name: str, value: str) -> Any:
        match value:
            case "decide":
                return facts.filter(pk__in=for_me(self.request.user).order_by().values("pk"))
            case "second":
                return facts.filter(is_signed=True)
        return facts.filter(is_asked=True)

    def later(self, facts: Any, name: str, value: object) -> Any:
        return facts

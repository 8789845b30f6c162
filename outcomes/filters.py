"""Filters of lists of placements, participants and what waits."""

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.filters import DayFilter, YesNoFilter
from contracts.models import Service
from outcomes.deadlines import Deadline, is_late
from outcomes.labels import DEADLINES
from outcomes.models import District, Participant, Placement
from providers.models import Provider


class PlacementFilter(filters.FilterSet):
    """Placements by number, provider, contract, service and days, and those that are late."""

    number = filters.CharFilter("number", "startswith", label=_("Number begins with"))
    provider = filters.ModelChoiceFilter(
        "contract__provider", label=_("Provider"), queryset=Provider.objects.order_by("name"), empty_label=_("all")
    )
    contract = filters.CharFilter("contract__number", "startswith", label=_("Contract begins with"))
    service = filters.ModelChoiceFilter(
        "contract__service", label=_("Service"), queryset=Service.objects.order_by("title"), empty_label=_("all")
    )
    on = DayFilter("period", "contains", label=_("Under way on"))
    since = DayFilter("period__startswith", "gte", label=_("Referred from"))
    until = DayFilter("period__startswith", "lte", label=_("Referred through"))
    late = filters.ChoiceFilter(
        label=_("Deadline that has passed"), choices=list(DEADLINES.items()), method="that_are_late", empty_label="–"
    )

    class Meta:
        model = Placement
        fields: list[str] = []

    def that_are_late(self, placements: Any, name: str, value: str) -> Any:
        return placements.filter(is_late(Deadline(value), localdate()))


class ParticipantFilter(filters.FilterSet):
    """Participants by number, home district and whether they are placed."""

    number = filters.CharFilter("number", "startswith", label=_("Number begins with"))
    district = filters.ModelChoiceFilter(
        "background__district",
        label=_("Home district"),
        queryset=District.objects.order_by("name"),
        empty_label=_("all"),
    )
    placed = YesNoFilter(label=_("Placed today"), method="that_are_placed")

    class Meta:
        model = Participant
        fields: list[str] = []

    def that_are_placed(self, participants: Any, name: str, value: bool) -> Any:
        placed = Exists(Placement.objects.filter(participant=OuterRef("pk"), period__contains=localdate()))
        return participants.filter(placed if value else ~placed)


class NoFilter(filters.FilterSet):
    """Nothing to filter by."""

    class Meta:
        fields: list[str] = []

"""Filters of the register of providers."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from providers.models import Provider


class ProviderFilter(filters.FilterSet):
    """Providers by name or number, kind, and whether they are authorised today."""

    q = filters.CharFilter(label=_("Name or number"), method="named")
    kind = filters.ChoiceFilter("kind", label=_("Kind"), choices=Provider.Kind.choices)
    is_authorised = filters.BooleanFilter("is_authorised", label=_("Authorised today"))

    class Meta:
        model = Provider
        fields: list[str] = []

    def named(self, providers: QuerySet[Provider], name: str, value: str) -> QuerySet[Provider]:
        return providers.filter(
            Q(name__icontains=value) | Q(number__istartswith=value) | Q(organisation_number__startswith=value)
        )

"""Filters of the register of providers."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.filters import TextFilter, YesNoFilter
from providers.labels import APPLICATION_STATES, DEVIATION_STATES
from providers.models import Application, Authorisation, Catalogue, Deviation, Provider, Service
from providers.selectors import in_force, to_judge, with_officers


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


def _services() -> filters.ModelChoiceFilter:
    return filters.ModelChoiceFilter(
        "service", label=_("Service"), queryset=Service.objects.order_by("title"), empty_label=_("all")
    )


class AuthorisationFilter(filters.FilterSet):
    """Authorisations by provider, service and whether they are in force today."""

    q = TextFilter("provider__name", label=_("Provider"))
    service = _services()
    in_force = YesNoFilter(label=_("In force today"), method="valid_today")

    class Meta:
        model = Authorisation
        fields: list[str] = []

    def valid_today(self, found: QuerySet[Authorisation], name: str, value: bool) -> QuerySet[Authorisation]:
        valid = in_force(localdate())
        return found.filter(valid if value else ~valid)


class ApplicationFilter(filters.FilterSet):
    """Applications by provider or registry number, service and state."""

    q = filters.CharFilter(label=_("Provider or registry number"), method="named")
    service = _services()
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[(state.value, word) for state, word in APPLICATION_STATES.items()],
        empty_label=_("all"),
    )
    waits = YesNoFilter(label=_("Waits for an officer"), method="that_wait")

    class Meta:
        model = Application
        fields: list[str] = []

    def that_wait(self, found: QuerySet[Application], name: str, value: bool) -> QuerySet[Application]:
        return found.filter(with_officers() if value else ~with_officers())

    def named(self, found: QuerySet[Application], name: str, value: str) -> QuerySet[Application]:
        return found.filter(Q(provider__name__icontains=value) | Q(diarienummer__icontains=value))


class CatalogueFilter(filters.FilterSet):
    """Catalogues by service."""

    service = _services()

    class Meta:
        model = Catalogue
        fields: list[str] = []


class DeviationFilter(filters.FilterSet):
    """Deviations by provider, state and severity."""

    q = TextFilter("provider__name", label=_("Provider"))
    state = filters.ChoiceFilter(
        label=_("State"),
        choices=[(state.value, word) for state, word in DEVIATION_STATES.items()],
        empty_label=_("all"),
    )
    severity = filters.ChoiceFilter(label=_("Severity"), choices=Deviation.Severity.choices, empty_label=_("all"))

    waits = YesNoFilter(label=_("Waits for an officer"), method="that_wait")

    class Meta:
        model = Deviation
        fields: list[str] = []

    def that_wait(self, found: QuerySet[Deviation], name: str, value: bool) -> QuerySet[Deviation]:
        waiting = to_judge(localdate())
        return found.filter(waiting if value else ~waiting)

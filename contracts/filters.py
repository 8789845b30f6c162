"""Filters of the lists of contracts and payment models."""

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, PaymentModelVersion
from providers.models import Provider, Service


class ContractFilter(filters.FilterSet):
    """Contracts by number, provider, service, legal basis and whether they are in force."""

    q = filters.CharFilter(label=_("Number or provider"), method="named")
    provider = filters.ModelChoiceFilter(label=_("Provider"), queryset=Provider.objects.order_by("name"))
    service = filters.ModelChoiceFilter(label=_("Service"), queryset=Service.objects.order_by("title"))
    legal_basis = filters.ChoiceFilter(label=_("Legal basis"), choices=Contract.LegalBasis.choices)
    in_force = filters.BooleanFilter(label=_("In force today"), method="valid_today")

    class Meta:
        model = Contract
        fields: list[str] = []

    def named(self, contracts: QuerySet[Contract], name: str, value: str) -> QuerySet[Contract]:
        found = Q(number__istartswith=value) | Q(diarienummer__icontains=value) | Q(provider__name__icontains=value)
        return contracts.filter(found)

    def valid_today(self, contracts: QuerySet[Contract], name: str, value: bool) -> QuerySet[Contract]:
        today = localdate()
        valid = Q(valid_from__lte=today, valid_through__gte=today)
        return contracts.filter(valid if value else ~valid)


class ModelFilter(filters.FilterSet):
    """Published versions by title or code."""

    q = filters.CharFilter(label=_("Title or code"), method="named")

    class Meta:
        model = PaymentModelVersion
        fields: list[str] = []

    def named(self, versions: QuerySet, name: str, value: str) -> QuerySet:
        return versions.filter(Q(title__icontains=value) | Q(code__icontains=value))

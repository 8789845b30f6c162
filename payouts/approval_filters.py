"""Filters of findings and statements."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from backend.kernel.filters import TextFilter, YesNoFilter
from contracts.models import ContractVersion
from payouts.controls import CONTROLS, Severity
from payouts.labels import SEVERITIES
from payouts.models import Finding, Run, Statement
from providers.models import Provider


class FindingFilter(filters.FilterSet):
    """Findings by what they do, and whether they stand and are answered."""

    severity = filters.ChoiceFilter(
        label=_("What it does"), choices=list(SEVERITIES.items()), method="of_severity", empty_label=_("all")
    )
    closed_at = YesNoFilter("closed_at", "isnull", label=_("Still found"))
    answered_at = YesNoFilter("answered_at", "isnull", label=_("Answered"), exclude=True)

    class Meta:
        model = Finding
        fields: list[str] = []

    def of_severity(self, findings: Any, name: str, value: str) -> Any:
        names = [control.name for control in CONTROLS.values() if control.severity is Severity(value)]
        return findings.filter(control__in=names)


class StatementFilter(filters.FilterSet):
    """Statements by number, run, provider and how they are settled."""

    number = TextFilter("number", label=_("Number"))
    run = filters.ModelChoiceFilter(
        label=_("Run"),
        queryset=Run.objects.exclude(allocated_at=None).order_by("-sequence"),
        to_field_name="sequence",
        empty_label=_("all"),
    )
    provider = filters.ModelChoiceFilter(
        "contract__provider", label=_("Provider"), queryset=Provider.objects.order_by("name"), empty_label=_("all")
    )
    route = filters.ChoiceFilter(
        "conditions__route", label=_("Route"), choices=ContractVersion.Route.choices, empty_label=_("all")
    )

    class Meta:
        model = Statement
        fields: list[str] = []

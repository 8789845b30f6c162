"""The page of components: every part that pages are made of, where no real data stand."""

from datetime import UTC, date, datetime
from typing import Any

import django_tables2 as tables
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from backend.kernel.forms import DayField
from backend.kernel.models import Role
from backend.kernel.tables import DayColumn, MoneyColumn, NumberColumn, StateColumn, Table
from backend.kernel.web import EVERYBODY, Page

ROWS = [
    {"name": "2026-09", "day": date(2026, 9, 30), "state": "attested", "lines": 279, "amount": 108_924_784},
    {"name": "2026-10", "day": date(2026, 10, 31), "state": "computed", "lines": 591, "amount": -11_867_367},
]


class SampleTable(Table):
    label = _("Runs")
    name = tables.Column(_("Month"), orderable=True)
    day = DayColumn(_("Cut-off"))
    state = StateColumn(
        _("State"),
        words={"attested": _("attested"), "computed": _("computed, to be attested")},
        tones={"attested": "good", "computed": "wait"},
    )
    lines = NumberColumn(_("Lines"))
    amount = MoneyColumn(_("Sum"), orderable=True)

    class Meta(Table.Meta):
        pass


class SampleForm(forms.Form):
    """A field of each kind; bound to nothing, it shows its errors."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands in the register."))
    day = DayField(label=_("Valid from"))
    role = forms.ChoiceField(label=_("Role"), choices=[("", "–"), *Role.choices])
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices[:3], widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))


class Components(Page, TemplateView):
    """Every part of pages, for developers and tests."""

    readers = EVERYBODY
    template_name = "kernel/components.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not (settings.DEBUG or settings.DEMONSTRATION):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            table=SampleTable(ROWS),
            empty=SampleTable([]),
            form=SampleForm({}),
            amount=151_596_015,
            day=date(2026, 10, 31),
            at=datetime(2026, 11, 1, 9, 5, tzinfo=UTC),
            **kwargs,
        )

"""What the page of components shows of each of them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import altair
import django_tables2 as tables
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.charts import draw
from backend.kernel.forms import DayField
from backend.kernel.money import show_kronor
from backend.kernel.tables import DayColumn, LabelColumn, MoneyColumn, Table

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
SUMS = (120_000_000, 98_000_000, 143_500_000, 131_250_000)  # öre


class SampleForm(forms.Form):
    """Every kind of field, in two groups; bound to nothing, it shows its errors."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands in the register."))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "–"), ("external", _("external provider"))])
    day = DayField(label=_("Valid from"))
    ways = forms.MultipleChoiceField(
        label=_("Roles"), choices=[("a", _("handler")), ("b", _("auditor"))], widget=forms.CheckboxSelectMultiple
    )
    remark = forms.CharField(label=_("Remark"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    groups = ((_("The provider"), ("name", "kind")), (_("What applies"), ("day", "ways", "remark")))


class SampleTable(Table):
    label = _("Runs")
    name = tables.Column(_("Name"))
    day = DayColumn(_("Day"))
    state = LabelColumn(_("State"), words={1: _("attested"), 2: _("cancelled")}, tones={1: "good", 2: "bad"})
    amount = MoneyColumn(_("Sum"), orderable=True)

    class Meta(Table.Meta):
        pass


def samples() -> dict[str, Any]:
    rows = [
        {"name": month, "day": date(2026, number, 1), "state": 1 + number % 2, "amount": amount}
        for number, (month, amount) in enumerate(zip(MONTHS, SUMS, strict=True), start=1)
    ]
    return {
        "sample_form": SampleForm({}),
        "table": SampleTable(rows),
        "empty_table": SampleTable([]),
        "tabs": [(gettext("Runs"), "#tabs", True), (gettext("Placements"), "#tabs", False)],
        "figures": [(gettext("Sum"), show_kronor(sum(SUMS)), "#chart"), (gettext("Lines"), 591, "#table")],
        "facts": [(gettext("Cut-off"), "2026-10-31", ""), (gettext("Digest"), "516f96f807c5", "wide")],
        "events": _events(),
        "chart": _chart(),
        "chart_table": ([gettext("Month"), gettext("Sum")], list(zip(MONTHS, map(show_kronor, SUMS), strict=True))),
    }


def _events() -> list[SimpleNamespace]:
    said = ((5, "", gettext("reported")), (9, "wait", gettext("more is asked for")), (20, "good", gettext("verified")))
    return [SimpleNamespace(day=date(2026, 3, day), tone=tone, title=title) for day, tone, title in said]


def _chart() -> str:
    values = [{"month": month, "amount": amount / 100} for month, amount in zip(MONTHS, SUMS, strict=True)]
    chart = altair.Chart(altair.Data(values=values)).mark_bar()
    return draw(
        chart.encode(
            x=altair.X("month:N", title=gettext("Month")),
            y=altair.Y("amount:Q", title=None, axis=altair.Axis(format=",.0f", tickCount=4)),
        ).properties(width=360, height=160)
    )

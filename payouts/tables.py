"""The tables of the pages about runs and placements."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, MoneyColumn, NumberColumn, Table, label
from outcomes.labels import PROTECTED
from payouts.labels import RUN_STATES, RUN_TONES, occurrence_text
from payouts.models import Line, Run
from payouts.selectors import Row
from payouts.states import RunState


class RunTable(Table):
    """All runs."""

    label = _("Runs")
    number = tables.Column(_("Run"), accessor="sequence", linkify=("payouts:run_detail", [tables.A("sequence")]))
    cutoff = tables.DateColumn(format="Y-m", verbose_name=_("Month"))
    total = MoneyColumn(_("Sum"))
    state = tables.Column(_("State"))
    line_count = NumberColumn(_("Lines"))
    parked_count = NumberColumn(_("Parked providers"))
    held_count = NumberColumn(_("Lines held one by one"))

    class Meta(Table.Meta):
        empty_text = _("No run has been started yet.")

    def render_state(self, value: str) -> SafeString:
        state = RunState(value)
        return label(RUN_STATES[state], RUN_TONES.get(state, ""))


class LineTable(Table):
    """Ledger lines. Subclasses choose the columns."""

    step = tables.Column(_("Step"), accessor="step__title")
    occurrence = tables.Column(_("Of what"), empty_values=())
    qualifies_on = DayColumn(_("Qualifies on"))
    fact = tables.Column(_("Completing fact"), accessor="fact__external_id", default="")
    gross = MoneyColumn(_("Gross"))
    cap_cut = MoneyColumn(_("Cut by cap"))
    paid_before = MoneyColumn(_("Paid before"))
    amount = MoneyColumn(_("Amount"))
    remark = tables.Column(_("Remark"), empty_values=())

    def render_occurrence(self, record: Line) -> str:
        return occurrence_text(record)

    def render_remark(self, record: Any) -> SafeString:
        words = [
            label(gettext("clawback"), "bad") if record.amount < 0 else "",
            label(gettext("held"), "wait") if record.is_held else "",
            label(gettext("does not count"), "bad") if record.run.state == RunState.CANCELLED else "",
        ]
        return format_html("{} {} {}", *words)


class RunLineTable(LineTable):
    """The lines of one run."""

    label = _("Lines of the run")
    placement = tables.Column(
        _("Placement"), accessor="placement__number", linkify=("payouts:placement_detail", [tables.A("placement_id")])
    )
    provider = tables.Column(_("Provider"), accessor="contract__provider__name")
    qualifies_on = DayColumn(_("Qualifies on"), orderable=True)
    amount = MoneyColumn(_("Amount"), orderable=True)

    class Meta(Table.Meta):
        sequence = ("placement", "provider", "...")
        exclude = ("fact",)
        empty_text = _("No line matches what you chose.")


class LedgerTable(LineTable):
    """The lines of one placement."""

    label = _("Ledger lines")
    in_run = tables.Column(
        _("Run"), accessor="run__sequence", linkify=("payouts:run_detail", [tables.A("run__sequence")])
    )

    class Meta(Table.Meta):
        sequence = ("in_run", "...")
        empty_text = _("No run has paid anything for this placement.")


class PlacementTable(Table):
    """Placements that a search found."""

    label = _("Placements")
    number = tables.Column(_("Placement"), linkify=("payouts:placement_detail", [tables.A("pk")]))
    participant = tables.Column(_("Participant"))
    provider = tables.Column(_("Provider"), accessor="contract__provider__name")
    contract = tables.Column(_("Contract"), accessor="contract__number")
    first_day = DayColumn(pgettext_lazy("day", "From"), accessor="period__lower")

    class Meta(Table.Meta):
        empty_text = _("No placement has a number that begins so. Check the number, or write less of it.")

    def render_participant(self, record: Any) -> SafeString | str:
        """The number, or that it is protected; `is_hidden` comes from `outcomes.permissions`."""
        return label(PROTECTED, "bad") if record.is_hidden else record.participant.number


class SumTable(Table):
    """A run's sums by one thing; each row leads to the lines it is made of."""

    lines = NumberColumn(_("Lines"))
    clawback = MoneyColumn(_("Of which clawbacks"))
    total = MoneyColumn(_("Sum"))

    def __init__(self, rows: list[Row], *, run: Run, by: str, heading: str):
        self.by, self.run, self.label = by, run, heading
        super().__init__(rows, extra_columns=[("name", tables.Column(heading, attrs={"td": {"class": "name"}}))])

    def render_name(self, record: Row) -> SafeString:
        link = format_html('<a href="?{}={}#lines">{}</a>', self.by, record["id"], record["name"])
        model = record.get("model")  # two models may have steps of one title
        return format_html('{} <span class="quiet">{}</span>', link, model) if model else link

    class Meta(Table.Meta):
        sequence = ("name", "total", "clawback", "lines")
        empty_text = _("The run has no lines.")

"""The tables of the pages about runs and placements."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, MoneyColumn, NumberColumn, Table, label
from outcomes.columns import Kind
from outcomes.labels import KINDS, STANDINGS, Standing, contents
from payouts.labels import CONFLICTS, RUN_STATES, RUN_TONES, occurrence_text
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


def _where(line: Line) -> str:
    """Where it stands why a line is paid: its placement, at the completing fact."""
    page = reverse("payouts:placement_detail", args=[line.placement_id])
    return f"{page}#fact-{line.fact_id}" if line.fact_id else f"{page}#ledger"


class RunLineTable(LineTable):
    """The lines of one run."""

    label = _("Lines of the run")
    placement = tables.Column(_("Placement"), accessor="placement__number", linkify=lambda record: _where(record))
    provider = tables.Column(_("Provider"), accessor="contract__provider__name")
    qualifies_on = DayColumn(_("Qualifies on"), orderable=True)
    amount = MoneyColumn(_("Amount"), orderable=True)

    class Meta(Table.Meta):
        sequence = ("placement", "provider", "...")
        exclude = ("fact",)
        empty_text = _("No line matches what you chose.")


class LedgerTable(LineTable):
    """The lines of one placement, beside its facts."""

    label = _("Ledger lines")
    fact = tables.Column(
        _("Completing fact"), accessor="fact__external_id", linkify=lambda record: f"#fact-{record.fact_id}", default=""
    )
    in_run = tables.Column(
        _("Run"), accessor="run__sequence", linkify=("payouts:run_detail", [tables.A("run__sequence")])
    )

    class Meta(Table.Meta):
        sequence = ("in_run", "...")
        empty_text = _("No run has paid anything for this placement.")


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


class QueueTable(Table):
    """Facts that wait, as `payouts.queue_rows` gives them; `query` goes with each link, to know the way back."""

    label = _("Facts that wait")
    kind = tables.Column(_("Fact"), orderable=True)
    many = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)
    contents = tables.Column(_("What is reported"), empty_values=(), attrs={"td": {"class": "name"}})
    stake = MoneyColumn(_("At stake"))
    due_on = DayColumn(_("Decide by"))
    conflicts = tables.Column(_("Conflicts"), empty_values=(), attrs={"td": {"class": "name"}})
    state = tables.Column(_("State"), empty_values=())
    provider = tables.Column(_("Provider"), accessor="provider__name", orderable=True)
    placement = tables.Column(
        _("Placement"), accessor="placement__number", linkify=("payouts:placement_detail", [tables.A("placement_id")])
    )
    from_day = DayColumn(_("Day"))
    reported = DayColumn(_("Reported"), orderable=True)

    class Meta(Table.Meta):
        empty_text = _("Nothing waits here.")

    def __init__(self, *args: Any, query: str = "", **kwargs: Any) -> None:
        self.query = query
        super().__init__(*args, **kwargs)

    def render_kind(self, record: Any) -> SafeString:
        address = reverse("payouts:fact", args=[record.pk])
        return format_html('<a href="{}?{}">{}</a>', address, self.query, KINDS[Kind(record.kind)])

    def render_contents(self, record: Any) -> str:
        withdrawn = gettext("withdrawal") if record.withdrawn else ""
        said = contents(record, with_reasons=True, is_hidden=record.is_hidden)
        return ", ".join(part for part in (withdrawn, said) if part)

    def render_due_on(self, record: Any) -> SafeString | str:
        day = record.due_on.isoformat()
        return label(day, "bad") if record.is_late else day

    def render_conflicts(self, record: Any) -> SafeString:
        return format_html_join(" ", "{}", ((label(CONFLICTS[kind], "bad"),) for kind in record.conflicts))

    def render_state(self, record: Any) -> SafeString | str:
        """Nothing for what simply waits, as most does."""
        return label(self.value_state(record), "wait") if record.is_asked or record.is_signed else ""

    def value_state(self, record: Any) -> str:
        state = Standing.MORE_ASKED if record.is_asked else Standing.SIGNED if record.is_signed else Standing.WAITING
        return str(STANDINGS[state])

    def render_many(self, record: Any) -> SafeString | str:
        if not record.is_bulk or record.conflicts:
            return ""
        words = gettext("choose {fact}").format(fact=record.external_id)
        return format_html(
            '<input type="checkbox" form="many" name="facts" value="{}" aria-label="{}">', record.pk, words
        )

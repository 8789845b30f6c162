"""Pages about runs."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView
from django_tables2 import RequestConfig, SingleTableView

from backend.kernel.details import Doing
from backend.kernel.models import FINANCE
from backend.kernel.web import ROWS, StaffPage, may_read
from payouts import selectors
from payouts.approval_selectors import unanswered_of
from payouts.approval_tables import ExportTable
from payouts.forms import LineFilter
from payouts.labels import RUN_STATES, RUN_TONES, hold_reason, rule_text
from payouts.models import Run
from payouts.selectors import Row
from payouts.states import UNATTESTED, UNDER_ATTEST, WITH_LINES, RunState
from payouts.tables import RunLineTable, RunTable, SumTable
from payouts.views.approval import EXAMINERS, EXPORTERS

UNCOMPUTED = frozenset({RunState.QUEUED, RunState.COMPUTING})


class RunList(StaffPage, SingleTableView):
    """All runs, the newest first."""

    table_class = RunTable
    template_name = "payouts/run_list.html"
    paginate_by = ROWS

    def get_queryset(self) -> QuerySet[Run]:
        return selectors.runs_with_counts()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_start=may_read(self.reader, FINANCE), **kwargs)


class RunDetail(StaffPage, DetailView):
    """One run: what it stands on, what it comes to, what it holds back, and its lines."""

    template_name = "payouts/run_detail.html"
    slug_field = slug_url_kwarg = "sequence"

    def get_queryset(self) -> QuerySet[Run]:
        return selectors.runs_with_counts().select_related("started_by", "cancelled_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        holds = _holds(run)
        steps = selectors.sums_by(run, selectors.STEP)
        providers = selectors.sums_by(run, selectors.PROVIDER)
        chosen = LineFilter(
            self.request.GET, providers=_choices(providers, "{name}"), steps=_choices(steps, "{name} ({model})")
        )
        return super().get_context_data(
            state=RUN_STATES[RunState(run.state)],
            tone=RUN_TONES.get(RunState(run.state), ""),
            clawback=sum(row["clawback"] or 0 for row in providers),
            versions=[row.version for row in run.versions.select_related("version").order_by("version__title")],
            attests=run.attests.select_related("by").order_by("at"),
            doings=[doing for doing in _doings(run) if may_read(self.reader, doing.readers)],
            is_awaited=run.state in UNCOMPUTED,
            unanswered=unanswered_of(run),
            exports=ExportTable(run.exports.select_related("made_by").order_by("-made_at")),
            steps=SumTable(steps, run=run, by="step", heading=gettext("Step")),
            providers=SumTable(providers, run=run, by="provider", heading=gettext("Provider")),
            holds=holds,
            held=selectors.held_sum(run),
            parked=_parked(run),
            filter=chosen,
            lines=RequestConfig(self.request, paginate={"per_page": ROWS}).configure(RunLineTable(_lines(run, chosen))),
            **kwargs,
        )


def _doings(run: Run) -> list[Doing]:
    """What can be done with a run in its state, the next step first."""
    examine, sign, export, cancel = (
        Doing(words, reverse(f"payouts:{name}", args=[run.sequence]), readers)
        for words, name, readers in (
            (_("Test the controls"), "examine", EXAMINERS),
            (_("Sign"), "attest", FINANCE),
            (_("Make a file"), "export", EXPORTERS),
            (_("Cancel the run"), "cancel", FINANCE),
        )
    )
    state = RunState(run.state)
    first = [sign, examine] if state in UNDER_ATTEST else [examine] if state == RunState.COMPUTED else []
    return first + [export] * (state in WITH_LINES) + [cancel] * (state in UNATTESTED)


def _choices(rows: list[Row], names: str) -> list[tuple[str, str]]:
    return sorted(((str(row["id"]), names.format(**row)) for row in rows), key=lambda choice: choice[1])


def _lines(run: Run, chosen: LineFilter) -> QuerySet:
    lines = selectors.lines_of(run)
    if not chosen.is_valid():
        return lines
    if provider := chosen.cleaned_data["provider"]:
        lines = lines.filter(contract__provider=provider)
    if step := chosen.cleaned_data["step"]:
        lines = lines.filter(step=step)
    return lines


def _holds(run: Run) -> list[Row]:
    """Contracts that are held, then lines with holds of their own, summed per contract and reason."""
    contracts = [{**hold, "is_released": False} for hold in selectors.held_contracts(run)]
    held = [*contracts, *selectors.held_lines(run)]
    return [{**hold, "reason": hold_reason(hold["reason_code"])} for hold in held]


def _parked(run: Run) -> list[Row]:
    rows = run.parked.select_related("provider", "placement", "fact").order_by("provider__name")
    return [{"row": row, "rule": rule_text(row.rule)} for row in rows]

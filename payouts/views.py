"""Pages about runs and placements."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate, now
from django.utils.translation import get_language, gettext
from django.views.generic import DetailView, TemplateView
from django_tables2 import RequestConfig, SingleTableView

from backend.kernel.audit import record_event
from backend.kernel.models import Role
from backend.kernel.web import StaffPage
from contracts.selectors import model_of, version_on
from contracts.wording import Language
from outcomes.columns import Kind
from outcomes.labels import KINDS, STANDINGS, Standing, contents, standing
from outcomes.models import Fact, Placement
from outcomes.permissions import is_hidden
from payouts import selectors
from payouts.engine.why import Why
from payouts.explaining import ask_placement
from payouts.forms import AskedDay, LineFilter, PlacementSearch
from payouts.labels import RUN_STATES, RUN_TONES, STATUS_TONES, STATUSES, hold_reason, rule_text
from payouts.models import Run
from payouts.selectors import Row
from payouts.states import RunState
from payouts.tables import LedgerTable, PlacementTable, RunLineTable, RunTable, SumTable
from payouts.words import say_why

ROWS = 50
OCCURRENCE = "–"  # begins what is said of one occurrence among several
REASON_READERS = frozenset({Role.HANDLER, Role.PROCUREMENT, Role.AUDITOR})
STANDING_TONES = {
    Standing.WAITING: "wait",
    Standing.MORE_ASKED: "wait",
    Standing.REJECTED: "bad",
    Standing.VERIFIED: "good",
}


class RunList(StaffPage, SingleTableView):
    """All runs, the newest first."""

    table_class = RunTable
    template_name = "payouts/run_list.html"
    paginate_by = ROWS

    def get_queryset(self) -> QuerySet[Run]:
        return selectors.runs_with_counts()


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
            steps=SumTable(steps, run=run, by="step", heading=gettext("Step")),
            providers=SumTable(providers, run=run, by="provider", heading=gettext("Provider")),
            holds=holds,
            held=_held(holds),
            parked=_parked(run),
            filter=chosen,
            lines=RequestConfig(self.request, paginate={"per_page": ROWS}).configure(RunLineTable(_lines(run, chosen))),
            **kwargs,
        )


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
    contracts = [{**hold, "is_contract": True, "is_released": False} for hold in selectors.held_contracts(run)]
    lines = [{**hold, "is_contract": False} for hold in selectors.held_lines(run)]
    return [{**hold, "reason": hold_reason(hold["reason_code"])} for hold in (*contracts, *lines)]


def _held(holds: list[Row]) -> int:
    """How many lines are held now. A line may be held both by itself and with its contract, and counts once."""
    contracts = {hold["contract_number"]: hold["lines"] for hold in holds if hold["is_contract"]}
    others = [hold for hold in holds if hold["contract_number"] not in contracts and not hold["is_released"]]
    return sum(contracts.values()) + sum(hold["lines"] for hold in others)


def _parked(run: Run) -> list[Row]:
    rows = run.parked.select_related("provider", "placement", "fact").order_by("provider__name")
    return [{"row": row, "rule": rule_text(row.rule)} for row in rows]


class PlacementList(StaffPage, TemplateView):
    """Placements found by number; without a number the newest."""

    template_name = "payouts/placement_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        search = PlacementSearch(self.request.GET)
        number = search.cleaned_data["number"].strip() if search.is_valid() else ""
        found = selectors.find_placements(number, ROWS + 1, self.reader)
        table = PlacementTable(found[:ROWS])
        return super().get_context_data(
            form=search, table=table, number=number, is_cut=bool(number) and len(found) > ROWS, **kwargs
        )


class PlacementDetail(StaffPage, DetailView):
    """One placement, and why each step is owed or not. Every look is written to the audit trail."""

    template_name = "payouts/placement_detail.html"
    queryset = Placement.objects.select_related("participant", "contract__provider")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        placement = self.object
        hidden = is_hidden(placement.participant, self.reader)
        today = localdate()
        form = AskedDay(self.request.GET if "as_of" in self.request.GET else {"as_of": today})
        as_of = form.cleaned_data["as_of"] if form.is_valid() else today
        record_event(by=self.reader, action="view_placement", on=placement, now=now(), later={"as_of": as_of})
        facts = list(_facts(placement))
        return super().get_context_data(
            form=form,
            as_of=as_of,
            facts=_rows(facts, with_reasons=not REASON_READERS.isdisjoint(self.reader.roles), is_hidden=hidden),
            is_hidden=hidden,
            ledger=LedgerTable(selectors.ledger_of(placement)),
            sums=selectors.ledger_sum(placement),
            steps=_steps(placement, facts, as_of),
            **_attributes(placement),
            **kwargs,
        )


def _attributes(placement: Placement) -> dict[str, Any]:
    """The newest pay-bearing attributes, and the payment model that governs them."""
    newest = placement.versions.order_by("-recorded_at", "-pk").first()
    version = version_on(placement.contract, newest.referred_on) if newest else None
    tier = model_of(version).tiers[newest.tier] if newest and version else ""
    return {"newest": newest, "version": version, "tier": tier}


def _facts(placement: Placement) -> QuerySet[Fact]:
    facts = placement.facts.select_related("subject", "replaces").prefetch_related("decisions")
    return facts.order_by("from_day", "pk")


def _rows(facts: list[Fact], *, with_reasons: bool, is_hidden: bool) -> list[Row]:
    """The facts in time order, as a page says them."""
    corrected = frozenset(fact.replaces_id for fact in facts if fact.verified is not None and fact.replaces_id)
    stands = [standing(fact, corrected) for fact in facts]
    return [
        {
            "fact": fact,
            "kind": KINDS[Kind(fact.kind)],
            "contents": contents(fact, with_reasons=with_reasons, is_hidden=is_hidden),
            "state": STANDINGS[stand],
            "tone": STANDING_TONES.get(stand, ""),
        }
        for fact, stand in zip(facts, stands, strict=True)
    ]


def _steps(placement: Placement, facts: list[Fact], as_of: date) -> list[Row]:
    """Per step its status, and the sentences that say why or why not."""
    answers = ask_placement(placement, as_of)
    sentences = _sentences(answers, facts)
    return [
        {
            "title": answer.step.title,
            "status": STATUSES[answer.status],
            "code": answer.status.value,
            "tone": STATUS_TONES[answer.status],
            "amount": answer.amount,
            "summary": said[0].removeprefix(f"{answer.step.title}: ") if answer.until or answer.amount else "",
            "occurrences": [sentence for sentence in said[1:] if sentence.startswith(OCCURRENCE)],
            "reasons": [sentence for sentence in said[1:] if not sentence.startswith(OCCURRENCE)],
        }
        for answer, said in zip(answers, sentences, strict=True)
    ]


def _sentences(answers: list[Why], facts: list[Fact]) -> list[list[str]]:
    """What is said of each step. A step requires only earlier ones, so what it adds to theirs is its own."""
    language: Language = "sv" if get_language() == "sv" else "en"
    fact_names = {fact.pk: fact.external_id for fact in facts}
    courses = {fact.subject_id: fact.subject.text for fact in facts if fact.subject}
    told: list[list[str]] = []
    before = 0
    for number in range(1, len(answers) + 1):
        said = say_why(answers[:number], language, fact_name=fact_names.__getitem__, subject_name=courses.__getitem__)
        told.append(said[before:])
        before = len(said)
    return told

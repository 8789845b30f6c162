"""Pages about placements: what is known of one, why each step is owed or not, and what would be if."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate, now
from django.utils.translation import get_language, gettext
from django.views.generic import DetailView, TemplateView

from backend.kernel.actions import show_refusal
from backend.kernel.audit import record_event
from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from backend.kernel.web import ROWS, StaffPage
from contracts.selectors import model_of, version_on
from contracts.wording import Language
from outcomes.columns import Kind
from outcomes.facts import read_fact
from outcomes.labels import KINDS, STANDINGS, Standing, contents, standing
from outcomes.models import Fact, Placement
from outcomes.permissions import is_hidden
from payouts import selectors
from payouts.engine.why import Why
from payouts.explaining import ask_placement
from payouts.forms import AskedDay, PlacementSearch, PretendForm
from payouts.labels import STATUS_TONES, STATUSES
from payouts.selectors import Row
from payouts.tables import LedgerTable, PlacementTable
from payouts.words import say_why

OCCURRENCE = "–"  # begins what is said of one occurrence among several
REASON_READERS = frozenset({Role.HANDLER, Role.PROCUREMENT, Role.AUDITOR})
STANDING_TONES = {
    Standing.WAITING: "wait",
    Standing.MORE_ASKED: "wait",
    Standing.REJECTED: "bad",
    Standing.VERIFIED: "good",
}


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
        pretend = PretendForm(self.request.GET if "kind" in self.request.GET else None)
        facts = list(_facts(placement))
        return super().get_context_data(
            form=form,
            as_of=as_of,
            facts=_rows(facts, with_reasons=not REASON_READERS.isdisjoint(self.reader.roles), is_hidden=hidden),
            is_hidden=hidden,
            ledger=LedgerTable(selectors.ledger_of(placement)),
            sums=selectors.ledger_sum(placement),
            steps=_steps(ask_placement(placement, as_of), facts),
            pretend=pretend,
            pretended=_pretended(placement, facts, as_of, pretend) if pretend.is_valid() else None,
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


def _pretended(placement: Placement, facts: list[Fact], as_of: date, form: PretendForm) -> list[Row] | None:
    """The answers if one more fact were verified; none, with the form saying why, if that can't be."""
    try:
        record = read_fact(form.document() | {"reported": as_of, "verified": as_of})
        return _steps(ask_placement(placement, as_of, pretended=record), facts)
    except DomainError as refused:
        show_refusal(form, refused)
        return None


def _steps(answers: list[Why], facts: list[Fact]) -> list[Row]:
    """Per step its status, and the sentences that say why or why not."""
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
    fact_names = defaultdict(lambda: gettext("the pretended one"), {fact.pk: fact.external_id for fact in facts})
    texts = {fact.subject_id: fact.subject.text for fact in facts if fact.subject}
    courses = defaultdict(lambda: gettext("the pretended one"), texts)
    told: list[list[str]] = []
    before = 0
    for number in range(1, len(answers) + 1):
        said = say_why(answers[:number], language, fact_name=fact_names.__getitem__, subject_name=courses.__getitem__)
        told.append(said[before:])
        before = len(said)
    return told

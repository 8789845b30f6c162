"""Pages about placements: what is known of one, why each step is owed or not, and what would be if."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.views.generic import DetailView

from backend.kernel.actions import show_refusal
from backend.kernel.audit import record_event
from backend.kernel.errors import DomainError
from backend.kernel.language import reader_language
from backend.kernel.models import Role
from backend.kernel.templatetags.show import moment, person
from backend.kernel.web import StaffPage, may_read
from contracts.selectors import conditions_on, model_of, version_on
from outcomes.automatic import rule_label
from outcomes.columns import Kind
from outcomes.deadlines import deadlines_of
from outcomes.facts import read_fact
from outcomes.labels import DEADLINES, KINDS, STANDINGS, Standing, contents, reason_label, standing
from outcomes.models import Fact, Placement, PlacementVersion, VerificationDecision
from outcomes.permissions import is_hidden
from payouts import selectors
from payouts.engine.why import Why
from payouts.explaining import ask_placement
from payouts.forms import AskedDay, PretendForm
from payouts.labels import STATUS_TONES, STATUSES
from payouts.selectors import Row
from payouts.tables import LedgerTable
from payouts.timelines import placement_timeline
from payouts.words import say_each

OCCURRENCE = "–"  # begins what is said of one occurrence among several
REASON_READERS = frozenset({Role.HANDLER, Role.PROCUREMENT, Role.AUDITOR})
STANDING_TONES = {
    Standing.WAITING: "wait",
    Standing.SIGNED: "wait",
    Standing.MORE_ASKED: "wait",
    Standing.REJECTED: "bad",
    Standing.VERIFIED: "good",
}
STANDS = frozenset({Standing.WAITING, Standing.MORE_ASKED, Standing.VERIFIED})
FACT_MARK = "\x02{}\x03"  # a fact's number in a sentence, until it is a link


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
        rows = _rows(facts, with_reasons=not REASON_READERS.isdisjoint(self.reader.roles), is_hidden=hidden)
        lines = list(selectors.ledger_of(placement))
        attributes = _attributes(placement)
        return super().get_context_data(
            form=form,
            as_of=as_of,
            facts=rows,
            is_hidden=hidden,
            ledger=LedgerTable(lines),
            timeline=placement_timeline(placement, attributes["newest"], rows, lines, today),
            deadlines=_deadlines(placement, attributes["newest"].referred_on, today),
            doings=self._doings(placement),
            sums=selectors.ledger_sum(placement),
            steps=_steps(ask_placement(placement, as_of), facts),
            pretend=pretend,
            pretended=_pretended(placement, facts, as_of, pretend) if pretend.is_valid() else None,
            **attributes,
            **kwargs,
        )

    def _doings(self, placement: Placement) -> list[tuple[str, str]]:
        """What the reader can do with the placement: addresses and words."""
        args = [placement.pk]
        doings = []
        if may_read(self.reader, [Role.HANDLER]):
            doings += [
                (reverse("outcomes:follow_up", args=args), gettext("Record what has been done")),
                (reverse("outcomes:change_placement", args=args), gettext("Change what pay depends on")),
            ]
            if _may_return(placement):
                doings.append((reverse("outcomes:return", args=args), gettext("Return within the contract's time")))
        if may_read(self.reader, [Role.AUDITOR]):
            query = f"?object_type=outcomes.placement&object_id={placement.pk}"
            doings.append((f"{reverse('event_list')}{query}", gettext("History")))
        return doings


def _may_return(placement: Placement) -> bool:
    """Whether the contract lets the participant come back to the placement, which has ended."""
    upper = placement.period.upper
    return upper is not None and bool(conditions_on(placement.contract, upper - timedelta(days=1)).return_within)


def _attributes(placement: Placement) -> dict[str, Any]:
    """The pay-bearing attributes, the newest first, and the payment model that governs them."""
    versions = list(placement.versions.select_related("recorded_by").order_by("-recorded_at", "-pk"))
    newest = versions[0]
    version = version_on(placement.contract, newest.referred_on)
    tiers = model_of(version).tiers if version else ()
    return {
        "newest": newest,
        "version": version,
        "versions": [(one, _tier(one, tiers)) for one in versions],
        "tier": _tier(newest, tiers),
    }


def _tier(version: PlacementVersion, tiers: Sequence[str]) -> str:
    return tiers[version.tier] if version.tier < len(tiers) else ""


def _deadlines(placement: Placement, referred_on: date, today: date) -> list[Row]:
    upper = placement.period.upper
    dues = deadlines_of(referred_on, upper and upper - timedelta(days=1), list(placement.follow_ups.all()))
    return [{"title": DEADLINES[due.deadline], "due": due, "is_late": due.is_late(today)} for due in dues]


def _facts(placement: Placement) -> QuerySet[Fact]:
    decisions = VerificationDecision.objects.select_related("decided_by").order_by("decided_at", "pk")
    facts = placement.facts.select_related("subject", "replaces", "reported_by")
    return facts.prefetch_related(Prefetch("decisions", decisions)).order_by("from_day", "pk")


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision about a fact: when, by whom, and which."""

    day: date
    at: str
    by: str
    word: str
    reason: str


def _decided(fact: Fact) -> Decided | None:
    decisions = list(fact.decisions.all())
    if not decisions:
        return None
    last = decisions[-1]
    by = (
        person(last.decided_by)
        if last.decided_by
        else gettext("a rule: {name}").format(name=rule_label(last.rule or ""))
    )
    word = str(VerificationDecision.Decision(last.decision).label)
    return Decided(localdate(last.decided_at), moment(last.decided_at), by, word, reason_label(last.reason_code))


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
            "stands": stand in STANDS,
            "decided": _decided(fact),
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
            "summary": _summary(said[0]) if answer.until or answer.amount else "",
            "occurrences": [sentence for sentence in said[1:] if sentence.startswith(OCCURRENCE)],
            "reasons": [sentence for sentence in said[1:] if not sentence.startswith(OCCURRENCE)],
        }
        for answer, said in zip(answers, sentences, strict=True)
    ]


def _summary(sentence: SafeString) -> SafeString:
    """What is said of a step, after its title."""
    return SafeString(sentence.partition(": ")[2])


def _sentences(answers: list[Why], facts: list[Fact]) -> list[list[SafeString]]:
    """What is said of each step."""
    texts = {fact.subject_id: fact.subject.text for fact in facts if fact.subject}
    names = {fact.pk: fact.external_id for fact in facts}
    courses = defaultdict(lambda: gettext("the pretended one"), texts)
    said = say_each(answers, reader_language(), fact_name=FACT_MARK.format, subject_name=courses.__getitem__)
    return [[_linked(sentence, names) for sentence in each] for each in said]


def _linked(sentence: str, names: Mapping[int, str]) -> SafeString:
    """A sentence whose facts lead to where they stand on the page."""

    def link(found: re.Match[str]) -> str:
        fact = int(found[1])
        if fact not in names:
            return gettext("the pretended one")
        return format_html('<a href="#fact-{}">{}</a>', fact, names[fact])

    return SafeString(re.sub(FACT_MARK.format(r"(\d+)"), link, conditional_escape(sentence)))

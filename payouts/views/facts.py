"""A fact that waits, its evidence beside it, what speaks against it, and what a handler decides."""

import io
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from backend.kernel.actions import FormPage
from backend.kernel.audit import record_event
from backend.kernel.models import Role
from backend.kernel.web import FilePage, Page, may_read
from outcomes import services
from outcomes.automatic import rule_label
from outcomes.columns import Kind
from outcomes.deciding import deciding_on
from outcomes.labels import KINDS, STANDINGS, contents, reason_label, standing
from outcomes.models import Evidence, Fact, Placement, VerificationDecision
from outcomes.permissions import is_hidden
from payouts import forms as own_forms
from payouts.conflicts import find_conflicts
from payouts.filters import QueueFilter
from payouts.labels import CONFLICT_SENTENCES, CONFLICTS, DECISIONS
from payouts.stakes import stakes, weigh_facts
from payouts.views.placements import STANDING_TONES
from payouts.views.queue import HANDLERS, queue_facts, queue_of

HIDDEN = _("The participant is protected. Only the handlers who are named may see evidence.")


class FactPage(Page):
    """Something about one fact of the queue; the address keeps the queue's filters."""

    @cached_property
    def fact(self) -> Fact:
        facts = Fact.objects.select_related("placement__participant", "placement__contract__provider", "subject")
        facts = facts.select_related("provider", "reported_by", "replaces")
        return get_object_or_404(facts, pk=self.kwargs["pk"])

    @property
    def query(self) -> str:
        """The queue's filters, as they stand in the address."""
        query = self.request.GET.copy()
        query.pop("step", None)
        return query.urlencode()

    def address(self, fact: int) -> str:
        return f"{reverse('payouts:fact', args=[fact])}?{self.query}"

    def beside(self, step: int) -> str:
        """The address of a fact beside this one in the queue; the queue itself where there is none."""
        chosen = QueueFilter(self.request.GET, queryset=queue_facts(self.reader), request=self.request)
        other = queue_of(chosen).beside(self.fact.pk, step)
        return self.address(other) if other else f"{reverse('payouts:queue')}?{self.query}"


class FactDetail(FactPage, DetailView):
    """One fact. Every look is written to the audit trail."""

    readers = (Role.HANDLER, Role.AUDITOR)
    template_name = "payouts/fact.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("step") in ("1", "-1"):
            return HttpResponseRedirect(self.beside(int(request.GET["step"])))
        return super().get(request, *args, **kwargs)

    def get_object(self, queryset: Any = None) -> Fact:
        return self.fact

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fact, today = self.fact, localdate()
        hidden = is_hidden(fact.placement.participant, self.reader)
        record_event(by=self.reader, action="view_fact", on=fact, now=now())
        stand = standing(fact, self._corrected())
        waits = fact.verified is None and stand != "rejected"
        chain = [fact.pk, *([fact.replaces_id] if fact.replaces_id else [])]
        return super().get_context_data(
            kind=KINDS[Kind(fact.kind)],
            contents=contents(fact, with_reasons=True, is_hidden=hidden),
            replaced=contents(fact.replaces, with_reasons=True, is_hidden=hidden) if fact.replaces else "",
            state=STANDINGS[stand],
            tone=STANDING_TONES.get(stand, ""),
            waits=waits,
            is_hidden=hidden,
            deciding=deciding_on(fact.placement.contract, today),
            alone=weigh_facts([fact.pk], today).get(fact.placement_id, 0) if waits else None,
            together=stakes([fact.placement_id], today).get(fact.placement_id, 0) if waits else None,
            evidence=[] if hidden else Evidence.objects.defer("content").filter(fact__in=chain).order_by("pk"),
            conflicts=self._conflicts() if waits else [],
            decisions=self._decisions(chain),
            query=self.query,
            may_decide=may_read(self.reader, HANDLERS),
            reject=own_forms.RejectForm(auto_id="reject_%s"),
            ask=own_forms.AskForm(auto_id="ask_%s"),
            **kwargs,
        )

    def _corrected(self) -> frozenset[int]:
        counts = self.fact.corrections.filter(verified__isnull=False).exists()
        return frozenset({self.fact.pk}) if counts else frozenset()

    def _conflicts(self) -> list[dict[str, Any]]:
        """Each conflict in words, with the placement and the fact that it is about."""
        found = find_conflicts([self.fact.pk], localdate())
        placements = Placement.objects.select_related("contract__provider").in_bulk([one.placement for one in found])
        facts = Fact.objects.in_bulk([one.other for one in found])
        return [
            {
                "label": CONFLICTS[one.kind],
                "sentence": CONFLICT_SENTENCES[one.kind],
                "placement": placements.get(one.placement or 0),
                "other": facts.get(one.other or 0),
            }
            for one in found
        ]

    def _decisions(self, chain: list[int]) -> list[dict[str, Any]]:
        """What was decided about the fact, and about the one that it corrects, in order."""
        made = VerificationDecision.objects.filter(fact__in=chain).select_related("decided_by", "fact", "reminder")
        return [
            {
                "decision": one,
                "word": DECISIONS[VerificationDecision.Decision(one.decision)],
                "reason": reason_label(one.reason_code),
                "rule": rule_label(one.rule) if one.rule else "",
                "reminder": getattr(one, "reminder", None),
            }
            for one in made.order_by("decided_at", "pk")
        ]


class FactAction(FactPage, FormPage):
    """What a handler does about one fact. Then comes the next one of the queue."""

    readers = HANDLERS

    def back(self) -> str:
        return self.address(self.fact.pk)

    def act(self, form: forms.Form) -> str:
        following = self.beside(1)  # asked before the fact leaves the queue
        self.decide(form)
        return following

    def decide(self, form: forms.Form) -> None:
        """Do it, by a service."""
        raise NotImplementedError


class Verify(FactAction):
    """Verify a fact, or sign it as the first of two officers."""

    form_class = forms.Form
    heading, button = _("Verify the fact"), _("Verify")

    def decide(self, form: forms.Form) -> None:
        signed = services.verify_facts(facts=[self.fact.pk], by=self.reader, now=self.now)
        self.done = (
            gettext("You have signed. The fact is verified when a second officer has signed it too.")
            if signed
            else gettext("The fact is verified. This is the next one.")
        )


class Reject(FactAction):
    """Reject a fact for good."""

    form_class = own_forms.RejectForm
    heading, button, done = _("Reject the fact"), _("Reject"), _("The fact is rejected. This is the next one.")
    is_grave = True

    def decide(self, form: forms.Form) -> None:
        services.reject_facts(facts=[self.fact.pk], **form.cleaned_data, by=self.reader, now=self.now)


class Ask(FactAction):
    """Ask the provider for more."""

    form_class = own_forms.AskForm
    heading, button = _("Ask for more"), _("Ask")
    done = _("The provider is asked, and reminded three days before the last day to answer. This is the next fact.")

    def decide(self, form: forms.Form) -> None:
        services.ask_for_more(facts=[self.fact.pk], **form.cleaned_data, by=self.reader, now=self.now)


class Undo(FactAction):
    """Undo a verification by a fact that withdraws it."""

    form_class = own_forms.UndoForm
    heading, button = _("Undo the verification"), _("Withdraw the fact")
    lead = _(
        "A fact that withdraws this one is put into the queue. When another handler has verified it, what was paid for"
        " this fact is taken back by the next run."
    )
    done = _("The withdrawal waits for another handler.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        reason = form.cleaned_data["reason"]
        services.undo_verification(fact=self.fact, reason=reason, by=self.reader, now=self.now)
        return self.back()


class Attach(FactAction):
    """Attach a file that came to the municipality itself."""

    form_class = own_forms.EvidenceForm
    heading, button, done = _("Attach evidence"), _("Attach"), _("The file is attached.")

    def act(self, form: forms.Form) -> str:
        file = form.cleaned_data["content"]
        services.attach_evidence(fact=self.fact, name=file.name, content=file.read(), by=self.reader, now=self.now)
        return self.back()


class EvidenceFile(FilePage):
    """A file, to be looked at in the browser. Every look is written to the audit trail."""

    readers = (Role.HANDLER, Role.AUDITOR)

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        evidence = get_object_or_404(Evidence.objects.select_related("fact__placement__participant"), pk=pk)
        if is_hidden(evidence.fact.placement.participant, self.reader):
            raise PermissionDenied(HIDDEN)
        record_event(by=self.reader, action="view_evidence", on=evidence.fact, now=now(), later={"evidence": pk})
        file = io.BytesIO(evidence.content)
        return FileResponse(file, content_type=evidence.content_type, filename=evidence.name)

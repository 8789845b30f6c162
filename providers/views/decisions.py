"""Pages of decisions: a proposal, the provider's answer, the second officer, and the document."""

from contextlib import suppress
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.audit import record_event
from backend.kernel.details import DetailPage, Doing, Fact
from backend.kernel.errors import DomainError
from backend.kernel.files import file_response
from backend.kernel.models import Role
from backend.kernel.uploads import KINDS
from backend.kernel.web import FilePage, Text
from providers import authorisation_forms as own_forms
from providers import services
from providers.decision_document import ruling
from providers.labels import proposal_state
from providers.models import Proposal, Provider
from providers.remedies import remedy_of
from providers.selectors import proposals_for
from providers.services.deciding import expected_kind
from providers.views.applications import PROCUREMENT, READERS, ApplicationAction


class DecisionPropose(ApplicationAction):
    """A decision on an application is proposed."""

    form_class = own_forms.ProposalForm
    heading, button = _("Propose a decision"), _("Propose")
    lead = _("A second officer decides. What burdens the provider is sent to it first, so that it can answer.")
    done = _("The decision is proposed, and waits for a second officer.")

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"valid_from": localdate()}
        with suppress(DomainError):  # not all is assessed yet, which the service says
            initial["kind"] = expected_kind(self.application)
        return initial

    def act(self, form: forms.Form) -> str:
        kind = Proposal.Kind(form.cleaned_data.pop("kind"))
        proposal = services.propose_decision(
            application=self.application, kind=kind, **form.cleaned_data, by=self.reader, now=self.now
        )
        return reverse("providers:proposal", args=[proposal.pk])


class MeasurePropose(FormPage):
    """A suspension, its lifting, or a revocation is proposed."""

    readers = PROCUREMENT
    form_class = own_forms.MeasureForm
    heading, button = _("Suspend or revoke an authorisation"), _("Propose")
    lead = DecisionPropose.lead
    done = DecisionPropose.done

    @property
    def provider(self) -> Provider:
        return get_object_or_404(Provider, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.provider.pk])

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": localdate()}

    def act(self, form: forms.Form) -> str:
        kind = Proposal.Kind(form.cleaned_data.pop("kind"))
        proposal = services.propose_measure(
            provider=self.provider, kind=kind, **form.cleaned_data, by=self.reader, now=self.now
        )
        return reverse("providers:proposal", args=[proposal.pk])


class ProposalDetail(DetailPage):
    """A proposal or decision: what it says, why, what the provider answered, and what can be done against it."""

    readers = READERS
    template_name = "providers/proposal_detail.html"

    def get_queryset(self) -> QuerySet[Proposal]:
        return proposals_for(self.reader)

    def heading(self) -> Text:
        return capfirst(f"{self.object.get_kind_display()}: {self.object.provider.name}")

    def crumbs(self) -> list[tuple[Text, str]]:
        crumbs: list[tuple[Text, str]] = [(_("Authorisations"), reverse("providers:authorisations"))]
        if application := self.object.application:
            crumbs.append((str(application), reverse("providers:application", args=[application.pk])))
        return crumbs

    def state(self) -> tuple[Text, str]:
        return proposal_state(self.object)

    def facts(self) -> list[Fact]:
        proposal = self.object
        decision = getattr(proposal, "decision", None)
        return [
            Fact(_("Registry number"), proposal.diarienummer),
            Fact(_("Service"), proposal.service),
            Fact(_("Legal basis"), proposal.get_legal_basis_display()),
            Fact(_("Proposed by"), proposal.proposed_by.get_full_name()),
            Fact(_("Decided by"), decision.decided_by.get_full_name() if decision else ""),
            Fact(_("The provider may answer through"), proposal.answer_by),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = self.object
        return super().get_context_data(
            ruling=ruling(proposal, proposal.valid_from),
            remedy=remedy_of(proposal.legal_basis, is_measure=proposal.application is None),
            answer=getattr(proposal, "answer", None),
            returned=getattr(proposal, "returned", None),
            **kwargs,
        )

    def doings(self) -> list[Doing]:
        proposal, args = self.object, [self.object.pk]
        if hasattr(proposal, "decision"):
            return [Doing(_("Save the document"), reverse("providers:proposal_document", args=args), READERS)]
        if hasattr(proposal, "returned"):
            return []
        answer = Doing(_("Answer"), reverse("providers:proposal_answer", args=args), (Role.PROVIDER,))
        second = [
            Doing(_("Decide"), reverse("providers:proposal_decide", args=args), PROCUREMENT),
            Doing(_("Send back"), reverse("providers:proposal_return", args=args), PROCUREMENT),
        ]
        return [
            *([] if hasattr(proposal, "answer") else [answer]),
            *([] if proposal.proposed_by_id == self.reader.pk else second),
        ]


class ProposalAction(FormPage):
    """Something that is done with one proposal."""

    readers = PROCUREMENT

    @property
    def proposal(self) -> Proposal:
        return get_object_or_404(proposals_for(self.reader), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:proposal", args=[self.proposal.pk])


class ProposalAnswer(ProposalAction):
    """The provider's answer."""

    readers = (Role.PROVIDER,)
    form_class = own_forms.AnswerForm
    heading, button, done = _("Answer the proposal"), _("Send the answer"), _("The answer is sent.")

    def act(self, form: forms.Form) -> str:
        services.answer_proposal(proposal=self.proposal, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ProposalReturn(ProposalAction):
    """The second officer does not agree."""

    form_class = own_forms.ReasonForm
    heading = button = _("Send the proposal back")
    done = _("The proposal is sent back.")

    def act(self, form: forms.Form) -> str:
        services.return_proposal(proposal=self.proposal, reason=form.cleaned_data["note"], by=self.reader, now=self.now)
        return self.back()


class ProposalDecide(ProposalAction, ConfirmPage):
    """The second officer decides."""

    heading, button = _("Decide as proposed"), _("Decide")
    done = _("It is decided. Save the document and send it to the provider.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = self.proposal
        return super().get_context_data(**kwargs) | {"lead": ruling(proposal, max(proposal.valid_from, localdate()))}

    def act(self, form: forms.Form) -> str:
        services.decide(proposal=self.proposal, by=self.reader, now=self.now)
        return self.back()


class DecisionFile(FilePage):
    """The document of a decision, as it was written then."""

    readers = READERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        proposal = get_object_or_404(proposals_for(self.reader), pk=pk)
        if not hasattr(proposal, "decision"):
            raise Http404
        record_event(by=self.reader, action="read_decision", on=proposal, now=now())
        name = f"beslut {proposal.diarienummer}.docx".replace("/", "-")
        return file_response(bytes(proposal.decision.document), name, KINDS["docx"])

"""Pages of proposed recoveries: officers propose and decide, the provider answers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.money import show_kronor
from backend.kernel.tables import PersonColumn
from backend.kernel.web import STAFF, Text, may_read
from payouts import services
from payouts.models import RecoveryProposal
from payouts.sample_forms import DecisionForm, ProposalFilter, ProposeForm, ReplyForm
from payouts.sample_selectors import errors_behind, proposals_for, samples
from payouts.sample_tables import FactTable, ProposalTable, proposal_state

READERS = STAFF | {Role.PROVIDER}
PROPOSERS: tuple[Role, ...] = (Role.PROCUREMENT,)
DECIDERS: tuple[Role, ...] = (Role.DECIDER,)
person_name = PersonColumn().render


class RecoveryList(ListPage):
    """Proposals, the newest first; a provider sees its own."""

    readers = READERS
    table_class, filterset_class = ProposalTable, ProposalFilter
    heading = _("Proposed recoveries")
    lead = _(
        "Where a contract allows it, what samples show was paid in error may be proposed for recovery. The provider "
        "answers before anything is decided, and no ledger line changes."
    )

    def get_queryset(self) -> QuerySet[RecoveryProposal]:
        return proposals_for(self.reader)

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("payouts:propose"), _("Propose a recovery")) if may_read(self.reader, PROPOSERS) else None


class RecoveryDetail(DetailPage):
    """One proposal: what it stands on, what the provider says, and what was decided."""

    readers = READERS

    def get_queryset(self) -> QuerySet[RecoveryProposal]:
        return proposals_for(self.reader).select_related("proposed_by", "replied_by", "decided_by")

    def heading(self) -> str:
        return gettext("Proposed recovery, contract {number}").format(number=self.object.contract.number)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Proposed recoveries"), reverse("payouts:recoveries"))]

    def state(self) -> tuple[Text, str]:
        return proposal_state(self.object)

    def facts(self) -> list[Fact]:
        said = self.object
        kronor = {name: show_kronor(getattr(said, name)) for name in ("low", "high", "found")}
        return [
            Fact(_("Provider"), said.contract.provider.name),
            Fact(_("Months"), f"{said.period.lower:%Y-%m} – {said.last_day:%Y-%m}"),
            Fact(_("What the facts brought"), show_kronor(said.paid)),
            Fact(_("Checked, of which wrong"), f"{said.checked}, {said.wrong}", "#section-1"),
            Fact(_("Wrong in all, estimated"), show_kronor(said.estimate)),
            Fact(_("With 95 % certainty"), gettext("{low} to {high}").format(**kronor)),
            Fact(_("Found wrong in the checked facts"), kronor["found"], "#section-1"),
            Fact(_("Proposed: the lower limit, less what was found"), show_kronor(said.amount)),
            Fact(_("Proposed by"), f"{person_name(said.proposed_by)}, {said.proposed_at:%Y-%m-%d}"),
            Fact(_("To be answered by"), said.answer_by.isoformat()),
            *self._reply(),
            *self._decision(),
        ]

    def _reply(self) -> list[Fact]:
        said = self.object
        return [Fact(_("The provider's reply"), said.reply, is_wide=True)] if said.replied_at else []

    def _decision(self) -> list[Fact]:
        said = self.object
        if not said.decided_at:
            return []
        return [
            Fact(_("Decided"), f"{said.get_decision_display()}, {show_kronor(said.decided_amount)}"),
            Fact(_("Decided by"), f"{person_name(said.decided_by)}, {said.decided_at:%Y-%m-%d}"),
            Fact(_("Why"), said.decision_reason, is_wide=True),
        ]

    def sections(self) -> list[Section]:
        lead = _("What is wrong in these facts themselves comes back when they are corrected or withdrawn.")
        return [Section(_("What was found wrong"), FactTable(errors_behind(self.object)), lead=lead)]

    def doings(self) -> list[Doing]:
        said, args = self.object, [self.object.pk]
        if said.decided_at:
            return []
        reply = Doing(_("Reply"), reverse("payouts:recovery_reply", args=args), (Role.PROVIDER,))
        decide = Doing(_("Decide"), reverse("payouts:recovery_decide", args=args), DECIDERS)
        return [decide] if said.replied_at else [reply, decide]


class Propose(FormPage):
    """A new proposal."""

    readers = PROPOSERS
    form_class = ProposeForm
    heading, button = _("Propose a recovery"), _("Propose")
    done = _("The recovery is proposed, and the provider can answer.")
    lead = _(
        "Proposed is the lower limit of what was paid in error, less what was found in the checked facts themselves. "
        "The municipality's own mistakes are not counted."
    )

    def back(self) -> str:
        return reverse("payouts:recoveries")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"months": [sample.month for sample in samples() if not sample.waiting]}

    def act(self, form: forms.Form) -> str:
        proposal = services.propose_recovery(**form.cleaned_data, by=self.reader, now=self.now)
        return reverse("payouts:recovery", args=[proposal.pk])


class ProposalAction(FormPage):
    """Something that is done with one proposal."""

    @cached_property
    def proposal(self) -> RecoveryProposal:
        return get_object_or_404(proposals_for(self.reader), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("payouts:recovery", args=[self.proposal.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = self.proposal
        lead = gettext("Proposed is to recover {amount} from {provider}.").format(
            amount=show_kronor(said.amount), provider=said.contract.provider.name
        )
        return super().get_context_data(lead=lead, **kwargs)


class Reply(ProposalAction):
    """The provider's reply."""

    readers = (Role.PROVIDER,)
    form_class = ReplyForm
    heading, button, done = _("Reply to the proposal"), _("Send the reply"), _("Your reply is sent.")

    def act(self, form: forms.Form) -> str:
        services.answer_proposal(proposal=self.proposal, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class Decide(ProposalAction):
    """The decision about a proposal."""

    readers = DECIDERS
    form_class = DecisionForm
    heading, button, done = _("Decide about the proposal"), _("Decide"), _("The decision is recorded.")
    is_grave = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"proposed": self.proposal.amount}

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data | {"decision": RecoveryProposal.Decision(form.cleaned_data["decision"])}
        services.decide_proposal(proposal=self.proposal, **said, by=self.reader, now=self.now)
        return self.back()

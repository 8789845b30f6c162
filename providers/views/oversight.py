"""Pages of what is found of authorised providers: site visits, complaints, deviations, checks of subcontractors."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.web import Text
from providers import authorisation_forms as own_forms
from providers import authorisation_tables as tables
from providers import services
from providers.filters import DeviationFilter
from providers.labels import DEVIATION_STATES, DEVIATION_TONES
from providers.models import Complaint, Deviation, Provider, Subcontractor
from providers.permissions import OFFICERS
from providers.selectors import deviations_for
from providers.states import DEVIATION_TRANSITIONS, DeviationState

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
COMPLAINT_RECORDERS = (Role.PROCUREMENT, Role.HANDLER)

# What leads to each state: the name of its address, its words, and for whom.
WAYS: dict[DeviationState, tuple[str, Text, tuple[Role, ...]]] = {
    DeviationState.ANSWERED: ("deviation_answer", _("Answer"), (Role.PROVIDER,)),
    DeviationState.CLOSED: ("deviation_close", _("Close"), PROCUREMENT),
    DeviationState.OPEN: ("deviation_reopen", _("Not enough: new deadline"), PROCUREMENT),
}


def followed_up(provider: Provider) -> list[Section]:
    """What was found of a provider, on its page."""
    args = [provider.pk]
    deviations = provider.deviations.select_related("requirement", "provider").order_by("deadline")
    visits = provider.visits.select_related("service", "recorded_by").order_by("-visited_on")
    complaints = provider.complaints.select_related("service").order_by("-received_on")
    return [
        Section(
            _("Deviations"),
            tables.DeviationTable(deviations, exclude=("provider",)),
            doings=[Doing(_("Record one"), reverse("providers:deviation_new", args=args), PROCUREMENT)],
        ),
        Section(
            _("Site visits"),
            tables.VisitTable(visits),
            doings=[Doing(_("Record a visit"), reverse("providers:visit", args=args), PROCUREMENT)],
        ),
        Section(
            _("Complaints"),
            tables.ComplaintTable(complaints),
            doings=[Doing(_("Record a complaint"), reverse("providers:complaint", args=args), COMPLAINT_RECORDERS)],
        ),
    ]


class DeviationList(ListPage):
    """Deviations of all providers, or of the reader's own."""

    readers = OFFICERS | {Role.PROVIDER}
    table_class, filterset_class = tables.DeviationTable, DeviationFilter
    heading = _("Deviations")
    lead = _("Requirements that were found not to be met. They are recorded on the provider's page.")

    def get_queryset(self) -> QuerySet[Deviation]:
        return deviations_for(self.reader)


class DeviationDetail(DetailPage):
    """One deviation."""

    readers = OFFICERS | {Role.PROVIDER}

    def get_queryset(self) -> QuerySet[Deviation]:
        return deviations_for(self.reader)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Deviations"), reverse("providers:deviations"))]

    def state(self) -> tuple[Text, str]:
        state = DeviationState(self.object.state)
        return DEVIATION_STATES[state], DEVIATION_TONES[state]

    def facts(self) -> list[Fact]:
        deviation = self.object
        catalogue = reverse("providers:catalogue", args=[deviation.requirement.catalogue_id])
        return [
            Fact(_("Provider"), deviation.provider),
            Fact(_("Requirement"), deviation.requirement, catalogue),
            Fact(_("Severity"), deviation.get_severity_display()),
            Fact(_("Seen at"), " ".join(filter(None, (deviation.get_source_display(), str(deviation.visit or ""))))),
            Fact(_("Deadline"), deviation.deadline.isoformat()),
            Fact(_("What was found"), deviation.description, is_wide=True),
            Fact(_("What the provider must do"), deviation.action, is_wide=True),
        ]

    def doings(self) -> list[Doing]:
        args = [self.object.pk]
        return [
            Doing(words, reverse(f"providers:{name}", args=args), readers)
            for wanted, (name, words, readers) in WAYS.items()
            if wanted in DEVIATION_TRANSITIONS[DeviationState(self.object.state)]
        ]

    def sections(self) -> list[Section]:
        steps = self.object.steps.select_related("recorded_by").order_by("recorded_at", "pk")
        return [Section(_("History"), tables.DeviationStepTable(steps))]


class DeviationAction(FormPage):
    """Something that is done with one deviation."""

    readers = PROCUREMENT
    form_class = own_forms.ReasonForm

    @property
    def deviation(self) -> Deviation:
        return get_object_or_404(deviations_for(self.reader), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:deviation", args=[self.deviation.pk])


class AnswerDeviation(DeviationAction):
    """The provider says what it has done."""

    readers = (Role.PROVIDER,)
    heading, button, done = _("What have you done?"), _("Send the answer"), _("The answer is sent.")

    def act(self, form: forms.Form) -> str:
        services.answer_deviation(deviation=self.deviation, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ReopenDeviation(DeviationAction):
    """What was done is not enough."""

    form_class = own_forms.ReopenForm
    heading, button = _("Not enough: new deadline"), _("Send to the provider")
    done = _("The provider has a new deadline.")

    def act(self, form: forms.Form) -> str:
        services.reopen_deviation(deviation=self.deviation, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class CloseDeviation(DeviationAction):
    """The requirement is met again."""

    heading, button, done = _("Close the deviation"), _("Close"), _("The deviation is closed.")

    def act(self, form: forms.Form) -> str:
        services.close_deviation(deviation=self.deviation, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class FollowUp(FormPage):
    """Something that is recorded of one provider."""

    readers = PROCUREMENT

    @property
    def provider(self) -> Provider:
        return get_object_or_404(Provider, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.provider.pk])


class RecordVisit(FollowUp):
    """A site visit."""

    form_class = own_forms.VisitForm
    heading, button = _("Record a site visit"), _("Record")
    done = _("The visit is recorded. If a requirement is not met, record a deviation.")

    def act(self, form: forms.Form) -> str:
        services.record_visit(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class RecordComplaint(FollowUp):
    """A complaint."""

    readers = COMPLAINT_RECORDERS
    form_class = own_forms.ComplaintForm
    heading, button, done = _("Record a complaint"), _("Record"), _("The complaint is recorded.")

    def act(self, form: forms.Form) -> str:
        services.record_complaint(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class RecordDeviation(FollowUp):
    """A deviation."""

    form_class = own_forms.DeviationForm
    heading, button = _("Record a deviation"), _("Record")
    lead = _("The provider sees it, and says what it has done.")
    done = _("The deviation is recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"provider": self.provider}

    def act(self, form: forms.Form) -> str:
        deviation = services.record_deviation(provider=self.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return reverse("providers:deviation", args=[deviation.pk])


class SettleComplaint(FormPage):
    """What a complaint led to."""

    readers = PROCUREMENT
    form_class = own_forms.OutcomeForm
    heading, button, done = _("Settle the complaint"), _("Save"), _("The complaint is settled.")

    @property
    def complaint(self) -> Complaint:
        return get_object_or_404(Complaint, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.complaint.provider_id])

    def act(self, form: forms.Form) -> str:
        services.settle_complaint(complaint=self.complaint, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class CheckSubcontractor(FormPage):
    """A subcontractor is checked."""

    readers = PROCUREMENT
    form_class = own_forms.CheckForm
    heading, button, done = _("Check the subcontractor"), _("Save"), _("The check is recorded.")

    @property
    def subcontractor(self) -> Subcontractor:
        return get_object_or_404(Subcontractor.objects.select_related("provider"), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:detail", args=[self.subcontractor.provider_id])

    def act(self, form: forms.Form) -> str:
        services.check_subcontractor(
            subcontractor=self.subcontractor, **form.cleaned_data, by=self.reader, now=self.now
        )
        return self.back()

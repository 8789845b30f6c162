"""Pages of applications: what a provider hands in, and how officers assess it."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.audit import record_event
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.files import file_response
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.uploads import KINDS
from backend.kernel.web import FilePage, Text, may_read
from providers import authorisation_forms as own_forms
from providers import authorisation_tables as tables
from providers import services
from providers.filters import ApplicationFilter, AuthorisationFilter
from providers.labels import APPLICATION_STATES, APPLICATION_TONES
from providers.models import Application, Assessment, Authorisation, Evidence, Requirement
from providers.permissions import OFFICERS, may_see_all
from providers.selectors import (
    applications_for,
    assessments_of,
    authorisations_for,
    evidence_of,
    proposals_for,
    provider_of,
)
from providers.states import TRANSITIONS, WITH_THE_PROVIDER, ApplicationState

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
APPLICANTS = (Role.PROVIDER, Role.PROCUREMENT)
READERS = OFFICERS | {Role.PROVIDER}

# What leads to each state: the name of its address, its words, and for whom. The rest comes with a decision.
WAYS: dict[ApplicationState, tuple[str, Text, tuple[Role, ...]]] = {
    ApplicationState.ASSESSING: ("register", _("Take up"), PROCUREMENT),
    ApplicationState.PROPOSED: ("propose", _("Propose a decision"), PROCUREMENT),
    ApplicationState.RETURNED: ("return", _("Ask for completion"), PROCUREMENT),
    ApplicationState.SUBMITTED: ("submit", _("Hand in"), APPLICANTS),
    ApplicationState.WITHDRAWN: ("withdraw", _("Withdraw"), APPLICANTS),
}


class AuthorisationList(ListPage):
    """What each provider may deliver today."""

    readers = READERS
    template_name = "providers/authorisation_list.html"
    table_class, filterset_class = tables.AuthorisationTable, AuthorisationFilter
    heading = _("Authorisations")
    lead = _("The decision that governs today, for each provider and service.")

    def get_queryset(self) -> QuerySet[Authorisation]:
        return authorisations_for(self.reader, localdate())

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("providers:apply"), _("Begin an application")) if may_read(self.reader, APPLICANTS) else None


class ApplicationList(ListPage):
    """Applications."""

    readers = READERS
    table_class, filterset_class = tables.ApplicationTable, ApplicationFilter
    heading = _("Applications")

    def get_queryset(self) -> QuerySet[Application]:
        return applications_for(self.reader)

    main_action = AuthorisationList.main_action


class ApplicationDetail(DetailPage):
    """One application: each requirement with its evidence and assessment, decisions, and what has happened."""

    readers = READERS

    def get_queryset(self) -> QuerySet[Application]:
        return applications_for(self.reader)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [
            (_("Authorisations"), reverse("providers:authorisations")),
            (_("Applications"), reverse("providers:applications")),
        ]

    def state(self) -> tuple[Text, str]:
        state = ApplicationState(self.object.state)
        return APPLICATION_STATES[state], APPLICATION_TONES.get(state, "")

    def facts(self) -> list[Fact]:
        application = self.object
        catalogue = reverse("providers:catalogue", args=[application.catalogue_id])
        return [
            Fact(_("Provider"), application.provider),
            Fact(_("Service"), application.service),
            Fact(_("Requirements"), _("version {number}").format(number=application.catalogue.number), catalogue),
            Fact(_("Registry number"), application.diarienummer),
            Fact(_("Legal basis"), application.get_legal_basis_display()),
        ]

    def doings(self) -> list[Doing]:
        state, args = ApplicationState(self.object.state), [self.object.pk]
        if state == ApplicationState.PROPOSED:  # what comes of it is decided at the proposal
            return []
        return [
            Doing(words, reverse(f"providers:application_{name}", args=args), readers)
            for wanted, (name, words, readers) in WAYS.items()
            if wanted in TRANSITIONS[state]
        ]

    def sections(self) -> list[Section]:
        application = self.object
        steps = application.steps.select_related("recorded_by").order_by("recorded_at", "pk")
        return [
            Section(_("Requirements"), self._asked(), lead=self._what_now()),
            Section(_("Decisions"), tables.ProposalTable(proposals_for(self.reader).filter(application=application))),
            Section(_("History"), tables.StepTable(steps)),
        ]

    def _asked(self) -> tables.AskedTable:
        application = self.object
        is_known = may_see_all(self.reader) or proposals_for(self.reader).filter(application=application).exists()
        return tables.AskedTable(
            application.catalogue.requirements.order_by("code"),
            application=application,
            evidence=evidence_of(application),
            judged=assessments_of(application) if is_known else {},
            step=self._step(),
        )

    def _step(self) -> tuple[str, str] | None:
        """What the reader may do with each requirement now."""
        state = self.object.state
        if state in WITH_THE_PROVIDER and may_read(self.reader, APPLICANTS):
            return "providers:evidence_add", str(_("Add evidence"))
        if state == ApplicationState.ASSESSING and may_read(self.reader, PROCUREMENT):
            return "providers:assess", str(_("Assess"))
        return None

    def _what_now(self) -> Text:
        match self.object.state:
            case ApplicationState.DRAFT | ApplicationState.RETURNED:
                return _("Add evidence to each requirement, then hand the application in.")
            case ApplicationState.SUBMITTED:
                return _("An officer takes the application up under a registry number, and then assesses it.")
            case ApplicationState.ASSESSING:
                return _("When each requirement is assessed, a decision is proposed and a second officer decides.")
        return ""


class ApplicationCreate(FormPage):
    """A new application, or one to renew an authorisation."""

    readers = APPLICANTS
    form_class = own_forms.ApplicationForm
    heading = button = _("Begin an application")
    lead = _("To renew an authorisation apply for the same service again. Nothing is handed in yet.")
    done = _("The application is begun. Add evidence to each requirement.")

    def get_form_kwargs(self) -> dict[str, Any]:
        own = None if may_read(self.reader, PROCUREMENT) else provider_of(self.reader)
        return super().get_form_kwargs() | {"provider": own}

    def back(self) -> str:
        return reverse("providers:authorisations")

    def act(self, form: forms.Form) -> str:
        provider = form.cleaned_data.get("provider") or provider_of(self.reader)
        if provider is None:
            raise PermissionDenied(_("Your account does not act for a provider."))
        application = services.begin_application(
            provider=provider, service=form.cleaned_data["service"], by=self.reader, now=self.now
        )
        return reverse("providers:application", args=[application.pk])


class ApplicationAction(FormPage):
    """Something that is done with one application."""

    readers = PROCUREMENT

    @property
    def application(self) -> Application:
        return get_object_or_404(applications_for(self.reader), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:application", args=[self.application.pk])


class ApplicationSubmit(ApplicationAction):
    """It is handed in."""

    readers = APPLICANTS
    form_class = own_forms.NoteForm
    heading = button = _("Hand the application in")
    lead = _("After this evidence is added only if an officer asks for it.")
    done = _("The application is handed in.")

    def act(self, form: forms.Form) -> str:
        services.submit_application(application=self.application, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ApplicationWithdraw(ApplicationAction):
    """It is taken back."""

    readers = APPLICANTS
    form_class = own_forms.NoteForm
    heading = button = _("Withdraw the application")
    lead = _("It is not decided. What was handed in stays on record, and a new application can be begun.")
    done = _("The application is withdrawn.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.withdraw_application(application=self.application, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ApplicationRegister(ApplicationAction):
    """An officer takes it up."""

    form_class = own_forms.RegistrationForm
    heading, button, done = _("Take the application up"), _("Take up"), _("The application can be assessed.")

    def get_initial(self) -> dict[str, Any]:
        application = self.application  # one that was completed keeps its number and basis
        known = {"diarienummer": application.diarienummer, "legal_basis": application.legal_basis}
        return {name: value for name, value in known.items() if value}

    def act(self, form: forms.Form) -> str:
        services.register_application(application=self.application, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ApplicationReturn(ApplicationAction):
    """The provider is to complete it."""

    form_class = own_forms.ReasonForm
    heading, button = _("Ask for completion"), _("Send to the provider")
    lead = _("Say what is missing for which requirement, and by when you need it.")
    done = _("The provider can complete the application.")

    def act(self, form: forms.Form) -> str:
        services.return_application(application=self.application, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class RequirementAction(ApplicationAction):
    """Something that is done with one requirement of an application."""

    @property
    def requirement(self) -> Requirement:
        return get_object_or_404(self.application.catalogue.requirements, pk=self.kwargs["requirement"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        requirement = self.requirement
        return super().get_context_data(**kwargs) | {
            "heading": requirement,
            "lead": f"{requirement.text} {_('Asked for')}: {requirement.evidence}",
        }


class EvidenceAdd(RequirementAction):
    """A document is added."""

    readers = APPLICANTS
    form_class = own_forms.EvidenceForm
    button, done = _("Add the document"), _("The document is added.")

    def act(self, form: forms.Form) -> str:
        file = form.cleaned_data["file"]
        services.add_evidence(
            application=self.application,
            requirement=self.requirement,
            name=file.name,
            content=file.read(),
            by=self.reader,
            now=self.now,
        )
        return self.back()


class Assess(RequirementAction):
    """A requirement is judged."""

    form_class = own_forms.AssessmentForm
    button, done = _("Save the assessment"), _("The assessment is saved.")

    def get_initial(self) -> dict[str, Any]:
        judged = assessments_of(self.application).get(self.kwargs["requirement"])
        return {"outcome": judged.outcome, "note": judged.note} if judged else {}

    def act(self, form: forms.Form) -> str:
        services.assess_requirement(
            application=self.application,
            requirement=self.requirement,
            outcome=Assessment.Outcome(form.cleaned_data["outcome"]),
            note=form.cleaned_data["note"],
            by=self.reader,
            now=self.now,
        )
        return self.back()


class EvidenceFile(FilePage):
    """A document that was handed in, to save. Every look is in the audit trail."""

    readers = READERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        evidence = get_object_or_404(Evidence.objects.filter(application__in=applications_for(self.reader)), pk=pk)
        record_event(
            by=self.reader, action="read_evidence", on=evidence.application, now=now(), later={"name": evidence.name}
        )
        return file_response(bytes(evidence.content), evidence.name, KINDS[evidence.kind])

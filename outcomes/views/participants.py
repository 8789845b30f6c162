"""Pages about participants: for handlers, and every look is written to the audit trail."""

from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.audit import record_event
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.tables import DayColumn, Table
from backend.kernel.web import Page, Text
from outcomes import services
from outcomes.filters import ParticipantFilter
from outcomes.forms import (
    BackgroundForm,
    FindForm,
    HandlerForm,
    IdentityForm,
    ParticipantForm,
    ProtectionForm,
    ReasonForm,
)
from outcomes.models import NamedHandler, Participant, Placement, Protection
from outcomes.permissions import hidden_protections, is_hidden
from outcomes.register_status import assistance_after_exit
from outcomes.tables import ParticipantTable

HANDLERS = (Role.HANDLER,)
HIDDEN = _("The participant is protected. Only the handlers who are named may see this page.")


class PlacementsOfParticipant(Table):
    """The placements of one participant."""

    label = _("Placements")
    number = tables.Column(_("Placement"), linkify=("payouts:placement_detail", [tables.A("pk")]))
    provider = tables.Column(_("Provider"), accessor="contract__provider__name")
    contract = tables.Column(_("Contract"), accessor="contract__number")
    first_day = DayColumn(_("Referred on"), accessor="period__lower")

    class Meta(Table.Meta):
        empty_text = _("The participant has no placement.")


class ParticipantList(ListPage):
    """All participants, by number."""

    readers = HANDLERS
    table_class, filterset_class = ParticipantTable, ParticipantFilter
    heading = _("Participants")
    lead = _("Open a participant to refer it to a provider. Every look is written to the audit trail.")

    def get_queryset(self) -> QuerySet[Participant]:
        placements = Placement.objects.filter(participant=OuterRef("pk")).order_by().values("participant")
        return (
            Participant.objects.select_related("background__district")
            .annotate(
                is_hidden=Exists(hidden_protections(self.reader).filter(participant=OuterRef("pk"))),
                placement_count=Subquery(placements.annotate(count=Count("*")).values("count")),
            )
            .order_by("number")
        )

    def main_action(self) -> tuple[str, Text]:
        return reverse("outcomes:register_participant"), _("Register a participant")


class RegisterParticipant(FormPage):
    """A new participant."""

    readers = HANDLERS
    form_class = ParticipantForm
    heading = button = _("Register a participant")
    lead = _("What is asked here is what fair comparison of providers needs, and nothing more.")
    done = _("The participant is registered.")

    def back(self) -> str:
        return reverse("outcomes:participant_list")

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, ParticipantForm)
        participant = services.register_participant(
            number=form.cleaned_data["number"], background=form.background(), by=self.reader, now=self.now
        )
        return reverse("outcomes:participant", args=[participant.pk])


class FindParticipant(FormPage):
    """Find a participant by an identity number, with a reason."""

    readers = HANDLERS
    form_class = FindForm
    heading = _("Find a participant by identity number")
    lead = _(
        "Look up only whom you need for your work. Each time is written to the audit trail, also if nobody is found."
    )
    button, done = _("Find"), _("Found.")

    def back(self) -> str:
        return reverse("search")

    def act(self, form: forms.Form) -> str:
        found = services.find_participant(**form.cleaned_data, by=self.reader, now=now())
        return reverse("outcomes:participant", args=[found.pk]) if found else ""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        if form.is_valid() and not response.headers.get("Location"):
            list(messages.get_messages(self.request))  # nobody was found after all
            form.add_error("number", gettext("Nobody whom you may see has this number."))
            return self.form_invalid(form)
        return response


class ParticipantPage(Page):
    """A page about one participant, for the handlers who may see who it is."""

    readers = HANDLERS

    @cached_property
    def participant(self) -> Participant:
        participant = get_object_or_404(Participant, pk=self.kwargs["pk"])
        if is_hidden(participant, self.reader):
            raise PermissionDenied(HIDDEN)
        return participant

    @cached_property
    def protection(self) -> Protection:
        return get_object_or_404(Protection, participant=self.participant, lifted_at=None)


class ParticipantDetail(ParticipantPage, DetailView):
    """A participant: its placements, and whether its data are protected."""

    template_name = "outcomes/participant.html"

    def get_object(self, queryset: Any = None) -> Participant:
        return self.participant

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        participant = self.participant
        record_event(by=self.reader, action="view_participant", on=participant, now=now())
        placements = participant.placements.select_related("contract__provider").order_by("-pk")
        protection = participant.protections.filter(lifted_at=None).first()
        named = protection.handlers.filter(ended_at=None).select_related("user") if protection else ()
        return super().get_context_data(
            table=PlacementsOfParticipant(placements),
            background=getattr(participant, "background", None),
            identity_count=participant.identities.count(),
            protection=protection,
            named=named,
            after_exits=[(one.number, assistance_after_exit(one)) for one in placements if one.period.upper],
            **kwargs,
        )


class ParticipantAction(ParticipantPage, FormPage):
    """Something that is done about one participant."""

    def back(self) -> str:
        return reverse("outcomes:participant", args=[self.kwargs["pk"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(participant=self.participant, **kwargs)


class RevealIdentities(ParticipantAction):
    """Show the identity numbers of a participant, once, with a reason."""

    template_name = "outcomes/identities.html"
    form_class = ReasonForm
    heading, button = _("Show identity numbers"), _("Show them")
    lead = _("The numbers are shown once, on the next page, and your look at them is written to the audit trail.")

    def act(self, form: forms.Form) -> str:
        self.shown = services.reveal_identities(
            participant=self.participant, reason=form.cleaned_data["reason"], by=self.reader, now=now()
        )
        return ""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        if not form.is_valid():
            return response
        list(messages.get_messages(self.request))
        return self.render_to_response(self.get_context_data(form=form, identities=self.shown))


class ChangeBackground(ParticipantAction):
    """What is known of a participant, anew."""

    form_class = BackgroundForm
    heading, button = _("Change the background"), _("Change")
    lead = _("What is asked here is what fair comparison of providers needs, and nothing more.")
    done = _("The background is changed.")

    def get_initial(self) -> dict[str, Any]:
        background = getattr(self.participant, "background", None)
        return model_to_dict(background, list(BackgroundForm.base_fields)) if background else {}

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, BackgroundForm)
        services.record_background(
            participant=self.participant, background=form.background(), by=self.reader, now=self.now
        )
        return self.back()


class RecordIdentity(ParticipantAction):
    """An identity number of a participant."""

    form_class = IdentityForm
    heading, button = _("Record an identity number"), _("Record it")
    lead = _("A number that was valid earlier stays; the newest one counts.")
    done = _("The number is recorded.")

    def act(self, form: forms.Form) -> str:
        services.record_identity(participant=self.participant, **form.cleaned_data, by=self.reader, now=now())
        return self.back()


class Protect(ParticipantAction):
    """Protect a participant."""

    form_class = ProtectionForm
    heading, button = _("Protect the participant"), _("Protect")
    lead = _(
        "From now on only you, and the handlers whom you name, see who the participant is. To all others number, "
        "district, employer and evidence are hidden, on pages, in files and in the API."
    )
    done = _("The participant is protected.")

    def act(self, form: forms.Form) -> str:
        kind = Protection.Kind(form.cleaned_data["kind"])
        services.protect_participant(participant=self.participant, kind=kind, by=self.reader, now=now())
        return self.back()


class LiftProtection(ParticipantAction, ConfirmPage):
    """Lift a participant's protection."""

    heading, button = _("Lift the protection"), _("Lift it")
    lead = _("Everybody who may see placements will see who the participant is.")
    done = _("The protection is lifted.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.lift_protection(protection=self.protection, by=self.reader, now=now())
        return self.back()


class NameHandler(ParticipantAction):
    """Name another handler of a protected participant."""

    form_class = HandlerForm
    heading, button = _("Name another handler"), _("Name the handler")
    lead = _("The handler sees who the participant is, and may name others.")
    done = _("The handler is named.")

    def act(self, form: forms.Form) -> str:
        services.name_handler(protection=self.protection, user=form.cleaned_data["user"], by=self.reader, now=now())
        return self.back()


class EndNaming(ParticipantAction, ConfirmPage):
    """A handler is no longer named."""

    heading, button = _("End the naming of a handler"), _("End it")
    lead = _("The handler no longer sees who the participant is.")
    done = _("The handler is no longer named.")

    def act(self, form: forms.Form) -> str:
        named = get_object_or_404(NamedHandler, protection=self.protection, pk=self.kwargs["named"])
        services.end_naming(named=named, by=self.reader, now=now())
        return self.back()

"""Pages of requirements: published catalogues, and the draft of a service's next one."""

from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.web import STAFF, Text
from providers import authorisation_forms as own_forms
from providers import authorisation_tables as tables
from providers import services
from providers.filters import CatalogueFilter
from providers.models import Catalogue, RequirementDraft, Service
from providers.services.catalogue import PARTS

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
READERS = STAFF | {Role.PROVIDER}


class CatalogueList(ListPage):
    """What authorised providers must meet, service by service."""

    readers = READERS
    table_class, filterset_class = tables.CatalogueTable, CatalogueFilter
    heading = _("Requirements")
    lead = _("What providers must meet to be authorised. An application is assessed by the version of its first day.")

    def get_queryset(self) -> QuerySet[Catalogue]:
        found = Catalogue.objects.select_related("service", "published_by")
        return found.annotate(requirement_count=Count("requirements")).order_by("service__title", "-number")


class CatalogueDetail(DetailPage):
    """One published catalogue."""

    readers = READERS

    def get_queryset(self) -> QuerySet[Catalogue]:
        return Catalogue.objects.select_related("service", "published_by")

    def heading(self) -> Text:
        return _("Requirements for {service}").format(service=self.object.service.title)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Requirements"), reverse("providers:catalogues"))]

    def facts(self) -> list[Fact]:
        return [
            Fact(_("Version"), self.object.number),
            Fact(_("Valid from"), self.object.valid_from),
            Fact(_("Published by"), self.object.published_by.get_full_name()),
        ]

    def doings(self) -> list[Doing]:
        return [
            Doing(_("Draft the next version"), reverse("providers:draft", args=[self.object.service_id]), PROCUREMENT)
        ]

    def sections(self) -> list[Section]:
        return [Section(_("Requirements"), tables.RequirementTable(self.object.requirements.order_by("code")))]


class DraftDetail(DetailPage):
    """The requirements of a service's next catalogue."""

    readers = PROCUREMENT
    queryset = Service.objects.all()

    def heading(self) -> Text:
        return _("Draft of the requirements for {service}").format(service=self.object.title)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Requirements"), reverse("providers:catalogues"))]

    def state(self) -> tuple[Text, str]:
        return _("not published"), "wait"

    def doings(self) -> list[Doing]:
        args = [self.object.pk]
        return [
            Doing(_("Add a requirement"), reverse("providers:requirement_add", args=args), PROCUREMENT),
            Doing(_("Publish"), reverse("providers:catalogue_publish", args=args), PROCUREMENT),
        ]

    def sections(self) -> list[Section]:
        lead = _("Applications that have begun are assessed by the version that was in force then.")
        return [Section(_("Requirements"), tables.DraftTable(self.object.drafts.order_by("code")), lead=lead)]


class DraftAction(FormPage):
    """Something that is done with a service's draft."""

    readers = PROCUREMENT

    @property
    def service(self) -> Service:
        return get_object_or_404(Service, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:draft", args=[self.service.pk])


class RequirementAdd(DraftAction):
    """A new requirement."""

    form_class = own_forms.RequirementForm
    heading, button, done = _("Add a requirement"), _("Add"), _("The requirement stands in the draft.")

    def act(self, form: forms.Form) -> str:
        services.draft_requirement(service=self.service, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class CataloguePublish(DraftAction):
    """The draft becomes a catalogue."""

    form_class = own_forms.CatalogueForm
    heading, button = _("Publish the requirements"), _("Publish")
    lead = _("A published version never changes. Applications that begin from its first day on are assessed by it.")
    done = _("The requirements are published.")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": localdate()}

    def act(self, form: forms.Form) -> str:
        catalogue = services.publish_catalogue(service=self.service, **form.cleaned_data, by=self.reader, now=self.now)
        return reverse("providers:catalogue", args=[catalogue.pk])


class RequirementAction(FormPage):
    """Something that is done with one requirement of a draft."""

    readers = PROCUREMENT

    @property
    def draft(self) -> RequirementDraft:
        return get_object_or_404(RequirementDraft.objects.select_related("service"), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("providers:draft", args=[self.draft.service_id])


class RequirementChange(RequirementAction):
    """A requirement of a draft is changed."""

    form_class = own_forms.RequirementForm
    heading, button, done = _("Change the requirement"), _("Save"), _("The change is saved.")

    def get_initial(self) -> dict[str, Any]:
        draft = self.draft
        return {part: getattr(draft, part) for part in PARTS}

    def act(self, form: forms.Form) -> str:
        draft, back = self.draft, self.back()
        services.draft_requirement(
            service=draft.service, instead_of=draft, **form.cleaned_data, by=self.reader, now=self.now
        )
        return back


class RequirementRemove(RequirementAction, ConfirmPage):
    """A requirement is taken out of a draft."""

    heading = button = _("Remove the requirement")
    lead = _("Published versions keep it.")
    done = _("The requirement is removed from the draft.")

    def act(self, form: forms.Form) -> str:
        draft, back = self.draft, self.back()
        services.remove_requirement(draft=draft, by=self.reader, now=self.now)
        return back

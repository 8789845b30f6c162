"""Pages of payment models: what is published, and drafts that are built step by step."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.forms import DayField
from backend.kernel.language import reader_language
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.web import STAFF, Page, StaffPage, Text, may_read
from contracts import services, tables
from contracts.comparison import differences, in_words
from contracts.filters import ModelFilter
from contracts.library import library_model
from contracts.model_forms import STEP_FORMS, TRIGGERS, HeadForm, NewDraftForm, StepForm
from contracts.models import Contract, PaymentModelDraft, PaymentModelVersion
from contracts.reading import model_document, read_model
from contracts.selectors import model_of, published_versions
from contracts.sentences import sentences, step_sentences
from contracts.terms import Trigger

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)


class ModelList(ListPage):
    """Published payment models, and drafts."""

    readers = STAFF
    template_name = "contracts/model_list.html"
    table_class, filterset_class = tables.ModelTable, ModelFilter
    heading = _("Payment models")

    def get_queryset(self) -> QuerySet[PaymentModelVersion]:
        return published_versions()

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("contracts:draft_create"), _("Begin a draft")) if may_read(self.reader, PROCUREMENT) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = PaymentModelDraft.objects.select_related("saved_by").order_by("code")
        return super().get_context_data(drafts=tables.DraftTable(drafts), **kwargs)


class VersionDetail(DetailPage):
    """A published version, told in sentences."""

    readers = STAFF
    template_name = "contracts/version_detail.html"
    queryset = PaymentModelVersion.objects.select_related("published_by")

    def heading(self) -> str:
        return self.object.title

    def state(self) -> tuple[Text, str]:
        return _("version {number}").format(number=self.object.number), ""

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Payment models"), reverse("contracts:models"))]

    def facts(self) -> list[Fact]:
        version = self.object
        return [
            Fact(_("Code"), version.code),
            Fact(_("Valid from"), version.valid_from.isoformat()),
            Fact(_("Published by"), version.published_by.get_full_name() or version.published_by),
            Fact(_("Source"), version.source, is_wide=True),
            Fact(_("Digest"), version.digest, is_wide=True),
        ]

    def sections(self) -> list[Section]:
        followers = Contract.objects.filter(terms__version=self.object).distinct()
        table = tables.ContractTable(followers.select_related("provider", "service").order_by("number"))
        return [Section(_("Contracts that follow it"), table)]

    def doings(self) -> list[Doing]:
        start = f"{reverse('contracts:draft_create')}?start=version:{self.object.pk}&code={self.object.code}"
        return [Doing(_("Begin the next version"), start, PROCUREMENT)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = PaymentModelVersion.objects.exclude(pk=self.object.pk).order_by("title", "-number")
        return super().get_context_data(
            said=sentences(model_of(self.object), reader_language()),
            steps=told(model_of(self.object)),
            others=others,
            **kwargs,
        )


def told(model: Any) -> list[dict[str, Any]]:
    """The steps of a model as a page tells them."""
    language = reader_language()
    return [
        {"code": step.code, "title": step.title, "said": step_sentences(model, step, language)} for step in model.steps
    ]


class Changes(StaffPage, TemplateView):
    """What differs in a published version from another: by default from the one before it, if there is one."""

    template_name = "contracts/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        new = get_object_or_404(PaymentModelVersion, pk=self.kwargs["pk"])
        since = self.request.GET.get("since", "")
        if since.isdigit():
            old = get_object_or_404(PaymentModelVersion, pk=since)
        else:
            earlier = PaymentModelVersion.objects.filter(code=new.code, number__lt=new.number)
            old = earlier.order_by("number").last() or new
        said = in_words(differences(model_of(old), model_of(new)), reader_language())
        return super().get_context_data(old=old, new=new, said=said, **kwargs)


# --- drafts


class DraftPage(Page):
    """A page about one draft."""

    readers = PROCUREMENT

    @property
    def draft(self) -> PaymentModelDraft:
        return get_object_or_404(
            PaymentModelDraft.objects.select_related("saved_by", "proposed_by"), pk=self.kwargs["pk"]
        )

    def back(self) -> str:
        return reverse("contracts:draft", args=[self.kwargs["pk"]])


class DraftDetail(DraftPage, TemplateView):
    """A draft: told in sentences, and what can be done with each step."""

    template_name = "contracts/draft_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft = self.draft
        model = read_model(draft.document)
        newest = PaymentModelVersion.objects.filter(code=draft.code).order_by("-number").first()
        changes = in_words(differences(model_of(newest), model), reader_language()) if newest else []
        may_publish = draft.proposed_by_id is not None and self.reader.pk not in (
            draft.proposed_by_id,
            draft.saved_by_id,
        )
        return super().get_context_data(
            draft=draft,
            model=model,
            steps=told(model),
            triggers=[(trigger.value, words) for trigger, words in TRIGGERS.items()],
            newest=newest,
            changes=changes,
            may_publish=may_publish,
            **kwargs,
        )


class DraftForm(DraftPage, FormPage):
    """A form about a draft."""


class DraftCreate(FormPage):
    """A new draft, from something that stands already."""

    readers = PROCUREMENT
    form_class = NewDraftForm
    heading, button = _("Begin a draft"), _("Begin")
    lead = _("A draft begins as a copy. Nothing that is published changes.")
    done = _("The draft is begun.")

    def back(self) -> str:
        return reverse("contracts:models")

    def get_form_kwargs(self) -> dict[str, Any]:
        versions = published_versions()
        choices = [(f"version:{one.pk}", f"{one.title} ({one.number})") for one in versions]
        return super().get_form_kwargs() | {"versions": choices}

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET.get(name) for name in ("start", "code")}

    def act(self, form: forms.Form) -> str:
        kind, _colon, key = form.cleaned_data["start"].partition(":")
        model = library_model(key) if kind == "library" else model_of(PaymentModelVersion.objects.get(pk=key))
        document = {**model_document(model), "title": model.title, "code": form.cleaned_data["code"]}
        draft = services.save_draft(document=document, by=self.reader, now=self.now)
        return reverse("contracts:draft", args=[draft.pk])


class DraftHead(DraftForm):
    """The head of a draft."""

    form_class = HeadForm
    heading, button, done = _("Title, source, tiers and cap"), _("Save"), _("The draft is saved.")

    def get_initial(self) -> dict[str, Any]:
        return HeadForm.from_document(self.draft.document)

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, HeadForm)
        services.save_draft(document=form.into_document(self.draft.document), by=self.reader, now=self.now)
        return self.back()


class StepPage(DraftForm):
    """A step of a draft: a new one of a trigger, or one that stands there."""

    button, done = _("Save the step"), _("The step is saved.")

    @property
    def heading(self) -> Text:  # type: ignore[override]
        return _("Pays for {what}").format(what=TRIGGERS[self.trigger])

    @property
    def step(self) -> dict[str, Any] | None:
        """The step that stands there, if it is no new one."""
        code = self.kwargs.get("code")
        return next((step for step in self.draft.document["steps"] if step["code"] == code), None)

    @property
    def trigger(self) -> Trigger:
        step = self.step
        try:
            return Trigger(step["trigger"] if step else self.kwargs.get("trigger", ""))
        except ValueError as error:
            raise Http404 from error

    def get_form_class(self) -> type[StepForm]:
        return STEP_FORMS[self.trigger]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"document": self.draft.document, "step": self.step}

    def get_initial(self) -> dict[str, Any]:
        document, step = self.draft.document, self.step
        return self.get_form_class().from_step(step, document.get("tiers", ())) if step else {}

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, StepForm)
        document, step, made = self.draft.document, self.step, form.into_step()
        steps = [made if step and each["code"] == step["code"] else each for each in document["steps"]]
        document = {**document, "steps": steps if step else [*steps, made]}
        services.save_draft(document=document, by=self.reader, now=self.now)
        return self.back()


class StepRemove(DraftForm, ConfirmPage):
    """A step is taken out of a draft."""

    heading = button = _("Remove the step")
    done = _("The step is removed.")

    def act(self, form: forms.Form) -> str:
        steps = [step for step in self.draft.document["steps"] if step["code"] != self.kwargs["code"]]
        services.save_draft(document={**self.draft.document, "steps": steps}, by=self.reader, now=self.now)
        return self.back()


class StepUp(DraftForm, ConfirmPage):
    """A step is moved before the one above it."""

    heading = button = _("Move the step up")
    done = _("The step is moved.")

    def act(self, form: forms.Form) -> str:
        steps = list(self.draft.document["steps"])
        place = [step["code"] for step in steps].index(self.kwargs["code"])
        if place:
            steps[place - 1 : place + 1] = steps[place], steps[place - 1]
        services.save_draft(document={**self.draft.document, "steps": steps}, by=self.reader, now=self.now)
        return self.back()


class ProposeForm(forms.Form):
    """From when a draft is to be valid."""

    valid_from = DayField(label=_("Valid from"))


class Propose(DraftForm):
    """A draft is proposed for publication."""

    form_class = ProposeForm
    heading, button = _("Propose for publication"), _("Propose")
    lead = _("Another procurement officer publishes it. If the draft is changed, it must be proposed anew.")
    done = _("The draft is proposed. Another officer publishes it.")

    def get_initial(self) -> dict[str, date]:
        return {"valid_from": localdate()}

    def act(self, form: forms.Form) -> str:
        services.propose_draft(draft=self.draft, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class Publish(DraftForm, ConfirmPage):
    """A draft is published by a second officer."""

    heading = button = _("Publish the model")
    lead = _("A published version never changes. What differs from the version before stands on the draft's page.")
    done = _("The model is published.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        version = services.publish_draft(draft=self.draft, by=self.reader, now=self.now)
        return reverse("contracts:version", args=[version.pk])


class Discard(DraftForm, ConfirmPage):
    """A draft is thrown away."""

    heading = button = _("Throw the draft away")
    lead, done = _("Its last text stays in the audit trail."), _("The draft is thrown away.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.discard_draft(draft=self.draft, by=self.reader, now=self.now)
        return reverse("contracts:models")

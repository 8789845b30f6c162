"""Pages on which a draft of a payment model is tried: on one invented placement, and over the real past."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, TemplateView

from backend.kernel.actions import FormPage, show_refusal
from backend.kernel.errors import DomainError
from backend.kernel.language import reader_language
from backend.kernel.lists import sheet_response
from backend.kernel.models import Role
from backend.kernel.queue import send_on_commit
from backend.kernel.sheets import XLSX, Sheet, kronor
from backend.kernel.web import Page
from contracts.models import PaymentModelDraft
from contracts.reading import read_model
from contracts.selectors import published_versions
from payouts import services, tasks
from payouts.charts import compared_chart
from payouts.forms import ExampleForm, SimulationForm
from payouts.models import Run, Simulation
from payouts.services.simulations import SIDES, VIEWS
from payouts.trying import Tried, try_model

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
VIEW_NAMES = {"run": _("Run"), "provider": _("Provider"), "tier": _("Tier"), "step": _("Step")}


class TryModel(Page, TemplateView):
    """A draft tried on an example: if a participant starts on… and gets a job on…, this is paid."""

    readers = PROCUREMENT
    template_name = "payouts/try_model.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft = get_object_or_404(PaymentModelDraft, pk=self.kwargs["pk"])
        model = read_model(draft.document)
        asked = self.request.GET if "tier" in self.request.GET else None
        form = ExampleForm(asked, tiers=model.tiers, initial=_example(localdate()))
        tried = self._try(form, model) if asked is not None and form.is_valid() else None
        return super().get_context_data(draft=draft, model=model, form=form, tried=tried, **kwargs)

    def _try(self, form: ExampleForm, model: Any) -> Tried | None:
        try:
            return try_model(model, form.cleaned_data, reader_language())
        except DomainError as refused:
            show_refusal(form, refused)
            return None


def _example(today: date) -> dict[str, date]:
    """A start some months ago, so that something can have come of it."""
    start = today.replace(day=1, year=today.year - 1)
    return {"starts_on": start, "through": today}


class AskSimulation(FormPage):
    """A draft is to be run over the past."""

    readers = PROCUREMENT
    form_class = SimulationForm
    heading, button = _("Simulate over the past"), _("Simulate")
    lead = _("What would each run have written under the draft? Nothing is stored but the result, and nothing is paid.")
    done = _("The simulation is under way.")

    @property
    def draft(self) -> PaymentModelDraft:
        return get_object_or_404(PaymentModelDraft, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("contracts:draft", args=[self.kwargs["pk"]])

    def get_form_kwargs(self) -> dict[str, Any]:
        models = {one.code: one.title for one in published_versions()}
        return super().get_form_kwargs() | {"models": list(models.items())}

    def get_initial(self) -> dict[str, Any]:
        runs = Run.objects.exclude(digest="").order_by("sequence").values_list("cutoff", flat=True)
        first, last = runs.first(), runs.last()
        return {"instead_of": self.draft.code, "first": first and first.replace(day=1), "last": last}

    def act(self, form: forms.Form) -> str:
        simulation = services.ask_simulation(draft=self.draft, **form.cleaned_data, by=self.reader, now=self.now)
        send_on_commit(tasks.simulate_draft, simulation.pk)
        return reverse("payouts:simulation_result", args=[simulation.pk])


class SimulationResult(Page, DetailView):
    """What a simulation came to, or that it is under way."""

    readers = PROCUREMENT
    template_name = "payouts/simulation.html"
    queryset = Simulation.objects.select_related("started_by")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") == XLSX:
            simulation = self.get_object()
            sheets = [_sheet(view, simulation.result["by"][view]) for view in VIEWS] if simulation.result else []
            return sheet_response(sheets, f"simulation-{simulation.pk}", XLSX)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        simulation: Simulation = self.object
        result = simulation.result
        views = [(VIEW_NAMES[view], result["by"][view]) for view in VIEWS] if result else []
        chart = compared_chart(result["by"]["run"]) if result else ""
        waits = simulation.state == Simulation.State.WAITING
        return super().get_context_data(
            model=read_model(simulation.document), views=views, chart=chart, waits=waits, **kwargs
        )


def _sheet(view: str, rows: list[dict[str, Any]]) -> Sheet:
    header = [str(VIEW_NAMES[view]), str(_("Draft")), str(_("Written")), str(_("Difference"))]
    return Sheet(str(VIEW_NAMES[view]), header, ([row["name"], *(kronor(row[side]) for side in SIDES)] for row in rows))

"""Pages about a period's scorecards: computed, heard, made final."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, TemplateView

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.details import DetailPage, Doing, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.queue import send_on_commit
from backend.kernel.templatetags.show import day, moment, person
from backend.kernel.web import STAFF, Page, Text, may_read
from scorecards import forms as own_forms
from scorecards import selectors, services, tasks
from scorecards.filters import RunFilter
from scorecards.labels import STATE_TONES, STATES, covariate_word, measure_title
from scorecards.models import ScorecardArchive, ScorecardRun
from scorecards.services.hearing import DAYS_LEAST
from scorecards.states import TRANSITIONS, UNFINISHED, ScorecardState
from scorecards.tables import CardTable, RunTable

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)
ARCHIVERS: tuple[Role, ...] = (Role.PROCUREMENT, Role.AUDITOR)
PERIOD_MONTHS = 36


class RunList(ListPage):
    """The scorecards of all periods."""

    readers = STAFF
    table_class, filterset_class = RunTable, RunFilter
    heading = _("Scorecards")
    lead = _("Each provider beside what was to be expected of its participants: a comparison, not a proof of effect.")

    def get_queryset(self) -> QuerySet[ScorecardRun]:
        return selectors.runs().select_related("started_by")

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("scorecards:create"), _("Compute scorecards")) if may_read(self.reader, PROCUREMENT) else None


class RunDetail(DetailPage):
    """One period's scorecards."""

    readers = STAFF
    template_name = "scorecards/run_detail.html"

    def get_queryset(self) -> QuerySet[ScorecardRun]:
        return selectors.runs().select_related("started_by", "finalised_by", "hearing_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(waits=self.object.state in UNFINISHED, **kwargs)

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Scorecards"), reverse("scorecards:list"))]

    def heading(self) -> Text:
        return gettext("Scorecards {period}").format(period=self.object)

    def state(self) -> tuple[Text, str] | None:
        state = ScorecardState(self.object.state)
        return STATES[state], STATE_TONES.get(state, "")

    def facts(self) -> list[Fact]:
        run = self.object
        return [
            Fact(_("Asked for by"), f"{person(run.started_by)}, {moment(run.queued_at)}"),
            Fact(_("Known by"), moment(run.knowledge_at)),
            Fact(_("Answers by"), day(run.hearing_until)),
            Fact(
                _("Providers that answered"),
                gettext("{count} of {all}").format(count=run.answer_count, all=run.provider_count),
            ),
            Fact(_("Final since"), moment(run.finalised_at)),
            Fact(_("Method"), run.method_version),
            *([Fact(_("Computed anew because"), run.reason, is_wide=True)] if run.reason else []),
            Fact(_("Digest of what it stands on"), run.inputs_digest, is_wide=True),
            Fact(_("Digest of the scorecards"), run.digest, is_wide=True),
        ]

    def doings(self) -> list[Doing]:
        run, args = self.object, [self.object.pk]
        goals = TRANSITIONS[ScorecardState(run.state)]
        heard = run.state == ScorecardState.HEARING
        after_hearing = heard or (run.revises is not None and run.revises.state == ScorecardState.HEARING)
        found = []
        if ScorecardState.FINAL in goals and after_hearing:
            found.append(Doing(_("Make final"), reverse("scorecards:finalise", args=args), PROCUREMENT))
        if ScorecardState.HEARING in goals:
            found.append(Doing(_("Open a hearing"), reverse("scorecards:hearing", args=args), PROCUREMENT))
        if heard or run.state == ScorecardState.FINAL:
            found.append(Doing(_("Compute anew"), reverse("scorecards:revise", args=args), PROCUREMENT))
        if run.card_count:
            found.append(Doing(_("All documents"), reverse("scorecards:documents", args=args), ARCHIVERS))
            found.append(Doing(_("Diagnostics"), reverse("scorecards:diagnostics", args=args), STAFF))
        if ScorecardState.DISCARDED in goals:
            found.append(Doing(_("Put aside"), reverse("scorecards:discard", args=args), PROCUREMENT))
        return found

    def sections(self) -> list[Section]:
        return [Section(_("Scorecards"), CardTable(selectors.cards_of(self.object)))]


class RunCreate(FormPage):
    """Scorecards of a period are asked for."""

    readers = PROCUREMENT
    form_class = own_forms.PeriodForm
    heading = button = _("Compute scorecards")
    lead = _(
        "Each measure counts the participants whose follow-up time has passed: a durable job is known two years after"
        " the start. Take three years or more."
    )
    done = _("The scorecards are being computed.")

    def back(self) -> str:
        return reverse("scorecards:list")

    def get_initial(self) -> dict[str, Any]:
        until = localdate().replace(day=1) - timedelta(days=1)
        return {"first_month": _months_before(until, PERIOD_MONTHS), "until": until}

    def act(self, form: forms.Form) -> str:
        run = services.queue_scorecards(**form.cleaned_data, by=self.reader, now=self.now)
        send_on_commit(tasks.compute_cards, run.pk)
        return reverse("scorecards:run", args=[run.pk])


def _months_before(last: date, months: int) -> date:
    """The first day of the month that begins so many months, this one included, before a day."""
    year, month = divmod(last.year * 12 + last.month - months, 12)
    return date(year, month + 1, 1)


class RunAction(FormPage):
    """Something that is done with a period's scorecards."""

    readers = PROCUREMENT

    @property
    def run(self) -> ScorecardRun:
        return get_object_or_404(ScorecardRun, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("scorecards:run", args=[self.kwargs["pk"]])


class OpenHearing(RunAction):
    """Providers are heard."""

    form_class = own_forms.HearingForm
    heading = button = _("Open a hearing")
    lead = _("Each provider sees its own scorecards, and may answer until the day that you name.")
    done = _("The hearing is open.")

    def get_initial(self) -> dict[str, Any]:
        return {"until": localdate() + timedelta(days=DAYS_LEAST + 7)}

    def act(self, form: forms.Form) -> str:
        services.open_hearing(run=self.run, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class Revise(RunAction):
    """Scorecards are computed anew."""

    form_class = own_forms.ReasonForm
    heading = button = _("Compute anew")
    lead = _(
        "With what is verified by now. After a hearing the new scorecards take the place of those that were heard; a"
        " revision of final ones needs a hearing of its own, and stands beside what was published."
    )
    done = _("The scorecards are being computed.")

    def act(self, form: forms.Form) -> str:
        before = self.run
        run = services.queue_scorecards(
            first_month=before.first_month, until=before.until, revises=before, reason=form.cleaned_data["reason"],
            by=self.reader, now=self.now,
        )  # fmt: skip
        send_on_commit(tasks.compute_cards, run.pk)
        return reverse("scorecards:run", args=[run.pk])


class Finalise(RunAction, ConfirmPage):
    """Scorecards become final."""

    heading = button = _("Make the scorecards final")
    lead = _("From then on they don't change. What is found later stands beside them, as a revision.")
    done = _("The scorecards are final.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.finalise_scorecards(run=self.run, by=self.reader, now=self.now)
        return self.back()


class Discard(RunAction, ConfirmPage):
    """Scorecards are put aside."""

    heading = button = _("Put the scorecards aside")
    lead = _("They stay readable for officers, and are shown to no provider.")
    done = _("The scorecards are put aside.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.discard_scorecards(run=self.run, by=self.reader, now=self.now)
        return self.back()


class AskDocuments(RunAction):
    """All documents as one file."""

    readers = ARCHIVERS
    form_class = own_forms.ArchiveForm
    heading = _("All documents")
    button = _("Make them")
    lead = _("A document for each scorecard, in one ZIP file. A worker makes them; the next page shows how far it is.")
    done = _("The documents are being made.")

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, own_forms.ArchiveForm)
        kind = ScorecardArchive.Format(form.cleaned_data["kind"])
        archive = services.ask_archive(run=self.run, kind=kind, language=form.language, by=self.reader, now=self.now)
        send_on_commit(tasks.make_documents, archive.pk)
        return reverse("scorecards:archive", args=[archive.pk])


class ArchiveDetail(Page, DetailView):
    """How far the documents are, and then the file."""

    readers = ARCHIVERS
    template_name = "scorecards/archive.html"
    queryset = ScorecardArchive.objects.defer("content").select_related("run")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        archive = self.get_object()
        if "file" in request.GET and archive.finished_at:
            response = HttpResponse(bytes(archive.content), content_type="application/zip")
            name = f"resultatkort-{archive.run.until}-{archive.pk}.zip"
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        return super().get(request, *args, **kwargs)


class Diagnostics(Page, TemplateView):
    """How good the risk models are: what a statistician, or an appeal, asks for."""

    readers = STAFF
    template_name = "scorecards/diagnostics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = get_object_or_404(ScorecardRun.objects.exclude(result=None), pk=self.kwargs["pk"])
        assert run.result is not None
        names = {card.provider_id: card.provider.name for card in run.scorecards.select_related("provider")}
        models = [
            {
                "service": service["title"],
                "measure": measure_title(code),
                "model": model,
                "coefficients": [[covariate_word(name), *rest] for name, *rest in model["coefficients"]],
                "left_out": [covariate_word(name) for name in (*model["left_out"], *model["unused"])],
                "providers": [
                    (names.get(provider, ""), rating)
                    for provider, rating in zip(service["ids"], model["providers"], strict=True)
                ],
            }
            for service in run.result.values()
            for code, model in service["models"].items()
        ]
        return super().get_context_data(run=run, models=models, **kwargs)

"""Pages about one scorecard, for officers and for the provider itself."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView
from django_tables2 import SingleTableView

from backend.kernel.actions import FormPage
from backend.kernel.models import Role
from backend.kernel.web import ROWS, STAFF, Page, may_read
from providers.selectors import provider_of, providers_on
from scorecards import charts, presenting, selectors, services
from scorecards import forms as own_forms
from scorecards.documents import DOCX, scorecard_document
from scorecards.labels import measure_title
from scorecards.models import ReviewThreshold, Scorecard
from scorecards.services.hearing import may_be_answered
from scorecards.states import ScorecardState
from scorecards.tables import OwnCardTable, verdicts
from scorecards.thresholds import Finding

PROVIDER: tuple[Role, ...] = (Role.PROVIDER,)


class CardDetail(Page, DetailView):
    """A scorecard: for officers any, for a provider its own from the hearing on. With `?document`, as DOCX."""

    readers = STAFF | {Role.PROVIDER}
    template_name = "scorecards/card.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "document" not in request.GET:
            return super().get(request, *args, **kwargs)
        card = self.get_object()
        return docx_response(scorecard_document(card), f"resultatkort-{card.provider.number}-{card.run.until}")

    def get_object(self, queryset: QuerySet | None = None) -> Scorecard:
        if may_read(self.reader, STAFF):
            cards = Scorecard.objects.select_related("run__revises", "provider")
        else:
            provider = provider_of(self.reader)
            if provider is None:
                raise Http404
            cards = selectors.cards_for(provider)
        return get_object_or_404(cards, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card: Scorecard = self.object
        run, own = card.run, card.result
        service = (run.result or {})[card.service]
        main = presenting.main_measure(service)
        targets = {code: row.value for code, row in selectors.targets_on(run.until).items()}
        is_staff = may_read(self.reader, STAFF)
        return super().get_context_data(
            run=run,
            is_staff=is_staff,
            verdicts=verdicts(card),
            grids=presenting.grids(card, service, targets),
            funnel=_funnel(card, service, main) if main else "",
            main_title=measure_title(main) if main else "",
            trend=charts.trend(
                own["groups"]["quarter"]["job_within_year"], service["groups"]["quarter"]["job_within_year"]
            ),
            mix=charts.mix(own["groups"]["tier"]["days_to_start"], service["groups"]["tier"]["days_to_start"]),
            watch_grades=own["watch_grades"],
            provider=providers_on(run.until).get(pk=card.provider_id),
            answers=selectors.answers_to(card),
            others=selectors.other_versions(card),
            may_answer=not is_staff and may_be_answered(run, localdate()),
            may_propose=Role.PROCUREMENT in self.reader.roles and run.state == ScorecardState.FINAL,
            findings=_findings(card) if is_staff else [],
            reviews=card.reviews.select_related("proposed_by") if is_staff else [],
            **kwargs,
        )


def docx_response(content: bytes, name: str) -> HttpResponse:
    """A document to download."""
    response = HttpResponse(content, content_type=DOCX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return response


def _findings(card: Scorecard) -> list[tuple[Finding, str, str]]:
    """What the thresholds say, with the names of measure and limit."""
    return [
        (one, measure_title(one.threshold.measure), str(ReviewThreshold.Limit(one.threshold.limit).label))
        for one in selectors.findings_of(card)
    ]


def _funnel(card: Scorecard, service: dict[str, Any], main: str) -> Any:
    place = service["ids"].index(card.provider_id)
    title = gettext("{measure}: all providers of the service").format(measure=measure_title(main))
    return charts.funnel(service["models"][main]["providers"], place, title)


class OwnCards(Page, SingleTableView):
    """The scorecards of the provider that the reader acts for."""

    readers = PROVIDER
    table_class = OwnCardTable
    template_name = "scorecards/own_cards.html"
    paginate_by = ROWS

    def get_queryset(self) -> QuerySet[Scorecard]:
        provider = provider_of(self.reader)
        return selectors.cards_for(provider) if provider else Scorecard.objects.none()


class Answer(FormPage):
    """A provider answers in a hearing."""

    readers = PROVIDER
    form_class = own_forms.AnswerForm
    heading, button, done = _("Answer"), _("Send the answer"), _("The answer is received.")
    lead = _(
        "Say what is wrong or missing, and what the figures don't tell. Facts that are wrong you correct where you"
        " report them; the scorecard is then computed anew."
    )

    @property
    def card(self) -> Scorecard:
        provider = provider_of(self.reader)
        cards = selectors.cards_for(provider) if provider else Scorecard.objects.none()
        return get_object_or_404(cards, pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("scorecards:card", args=[self.kwargs["pk"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(card=self.card, **kwargs)

    def act(self, form: forms.Form) -> str:
        card = self.card
        services.answer_hearing(run=card.run, provider=card.provider, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()

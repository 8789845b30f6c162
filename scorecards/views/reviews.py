"""Pages about reviews, their thresholds, and targets."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView
from django_tables2 import SingleTableView

from backend.kernel.actions import FormPage
from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from backend.kernel.web import ROWS, STAFF, Page, Text, may_read
from scorecards import forms as own_forms
from scorecards import selectors, services
from scorecards.documents import decision_document
from scorecards.filters import ReviewFilter, ThresholdFilter
from scorecards.labels import measure_title
from scorecards.models import MeasureTarget, Review, ReviewThreshold, Scorecard
from scorecards.tables import ReviewTable, TargetTable, ThresholdTable
from scorecards.views.cards import docx_response

PROCUREMENT: tuple[Role, ...] = (Role.PROCUREMENT,)


class ReviewList(ListPage):
    """All reviews."""

    readers = STAFF
    table_class, filterset_class = ReviewTable, ReviewFilter
    heading = _("Reviews")
    lead = _("What follows from final scorecards: one officer proposes, a second one decides.")

    def get_queryset(self) -> QuerySet[Review]:
        return selectors.reviews()


class ReviewDetail(Page, DetailView):
    """One review. With `?document`, its decision as DOCX."""

    readers = STAFF
    template_name = "scorecards/review.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "document" not in request.GET:
            return super().get(request, *args, **kwargs)
        review = get_object_or_404(selectors.reviews().exclude(decided_at=None), pk=self.kwargs["pk"])
        return docx_response(decision_document(review), f"beslut-{review.pk}")

    def get_queryset(self) -> QuerySet[Review]:
        return selectors.reviews()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review: Review = self.object
        may_decide = (
            review.decided_at is None
            and Role.PROCUREMENT in self.reader.roles
            and review.proposed_by_id != self.reader.pk
        )
        findings = [
            {**one, "title": measure_title(one["measure"]), "limit": ReviewThreshold.Limit(one["limit"]).label}
            for one in review.thresholds
        ]
        return super().get_context_data(may_decide=may_decide, findings=findings, **kwargs)


class Propose(FormPage):
    """What follows from a final scorecard is proposed."""

    readers = PROCUREMENT
    form_class = own_forms.ProposalForm
    heading, button = _("Propose what follows"), _("Propose")
    done = _("The proposal waits for a second officer.")

    @property
    def card(self) -> Scorecard:
        return get_object_or_404(Scorecard.objects.select_related("run", "provider"), pk=self.kwargs["pk"])

    def back(self) -> str:
        return reverse("scorecards:card", args=[self.kwargs["pk"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = self.card
        lead = gettext("{card}. What the announced thresholds say of it is kept with the proposal.").format(card=card)
        return super().get_context_data(**({"lead": lead} | kwargs))

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        review = services.propose_review(
            scorecard=self.card,
            proposal=Review.Proposal(said["proposal"]),
            reasons=said["reasons"],
            diarienummer=said["diarienummer"],
            by=self.reader,
            now=self.now,
        )
        return reverse("scorecards:review", args=[review.pk])


class Decide(FormPage):
    """A second officer decides."""

    readers = PROCUREMENT
    form_class = own_forms.DecisionForm
    heading, button, done = _("Decide the review"), _("Decide"), _("The review is decided.")
    is_grave = True

    def back(self) -> str:
        return reverse("scorecards:review", args=[self.kwargs["pk"]])

    def act(self, form: forms.Form) -> str:
        review = get_object_or_404(Review, pk=self.kwargs["pk"])
        services.decide_review(review=review, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class ThresholdList(ListPage):
    """When reviews are due."""

    readers = STAFF
    table_class, filterset_class = ThresholdTable, ThresholdFilter
    heading = _("Thresholds for reviews")
    lead = _("Announced before the first participant whom they concern starts, so that nobody is judged by new rules.")

    def get_queryset(self) -> QuerySet[ReviewThreshold]:
        return ReviewThreshold.objects.select_related("set_by").order_by("-valid_from", "step")

    def main_action(self) -> tuple[str, Text] | None:
        if not may_read(self.reader, PROCUREMENT):
            return None
        return (reverse("scorecards:threshold"), _("Announce a threshold"))


class ThresholdCreate(FormPage):
    """A threshold is announced."""

    readers = PROCUREMENT
    form_class = own_forms.ThresholdForm
    heading, button, done = _("Announce a threshold"), _("Announce"), _("The threshold is announced.")

    def back(self) -> str:
        return reverse("scorecards:thresholds")

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        services.announce_threshold(
            **said | {"step": ReviewThreshold.Step(said["step"]), "beyond": ReviewThreshold.Limit(said["beyond"])},
            by=self.reader,
            now=self.now,
        )
        return self.back()


class TargetList(Page, SingleTableView):
    """What measures should come to."""

    readers = STAFF
    table_class = TargetTable
    template_name = "scorecards/targets.html"
    paginate_by = ROWS

    def get_queryset(self) -> QuerySet[MeasureTarget]:
        return MeasureTarget.objects.select_related("set_by").order_by("measure", "-valid_from", "-set_at")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_set=may_read(self.reader, PROCUREMENT), **kwargs)


class TargetCreate(FormPage):
    """A target is set."""

    readers = PROCUREMENT
    form_class = own_forms.TargetForm
    heading, button, done = _("Set a target"), _("Set"), _("The target is set.")

    def back(self) -> str:
        return reverse("scorecards:targets")

    def act(self, form: forms.Form) -> str:
        services.set_target(**form.cleaned_data, by=self.reader, now=self.now)
        return self.back()

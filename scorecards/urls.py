"""Addresses of scorecards, reviews and the effect analysis."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.selectors import add_object_page
from backend.kernel.web import STAFF, Entry, add_entries
from scorecards import cards as waiting
from scorecards.views import cards, effect, reviews, runs

__all__ = ["waiting"]  # registers what waits

app_name = "scorecards"
add_entries(
    Entry(_("Scorecards"), "scorecards:list", STAFF, 60),
    Entry(_("Reviews"), "scorecards:reviews", STAFF, 61),
    Entry(_("Our scorecards"), "scorecards:own", (Role.PROVIDER,), 60),
    Entry(_("Effect"), "scorecards:effect", (Role.PROCUREMENT, Role.AUDITOR), 70),
)
add_object_page("scorecards.scorecardrun", lambda pk: reverse("scorecards:run", args=[pk]))
add_object_page("scorecards.review", lambda pk: reverse("scorecards:review", args=[pk]))

urlpatterns = [
    path("scorecards/", runs.RunList.as_view(), name="list"),
    path("scorecards/new/", runs.RunCreate.as_view(), name="create"),
    path("scorecards/<int:pk>/", runs.RunDetail.as_view(), name="run"),
    path("scorecards/<int:pk>/hearing/", runs.OpenHearing.as_view(), name="hearing"),
    path("scorecards/<int:pk>/revise/", runs.Revise.as_view(), name="revise"),
    path("scorecards/<int:pk>/finalise/", runs.Finalise.as_view(), name="finalise"),
    path("scorecards/<int:pk>/discard/", runs.Discard.as_view(), name="discard"),
    path("scorecards/<int:pk>/documents/", runs.AskDocuments.as_view(), name="documents"),
    path("scorecards/<int:pk>/diagnostics/", runs.Diagnostics.as_view(), name="diagnostics"),
    path("archives/<int:pk>/", runs.ArchiveDetail.as_view(), name="archive"),
    path("cards/", cards.OwnCards.as_view(), name="own"),
    path("cards/<int:pk>/", cards.CardDetail.as_view(), name="card"),
    path("cards/<int:pk>/answer/", cards.Answer.as_view(), name="answer"),
    path("cards/<int:pk>/review/", reviews.Propose.as_view(), name="propose"),
    path("reviews/", reviews.ReviewList.as_view(), name="reviews"),
    path("reviews/<int:pk>/", reviews.ReviewDetail.as_view(), name="review"),
    path("reviews/<int:pk>/decide/", reviews.Decide.as_view(), name="decide"),
    path("thresholds/", reviews.ThresholdList.as_view(), name="thresholds"),
    path("thresholds/new/", reviews.ThresholdCreate.as_view(), name="threshold"),
    path("targets/", reviews.TargetList.as_view(), name="targets"),
    path("targets/new/", reviews.TargetCreate.as_view(), name="target"),
    path("effect/", effect.EffectPage.as_view(), name="effect"),
]

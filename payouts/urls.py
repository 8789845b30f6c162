"""Addresses of runs and placements."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.web import STAFF, Entry, add_entries
from payouts import cards, views  # noqa: F401  # cards fill places on the ground floor

add_entries(
    Entry(_("Placements"), "payouts:placement_list", STAFF, 20), Entry(_("Runs"), "payouts:run_list", STAFF, 50)
)

app_name = "payouts"
urlpatterns = [
    path("runs/", views.RunList.as_view(), name="run_list"),
    path("runs/<int:sequence>/", views.RunDetail.as_view(), name="run_detail"),
    path("placements/", views.PlacementList.as_view(), name="placement_list"),
    path("placements/<int:pk>/", views.PlacementDetail.as_view(), name="placement_detail"),
]

"""Addresses of runs and placements."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.web import STAFF, Entry, add_entries
from payouts import cards  # noqa: F401  # cards fill places on the ground floor
from payouts.views import models, placements, runs

add_entries(
    Entry(_("Placements"), "payouts:placement_list", STAFF, 20), Entry(_("Runs"), "payouts:run_list", STAFF, 50)
)

app_name = "payouts"
urlpatterns = [
    path("runs/", runs.RunList.as_view(), name="run_list"),
    path("runs/<int:sequence>/", runs.RunDetail.as_view(), name="run_detail"),
    path("placements/", placements.PlacementList.as_view(), name="placement_list"),
    path("placements/<int:pk>/", placements.PlacementDetail.as_view(), name="placement_detail"),
    path("drafts/<int:pk>/try/", models.TryModel.as_view(), name="try"),
    path("drafts/<int:pk>/simulate/", models.AskSimulation.as_view(), name="simulation"),
    path("simulations/<int:pk>/", models.SimulationResult.as_view(), name="simulation_result"),
]

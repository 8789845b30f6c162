"""Addresses of runs and placements."""

from django.urls import path

from payouts import views

app_name = "payouts"
urlpatterns = [
    path("runs/", views.RunList.as_view(), name="run_list"),
    path("runs/<int:sequence>/", views.RunDetail.as_view(), name="run_detail"),
    path("placements/", views.PlacementList.as_view(), name="placement_list"),
    path("placements/<int:pk>/", views.PlacementDetail.as_view(), name="placement_detail"),
]

"""Addresses of pages about participants."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.web import Entry, add_entries
from outcomes import cards  # noqa: F401  # fills places on the ground floor
from outcomes.views import participants, waiting

add_entries(Entry(_("Facts that wait"), "outcomes:waiting", (Role.HANDLER, Role.AUDITOR), 30))

app_name = "outcomes"
urlpatterns = [
    path("facts/waiting/", waiting.WaitingList.as_view(), name="waiting"),
    path("facts/asked/", waiting.AskedList.as_view(), name="asked"),
    path("reports/missing/", waiting.UnreportedList.as_view(), name="unreported"),
    path("participants/find/", participants.FindParticipant.as_view(), name="find_participant"),
    path("participants/<int:pk>/", participants.ParticipantDetail.as_view(), name="participant"),
    path("participants/<int:pk>/identities/", participants.RevealIdentities.as_view(), name="identities"),
    path("participants/<int:pk>/identities/new/", participants.RecordIdentity.as_view(), name="record_identity"),
    path("participants/<int:pk>/protect/", participants.Protect.as_view(), name="protect"),
    path("participants/<int:pk>/protection/lift/", participants.LiftProtection.as_view(), name="lift_protection"),
    path("participants/<int:pk>/protection/name/", participants.NameHandler.as_view(), name="name_handler"),
    path(
        "participants/<int:pk>/protection/named/<int:named>/end/", participants.EndNaming.as_view(), name="end_naming"
    ),
]

"""Addresses of pages about participants."""

from django.urls import path

from outcomes import cards  # noqa: F401  # fills places on the ground floor
from outcomes.views import participants, verification_terms, waiting

app_name = "outcomes"
urlpatterns = [
    path(
        "contracts/<int:pk>/verification/",
        verification_terms.ChangeVerificationTerms.as_view(),
        name="verification_terms",
    ),
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

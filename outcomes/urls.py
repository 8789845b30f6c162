"""Addresses of pages about participants, placements and what waits."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.web import STAFF, Entry, add_entries
from outcomes import cards  # noqa: F401  # fills places on the ground floor
from outcomes.views import participants, placements, registers, verification_terms, waiting

add_entries(
    Entry(_("Placements"), "outcomes:placement_list", STAFF, 20),
    Entry(_("Participants"), "outcomes:participant_list", (Role.HANDLER,), 25),
    Entry(_("Registers"), "outcomes:registers", registers.READERS, 65),
)

app_name = "outcomes"
urlpatterns = [
    path(
        "contracts/<int:pk>/verification/",
        verification_terms.ChangeVerificationTerms.as_view(),
        name="verification_terms",
    ),
    path("facts/asked/", waiting.AskedList.as_view(), name="asked"),
    path("reports/missing/", waiting.UnreportedList.as_view(), name="unreported"),
    path("placements/", placements.PlacementList.as_view(), name="placement_list"),
    path("placements/<int:pk>/change/", placements.ChangePlacement.as_view(), name="change_placement"),
    path("placements/<int:pk>/return/", placements.ReturnToPlacement.as_view(), name="return"),
    path("placements/<int:pk>/follow-ups/new/", placements.RecordFollowUp.as_view(), name="follow_up"),
    path("participants/", participants.ParticipantList.as_view(), name="participant_list"),
    path("participants/new/", participants.RegisterParticipant.as_view(), name="register_participant"),
    path("participants/<int:pk>/background/", participants.ChangeBackground.as_view(), name="background"),
    path("participants/<int:pk>/refer/", placements.ChooseContract.as_view(), name="choose_contract"),
    path("participants/<int:pk>/refer/<int:contract>/<str:day>/", placements.Refer.as_view(), name="refer"),
    path("registers/", registers.ImportList.as_view(), name="registers"),
    path("registers/new/", registers.TakeIn.as_view(), name="register_new"),
    path("registers/ground/", registers.RecordGround.as_view(), name="register_ground"),
    path("registers/<int:pk>/", registers.ImportDetail.as_view(), name="register_import"),
    path("register-rows/", registers.RowList.as_view(), name="register_rows"),
    path("register-rows/<int:pk>/match/", registers.MatchRow.as_view(), name="match"),
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

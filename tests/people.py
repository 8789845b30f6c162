"""Participants with identity numbers and protection, for tests."""

from datetime import date

from backend.kernel.models import Role, User
from outcomes.models import Participant, ParticipantIdentity, Protection
from outcomes.services import protect_participant, record_identity
from tests.small_world import NOW, make_placement, make_user

NUMBER = "19800101-1231"
OTHER_NUMBER = "19900615-0016"


def make_participant() -> Participant:
    return make_placement().participant


def identify(participant: Participant, number: str = NUMBER, by: User | None = None) -> ParticipantIdentity:
    return record_identity(
        participant=participant,
        number=number,
        valid_from=date(2025, 1, 1),
        by=by or make_user(Role.HANDLER),
        now=NOW,
    )


def protect(participant: Participant, by: User) -> Protection:
    return protect_participant(participant=participant, kind=Protection.Kind.MARKED, by=by, now=NOW)

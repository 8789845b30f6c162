"""Participants are entered by number, with what risk adjustment needs to know of them and nothing more."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.models import Participant, ParticipantBackground
from outcomes.permissions import require_named
from outcomes.services.referrals import Background

PARTICIPANT_TWICE = rule("participant_twice", gettext_noop("a participant has this number already"))
BIRTH_YEAR = rule("birth_year", gettext_noop("a participant was born in {first} to {last}"))

OLDEST, YOUNGEST = 80, 15  # years old


@transaction.atomic
def register_participant(*, number: str, background: Background, by: User, now: datetime) -> Participant:
    """A participant that the city knows under a number of its own."""
    require_role(by, Role.HANDLER)
    with constraints_as({"outcomes_participant_number_key": PARTICIPANT_TWICE}, "number"):
        participant = Participant.objects.create(number=number)
    record_event(by=by, action="register", on=participant, now=now, later={"number": number})
    record_background(participant=participant, background=background, by=by, now=now)
    return participant


@transaction.atomic
def record_background(*, participant: Participant, background: Background, by: User, now: datetime) -> None:
    """Record what is known of a participant, in place of what was recorded before. Events don't repeat it."""
    require_role(by, Role.HANDLER)
    require_named(participant, by)
    years = {"first": now.year - OLDEST, "last": now.year - YOUNGEST}
    if not years["first"] <= background.birth_year <= years["last"]:
        raise refuse(BIRTH_YEAR, field="birth_year", value=background.birth_year, **years)
    values = asdict(background)
    values["district_id"] = values.pop("district")
    ParticipantBackground.objects.update_or_create(participant=participant, defaults=values)
    record_event(by=by, action="record_background", on=participant, now=now)

"""Officers take an application up, assess it requirement by requirement, and ask for what it lacks."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.authorisation_models import LegalBasis
from providers.models import Application, Assessment, Provider, Requirement
from providers.services.applying import check_catalogue, locked, move
from providers.states import ApplicationState

NOT_ASSESSED_NOW = rule("not_assessed_now", gettext_noop("only an application that is being assessed is judged"))
BASIS_IN_HOUSE = rule(
    "basis_in_house", gettext_noop("an in-house provider has an in-house assignment, and nobody else has one")
)
NOTE_NEEDED = rule("note_needed", gettext_noop("say why; the provider reads it"))


@transaction.atomic
def register_application(
    *, application: Application, diarienummer: str, legal_basis: str, by: User, now: datetime
) -> Application:
    """Take a submitted application up, under its registry number and the law that decides how it is decided."""
    require_role(by, Role.PROCUREMENT)
    application = locked(application)
    is_in_house = application.provider.kind == Provider.Kind.IN_HOUSE
    if is_in_house != (legal_basis == LegalBasis.IN_HOUSE):
        raise refuse(BASIS_IN_HOUSE, field="legal_basis", value=legal_basis)
    return move(
        application,
        ApplicationState.ASSESSING,
        note="",
        by=by,
        now=now,
        diarienummer=diarienummer,
        legal_basis=legal_basis,
    )


@transaction.atomic
def assess_requirement(
    *,
    application: Application,
    requirement: Requirement,
    outcome: Assessment.Outcome,
    note: str,
    by: User,
    now: datetime,
) -> Assessment:
    """Judge whether an application meets a requirement, and why; in place of what was judged before."""
    require_role(by, Role.PROCUREMENT)
    application = locked(application)
    if application.state != ApplicationState.ASSESSING:
        raise refuse(NOT_ASSESSED_NOW, field="application", value=application.state)
    check_catalogue(application, requirement)
    require_note(note, "note")
    assessment = Assessment.objects.create(
        application=application, requirement=requirement, outcome=outcome, note=note, assessed_at=now, assessed_by=by
    )
    later = {"requirement": requirement.code, "outcome": outcome}
    record_event(by=by, action="assess_requirement", on=application, now=now, later=later)
    return assessment


@transaction.atomic
def return_application(*, application: Application, note: str, by: User, now: datetime) -> Application:
    """Ask the provider to complete its application; `note` says with what."""
    require_role(by, Role.PROCUREMENT)
    require_note(note, "note")
    return move(locked(application), ApplicationState.RETURNED, note=note, by=by, now=now)


def require_note(note: str, field: str) -> None:
    if not note.strip():
        raise refuse(NOTE_NEEDED, field=field, value=note)

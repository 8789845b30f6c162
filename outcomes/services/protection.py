"""Participants whose data the law protects: to all but named handlers they are "skyddad"."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.models import NamedHandler, Participant, Protection
from outcomes.permissions import require_named

PROTECTED_TWICE = rule("protected_twice", gettext_noop("the participant is protected already"))
PROTECTION_LIFTED = rule("protection_lifted", gettext_noop("the protection has been lifted already"))
HANDLERS_NAMED = rule("handlers_named", gettext_noop("only an account with the role handler can be named"))
NAMED_TWICE = rule("named_twice", gettext_noop("this person is named already"))
NAMING_ENDED = rule("naming_ended", gettext_noop("this person is no longer named"))
LAST_NAMED = rule("last_named", gettext_noop("somebody must be named; name another handler first"))


@transaction.atomic
def protect_participant(*, participant: Participant, kind: Protection.Kind, by: User, now: datetime) -> Protection:
    """Protect a participant from now on. Whoever does it is the first named handler."""
    require_role(by, Role.HANDLER)
    protection = Protection(participant=participant, kind=kind, placed_at=now, placed_by=by)
    with constraints_as({"outcomes_protection_one": PROTECTED_TWICE}, "participant"):
        protection.save()
    NamedHandler.objects.create(protection=protection, user=by, named_at=now, named_by=by)
    record_event(by=by, action="protect", on=participant, now=now, later={"kind": kind})
    return protection


@transaction.atomic
def lift_protection(*, protection: Protection, by: User, now: datetime) -> Protection:
    """Lift a protection: the participant is shown as any other."""
    require_role(by, Role.HANDLER)
    protection = _in_force(protection)
    require_named(protection.participant, by)
    protection.lifted_at, protection.lifted_by = now, by
    protection.save(update_fields=["lifted_at", "lifted_by"])
    record_event(by=by, action="lift_protection", on=protection.participant, now=now)
    return protection


@transaction.atomic
def name_handler(*, protection: Protection, user: User, by: User, now: datetime) -> NamedHandler:
    """Let another handler see who a protected participant is. An administrator does it when no named one is left."""
    require_role(by, Role.HANDLER, Role.ADMINISTRATOR)
    protection = _in_force(protection)
    if Role.ADMINISTRATOR not in by.roles:
        require_named(protection.participant, by)
    if Role.HANDLER not in user.roles:
        raise refuse(HANDLERS_NAMED, field="user", value=user.get_username())
    named = NamedHandler(protection=protection, user=user, named_at=now, named_by=by)
    with constraints_as({"outcomes_named_handler_once": NAMED_TWICE}, "user"):
        named.save()
    record_event(by=by, action="name_handler", on=protection.participant, now=now, later={"user": user.get_username()})
    return named


@transaction.atomic
def end_naming(*, named: NamedHandler, by: User, now: datetime) -> NamedHandler:
    """A handler is no longer named. The last one stays."""
    require_role(by, Role.HANDLER)
    protection = _in_force(named.protection)
    require_named(protection.participant, by)
    named = NamedHandler.objects.select_for_update().get(pk=named.pk)
    if named.ended_at is not None:
        raise refuse(NAMING_ENDED, field="user", value=named.user.get_username())
    if not protection.handlers.filter(ended_at=None).exclude(pk=named.pk).exists():
        raise refuse(LAST_NAMED, field="user", value=named.user.get_username())
    named.ended_at, named.ended_by = now, by
    named.save(update_fields=["ended_at", "ended_by"])
    later = {"user": named.user.get_username()}
    record_event(by=by, action="end_naming", on=protection.participant, now=now, later=later)
    return named


def _in_force(protection: Protection) -> Protection:
    """The protection, locked, so that what is done about one follows each other."""
    protection = Protection.objects.select_for_update().select_related("participant").get(pk=protection.pk)
    if protection.lifted_at is not None:
        raise refuse(PROTECTION_LIFTED, field="protection", value=protection.participant.number)
    return protection

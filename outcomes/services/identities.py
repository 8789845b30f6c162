"""Who a participant is: identity numbers are recorded, found with a reason, and read; every time leaves an event."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from backend.kernel.audit import record_bulk_event, record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from backend.kernel.secrets import KeyRing
from outcomes.identity import Identity, IdentityKind, read_identity
from outcomes.models import Participant, ParticipantIdentity
from outcomes.permissions import is_hidden, require_named

IDENTITY_TWICE = rule("identity_twice", gettext_noop("a participant has this identity number already"))
LOOK_REASON = rule("look_reason", gettext_noop("who looks up a person says why"))


def number_keys() -> KeyRing:
    return KeyRing.read("IDENTITY_KEYS", settings.IDENTITY_KEYS)


def digest_keys() -> KeyRing:
    return KeyRing.read("IDENTITY_HASH_KEYS", settings.IDENTITY_HASH_KEYS)


@transaction.atomic
def record_identity(
    *, participant: Participant, number: str, valid_from: date, by: User, now: datetime
) -> ParticipantIdentity:
    """Record an identity number that a participant has from a day on. Earlier ones stay."""
    require_role(by, Role.HANDLER)
    require_named(participant, by)
    identity = read_identity(number, "number")
    if _found(identity):
        raise refuse(IDENTITY_TWICE, field="number", value="…")
    row = ParticipantIdentity(
        participant=participant, kind=identity.kind, valid_from=valid_from, recorded_at=now, recorded_by=by
    )
    _seal(row, identity)
    with constraints_as({"outcomes_identity_number": IDENTITY_TWICE}, "number"):
        row.save()
    record_event(
        by=by,
        action="record_identity",
        on=participant,
        now=now,
        later={"kind": identity.kind, "valid_from": valid_from},
    )
    return row


@transaction.atomic
def find_participant(*, number: str, reason: str, by: User, now: datetime) -> Participant | None:
    """The participant with an identity number, if there is one that the person may see."""
    require_role(by, Role.HANDLER)
    identity = read_identity(number, "number")
    check_reason(reason)
    found = _found(identity)
    if found is None:
        record_bulk_event(by=by, action="find_participant", on=Participant, now=now, later={"reason": reason})
        return None
    shown = not is_hidden(found.participant, by)
    later = {"reason": reason, "shown": shown}
    record_event(by=by, action="find_participant", on=found.participant, now=now, later=later)
    return found.participant if shown else None


@transaction.atomic
def reveal_identities(*, participant: Participant, reason: str, by: User, now: datetime) -> list[Identity]:
    """The identity numbers of a participant, the newest first."""
    require_role(by, Role.HANDLER)
    require_named(participant, by)
    check_reason(reason)
    rows = participant.identities.order_by("-valid_from", "-pk")
    record_event(by=by, action="reveal_identities", on=participant, now=now, later={"reason": reason})
    return [read_number(row) for row in rows]


def renew_keys() -> int:
    """Encrypt and hash with the current keys what was made with earlier ones. Gives how many numbers changed."""
    changed = 0
    old = ParticipantIdentity.objects.exclude(key=number_keys().current, digest_key=digest_keys().current)
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            row = ParticipantIdentity.objects.select_for_update().get(pk=pk)
            _seal(row, read_number(row))
            row.save(update_fields=["number", "key", "digest", "digest_key"])
        changed += 1
    return changed


def _seal(row: ParticipantIdentity, identity: Identity) -> None:
    row.key, row.number = number_keys().encrypt(identity.number, row.about)
    row.digest_key, row.digest = next(iter(digest_keys().digests(identity.number).items()))


def read_number(row: ParticipantIdentity) -> Identity:
    """The number of a row. Whoever shows it leaves an event."""
    return Identity(IdentityKind(row.kind), number_keys().decrypt(row.key, bytes(row.number), row.about))


def _found(identity: Identity) -> ParticipantIdentity | None:
    """The row of a number, whichever key it was hashed with."""
    digests = digest_keys().digests(identity.number).values()
    return ParticipantIdentity.objects.filter(digest__in=digests).select_related("participant").first()


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise refuse(LOOK_REASON, field="reason", value=reason)

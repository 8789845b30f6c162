"""Files from registers: taken in once, matched with participants, and held against what was reported of them."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.columns import GRADES, Kind
from outcomes.models import Fact, LegalGround, Participant, ParticipantIdentity, RegisterImport, RegisterRow
from outcomes.models import VerificationDecision as Decided
from outcomes.permissions import require_named
from outcomes.registers import Record, Register, layout_named, read_records
from outcomes.services.identities import check_reason, digest_keys, number_keys
from outcomes.services.verification import verify_facts

NO_GROUND = rule(
    "register_ground", gettext_noop("this register is closed until an officer records a legal ground for it")
)
MATCHED_ALREADY = rule("register_matched", gettext_noop("the record belongs to a participant already"))
UNKNOWN_PARTICIPANT = rule("unknown_participant", gettext_noop("no participant has this number"))

NEEDS_GROUND = (Register.EMPLOYMENT, Register.INCOME)
KIND_OF = {
    Register.GRADES: Kind.GRADE,
    Register.EMPLOYMENT: Kind.EMPLOYMENT,
    Register.CERTIFICATES: Kind.EMPLOYMENT,
    Register.INCOME: Kind.EARNINGS,
}
AT_ONCE = 200  # records of a transaction
REMARK_MOST = 500
Outcome = RegisterRow.Outcome


@transaction.atomic
def record_ground(*, register: str, ground: str, valid_from: date, by: User, now: datetime) -> LegalGround:
    """Record why the municipality may use a register from a day on; an empty text closes it."""
    require_role(by, Role.PROCUREMENT)
    made = LegalGround.objects.create(
        register=register, ground=ground.strip(), valid_from=valid_from, recorded_at=now, recorded_by=by
    )
    record_event(by=by, action="record_ground", on=made, now=now, later={"register": register, "ground": made.ground})
    return made


def is_open(register: str, day: date) -> bool:
    """Whether the municipality may use a register on a day."""
    if register not in NEEDS_GROUND:
        return True
    begun = LegalGround.objects.filter(register=register, valid_from__lte=day)
    newest = begun.order_by("-valid_from", "-pk").first()
    return newest is not None and bool(newest.ground)


@transaction.atomic
def start_import(*, layout: str, name: str, content: bytes, by: User, now: datetime) -> RegisterImport:
    """Take a register's file in, for a worker to read. The same file again is the import that it was.

    DomainError if any row can't be read: nothing of the file is stored then.
    """
    require_role(by, Role.HANDLER)
    written = layout_named(layout)
    if not is_open(written.register, local_day(now)):
        raise refuse(NO_GROUND, field="layout", value=written.title)
    digest = sha256(content).hexdigest()
    known = RegisterImport.objects.filter(layout=layout, digest=digest).first()
    if known:
        return known
    count = sum(1 for _ in read_records(written, content))
    key, sealed = number_keys().encrypt(content.decode("latin-1"), digest)
    source, is_new = RegisterImport.objects.get_or_create(
        layout=layout,
        digest=digest,
        defaults={
            "register": written.register.value, "name": name, "key": key, "content": sealed, "row_count": count,
            "imported_at": now, "imported_by": by,
        },
    )  # fmt: skip
    if is_new:
        later = {"layout": layout, "rows": count, "digest": digest}
        record_event(by=by, action="import_register", on=source, now=now, later=later)
    return source


def read_import(import_id: int, now: datetime) -> RegisterImport:
    """Read a file that waits, some records at a time. After a kill it goes on: records that are there stay as they are.

    When all are read the file itself is let go.
    """
    source = RegisterImport.objects.get(pk=import_id)
    if source.state == RegisterImport.State.DONE:
        return source
    content = number_keys().decrypt(source.key, bytes(source.content), source.digest).encode("latin-1")
    records = list(read_records(layout_named(source.layout), content))
    for start in range(0, len(records), AT_ONCE):
        with transaction.atomic():
            RegisterImport.objects.select_for_update().get(pk=import_id)  # one process at a time
            _take(source, records[start : start + AT_ONCE], now)
            source.rows_read = min(start + AT_ONCE, len(records))
            source.save(update_fields=["rows_read"])
    source.state, source.content = RegisterImport.State.DONE, b""
    source.save(update_fields=["state", "content"])
    return source


def _take(source: RegisterImport, records: Sequence[Record], now: datetime) -> None:
    keys = [digest_keys().digests(_text(source, record)) for record in records]
    everything = [digest for found in keys for digest in found.values()]
    rows = RegisterRow.objects.filter(register=source.register, digest__in=everything)
    known = {bytes(digest) for digest in rows.values_list("digest", flat=True)}
    participants = _participants(records)
    for record, found in zip(records, keys, strict=True):
        if known.isdisjoint(found.values()):
            digest = next(iter(found.values()))
            known.add(digest)
            _add(source, record, digest, participants.get(record.person.number), now)


def _text(source: RegisterImport, record: Record) -> str:
    parts = (record.person.number, record.from_day, record.through_day, record.subject, record.quantity, record.code)
    return "|".join(map(str, (source.register, *parts)))


def _participants(records: Sequence[Record]) -> dict[str, int]:
    """By identity number, whose it is."""
    numbers = {
        digest: one.person.number for one in records for digest in digest_keys().digests(one.person.number).values()
    }
    rows = ParticipantIdentity.objects.filter(digest__in=list(numbers)).values_list("digest", "participant")
    return {numbers[bytes(digest)]: participant for digest, participant in rows}


def _add(source: RegisterImport, record: Record, digest: bytes, participant: int | None, now: datetime) -> None:
    row = RegisterRow(
        source=source,
        register=source.register,
        digest=digest,
        participant_id=participant,
        from_day=record.from_day,
        through_day=record.through_day,
        subject=record.subject,
        quantity=record.quantity,
        code=record.code,
        outcome=Outcome.UNMATCHED,
    )
    if participant is None:  # only then is the number needed
        row.number_key, row.number = number_keys().encrypt(record.person.number, digest.hex())
    else:
        _settle(row, now)
    row.save()


def _settle(row: RegisterRow, now: datetime) -> None:
    """What a record means for what was reported of its participant; what agrees is verified."""
    if row.register == Register.ASSISTANCE:
        row.outcome = Outcome.STORED
        return
    facts = list(_reported(row))
    row.fact = next((fact for fact in facts if _agrees(row, fact)), facts[0] if facts else None)
    if row.fact is None:
        row.outcome = Outcome.UNCLAIMED if _is_unclaimed(row) else Outcome.NOTHING
    elif not _agrees(row, row.fact):
        row.outcome = Outcome.DIFFERS
    elif row.fact.verified:
        row.outcome = Outcome.CONFIRMED
    else:
        _verify(row, row.fact, now)


def _verify(row: RegisterRow, fact: Fact, now: datetime) -> None:
    try:
        with transaction.atomic():
            verify_facts(facts=[fact.pk], rule=f"register_{row.register}", now=now)
    except DomainError as refused:
        row.outcome, row.remark = Outcome.REFUSED, refused.say()[:REMARK_MOST]
    else:
        row.outcome = Outcome.VERIFIED


def _reported(row: RegisterRow) -> QuerySet[Fact]:
    """What is reported of the same thing and still counts: the course, the employer, or the month's pay."""
    rejected = Decided.objects.filter(fact=OuterRef("pk"), decision=Decided.Decision.REJECTED)
    facts = Fact.objects.filter(
        ~Exists(rejected), ~Exists(Fact.objects.filter(replaces=OuterRef("pk"))),
        placement__participant=row.participant_id, kind=KIND_OF[Register(row.register)], withdrawn=False,
    )  # fmt: skip
    if row.register == Register.INCOME:
        return facts.filter(from_day__year=row.from_day.year, from_day__month=row.from_day.month).order_by("pk")
    return facts.filter(subject__text__iexact=row.subject).order_by("pk")


def _agrees(row: RegisterRow, fact: Fact) -> bool:
    """Whether a register bears a reported fact out: the same grade, or a spell or pay at least as large."""
    match Kind(fact.kind):
        case Kind.GRADE:
            return (fact.from_day, GRADES[fact.detail - 1]) == (row.from_day, row.code) and (
                -1 in (fact.quantity, row.quantity) or fact.quantity == row.quantity
            )
        case Kind.EARNINGS:
            return fact.quantity <= row.quantity
    ends = row.through_day is None or (fact.through_day is not None and fact.through_day <= row.through_day)
    return row.from_day <= fact.from_day and ends and fact.quantity <= row.quantity


def _is_unclaimed(row: RegisterRow) -> bool:
    """Whether a job began while, or after, the participant was placed, and nobody has reported it."""
    if row.register != Register.EMPLOYMENT or row.participant is None:
        return False
    return row.participant.placements.filter(period__startswith__lte=row.from_day).exists()


@transaction.atomic
def match_row(*, row: RegisterRow, participant: str, reason: str, by: User, now: datetime) -> RegisterRow:
    """Say by hand whose a record is, with a reason, and hold it against what was reported of that participant."""
    require_role(by, Role.HANDLER)
    check_reason(reason)
    found = Participant.objects.filter(number=participant).first()
    if found is None:
        raise refuse(UNKNOWN_PARTICIPANT, field="participant", value=participant)
    require_named(found, by)
    row = RegisterRow.objects.select_for_update(no_key=True).get(pk=row.pk)
    if row.participant_id is not None:
        raise refuse(MATCHED_ALREADY, field="participant", value=participant)
    row.participant, row.number = found, b""
    row.matched_at, row.matched_by, row.match_reason = now, by, reason
    _settle(row, now)
    row.save(
        update_fields=[
            "participant", "number", "matched_at", "matched_by", "match_reason", "outcome", "fact", "remark",
        ]
    )  # fmt: skip
    later = {"participant": participant, "reason": reason, "outcome": row.outcome}
    record_event(by=by, action="match_register_row", on=row, now=now, later=later)
    return row


@transaction.atomic
def reveal_row(*, row: RegisterRow, by: User, now: datetime) -> str:
    """The identity number of a record that is not matched."""
    require_role(by, Role.HANDLER)
    record_event(by=by, action="reveal_register_row", on=row, now=now)
    return number_keys().decrypt(row.number_key, bytes(row.number), bytes(row.digest).hex())


def renew_row_keys() -> int:
    """Encrypt with the current key the numbers of records that are not matched. Gives how many changed."""
    old = RegisterRow.objects.filter(participant=None).exclude(number_key=number_keys().current)
    for row in old:
        number = number_keys().decrypt(row.number_key, bytes(row.number), bytes(row.digest).hex())
        row.number_key, row.number = number_keys().encrypt(number, bytes(row.digest).hex())
        row.save(update_fields=["number_key", "number"])
    return len(old)

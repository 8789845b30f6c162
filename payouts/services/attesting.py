"""Two people stand behind each part of a run: one examines, the other decides. Until then it can be cancelled."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.money import plain_kronor
from backend.kernel.permissions import require_role
from payouts.models import Attest, Attestant, Run, Signature
from payouts.parts import NO_CODE, Part, parts_of
from payouts.selectors import attestants_on
from payouts.services.computing import drop_unfinished_lines
from payouts.services.moving import NOT_IN_STATE, follow_signatures, lock_run, move_run
from payouts.states import UNDER_ATTEST, RunState

STARTED_BY_SIGNER = rule("attest_starter", gettext_noop("whoever started the run cannot attest it"))
SIGNED_BEFORE = rule("attest_twice", gettext_noop("the run has this signature, or one by this person, already"))
NOT_EXAMINED = rule("attest_order", gettext_noop("a decider signs what an examiner has signed before"))
VERIFIED_BY_SIGNER = rule(
    "attest_verifier", gettext_noop("whoever verified a fact that the run pays on cannot attest it")
)
DIGEST_CHANGED = rule("attest_digest", gettext_noop("this part of the run is no longer what you saw; look at it again"))
UNKNOWN_PART = rule("attest_part", gettext_noop("the run has no such part; it has: {codes}"))
CONFLICT = rule("attest_conflict", gettext_noop("whoever signs declares that nothing disqualifies them (jäv)"))
NOT_LISTED = rule(
    "attest_not_listed",
    gettext_noop("the list of attestants does not let this person sign {amount} kronor of this code on {day}"),
)
SECOND_FACTOR = rule(
    "attest_second_factor", gettext_noop("above {most} kronor the second factor is asked for anew before signing")
)
UNANSWERED = rule("attest_unanswered", gettext_noop("{count} findings of the controls are not answered yet"))
REASON_NEEDED = rule("cancel_reason", gettext_noop("a cancelled run needs a reason"))
OWN_APPOINTMENT = rule("attestant_self", gettext_noop("nobody enters themselves in the list of attestants"))
APPOINTMENT_DAYS = rule("attestant_days", gettext_noop("an appointment ends on or after its first day"))
APPOINTMENT_MOST = rule("attestant_most", gettext_noop("an attestant may sign an amount above 0"))
APPOINTMENT_ROLE = rule("attestant_role", gettext_noop("this signature needs an account with the role {role}"))
APPOINTMENT_ENDED = rule("attestant_ended", gettext_noop("this appointment is ended already"))

SIGNERS = {Signature.EXAMINER: Role.EXAMINER, Signature.DECIDER: Role.DECIDER}
FRESH = timedelta(minutes=15)  # how long a second factor counts

VERIFIED = """
    SELECT EXISTS (
        SELECT FROM payouts_line AS line
        JOIN contracts_contract AS contract ON contract.id = line.contract_id
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
        WHERE line.run_id = %s AND contract.responsibility_code = ANY(%s)
            AND decision.decided_by_id = %s AND decision.decision IN ('verified', 'signed')
    )"""


@transaction.atomic
def attest_run(
    *,
    run: Run,
    signature: Signature,
    seals: Mapping[str, str],
    has_no_conflict: bool,
    by: User,
    now: datetime,
    second_factor_at: datetime | None = None,
) -> list[Attest]:
    """Sign parts of a run under examination as they were seen: `seals` by responsibility code, as `parts_of` gives.

    `has_no_conflict` declares that nothing disqualifies the signer; `second_factor_at` says when the signer last gave
    a second factor. Once an examiner and a decider stand behind every part, the run is attested.
    """
    require_role(by, SIGNERS[signature])
    run = lock_run(run)
    if run.state not in UNDER_ATTEST:
        raise refuse(NOT_IN_STATE, field="run", value=run.sequence, state=run.state, goal=RunState.ATTESTED)
    _check_signer(run, seals, has_no_conflict, by)
    parts = parts_of(run)
    for code, seal in seals.items():
        if code not in parts:
            raise refuse(UNKNOWN_PART, field="seals", value=code, codes=", ".join(parts))
        _check_part(parts[code], signature, seal, by)
        _check_right(parts[code], signature, second_factor_at, by, now)
    attests = [
        Attest(
            run=run,
            responsibility_code=code,
            signature=signature,
            by=by,
            digest=run.digest,
            lines_digest=parts[code].lines_digest,
            seen_digest=parts[code].seen_digest,
            amount=parts[code].total,
            has_no_conflict=has_no_conflict,
            second_factor_at=second_factor_at,
            at=now,
        )
        for code in seals
    ]
    for attest in Attest.objects.bulk_create(attests):
        parts[attest.responsibility_code].attests.append(attest)
    follow_signatures(run, parts)
    record_event(by=by, action=f"attest_{signature}", on=run, now=now, later={"digest": run.digest, "parts": [*seals]})
    return attests


def _check_signer(run: Run, seals: Mapping[str, str], has_no_conflict: bool, by: User) -> None:
    if not has_no_conflict:
        raise refuse(CONFLICT, field="has_no_conflict", value=has_no_conflict)
    if run.started_by_id == by.pk:
        raise refuse(STARTED_BY_SIGNER, field="by", value=by.get_username())
    with connection.cursor() as cursor:
        cursor.execute(VERIFIED, [run.pk, list(seals), by.pk])
        if cursor.fetchone()[0]:
            raise refuse(VERIFIED_BY_SIGNER, field="by", value=by.get_username())


def _check_part(part: Part, signature: Signature, seal: str, by: User) -> None:
    if seal != part.seal:
        raise refuse(DIGEST_CHANGED, field="seals", value=part.code)
    standing = [attest for each in Signature if (attest := part.standing(each))]
    if any(attest.signature == signature or attest.by_id == by.pk for attest in standing):
        raise refuse(SIGNED_BEFORE, field="signature", value=signature)
    if signature == Signature.DECIDER and not part.standing(Signature.EXAMINER):
        raise refuse(NOT_EXAMINED, field="signature", value=signature)
    if part.unanswered:
        raise refuse(UNANSWERED, field="seals", value=part.code, count=len(part.unanswered))


def _check_right(part: Part, signature: Signature, second_factor_at: datetime | None, by: User, now: datetime) -> None:
    day, amount = local_day(now), abs(part.total)
    codes = Q() if part.code == NO_CODE else Q(responsibility_code__in=["", part.code])
    if not attestants_on(day, signature).filter(codes, user=by, most__gte=amount).exists():
        kronor = plain_kronor(amount)
        raise refuse(NOT_LISTED, field="by", value=by.get_username(), amount=kronor, day=day)
    most = settings.ATTEST_SECOND_FACTOR_ABOVE
    is_fresh = second_factor_at is not None and now - FRESH <= second_factor_at <= now
    if amount > 100 * most and not is_fresh:
        raise refuse(SECOND_FACTOR, field="second_factor_at", value=second_factor_at, most=most)


@transaction.atomic
def appoint_attestant(
    *,
    user: User,
    signature: Signature,
    responsibility_code: str,
    most: int,
    valid_from: date,
    valid_through: date,
    substitute_for: User | None = None,
    decision: str,
    by: User,
    now: datetime,
) -> Attestant:
    """Enter somebody in the list of attestants as the board decided: for one responsibility code, or "" for all."""
    require_role(by, Role.ADMINISTRATOR)
    if user.pk == by.pk:
        raise refuse(OWN_APPOINTMENT, field="user", value=user.get_username())
    if SIGNERS[signature] not in user.roles:
        raise refuse(APPOINTMENT_ROLE, field="user", value=user.get_username(), role=SIGNERS[signature].value)
    if valid_through < valid_from:
        raise refuse(APPOINTMENT_DAYS, field="valid_through", value=valid_through)
    if most <= 0:
        raise refuse(APPOINTMENT_MOST, field="most", value=most)
    attestant = Attestant.objects.create(
        user=user,
        signature=signature,
        responsibility_code=responsibility_code,
        most=most,
        valid_from=valid_from,
        valid_through=valid_through,
        substitute_for=substitute_for,
        decision=decision,
        recorded_at=now,
        recorded_by=by,
    )
    later = {"signature": signature, "code": responsibility_code, "most": most, "decision": decision}
    record_event(by=by, action="appoint_attestant", on=user, now=now, later=later)
    return attestant


@transaction.atomic
def end_attestant(*, attestant: Attestant, by: User, now: datetime) -> Attestant:
    """Take somebody out of the list of attestants; what they signed stands."""
    require_role(by, Role.ADMINISTRATOR)
    attestant = Attestant.objects.select_for_update().get(pk=attestant.pk)
    if attestant.ended_at is not None:
        raise refuse(APPOINTMENT_ENDED, field="attestant", value=attestant.pk)
    attestant.ended_at, attestant.ended_by = now, by
    attestant.save(update_fields=["ended_at", "ended_by"])
    record_event(by=by, action="end_attestant", on=attestant.user, now=now, later={"attestant": attestant.pk})
    return attestant


def cancel_run(*, run: Run, reason: str, by: User, now: datetime) -> Run:
    """Cancel the newest run before it is attested: its lines stay readable and no longer count."""
    require_role(by, *FINANCE)
    if not reason.strip():
        raise refuse(REASON_NEEDED, field="reason", value=reason)
    with transaction.atomic():
        run = lock_run(run)
        run.cancelled_at, run.cancelled_by, run.cancel_reason = now, by, reason
        move_run(run, RunState.CANCELLED)
        record_event(by=by, action="cancel_run", on=run, now=now, later={"reason": reason})
    drop_unfinished_lines(run.pk)
    return run

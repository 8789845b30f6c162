"""What contracts say of verification: time limits, second officers, bulk, and rules that verify by themselves."""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.fields import CHOICE, WHOLE
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from contracts.models import Contract
from outcomes.automatic import AUTOMATIC
from outcomes.deciding import USUAL, Deciding, said_by
from outcomes.models import VerificationTerms

TERMS_FROM = rule(
    "verification_terms_from",
    gettext_noop("what is said of verification counts from {first} at the earliest: never for days that are over"),
)
TERMS_REASON = rule("verification_terms_reason", gettext_noop("whoever changes how facts are decided says why"))
MOST_DAYS = 366


@transaction.atomic
def set_verification_terms(
    *, contract: Contract, deciding: Deciding, valid_from: date, reason: str, by: User, now: datetime
) -> VerificationTerms:
    """Say how a contract's facts are decided from a day on. What was said before stays."""
    require_role(by, Role.PROCUREMENT)
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)  # one version after another
    before = VerificationTerms.objects.filter(contract=contract).order_by("-number").first()
    first = max(local_day(now), before.valid_from) if before else local_day(now)
    if valid_from < first:
        raise refuse(TERMS_FROM, field="valid_from", value=valid_from, first=first)
    if not reason.strip():
        raise refuse(TERMS_REASON, field="reason", value=reason)
    _check(deciding)
    version = VerificationTerms.objects.create(
        contract=contract,
        number=before.number + 1 if before else 1,
        valid_from=valid_from,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
        **asdict(deciding) | {"bulk_kinds": list(deciding.bulk_kinds), "rules": list(deciding.rules)},
    )
    earlier = asdict(said_by(before) if before else USUAL)
    later = asdict(deciding)
    changed = [name for name in later if later[name] != earlier[name]]
    record_event(
        by=by,
        action="set_verification_terms",
        on=contract,
        now=now,
        earlier={name: earlier[name] for name in changed},
        later={name: later[name] for name in changed} | {"valid_from": valid_from, "reason": reason},
    )
    return version


def _check(deciding: Deciding) -> None:
    for name, least in (("decide_within", 1), ("same_step_within", 0)):
        value = getattr(deciding, name)
        if not least <= value <= MOST_DAYS:
            raise refuse(WHOLE, field=name, value=value, least=least, most=MOST_DAYS)
    if deciding.second_officer_from is not None and deciding.second_officer_from <= 0:
        raise refuse(WHOLE, field="second_officer_from", value=deciding.second_officer_from, least=1, most=10**13)
    for code in deciding.rules:
        if code not in AUTOMATIC:
            raise refuse(CHOICE, field="rules", value=code, known=", ".join(AUTOMATIC))

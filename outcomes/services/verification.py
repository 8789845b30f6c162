"""Officers and rules decide about reported facts. Only what is verified pays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from backend.kernel.audit import record_bulk_event
from backend.kernel.bulk import constraints_as, number_array, psycopg_connection
from backend.kernel.calendar import local_day
from backend.kernel.columns import Column, read_columns
from backend.kernel.errors import Breach, DomainError, Rule, gettext_noop, refuse, rule
from backend.kernel.fields import CHOICE
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.automatic import OF_OTHER_TERMS
from outcomes.columns import Kind
from outcomes.deciding import TERMS
from outcomes.facts import REPLACED_ALREADY
from outcomes.locks import lock_placements, shared_verification_lock
from outcomes.models import Fact, VerificationDecision
from outcomes.services.checking import check_placements
from outcomes.services.referrals import mark_changed
from outcomes.services.signing import facts_to_sign
from outcomes.verification_models import ASKING, REJECTING, Reason

UNKNOWN_FACT = rule("unknown_fact", gettext_noop("there is no such fact"))
DECIDED_ALREADY = rule("decided_already", gettext_noop("this fact is verified or rejected already"))
OWN_REPORT = rule("own_report", gettext_noop("nobody verifies a fact of their own reporting"))
OWN_VERIFICATION = rule(
    "own_verification", gettext_noop("the fact to be withdrawn was verified by the same person; someone else undoes it")
)
CORRECTION_WAITS = rule(
    "correction_waits", gettext_noop("the correction that this one corrects is not verified; decide about it first")
)
EXIT_COLLIDES = rule(
    "exit_collides",
    gettext_noop("without this exit the placement overlaps another of the participant under the same contract"),
)
BULK_KIND = rule(
    "bulk_kind", gettext_noop("the contract does not let facts of this kind be verified many at a time; open it")
)
RULE_OFF = rule("rule_off", gettext_noop("this rule is not switched on for the contract"))
ANSWER_BY = rule("answer_by", gettext_noop("the provider has until tomorrow, {tomorrow}, at least to answer"))

ANSWER_WITHIN = timedelta(days=14)  # where nothing else is said
Decision = VerificationDecision.Decision
CONSTRAINTS = {
    "outcomes_decision_one_final": DECIDED_ALREADY,
    "outcomes_decision_one_first_officer": DECIDED_ALREADY,
    "outcomes_decision_one_correction": REPLACED_ALREADY,
}

ASKED = """
SELECT fact.id, fact.placement_id, fact.kind,
    coalesce(fact.reported_by_id = %(by)s, false) AS own,
    fact.verified IS NOT NULL OR EXISTS (
        SELECT FROM outcomes_verificationdecision
        WHERE fact_id = fact.id AND decision = 'rejected'
    ) AS decided,
    fact.withdrawn AND EXISTS (
        SELECT FROM outcomes_verificationdecision
        WHERE fact_id = fact.replaces_id AND decision = 'verified' AND decided_by_id = %(by)s
    ) AS undoes_own,
    coalesce(
        replaced.replaces_id IS NOT NULL AND replaced.verified IS NULL AND replaced.id <> ALL(%(facts)s::bigint[]),
        false
    ) AS waits
FROM outcomes_fact AS fact LEFT JOIN outcomes_fact AS replaced ON replaced.id = fact.replaces_id
WHERE fact.id = ANY(%(facts)s::bigint[])
"""
TYPES = ["i8", "i4", "i2", "b1", "b1", "b1", "b1"]

# facts whose contract, on a day, does not allow what is to be done with them
NOT_ALLOWED = f"""
SELECT fact.id FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
LEFT JOIN ({TERMS}) AS terms ON terms.contract_id = placement.contract_id
WHERE fact.id = ANY(%(facts)s::bigint[]) AND ({{allowed}}) IS NOT TRUE ORDER BY fact.id
"""  # noqa: S608  # a constant

DECIDE = """
INSERT INTO outcomes_verificationdecision
    (fact_id, replaces_id, decided_at, decided_by_id, decision, rule, reason_code, due_on, note)
SELECT id, CASE WHEN %(decision)s = 'verified' THEN replaces_id END, %(at)s, %(by)s, %(decision)s, %(rule)s, %(reason)s,
    %(due_on)s, %(note)s
FROM outcomes_fact WHERE id = ANY(%(facts)s::bigint[])
"""

# The earliest exit that is known ends a placement; without one it goes on.
CLOSE = """
UPDATE outcomes_placement AS placement
SET period = CASE
    WHEN exits.day IS NULL THEN daterange(lower(period), NULL)
    ELSE daterange(lower(period), greatest(exits.day, lower(period)), '[]')
END
FROM (
    SELECT touched.id, min(fact.from_day) AS day
    FROM unnest(%s::int[]) AS touched (id) LEFT JOIN outcomes_fact AS fact
        ON fact.placement_id = touched.id AND fact.kind = %s AND fact.verified IS NOT NULL AND NOT fact.withdrawn
        AND NOT EXISTS (
            SELECT FROM outcomes_fact AS correction
            WHERE correction.replaces_id = fact.id AND correction.verified IS NOT NULL
        )
    GROUP BY touched.id
) AS exits
WHERE placement.id = exits.id
"""


@transaction.atomic
def verify_facts(
    *, facts: Sequence[int], by: User | None = None, rule: str | None = None, now: datetime | None = None
) -> list[int]:
    """Verify facts (by id), as an officer (`by`) or a rule (its code): from the next run on they pay.

    Gives those that are only signed, as a second officer must stand behind what hangs on them. DomainError if a fact is
    decided already, was reported by the same person, has not happened yet, or breaks a rule together with what else is
    verified; or if the rule is not switched on. Nothing is verified then.
    """
    _check_officer(by)
    moment = shared_verification_lock(now)
    touched, exited = _check_undecided(facts, by, may_be_own=False)
    if by is None and rule not in OF_OTHER_TERMS:
        _check_allowed(facts, "%(rule)s = ANY (terms.rules)", RULE_OFF, moment, rule=rule)
    lock_placements(touched)
    _update_placements(touched, moment)  # before the facts, as a run locks these tables: the other way round deadlocks
    signed = facts_to_sign(facts, by, moment)
    if signed:
        _decide(Decision.SIGNED, signed, by, rule, moment)
    verified = sorted(set(facts).difference(signed))
    _decide(Decision.VERIFIED, verified, by, rule, moment)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outcomes_fact SET verified = %s, verified_at = %s WHERE id = ANY(%s::bigint[])",
            [local_day(moment), moment, number_array(verified)],
        )
    check_placements(touched, with_undecided=False)
    _close_placements(exited)
    mark_changed(touched)
    return signed


@transaction.atomic
def verify_in_bulk(*, facts: Sequence[int], by: User, now: datetime | None = None) -> list[int]:
    """Verify many facts unseen, of kinds for which their contracts allow it. Gives those that are only signed."""
    moment = shared_verification_lock(now)
    _check_allowed(facts, "fact.kind = ANY (terms.bulk_kinds)", BULK_KIND, moment)
    return verify_facts(facts=facts, by=by, now=moment)


@transaction.atomic
def reject_facts(
    *,
    facts: Sequence[int],
    reason_code: str,
    note: str = "",
    by: User | None = None,
    rule: str | None = None,
    now: datetime | None = None,
) -> None:
    """Refuse facts for good, with a reason. The provider may report a correction."""
    _check_officer(by)
    _check_reason(reason_code, REJECTING)
    moment = shared_verification_lock(now)
    touched, _ = _check_undecided(facts, by, may_be_own=True)
    _decide(Decision.REJECTED, facts, by, rule, moment, reason=reason_code, note=note)
    lock_placements(touched)
    _update_placements(touched, moment)


@transaction.atomic
def ask_for_more(
    *,
    facts: Sequence[int],
    reason_code: str,
    note: str = "",
    due_on: date | None = None,
    by: User | None = None,
    rule: str | None = None,
    now: datetime | None = None,
) -> None:
    """Ask the provider for more evidence until a day; the facts stay undecided."""
    _check_officer(by)
    _check_reason(reason_code, ASKING)
    moment = shared_verification_lock(now)
    today = local_day(moment)
    due_on = due_on or today + ANSWER_WITHIN
    if due_on <= today:
        raise refuse(ANSWER_BY, field="due_on", value=due_on, tomorrow=today + timedelta(days=1))
    touched, _ = _check_undecided(facts, by, may_be_own=True)
    _decide(Decision.MORE_ASKED, facts, by, rule, moment, reason=reason_code, note=note, due_on=due_on)
    lock_placements(touched)
    _update_placements(touched, moment)


def _check_officer(by: User | None) -> None:
    if by is not None:
        require_role(by, Role.HANDLER)


def _check_reason(code: str, known: Sequence[Reason]) -> None:
    if code not in known:
        raise refuse(CHOICE, field="reason_code", value=code, known=", ".join(known))


def _check_allowed(
    facts: Sequence[int], allowed: str, broken: Rule, moment: datetime, *, rule: str | None = None
) -> None:
    """DomainError for each fact whose contract's terms of verification do not allow it."""
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"facts": number_array(facts), "today": local_day(moment), "rule": rule}
        cursor.execute(NOT_ALLOWED.format(allowed=allowed), parameters)
        breaches = [Breach(broken, "facts", fact) for (fact,) in cursor.fetchall()]
    if breaches:
        raise DomainError(*breaches)


def _check_undecided(facts: Sequence[int], by: User | None, *, may_be_own: bool) -> tuple[list[int], list[int]]:
    """Refuse what can't be decided. Gives the placements touched, and those among them whose exits are."""
    parameters = {"facts": number_array(facts), "by": by.pk if by else None}
    with psycopg_connection() as raw:
        ids, placements, kinds, own, decided, undoes_own, waits = read_columns(raw, ASKED, TYPES, parameters)
    breaches = [Breach(UNKNOWN_FACT, "facts", fact) for fact in sorted(set(facts).difference(ids.tolist()))]
    flags: list[tuple[Column, Rule]] = [(decided, DECIDED_ALREADY)]
    if not may_be_own:
        flags += [(own, OWN_REPORT), (undoes_own, OWN_VERIFICATION), (waits, CORRECTION_WAITS)]
    for flag, broken in flags:
        breaches += [Breach(broken, "facts", fact) for fact in ids[flag].tolist()]
    if breaches:
        raise DomainError(*breaches)
    return np.unique(placements).tolist(), np.unique(placements[kinds == Kind.EXIT]).tolist()


def _decide(
    decision: Decision,
    facts: Sequence[int],
    by: User | None,
    rule: str | None,
    moment: datetime,
    *,
    reason: str = "",
    note: str = "",
    due_on: date | None = None,
) -> None:
    if not facts:
        return
    values: dict[str, Any] = {
        "facts": number_array(facts),
        "decision": decision.value,
        "at": moment,
        "by": by.pk if by else None,
        "rule": rule,
        "reason": reason,
        "note": note,
        "due_on": due_on,
    }
    with constraints_as(CONSTRAINTS, "facts"), connection.cursor() as cursor:
        cursor.execute(DECIDE, values)
    later = {"facts": len(facts), "first": min(facts), "last": max(facts), "rule": rule}
    record_bulk_event(by=by, action=decision.value, on=Fact, now=moment, later=later)


def _close_placements(placements: Sequence[int]) -> None:
    if placements:
        with constraints_as({"outcomes_placement_no_overlap": EXIT_COLLIDES}, "facts"), connection.cursor() as cursor:
            cursor.execute(CLOSE, [number_array(placements), Kind.EXIT])


def _update_placements(placements: Sequence[int], moment: datetime) -> None:
    """Note that something was decided about these placements, which are locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outcomes_placement SET updated_at = %s WHERE id = ANY(%s::int[])",
            [moment, number_array(placements)],
        )

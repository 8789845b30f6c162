"""Officers and rules decide about reported facts. Only what is verified pays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from backend.kernel.audit import record_bulk_event
from backend.kernel.bulk import constraints_as, number_array, psycopg_connection
from backend.kernel.calendar import local_day
from backend.kernel.columns import Column, read_columns
from backend.kernel.errors import Breach, DomainError, Rule, gettext_noop, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.columns import Kind
from outcomes.facts import REPLACED_ALREADY
from outcomes.locks import lock_placements, shared_verification_lock
from outcomes.models import Fact, VerificationDecision
from outcomes.services.checking import check_placements
from outcomes.services.referrals import mark_changed

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

Decision = VerificationDecision.Decision
CONSTRAINTS = {
    "outcomes_decision_one_final": DECIDED_ALREADY,
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

DECIDE = """
INSERT INTO outcomes_verificationdecision (fact_id, replaces_id, decided_at, decided_by_id, decision, rule, reason_code)
SELECT id, CASE WHEN %(decision)s = 'verified' THEN replaces_id END, %(at)s, %(by)s, %(decision)s, %(rule)s, %(reason)s
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
) -> None:
    """Verify facts (by id), as an officer (`by`) or a rule (its code): from the next run on they pay.

    DomainError if a fact is decided already, was reported by the same person, has not happened yet, or breaks a rule
    together with what else is verified. Nothing is verified then.
    """
    _check_officer(by)
    moment = shared_verification_lock(now)
    touched, exited = _check_undecided(facts, by, may_be_own=False)
    lock_placements(touched)
    _decide(Decision.VERIFIED, facts, by, rule, moment)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outcomes_fact SET verified = %s, verified_at = %s WHERE id = ANY(%s::bigint[])",
            [local_day(moment), moment, number_array(facts)],
        )
    check_placements(touched, with_undecided=False)
    _close_placements(exited)
    _update_placements(touched, moment)
    mark_changed(touched)


@transaction.atomic
def reject_facts(
    *,
    facts: Sequence[int],
    reason_code: str,
    by: User | None = None,
    rule: str | None = None,
    now: datetime | None = None,
) -> None:
    """Refuse facts for good, with a reason. The provider may report a correction."""
    _check_officer(by)
    moment = shared_verification_lock(now)
    touched, _ = _check_undecided(facts, by, may_be_own=True)
    _decide(Decision.REJECTED, facts, by, rule, moment, reason_code)
    lock_placements(touched)
    _update_placements(touched, moment)


@transaction.atomic
def ask_for_more(
    *,
    facts: Sequence[int],
    reason_code: str,
    by: User | None = None,
    rule: str | None = None,
    now: datetime | None = None,
) -> None:
    """Ask the provider for more evidence; the facts stay undecided."""
    _check_officer(by)
    moment = shared_verification_lock(now)
    touched, _ = _check_undecided(facts, by, may_be_own=True)
    _decide(Decision.MORE_ASKED, facts, by, rule, moment, reason_code)
    lock_placements(touched)
    _update_placements(touched, moment)


def _check_officer(by: User | None) -> None:
    if by is not None:
        require_role(by, Role.HANDLER)


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
    decision: Decision, facts: Sequence[int], by: User | None, rule: str | None, moment: datetime, reason: str = ""
) -> None:
    officer = by.pk if by else None
    values: dict[str, Any] = {
        "facts": number_array(facts),
        "decision": decision.value,
        "at": moment,
        "by": officer,
        "rule": rule,
        "reason": reason,
    }
    with constraints_as(CONSTRAINTS, "facts"), connection.cursor() as cursor:
        cursor.execute(DECIDE, values)
    later = {"facts": len(facts), "first": min(facts, default=None), "last": max(facts, default=None), "rule": rule}
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

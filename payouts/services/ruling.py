"""Rules verify facts where an officer has switched them on for a contract; each such decision names its rule."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from backend.kernel.bulk import number_array
from backend.kernel.calendar import local_day
from backend.kernel.errors import DomainError
from outcomes.automatic import AUTOMATIC
from outcomes.deciding import TERMS
from outcomes.services import verify_facts
from outcomes.waiting import facts_to_decide
from payouts.conflicts import find_conflicts
from payouts.stakes import weigh_facts

# First reports that are over, and that a rule of their contract verifies unless much hangs on them.
FOUND = f"""
SELECT fact.id, fact.placement_id, terms.second_officer_from
FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
JOIN ({TERMS}) AS terms ON terms.contract_id = placement.contract_id AND %(rule)s = ANY (terms.rules)
WHERE fact.id = ANY (%(facts)s::bigint[]) AND fact.replaces_id IS NULL AND fact.through_day < %(today)s
    AND {{condition}}
ORDER BY fact.placement_id, fact.id
"""  # noqa: S608  # a constant


def verify_by_rules(*, now: datetime) -> int:
    """Let each rule verify what it may: nothing that has a conflict, or that two officers must stand behind.

    Gives how many facts were verified.
    """
    today = local_day(now)
    return sum(_verify_by(rule, today, now) for rule in AUTOMATIC)


def _verify_by(rule: str, today: date, now: datetime) -> int:
    undecided = facts_to_decide().order_by().values_list("pk", flat=True)
    parameters: dict[str, Any] = {"rule": rule, "today": today, "facts": number_array(undecided)}
    with connection.cursor() as cursor:
        cursor.execute(FOUND.format(condition=AUTOMATIC[rule].condition), parameters)
        found = cursor.fetchall()
    amounts = weigh_facts([fact for fact, *_ in found], today)
    against = {conflict.fact for conflict in find_conflicts([fact for fact, *_ in found], today)}
    by_placement: dict[int, list[int]] = {}
    for fact, placement, limit in found:
        if fact not in against and (limit is None or amounts.get(placement, 0) < limit):
            by_placement.setdefault(placement, []).append(fact)
    return _verify(rule, by_placement, now)


def _verify(rule: str, by_placement: dict[int, list[int]], now: datetime) -> int:
    """All at once; if a placement's facts are refused, placement by placement: what breaks a rule waits for an
    officer."""
    facts = [fact for some in by_placement.values() for fact in some]
    if not facts:
        return 0
    try:
        verify_facts(facts=facts, rule=rule, now=now)
    except DomainError:
        if len(by_placement) == 1:
            return 0
        return sum(_verify(rule, {placement: some}, now) for placement, some in by_placement.items())
    return len(facts)

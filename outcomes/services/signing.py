"""Two officers stand behind what costs much: the first one signs, and the second one verifies."""

from collections.abc import Sequence
from datetime import datetime

from backend.kernel.bulk import number_array, psycopg_connection
from backend.kernel.calendar import local_day
from backend.kernel.columns import read_columns
from backend.kernel.errors import Breach, DomainError, gettext_noop, rule
from backend.kernel.models import User
from outcomes.deciding import TERMS
from outcomes.weighing import weigh

SECOND_OFFICER = rule(
    "second_officer", gettext_noop("the same officer has signed this fact already; a second one verifies it")
)
OFFICERS_NEEDED = rule(
    "officers_needed", gettext_noop("so much hangs on this fact that officers decide about it, and no rule")
)

CANDIDATES = f"""
SELECT fact.id, fact.placement_id, terms.second_officer_from, coalesce(signed.decided_by_id, 0)
FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
JOIN ({TERMS}) AS terms ON terms.contract_id = placement.contract_id AND terms.second_officer_from IS NOT NULL
LEFT JOIN outcomes_verificationdecision AS signed ON signed.fact_id = fact.id AND signed.decision = 'signed'
WHERE fact.id = ANY(%(facts)s::bigint[])
"""  # noqa: S608  # a constant
TYPES = ["i8", "i4", "i8", "i4"]


def facts_to_sign(facts: Sequence[int], by: User | None, moment: datetime) -> list[int]:
    """Of facts under verification, those that nobody has signed and a second officer must stand behind.

    What would be owed more through all of them counts, placement by placement. DomainError if the first officer
    comes again, or a rule does. Their placements are locked.
    """
    today = local_day(moment)
    with psycopg_connection() as raw:
        columns = read_columns(raw, CANDIDATES, TYPES, {"facts": number_array(facts), "today": today})
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    amounts = weigh(facts, today) if rows else {}
    costly = [(fact, signer) for fact, placement, limit, signer in rows if amounts.get(placement, 0) >= limit]
    broken = SECOND_OFFICER if by else OFFICERS_NEEDED
    breaches = [Breach(broken, "facts", fact) for fact, signer in costly if by is None or signer == by.pk]
    if breaches:
        raise DomainError(*breaches)
    return [fact for fact, signer in costly if not signer]

"""What speaks against a waiting fact: the same job or document used twice, the same paid elsewhere, and more.

One question finds all conflicts of any number of facts. They are looked for when they are shown, never stored, so that
none is out of date.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from backend.kernel.bulk import number_array
from contracts.terms import Trigger
from outcomes.columns import Kind
from outcomes.deciding import TERMS, USUAL


class ConflictKind(StrEnum):
    """What speaks against a fact."""

    SAME_JOB = "same_job"
    SAME_STEP = "same_step"
    OVERLAP = "overlap"
    OWN_EMPLOYER = "own_employer"
    BEFORE_PLACEMENT = "before_placement"
    SAME_DOCUMENT = "same_document"


class Conflict(NamedTuple):
    """A conflict of a fact, with the other placement and the other fact that it is about (ids), if there is one."""

    fact: int
    kind: ConflictKind
    placement: int | None
    other: int | None


# which step a fact of a kind may pay; spells of studies pay what spells of employment do
TRIGGERS = {
    Kind.ATTENDANCE: Trigger.ATTENDANCE,
    Kind.MILESTONE: Trigger.MILESTONE,
    Kind.GRADE: Trigger.GRADE,
    Kind.REPORT: Trigger.PERIOD,
    Kind.EMPLOYMENT: Trigger.EMPLOYMENT,
    Kind.STUDIES: Trigger.EMPLOYMENT,
    Kind.EARNINGS: Trigger.EARNINGS,
}
EMPLOYMENT, EARNINGS, GRADE, REPORT = map(int, (Kind.EMPLOYMENT, Kind.EARNINGS, Kind.GRADE, Kind.REPORT))

NOT_REJECTED = """NOT EXISTS (
        SELECT FROM outcomes_verificationdecision WHERE fact_id = {fact}.id AND decision = 'rejected'
    )"""
# not withdrawn or rejected, and no correction has taken its place
COUNTS = f"""NOT {{fact}}.withdrawn AND {NOT_REJECTED} AND NOT EXISTS (
        SELECT FROM outcomes_fact AS later WHERE later.replaces_id = {{fact}}.id AND later.verified IS NOT NULL
    )"""
DAYS = "daterange({fact}.from_day, {fact}.through_day, '[]')"
NEWEST = """
    SELECT starts_on, referred_on FROM outcomes_placementversion
    WHERE placement_id = {placement} ORDER BY recorded_at DESC, id DESC LIMIT 1"""

CONFLICTS = f"""
WITH asked AS MATERIALIZED (
    SELECT fact.id, fact.placement_id, fact.provider_id, fact.kind, fact.subject_id, fact.from_day, fact.through_day,
        fact.replaces_id, placement.participant_id, placement.period, placement.contract_id
    FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
    WHERE fact.id = ANY (%(facts)s::bigint[]) AND NOT fact.withdrawn
), elsewhere AS MATERIALIZED (
    SELECT asked.id AS fact, other.id AS placement, other.period, contract.provider_id
    FROM asked JOIN outcomes_placement AS other
        ON other.participant_id = asked.participant_id AND other.id <> asked.placement_id
    JOIN contracts_contract AS contract ON contract.id = other.contract_id
), company AS (
    SELECT id AS provider_id, name, organisation_number FROM providers_provider
    UNION ALL SELECT provider_id, name, organisation_number FROM (
        SELECT DISTINCT ON (provider_id, organisation_number) * FROM providers_groupcompany
        ORDER BY provider_id, organisation_number, id DESC
    ) AS newest WHERE belongs
)
SELECT asked.id, '{ConflictKind.SAME_JOB}', elsewhere.placement, claimed.id
FROM asked JOIN elsewhere ON elsewhere.fact = asked.id
JOIN outcomes_fact AS claimed ON claimed.placement_id = elsewhere.placement AND claimed.kind = {EMPLOYMENT}
    AND claimed.subject_id = asked.subject_id AND {DAYS.format(fact="claimed")} && {DAYS.format(fact="asked")}
WHERE asked.kind = {EMPLOYMENT} AND {COUNTS.format(fact="claimed")}
UNION ALL
SELECT asked.id, '{ConflictKind.SAME_STEP}', elsewhere.placement, paid.fact_id
FROM asked JOIN elsewhere ON elsewhere.fact = asked.id
LEFT JOIN ({TERMS}) AS terms ON terms.contract_id = asked.contract_id
JOIN unnest(%(kinds)s::int[], %(triggers)s::text[]) AS pays (kind, trigger) ON pays.kind = asked.kind
CROSS JOIN LATERAL (
    SELECT max(line.fact_id) AS fact_id FROM payouts_line AS line
    JOIN contracts_modelstep AS step ON step.id = line.step_id AND step.trigger = pays.trigger
    JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'
    LEFT JOIN outcomes_fact AS done ON done.id = line.fact_id
    WHERE line.placement_id = elsewhere.placement AND CASE asked.kind
        WHEN {REPORT} THEN line.occurrence = to_char(asked.from_day, 'YYYYMM')::int
        WHEN {GRADE} THEN done.subject_id = asked.subject_id
        ELSE true
    END AND abs(line.qualifies_on - asked.from_day) <= coalesce(terms.same_step_within, {USUAL.same_step_within})
    GROUP BY line.step_id, line.occurrence HAVING sum(line.amount) > 0 LIMIT 1
) AS paid
UNION ALL
SELECT asked.id, '{ConflictKind.OVERLAP}', elsewhere.placement, NULL
FROM asked JOIN elsewhere ON elsewhere.fact = asked.id AND elsewhere.provider_id <> asked.provider_id
CROSS JOIN LATERAL ({NEWEST.format(placement="elsewhere.placement")}) AS newest
WHERE {DAYS.format(fact="asked")} && (asked.period * elsewhere.period * daterange(newest.starts_on, NULL))
    AND newest.starts_on IS NOT NULL
UNION ALL
SELECT asked.id, '{ConflictKind.OWN_EMPLOYER}', NULL, NULL
FROM asked JOIN outcomes_subject AS employer ON employer.id = asked.subject_id
WHERE asked.kind IN ({EMPLOYMENT}, {EARNINGS}) AND EXISTS (
    SELECT FROM company WHERE company.provider_id = asked.provider_id AND (
        lower(employer.text) = lower(company.name)
        OR replace(employer.text, '-', '') = replace(company.organisation_number, '-', '')
    )
)
UNION ALL
SELECT asked.id, '{ConflictKind.BEFORE_PLACEMENT}', NULL, NULL
FROM asked CROSS JOIN LATERAL ({NEWEST.format(placement="asked.placement_id")}) AS newest
WHERE asked.kind = {EMPLOYMENT} AND asked.from_day < coalesce(newest.starts_on, newest.referred_on)
UNION ALL
SELECT asked.id, '{ConflictKind.SAME_DOCUMENT}', used.placement_id, used.id
FROM asked JOIN outcomes_evidence AS mine ON mine.fact_id = asked.id
JOIN outcomes_evidence AS same ON same.digest = mine.digest AND same.fact_id <> asked.id
JOIN outcomes_fact AS used ON used.id = same.fact_id
WHERE (used.placement_id <> asked.placement_id OR used.kind = asked.kind)
    AND used.id IS DISTINCT FROM asked.replaces_id AND used.replaces_id IS DISTINCT FROM asked.id
    AND {NOT_REJECTED.format(fact="used")}
"""  # noqa: S608  # constants


def find_conflicts(facts: Sequence[int], today: date) -> list[Conflict]:
    """All conflicts of these facts (ids), fact by fact."""
    parameters: dict[str, Any] = {
        "facts": number_array(facts),
        "today": today,
        "kinds": list(TRIGGERS),
        "triggers": [trigger.value for trigger in TRIGGERS.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(CONFLICTS, parameters)
        found = [Conflict(fact, ConflictKind(kind), *others) for fact, kind, *others in cursor.fetchall()]
    return sorted(found, key=lambda conflict: (conflict.fact, list(ConflictKind).index(conflict.kind)))

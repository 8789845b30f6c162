"""What stands in the database after the main job, counted from the tables themselves."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db import connection

from outcomes.columns import EXIT_REASONS, Kind
from outcomes.models import Placement
from payouts.controls import find_all
from payouts.models import Run
from payouts.states import RunState


@dataclass(frozen=True, slots=True)
class StepSum:
    """Lines and öre of one step, in the last run and in all."""

    model: str
    title: str
    last_lines: int
    last_amount: int
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class HoldSum:
    """Lines that one rule holds."""

    rule: str
    contract: str
    provider: str
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class RouteSum:
    """Statements that are paid in one way, and what was to be paid."""

    route: str
    statements: int
    amount: int


@dataclass(frozen=True, slots=True)
class ParkedSum:
    provider: str
    placement: str
    rule: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class ErrorSum:
    """How much of what a provider reported was wrong: rejected by a handler, or corrected after it was verified."""

    provider: str
    facts: int
    rejected: int
    corrected: int

    @property
    def part(self) -> float:
        return (self.rejected + self.corrected) / max(self.facts, 1)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the ledger of the placement that is explained."""

    run: int
    cutoff: date
    title: str
    qualifies_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Summary:
    providers: dict[str, int]  # by kind
    contracts: int
    models: int
    participants: int
    placements: int
    no_shows: int
    interrupted: int
    returned: int  # placements of participants who had one before
    facts: dict[str, int]  # reported, verified, waiting, more_asked, rejected, corrected
    exits: dict[str, int]  # by reason, as known
    runs: int
    states: dict[str, int]  # of the runs that count, by state
    statements: list[RouteSum]
    payments: dict[str, int]  # öre by state
    controls: dict[str, int]  # what controls find in the last run, and how often
    last: Run | None
    steps: list[StepSum]
    clawback_lines: int
    clawback_amount: int
    clawback_placements: int
    holds: list[HoldSum]
    parked: list[ParkedSum]
    errors: list[ErrorSum]  # most first
    shown: Placement | None  # one placement to explain …
    shown_lines: list[ShownLine]  # … and its ledger


PLACEMENTS = """
SELECT (SELECT count(*) FROM outcomes_participant), count(*), count(*) FILTER (WHERE version.starts_on IS NULL),
    (SELECT count(DISTINCT placement_id) FROM outcomes_fact WHERE kind = %(interruption)s AND verified IS NOT NULL)
FROM outcomes_placement AS placement
CROSS JOIN LATERAL (
    SELECT starts_on FROM outcomes_placementversion AS version
    WHERE version.placement_id = placement.id ORDER BY recorded_at DESC, id DESC LIMIT 1
) AS version
"""
FACTS = """
SELECT count(*), count(verified), count(*) FILTER (WHERE verified IS NULL AND rejected.fact_id IS NULL),
    (SELECT count(DISTINCT fact_id) FROM outcomes_verificationdecision WHERE decision = 'more_asked'),
    count(rejected.fact_id), count(*) FILTER (WHERE fact.replaces_id IS NOT NULL AND verified IS NOT NULL)
FROM outcomes_fact AS fact
LEFT JOIN outcomes_verificationdecision AS rejected ON rejected.fact_id = fact.id AND rejected.decision = 'rejected'
"""
FACT_STATES = ("reported", "verified", "waiting", "more_asked", "rejected", "corrected")
EXITS = """
SELECT detail, count(*) FROM outcomes_fact AS fact
WHERE kind = %(exit)s AND verified IS NOT NULL AND NOT withdrawn GROUP BY detail
"""
STEPS = """
SELECT version.title, step.title, count(*) FILTER (WHERE run_id = %(last)s),
    coalesce(sum(amount) FILTER (WHERE run_id = %(last)s), 0)::bigint, count(*), sum(amount)::bigint
FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'
JOIN contracts_modelstep AS step ON step.id = line.step_id
JOIN contracts_paymentmodelversion AS version ON version.id = step.version_id
GROUP BY version.id, step.id ORDER BY version.title, step.position
"""
CLAWBACKS = """
SELECT count(*), coalesce(sum(amount), 0)::bigint, count(DISTINCT placement_id)
FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled' WHERE amount < 0
"""
HOLDS = """
SELECT held.rule, contract.number, provider.name, count(*), sum(held.amount)::bigint
FROM (
    SELECT hold.rule, line.run_id, line.contract_id, line.amount
    FROM payouts_hold AS hold JOIN payouts_line AS line USING (placement_id, step_id, occurrence, run_id)
    WHERE hold.released_at IS NULL
    UNION ALL
    SELECT hold.rule, line.run_id, line.contract_id, line.amount
    FROM payouts_hold AS hold
    JOIN contracts_contract AS contract ON contract.id = hold.contract_id OR contract.provider_id = hold.provider_id
    JOIN payouts_line AS line ON line.contract_id = contract.id
    WHERE hold.released_at IS NULL AND NOT EXISTS (
        SELECT FROM payouts_allocation AS paid WHERE paid.placement_id = line.placement_id
            AND paid.step_id = line.step_id AND paid.occurrence = line.occurrence AND paid.run_id = line.run_id
    )
) AS held
JOIN payouts_run AS run ON run.id = held.run_id AND run.state <> 'cancelled'
JOIN contracts_contract AS contract ON contract.id = held.contract_id
JOIN providers_provider AS provider ON provider.id = contract.provider_id
GROUP BY held.rule, contract.number, provider.name ORDER BY held.rule, contract.number
"""
PARKED = """
SELECT provider.name, placement.number, parked.rule, parked.field, parked.value
FROM payouts_parkedprovider AS parked JOIN providers_provider AS provider ON provider.id = parked.provider_id
JOIN outcomes_placement AS placement ON placement.id = parked.placement_id
WHERE parked.run_id = %(last)s ORDER BY provider.number
"""
ERRORS = """
SELECT provider.name, count(*), count(rejected.fact_id),
    count(*) FILTER (WHERE correction.verified IS NOT NULL AND (correction.withdrawn OR correction.detail <> fact.detail
        OR correction.through_day <> fact.through_day OR correction.quantity <> fact.quantity))
FROM outcomes_fact AS fact JOIN providers_provider AS provider ON provider.id = fact.provider_id
LEFT JOIN outcomes_verificationdecision AS rejected ON rejected.fact_id = fact.id AND rejected.decision = 'rejected'
LEFT JOIN outcomes_fact AS correction ON correction.replaces_id = fact.id
GROUP BY provider.id
"""
# a placement whose ledger tells much in few lines: most steps, something taken back, least lines
SHOWN = """
SELECT placement_id FROM payouts_line GROUP BY placement_id
ORDER BY count(DISTINCT step_id) DESC, bool_or(amount < 0) DESC, count(*), placement_id LIMIT 1
"""
SHOWN_LINES = """
SELECT run.sequence, run.cutoff, step.title, line.qualifies_on, line.amount
FROM payouts_line AS line JOIN payouts_run AS run ON run.id = line.run_id AND run.state <> 'cancelled'
JOIN contracts_modelstep AS step ON step.id = line.step_id
WHERE line.placement_id = %(placement)s ORDER BY run.sequence, line.qualifies_on, step.position
"""


ROUTES = """
SELECT conditions.route, count(*), sum(payable)::bigint
FROM payouts_statement AS statement JOIN contracts_contractversion AS conditions ON conditions.id = conditions_id
GROUP BY 1 ORDER BY 1
"""
PAYMENTS = """
SELECT CASE state WHEN 'rejected' THEN 'rejected_payment' ELSE state END, sum(amount)::bigint
FROM payouts_payment GROUP BY 1 ORDER BY 2 DESC
"""  # facts are rejected too, in other words


def summarise() -> Summary:
    last = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence").last()
    parameters = {
        "last": last.pk if last else 0,
        "interruption": Kind.INTERRUPTION.value,
        "exit": Kind.EXIT.value,
    }

    def rows(query: str, **more: int) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters | more)
            return cursor.fetchall()

    ((participants, placements, no_shows, interrupted),) = rows(PLACEMENTS)
    ((contracts, models),) = rows(
        "SELECT (SELECT count(*) FROM contracts_contract), (SELECT count(*) FROM contracts_paymentmodelversion)"
    )
    ((clawback_lines, clawback_amount, clawback_placements),) = rows(CLAWBACKS)
    shown = rows(SHOWN)
    return Summary(
        providers=dict(rows("SELECT kind, count(*) FROM providers_provider GROUP BY kind ORDER BY 2 DESC, 1")),
        contracts=contracts,
        models=models,
        participants=participants,
        placements=placements,
        no_shows=no_shows,
        interrupted=interrupted,
        returned=placements - participants,
        facts=dict(zip(FACT_STATES, *rows(FACTS), strict=True)),
        exits={EXIT_REASONS[detail - 1]: count for detail, count in sorted(rows(EXITS))},
        runs=Run.objects.exclude(state=RunState.CANCELLED).count(),
        states=dict(rows("SELECT state, count(*) FROM payouts_run WHERE state <> 'cancelled' GROUP BY state")),
        statements=[RouteSum(*row) for row in rows(ROUTES)],
        payments=dict(rows(PAYMENTS)),
        controls=dict(Counter(found.control for found in find_all(last))) if last else {},
        last=last,
        steps=[StepSum(*row) for row in rows(STEPS)],
        clawback_lines=clawback_lines,
        clawback_amount=clawback_amount,
        clawback_placements=clawback_placements,
        holds=[HoldSum(*row) for row in rows(HOLDS)],
        parked=[ParkedSum(*row) for row in rows(PARKED)],
        errors=sorted((ErrorSum(*row) for row in rows(ERRORS)), key=lambda each: (-each.part, each.provider)),
        shown=Placement.objects.get(pk=shown[0][0]) if shown else None,
        shown_lines=[ShownLine(*row) for row in rows(SHOWN_LINES, placement=shown[0][0] if shown else 0)],
    )

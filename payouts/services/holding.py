"""Holds: why a line is not paid yet, never what is owed. A run's computation places some by rule, officers others."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from backend.kernel.audit import record_bulk_event, record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.permissions import require_role
from contracts.models import Contract
from contracts.selectors import CONDITIONS_SQL
from outcomes.models import Placement
from payouts.held import UNHELD
from payouts.models import LINE_KEY, Hold, Line, Run
from payouts.services.moving import follow_holds
from payouts.states import BINDING, UNATTESTED
from providers.models import Provider

HOLD_REASON = rule("hold_reason", gettext_noop("a hold needs a reason of at most {most} characters"))
RELEASE_REASON = rule("release_reason", gettext_noop("a release needs a reason of at most {most} characters"))
HOLD_RELEASED = rule("hold_released", gettext_noop("there is no such hold, or it is released already"))

REASON_MOST = 200
OFFICER = "officer"  # the reason code of a hold that an officer placed

# What is paid keeps its place; what remains goes by qualifying day, then key, until the contract's year is spent.
BUDGET = f"""
    WITH budget AS (
        SELECT DISTINCT ON (contract_id, year) contract_id, year, amount
        FROM contracts_contractbudget ORDER BY contract_id, year, number DESC
    ), spent AS (
        SELECT line.contract_id, extract(year FROM line.qualifies_on) AS year, sum(line.amount) AS amount
        FROM payouts_line AS line
        JOIN payouts_run AS run ON run.id = line.run_id AND run.state = ANY(%(binding)s)
        LEFT JOIN payouts_allocation AS paid ON paid.placement_id = line.placement_id AND paid.step_id = line.step_id
            AND paid.occurrence = line.occurrence AND paid.run_id = line.run_id
        WHERE line.contract_id IN (SELECT contract_id FROM budget) AND (paid.statement_id IS NOT NULL OR {UNHELD})
        GROUP BY 1, 2
    ), queue AS (
        SELECT line.*, budget.amount - coalesce(spent.amount, 0) AS available,
            sum(line.amount) OVER (
                PARTITION BY line.contract_id, extract(year FROM line.qualifies_on)
                ORDER BY (line.amount > 0), line.qualifies_on, line.placement_id, line.step_id, line.occurrence
            ) AS wanted
        FROM payouts_line AS line
        JOIN budget ON budget.contract_id = line.contract_id AND budget.year = extract(year FROM line.qualifies_on)
        LEFT JOIN spent ON spent.contract_id = line.contract_id AND spent.year = budget.year
        WHERE line.run_id = %(run)s
    )
    INSERT INTO payouts_hold (placement_id, step_id, occurrence, run_id, reason_code, rule, placed_at)
    SELECT placement_id, step_id, occurrence, run_id, 'budget', 'budget', %(now)s
    FROM queue WHERE amount > 0 AND wanted > available"""  # noqa: S608  # put together from the project's own parts

AUTHORISATION = """
    INSERT INTO payouts_hold (contract_id, reason_code, rule, placed_at)
    SELECT DISTINCT contract.id, 'authorisation', 'authorisation_lapsed', %(now)s::timestamptz
    FROM payouts_line AS line JOIN contracts_contract AS contract ON contract.id = line.contract_id
    CROSS JOIN LATERAL (
        SELECT valid_through, effect FROM providers_authorisation AS decision
        WHERE decision.provider_id = contract.provider_id AND decision.valid_from <= %(cutoff)s
            AND (decision.service_id IS NULL OR decision.service_id = contract.service_id)
        ORDER BY decided_at DESC, id DESC LIMIT 1
    ) AS newest
    WHERE line.run_id = %(run)s AND (newest.effect <> 'authorised' OR newest.valid_through < %(cutoff)s)
        AND NOT EXISTS (
            SELECT FROM payouts_hold AS hold
            WHERE hold.contract_id = contract.id AND hold.rule = 'authorisation_lapsed' AND hold.released_at IS NULL
        )"""

# By the contract's terms: what corrects an occurrence that qualified too long ago is only proposed; and where a run's
# other lines of a placement come to less than nothing together, the provider is told first and may answer.
CORRECTIONS = f"""
    WITH agreed AS ({CONDITIONS_SQL}), corrected AS (
        SELECT DISTINCT placement_id FROM payouts_line WHERE run_id = %(run)s AND paid_before <> 0
    ), asked AS (
        SELECT *, sum(amount) FILTER (WHERE NOT is_old) OVER (PARTITION BY placement_id, contract_id) AS net FROM (
            SELECT line.*, agreed.notice_days,
                line.paid_before <> 0 AND line.qualifies_on + agreed.correct_within::interval < %(cutoff)s AS is_old
            FROM payouts_line AS line JOIN agreed USING (contract_id) JOIN corrected USING (placement_id)
            WHERE line.run_id = %(run)s
        ) AS aged
    )
    INSERT INTO payouts_hold (placement_id, step_id, occurrence, run_id, reason_code, rule, placed_at)
    SELECT placement_id, step_id, occurrence, run_id, why, why, %(now)s
    FROM asked CROSS JOIN LATERAL (
        SELECT CASE WHEN is_old THEN 'correction_too_old' WHEN net < 0 AND notice_days > 0 THEN 'clawback_notice' END
    ) AS told (why)
    WHERE why IS NOT NULL"""  # noqa: S608


def place_holds(run: Run) -> None:
    """Hold the run's lines that a budget does not cover or that a provider is asked about, and contracts whose
    provider is not authorised any longer."""
    parameters = {"run": run.pk, "now": run.computed_at, "cutoff": run.cutoff, "binding": sorted(BINDING)}
    with connection.cursor() as cursor:
        for query in (BUDGET, AUTHORISATION, CORRECTIONS):
            cursor.execute(query, parameters)


@transaction.atomic
def place_hold(*, target: Line | Placement | Contract | Provider, reason: str, by: User, now: datetime) -> Hold:
    """Keep a line, or all of a placement, contract or provider, from being paid until the hold is released."""
    require_role(by, Role.HANDLER, Role.PROCUREMENT, *FINANCE)
    if not 0 < len(reason.strip()) <= REASON_MOST:
        raise refuse(HOLD_REASON, field="reason", value=reason, most=REASON_MOST)
    _lock_unattested_run()
    hold = Hold.objects.create(**_columns(target), reason_code=OFFICER, reason=reason, placed_at=now, placed_by=by)
    follow_holds()
    record_event(by=by, action="place_hold", on=hold, now=now, later={"target": str(target), "reason": reason})
    return hold


def _columns(target: Line | Placement | Contract | Provider) -> dict[str, object]:
    match target:
        case Line():
            names = [name if name == "occurrence" else f"{name}_id" for name in LINE_KEY]
            return {name: getattr(target, name) for name in names}
        case Placement():
            return {"placement": target}
        case Contract():
            return {"contract": target}
        case Provider():
            return {"provider": target}


@transaction.atomic
def release_holds(*, holds: Sequence[int], reason: str, by: User, now: datetime) -> None:
    """Release holds (by id), whoever or whatever placed them: the next statements take what nothing else holds."""
    require_role(by, *FINANCE)
    if not 0 < len(reason.strip()) <= REASON_MOST:
        raise refuse(RELEASE_REASON, field="reason", value=reason, most=REASON_MOST)
    _lock_unattested_run()
    standing = Hold.objects.filter(pk__in=holds, released_at=None)
    released = standing.update(released_at=now, released_by=by, release_reason=reason)
    if released != len(set(holds)):
        raise refuse(HOLD_RELEASED, field="holds", value=", ".join(map(str, holds)))
    follow_holds()
    record_bulk_event(by=by, action="release_holds", on=Hold, now=now, later={"holds": list(holds), "reason": reason})


def _lock_unattested_run() -> None:
    """Nobody signs a run between a change of holds and the look at what it does to signatures."""
    list(Run.objects.select_for_update().filter(state__in=UNATTESTED))

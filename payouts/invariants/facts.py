"""Invariants of facts, their verification, and the placements that they are of."""
# ruff: noqa: S608 - the queries are put together from this module's own parts

import psycopg

from outcomes.columns import Kind
from payouts.invariants.checking import Row, invariant, rows

FACT = "format('fact %s of provider %s', fact.external_id, fact.provider_id)"
CORRECTED = "FROM outcomes_fact AS fact JOIN outcomes_fact AS replaced ON replaced.id = fact.replaces_id"


@invariant
def first_reports_are_kept(connection: psycopg.Connection) -> list[Row]:
    """A correction keeps the day of the first report in its chain; any other fact has its own."""
    # by induction along the chain, whose facts have rising ids
    return rows(
        connection,
        f"""
        SELECT {FACT}, coalesce(replaced.first_reported, fact.reported), fact.first_reported
        FROM outcomes_fact AS fact LEFT JOIN outcomes_fact AS replaced ON replaced.id = fact.replaces_id
        WHERE fact.first_reported <> coalesce(replaced.first_reported, fact.reported)""",
    )


@invariant
def corrections_come_later(connection: psycopg.Connection) -> list[Row]:
    """A correction was reported after the fact that it replaces."""
    return rows(
        connection,
        f"SELECT {FACT}, format('after fact %s', replaced.id), fact.id {CORRECTED} WHERE fact.id <= replaced.id",
    )


@invariant
def corrections_keep_kind_and_placement(connection: psycopg.Connection) -> list[Row]:
    """A correction has the kind and the placement of the fact that it replaces."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, format('kind %s, placement %s', replaced.kind, replaced.placement_id),
            format('kind %s, placement %s', fact.kind, fact.placement_id)
        {CORRECTED} WHERE (fact.kind, fact.placement_id) <> (replaced.kind, replaced.placement_id)""",
    )


@invariant
def one_correction_takes_a_place(connection: psycopg.Connection) -> list[Row]:
    """At most one verified correction replaces a fact."""
    return rows(
        connection,
        """
        SELECT format('fact %s', replaces_id), '1 verified correction', count(*) FROM outcomes_fact
        WHERE replaces_id IS NOT NULL AND verified IS NOT NULL GROUP BY replaces_id HAVING count(*) > 1""",
    )


@invariant
def facts_are_of_their_provider(connection: psycopg.Connection) -> list[Row]:
    """A fact was reported by the provider whose contract its placement is under."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, contract.provider_id, fact.provider_id FROM outcomes_fact AS fact
        JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
        JOIN contracts_contract AS contract ON contract.id = placement.contract_id
        WHERE contract.provider_id <> fact.provider_id""",
    )


@invariant
def verified_facts_have_a_decision(connection: psycopg.Connection) -> list[Row]:
    """A verified fact has one decision that verified it, at that moment; an unverified fact has none."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, coalesce('1 decision at ' || fact.verified_at, 'no decision'),
            format('%s decisions at %s', count(decision.id), min(decision.decided_at))
        FROM outcomes_fact AS fact LEFT JOIN outcomes_verificationdecision AS decision
            ON decision.fact_id = fact.id AND decision.decision = 'verified'
        GROUP BY fact.id
        HAVING count(decision.id) <> (fact.verified IS NOT NULL)::int
            OR min(decision.decided_at) <> fact.verified_at""",
    )


@invariant
def decisions_are_final(connection: psycopg.Connection) -> list[Row]:
    """A fact is verified or rejected once."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, '1 final decision', string_agg(decision, ', ' ORDER BY decided_at) FROM outcomes_fact AS fact
        JOIN outcomes_verificationdecision AS made ON made.fact_id = fact.id
            AND decision IN ('verified', 'rejected')
        GROUP BY fact.id HAVING count(*) > 1""",
    )


@invariant
def decisions_name_what_is_replaced(connection: psycopg.Connection) -> list[Row]:
    """The decision that verifies a correction names the fact whose place it takes."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, coalesce(fact.replaces_id::text, 'none'), coalesce(decision.replaces_id::text, 'none')
        FROM outcomes_fact AS fact JOIN outcomes_verificationdecision AS decision ON decision.fact_id = fact.id
        WHERE decision.decision = 'verified' AND decision.replaces_id IS DISTINCT FROM fact.replaces_id""",
    )


@invariant
def verified_days_are_local(connection: psycopg.Connection) -> list[Row]:
    """The day on which a fact was verified is the Swedish day of the moment."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, (verified_at AT TIME ZONE 'Europe/Stockholm')::date, verified FROM outcomes_fact AS fact
        WHERE verified IS DISTINCT FROM (verified_at AT TIME ZONE 'Europe/Stockholm')::date""",
    )


@invariant
def nobody_verifies_their_own_report(connection: psycopg.Connection) -> list[Row]:
    """Whoever verified a fact had not reported it."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, 'someone else', 'verified by its reporter' FROM outcomes_fact AS fact
        JOIN outcomes_verificationdecision AS decision ON decision.fact_id = fact.id
        WHERE decision.decision = 'verified' AND decision.decided_by_id = fact.reported_by_id""",
    )


@invariant
def someone_else_verifies_a_withdrawal(connection: psycopg.Connection) -> list[Row]:
    """Whoever verified a withdrawal had not verified the fact that it withdraws."""
    return rows(
        connection,
        f"""
        SELECT {FACT}, 'someone else', 'verified by the same person' {CORRECTED}
        JOIN outcomes_verificationdecision AS undone ON undone.fact_id = fact.id AND undone.decision = 'verified'
        JOIN outcomes_verificationdecision AS done ON done.fact_id = replaced.id AND done.decision = 'verified'
        WHERE fact.withdrawn AND done.decided_by_id = undone.decided_by_id""",
    )


@invariant
def placements_end_with_their_exit(connection: psycopg.Connection) -> list[Row]:
    """A placement goes on through its earliest verified exit, or is open while there is none."""
    return rows(
        connection,
        f"""
        SELECT format('placement %s', number), coalesce(day::text, 'open'), coalesce((upper(period) - 1)::text, 'open')
        FROM (
            SELECT placement.number, placement.period, greatest(min(fact.from_day), lower(placement.period)) AS day,
                min(fact.from_day) AS exit
            FROM outcomes_placement AS placement LEFT JOIN outcomes_fact AS fact
                ON fact.placement_id = placement.id AND fact.kind = {Kind.EXIT.value}
                AND fact.verified IS NOT NULL AND NOT fact.withdrawn AND NOT EXISTS (
                    SELECT FROM outcomes_fact AS correction
                    WHERE correction.replaces_id = fact.id AND correction.verified IS NOT NULL
                )
            GROUP BY placement.id
        ) AS ended
        WHERE upper(period) - 1 IS DISTINCT FROM CASE WHEN exit IS NOT NULL THEN day END""",
    )


@invariant
def placements_begin_with_their_referral(connection: psycopg.Connection) -> list[Row]:
    """A placement has a version, and begins on the day on which the newest says that it was referred."""
    return rows(
        connection,
        """
        SELECT format('placement %s', number), coalesce(newest.referred_on::text, 'no version'), lower(period)
        FROM outcomes_placement AS placement LEFT JOIN LATERAL (
            SELECT referred_on FROM outcomes_placementversion WHERE placement_id = placement.id
            ORDER BY recorded_at DESC, id DESC LIMIT 1
        ) AS newest ON true
        WHERE newest.referred_on IS DISTINCT FROM lower(period)""",
    )


@invariant
def placements_do_not_overlap(connection: psycopg.Connection) -> list[Row]:
    """No two placements of a participant under one contract share a day."""
    return rows(
        connection,
        """
        SELECT format('placement %s', number), format('after placement %s', before), lower(period) FROM (
            SELECT number, period, lag(number) OVER earlier AS before, max(coalesce(upper(period), 'infinity')) OVER (
                PARTITION BY participant_id, contract_id ORDER BY lower(period), id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS free_from
            FROM outcomes_placement
            WINDOW earlier AS (PARTITION BY participant_id, contract_id ORDER BY lower(period), id)
        ) AS ordered WHERE lower(period) < free_from""",
    )

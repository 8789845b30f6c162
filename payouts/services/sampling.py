"""Samples of what was verified are drawn, and counter-verified by somebody else than the verifier."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as, copy_rows, psycopg_connection, reserve_ids
from backend.kernel.columns import Column, read_columns
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.money import plain_kronor
from backend.kernel.permissions import require_role
from outcomes.permissions import require_named
from payouts.models import CounterVerification, Run, Sample, SampledFact, SampleStratum
from payouts.sample_selectors import checked_before, verifiers_of
from payouts.sampling import I64, allocate, draw, join_small, risks, tickets
from payouts.selectors import counting_runs
from payouts.states import BINDING

NOT_ATTESTED = rule("sample_run", gettext_noop("a sample is drawn of a run that is attested"))
SAMPLED_ALREADY = rule("sample_twice", gettext_noop("a sample of this run has been drawn already"))
NOTHING_VERIFIED = rule("sample_empty", gettext_noop("nothing was verified between the run before and this one"))
SAMPLE_SIZE = rule("sample_size", gettext_noop("a sample is of {least} to {most} facts"))
OWN_COUNTER = rule(
    "counter_own", gettext_noop("nobody counter-verifies a fact that they reported or verified themselves")
)
WRONG_PART = rule("counter_amount", gettext_noop("the wrong part of the amount is from 0 to {most}"))

USUAL_SIZE, LARGEST = 100, 10_000  # facts

# What the run was the first to know; lines of earlier runs can't stand on it.
FRAME = """
    SELECT fact.id, placement.contract_id, coalesce(paid.step_id, 0), coalesce(paid.amount, 0)
    FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
    LEFT JOIN (
        SELECT fact_id, (array_agg(step_id ORDER BY amount DESC, step_id))[1] AS step_id, sum(amount)::bigint AS amount
        FROM payouts_line WHERE run_id = %(run)s GROUP BY fact_id HAVING sum(amount) > 0
    ) AS paid ON paid.fact_id = fact.id
    WHERE fact.verified_at > %(before)s AND fact.verified_at <= %(known)s AND NOT fact.withdrawn AND NOT EXISTS (
        SELECT FROM outcomes_fact AS correction
        WHERE correction.replaces_id = fact.id AND correction.verified_at <= %(known)s
    )
    ORDER BY fact.id"""
FRAME_TYPES = ["i8", "i4", "i4", "i8"]


@transaction.atomic
def draw_sample(*, run: Run, size: int = USUAL_SIZE, by: User | None, now: datetime) -> Sample:
    """Draw about `size` of the facts that an attested run was the first to know; by nobody if the calendar does.

    What is drawn follows from the run alone: its digest is the seed. So nobody can choose, and anybody can draw again.
    """
    if by is not None:
        require_role(by, Role.HANDLER)
    if run.state not in BINDING:
        raise refuse(NOT_ATTESTED, field="run", value=run.sequence)
    if not 1 <= size <= LARGEST:
        raise refuse(SAMPLE_SIZE, field="size", value=size, least=1, most=LARGEST)
    facts, contract, step, amount = _read_frame(run)
    if not len(facts):
        raise refuse(NOTHING_VERIFIED, field="run", value=run.sequence)
    with constraints_as({"payouts_sample_run_id_key": SAMPLED_ALREADY}, "run"):
        sample = Sample.objects.create(run=run, seed=run.digest, drawn_at=now, drawn_by=by)
    keys, stratum = np.unique(np.stack([contract, join_small(contract, step)]), axis=1, return_inverse=True)
    sizes, sums = np.bincount(stratum), np.bincount(stratum, amount).astype(np.int64)
    wanted = allocate(sizes, risks(sizes, sums, *checked_before(keys[0])), size)
    drawn = np.flatnonzero(draw(stratum, wanted, tickets(sample.seed, facts.tolist())))
    ids = np.array(_add_strata(sample, keys, sizes, sums, wanted))
    rows = zip(ids[stratum[drawn]].tolist(), facts[drawn].tolist(), amount[drawn].tolist(), strict=True)
    copy_rows(SampledFact, ["stratum_id", "fact_id", "amount"], rows)
    record_event(by=by, action="draw_sample", on=sample, now=now, later={"run": run.sequence, "facts": len(drawn)})
    return sample


def _read_frame(run: Run) -> list[Column]:
    """Fact, contract, step (0: none) and öre of each fact that the run was the first to know."""
    before = Run.objects.filter(pk__in=counting_runs(before=run.sequence)).order_by("sequence").last()
    known_before = before.knowledge_at if before else "-infinity"
    with psycopg_connection() as raw:
        return read_columns(raw, FRAME, FRAME_TYPES, {"run": run.pk, "before": known_before, "known": run.knowledge_at})


def _add_strata(sample: Sample, keys: Column, sizes: I64, sums: I64, wanted: I64) -> Sequence[int]:
    ids = reserve_ids(SampleStratum, len(sizes))
    columns = (ids, keys[0].tolist(), keys[1].tolist(), sizes.tolist(), sums.tolist(), wanted.tolist())
    copy_rows(
        SampleStratum,
        ["id", "sample_id", "contract_id", "step_id", "size", "amount", "drawn"],
        (
            (pk, sample.pk, contract, step or None, size, amount, drawn)
            for pk, contract, step, size, amount, drawn in zip(*columns, strict=True)
        ),
    )
    return ids


@transaction.atomic
def counter_verify(
    *, sampled: SampledFact, cause: CounterVerification.Cause, wrong_amount: int, note: str, by: User, now: datetime
) -> CounterVerification:
    """Say what a sampled fact turned out to be; `wrong_amount`: öre of its amount that should not have been paid.

    A result is changed by a new one. It changes no fact: what is wrong is withdrawn or corrected as any other fact is.
    """
    require_role(by, Role.HANDLER)
    require_named(sampled.fact.placement.participant, by)
    if by.pk in verifiers_of(sampled.fact):
        raise refuse(OWN_COUNTER, field="by", value=by.get_username())
    most = 0 if cause == CounterVerification.Cause.RIGHT else sampled.amount
    if not 0 <= wrong_amount <= most:
        raise refuse(WRONG_PART, field="wrong_amount", value=plain_kronor(wrong_amount), most=plain_kronor(most))
    result = CounterVerification.objects.create(
        sampled=sampled, cause=cause, wrong_amount=wrong_amount, note=note, checked_at=now, checked_by=by
    )
    later = {"cause": cause, "wrong_amount": wrong_amount}
    record_event(by=by, action="counter_verify", on=sampled, now=now, later=later)
    return result


def draw_newest(now: datetime) -> Sample | None:
    """Draw the sample of the newest attested run, as the calendar does; none if there is one, or nothing to draw."""
    run = Run.objects.filter(state__in=BINDING).order_by("sequence").last()
    if run is None or Sample.objects.filter(run=run).exists() or not len(_read_frame(run)[0]):
        return None
    return draw_sample(run=run, by=None, now=now)

"""The handlers' queue: waiting facts in the order in which it costs most to let them wait."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection
from django.db.models import Exists, Min, OuterRef, QuerySet

from backend.kernel.bulk import number_array, psycopg_connection
from backend.kernel.columns import read_columns
from backend.kernel.models import User
from outcomes.columns import I32, I64, Bool, Columns, to_day
from outcomes.deciding import TERMS, USUAL
from outcomes.models import Fact, VerificationDecision
from outcomes.waiting import asked_for_more, facts_to_decide
from payouts.conflicts import ConflictKind, find_conflicts
from payouts.stakes import stakes

# A deadline is that of the provider where more is asked for, else the handler's.
WAITS = f"""
SELECT fact.id, fact.placement_id, fact.reported,
    coalesce(question.due_on, fact.reported + coalesce(terms.decide_within, {USUAL.decide_within})),
    question.due_on IS NOT NULL, coalesce(fact.kind = ANY (terms.bulk_kinds), false)
FROM outcomes_fact AS fact JOIN outcomes_placement AS placement ON placement.id = fact.placement_id
LEFT JOIN ({TERMS}) AS terms ON terms.contract_id = placement.contract_id
LEFT JOIN unnest(%(asked)s::bigint[], %(due)s::date[]) AS question (id, due_on) ON question.id = fact.id
WHERE fact.id = ANY (%(facts)s::bigint[])
"""  # noqa: S608  # constants
TYPES = ["i8", "i4", "i4", "i4", "b1", "b1"]


@dataclass(frozen=True, slots=True)
class Waiting(Columns):
    """How facts wait; days as in `outcomes.columns`."""

    fact: I64
    placement: I32
    reported: I32
    due_on: I32  # the last day to decide; where more is asked for, the last day to answer
    is_asked: Bool  # an answer of the provider is waited for
    is_bulk: Bool  # the contract lets it be verified with many others
    amount: I64  # öre that would be owed more today if all that waits of the placement were verified
    conflicts: I32  # of how many kinds


@dataclass(frozen=True, slots=True)
class Queue:
    """Waiting facts in order, and what speaks against them, by fact."""

    waiting: Waiting
    conflicts: dict[int, set[ConflictKind]]

    def only(self, *, late: bool | None, conflict: str, today: date) -> "Queue":
        """What of it is late (or is not), and what has a conflict of a kind."""
        waiting, chosen = self.waiting, np.ones(len(self.waiting), bool)
        if late is not None:
            chosen &= (waiting.due_on < to_day(today)) == late
        if conflict:
            found = [fact for fact, kinds in self.conflicts.items() if conflict in kinds]
            chosen &= np.isin(waiting.fact, found)
        return Queue(waiting.take(chosen), self.conflicts)

    def beside(self, fact: int, step: int) -> int | None:
        """The fact that stands so many steps behind (or before) another; the first one, if that is not there."""
        ids = self.waiting.fact
        place = np.flatnonzero(ids == fact)
        there = int(place[0]) + step if len(place) else 0
        return int(ids[there]) if 0 <= there < len(ids) else None


def for_me(reader: User) -> QuerySet[Fact]:
    """The facts that a handler can decide about: neither reported by the handler nor signed already."""
    signed = VerificationDecision.objects.filter(
        fact=OuterRef("pk"), decision=VerificationDecision.Decision.SIGNED, decided_by=reader
    )
    return facts_to_decide().exclude(reported_by=reader).exclude(Exists(signed))


def decide_by(facts: QuerySet[Fact], today: date) -> date | None:
    """The earliest day by which one of these facts is to be decided."""
    oldest = facts.order_by().values_list("placement__contract").annotate(first=Min("reported"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT contract_id, decide_within FROM ({TERMS}) AS terms", {"today": today})  # noqa: S608
        within = dict(cursor.fetchall())
    return min((day + timedelta(within.get(pk, USUAL.decide_within)) for pk, day in oldest), default=None)


def rank(facts: QuerySet[Fact], today: date) -> Queue:
    """How waiting facts wait, what costs most to wait with first.

    What is overdue stands first. Then money times days counts, once more for each kind of conflict. What only the
    provider can go on with stands last, until its day to answer has passed.
    """
    ids = list(facts.order_by().values_list("pk", flat=True))
    asked = dict(asked_for_more().order_by().values_list("pk", "due_on"))
    parameters = {"facts": number_array(ids), "today": today, "asked": list(asked), "due": list(asked.values())}
    with psycopg_connection() as raw:
        fact, placement, reported, due_on, is_asked, is_bulk = read_columns(raw, WAITS, TYPES, parameters)
    amounts = stakes(placement.tolist(), today)
    conflicts: dict[int, set[ConflictKind]] = defaultdict(set)
    for conflict in find_conflicts(ids, today):
        conflicts[conflict.fact].add(conflict.kind)
    waiting = Waiting(
        fact,
        placement,
        reported,
        due_on,
        is_asked,
        is_bulk,
        amount=np.array([amounts.get(one, 0) for one in placement.tolist()], np.int64),
        conflicts=np.array([len(conflicts.get(one, ())) for one in fact.tolist()], np.int32),
    )
    return Queue(waiting.take(_order(waiting, to_day(today))), conflicts)


def _order(waiting: Waiting, today: int) -> np.ndarray:
    days = np.maximum(today - waiting.reported, 1).astype(np.int64)
    weight = np.abs(waiting.amount) * days * (1 + waiting.conflicts)
    is_late = waiting.due_on < today
    return np.lexsort((waiting.fact, -days, -waiting.conflicts, -weight, waiting.is_asked, ~is_late))

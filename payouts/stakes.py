"""What hangs on facts that wait for a decision: how much more would be owed today if they were verified.

The engine that pays says it, from one book with two kinds of knowledge: what is verified, and then what waits as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from backend.kernel.bulk import number_array, psycopg_connection
from backend.kernel.columns import Readers
from outcomes.columns import I64, Facts, to_day
from outcomes.models import Fact
from payouts.books import (
    FACT_TYPES,
    Rows,
    Selection,
    facts_of,
    make_book,
    placements_of,
    read_catalogue,
    start_facts,
    start_placements,
)
from payouts.engine.evaluate import Book
from payouts.explaining import last_moment

VERIFIED, WAITING = 0, 1  # the two kinds of knowledge
WAITING_FACTS = """
    SELECT id, placement_id, kind + (detail << 8) + (withdrawn::int << 24), from_day,
        coalesce(through_day, 'infinity'), quantity, coalesce(subject_id, 0), first_reported, %(today)s::date,
        coalesce(replaces_id, 0)
    FROM outcomes_fact AS fact WHERE {rows} AND verified IS NULL AND NOT EXISTS (
        SELECT FROM outcomes_verificationdecision WHERE fact_id = fact.id AND decision = 'rejected'
    )"""
ONLY = " AND id = ANY (%(facts)s::bigint[])"


def weigh_facts(facts: Sequence[int], today: date) -> dict[int, int]:
    """By placement, the öre that would be owed more if these of its waiting facts counted, and no others."""
    placements = Fact.objects.filter(pk__in=facts).values_list("placement", flat=True)
    return stakes(list(placements.distinct()), today, only=facts)


def stakes(placements: Sequence[int], today: date, *, only: Sequence[int] | None = None) -> dict[int, int]:
    """By placement, the öre that would be owed more (or less, after a correction) if all its waiting facts counted.

    `only`: if these of them did. What is at stake later, such as when a job has lasted, is not known yet and not
    counted.
    """
    if not placements:
        return {}
    moments = [last_moment(today)]
    some = Selection(some=np.array(sorted(set(placements)), np.int32))
    with psycopg_connection() as connection:
        catalogue = read_catalogue(connection)
        with Readers([connection]) as readers:
            rows = placements_of(catalogue, start_placements(readers, some, moments))
            verified = facts_of(rows.placements, start_facts(readers, some, moments))
            parameters = some.parameters | {"today": today, "facts": number_array(only or ())}
            query = WAITING_FACTS.format(rows=some.condition) + (ONLY if only is not None else "")
            waiting = facts_of(rows.placements, Rows(readers.start(query, FACT_TYPES[:-1], parameters), moments))
    waiting = replace(waiting, known=np.full(len(waiting), WAITING, np.int32))
    book = make_book(catalogue, rows, Facts.join([verified, waiting]))
    before, after = (_sums(book, to_day(today), knowledge, len(rows.placements)) for knowledge in (VERIFIED, WAITING))
    return dict(zip(rows.placements.id.tolist(), (after - before).tolist(), strict=True))


def _sums(book: Book, cutoff: int, knowledge: int, count: int) -> I64:
    """What is owed in all, by placement row."""
    owed = book.evaluate(cutoff, knowledge).owed
    sums = np.zeros(count, np.int64)
    np.add.at(sums, owed.row, owed.amount)
    return sums

"""Why, and why not, of a stored placement: the same book and engine as a run's, for one placement and one day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db.models import Max

from backend.kernel.bulk import psycopg_connection
from backend.kernel.calendar import LOCAL_TIME
from backend.kernel.columns import Readers
from backend.kernel.errors import Breach, DomainError
from contracts.wording import Language
from outcomes.breaches import find_breaches
from outcomes.columns import NO_FACT, Facts, Kind, Subjects, to_day
from outcomes.facts import FactRecord, columns_of
from outcomes.models import Fact, Placement, Subject
from payouts.books import (
    Catalogue,
    PlacementRows,
    Selection,
    facts_of,
    make_book,
    placements_of,
    read_catalogue,
    start_facts,
    start_placements,
)
from payouts.engine.evaluate import Book
from payouts.engine.why import Why, why
from payouts.words import say_each, say_unknown

ALL_READ = 0  # one moment of knowledge: what is read is known


def ask_placement(
    placement: Placement, as_of: date, at: datetime | None = None, *, pretended: FactRecord | None = None
) -> list[Why]:
    """The answer for every step as of a day, from what was recorded and verified by the end of it.

    `at` asks from what was known at another moment: with a run's cut-off and knowledge moment, why it paid as it did.
    `pretended` is one more fact, taken for verified and not stored: what would be, if. DomainError if it breaks a rule
    together with what is known. Nothing if the placement was not known then, or no payment model governs it.
    """
    catalogue, rows, facts = _read([placement.pk], at or last_moment(as_of))
    if pretended and len(rows.placements):
        subjects, one = _pretended_columns(pretended, catalogue.subjects, facts)
        catalogue, facts = replace(catalogue, subjects=subjects), Facts.join([facts, one])
    book = make_book(catalogue, rows, facts)
    if pretended:
        _check(book)
    return why(book, to_day(as_of), ALL_READ)


def ask_placements(ids: Sequence[int], as_of: date) -> dict[int, list[Why]]:
    """As `ask_placement`, of many placements by their ids, in one reading. Those without an answer are left out."""
    catalogue, rows, facts = _read(ids, last_moment(as_of))
    facts = facts.take(np.argsort(facts.placement, kind="stable"))
    ends = np.searchsorted(facts.placement, np.arange(len(rows.placements) + 1))
    answers = {}
    for row, pk in enumerate(rows.placements.id.tolist()):
        mine = facts.take(slice(ends[row], ends[row + 1]))
        mine = replace(mine, placement=np.zeros(len(mine), np.int32))
        answers[pk] = why(make_book(catalogue, rows.block(row, row + 1), mine), to_day(as_of), ALL_READ)
    return answers


def _read(ids: Sequence[int], moment: datetime) -> tuple[Catalogue, PlacementRows, Facts]:
    some, moments = Selection(some=np.array(ids, np.int32)), [moment]
    with psycopg_connection() as connection:
        catalogue = read_catalogue(connection)
        with Readers([connection]) as readers:
            rows = placements_of(catalogue, start_placements(readers, some, moments))
            return catalogue, rows, facts_of(rows.placements, start_facts(readers, some, moments))


def _pretended_columns(record: FactRecord, subjects: Subjects, facts: Facts) -> tuple[Subjects, Facts]:
    """A fact that is not stored, with the highest number; a text that nobody has used gets a number of its own."""
    known = Subject.objects.filter(text=record.subject).values_list("pk", flat=True).first()
    number = known or (Subject.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    rank = np.zeros(max(len(subjects.course_rank), number + 1), np.int32)
    rank[: len(subjects.course_rank)] = subjects.course_rank
    if known is None:
        rank[number] = len(rank)  # after all others
    milestones = (
        {**subjects.milestones, record.subject: number} if record.kind is Kind.MILESTONE else subjects.milestones
    )
    columns, *_texts = columns_of([record])
    one = replace(
        columns,
        id=np.array([int(facts.id.max(initial=NO_FACT)) + 1], np.int64),
        subject=np.array([number if record.subject else 0], np.int32),
        known=np.array([ALL_READ], np.int32),
    )
    return Subjects(milestones, rank), one


def _check(book: Book) -> None:
    found = find_breaches(book.models, book.placements, book.shelves, ALL_READ)
    if found:
        raise DomainError(*(Breach(breach.rule, breach.field, breach.value, breach.details) for breach in found))


def last_moment(day: date) -> datetime:
    """The end of a Swedish day."""
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_TIME) - timedelta(microseconds=1)


def explain_text(placement: Placement, as_of: date, language: Language) -> list[str]:
    """The answer in sentences; facts go by their providers' ids."""
    answers = ask_placement(placement, as_of)
    if not answers:
        return [say_unknown(language)]
    return [sentence for said in explain_steps(answers, language) for sentence in said]


def explain_steps(answers: Sequence[Why], language: Language) -> list[list[str]]:
    """The sentences of each answer; facts go by their providers' ids."""
    facts = {fact for answer in answers for check in answer.checks for fact in check.facts}
    fact_names = dict(Fact.objects.filter(pk__in=facts).values_list("pk", "external_id"))
    courses = {int(number) for answer in answers for number in answer.owed.occurrence}
    subject_names = dict(Subject.objects.filter(pk__in=courses).values_list("pk", "text"))
    return say_each(answers, language, fact_name=fact_names.__getitem__, subject_name=subject_names.__getitem__)

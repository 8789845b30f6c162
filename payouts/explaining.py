"""Why, and why not, of a stored placement: the same book and engine as a run's, for one placement and one day."""

from datetime import date, datetime, time, timedelta

import numpy as np

from backend.kernel.bulk import psycopg_connection
from backend.kernel.calendar import LOCAL_TIME
from backend.kernel.columns import Readers
from contracts.wording import Language
from outcomes.columns import to_day
from outcomes.models import Fact, Placement, Subject
from payouts.books import Selection, facts_of, make_book, placements_of, read_catalogue, start_facts, start_placements
from payouts.engine.why import Why, why
from payouts.words import say_unknown, say_why

ALL_READ = 0  # one moment of knowledge: what is read is known


def ask_placement(placement: Placement, as_of: date, at: datetime | None = None) -> list[Why]:
    """The answer for every step as of a day, from what was recorded and verified by the end of it.

    `at` asks from what was known at another moment: with a run's cut-off and knowledge moment, why it paid as it did.
    Nothing if the placement was not known then, or no payment model governs it.
    """
    moments = [at or last_moment(as_of)]
    some = Selection(some=np.array([placement.pk], np.int32))
    with psycopg_connection() as connection:
        catalogue = read_catalogue(connection)
        with Readers([connection]) as readers:
            rows = placements_of(catalogue, start_placements(readers, some, moments))
            facts = facts_of(rows.placements, start_facts(readers, some, moments))
    return why(make_book(catalogue, rows, facts), to_day(as_of), ALL_READ)


def last_moment(day: date) -> datetime:
    """The end of a Swedish day."""
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_TIME) - timedelta(microseconds=1)


def explain_text(placement: Placement, as_of: date, language: Language) -> list[str]:
    """The answer in sentences; facts go by their providers' ids."""
    answers = ask_placement(placement, as_of)
    if not answers:
        return [say_unknown(language)]
    facts = {fact for answer in answers for check in answer.checks for fact in check.facts}
    fact_names = dict(Fact.objects.filter(pk__in=facts).values_list("pk", "external_id"))
    courses = {int(number) for answer in answers for number in answer.owed.occurrence}
    subject_names = dict(Subject.objects.filter(pk__in=courses).values_list("pk", "text"))
    return say_why(answers, language, fact_name=fact_names.__getitem__, subject_name=subject_names.__getitem__)

"""Many case documents in one book of the engine, and what the engine says of each in the plain reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import numpy as np

from outcomes.columns import I32, KNOWLEDGE_FAR, Facts, Placements, Subjects, to_date, to_day
from outcomes.facts import FactRecord, columns_of
from payouts.engine.cases import Case, read_case, say_occurrence
from payouts.engine.evaluate import Book, Owed, Result
from payouts.engine.netting import NO_LINES, Ledger, Lines, difference
from tests import plain_reader
from tests.case_generator import random_case, random_model
from tests.plain_reader import month_end, month_of

ALWAYS = np.iinfo(np.int32).min

Plain = dict[tuple[str, str], plain_reader.Owed]


@dataclass(frozen=True)
class Input:
    """Cases as columns: placement row n is case n. Models are shared by the cases whose document they share."""

    cases: list[Case]
    placements: Placements
    facts: Facts
    subjects: Subjects
    fact_ids: list[str]
    subject_texts: list[str]

    def book(self) -> Book:
        return Book(self.models, self.placements, self.facts, self.subjects)

    @property
    def models(self) -> list:
        return list({id(case.model): case.model for case in self.cases}.values())


def read_cases(documents: Sequence[dict]) -> list[Case]:
    """The cases; documents that share one model object come to share one model."""
    cases = [read_case(document) for document in documents]
    models = {id(document["model"]): case.model for document, case in zip(documents, cases, strict=True)}
    return [replace(case, model=models[id(document["model"])]) for document, case in zip(documents, cases, strict=True)]


def input_of(documents: Sequence[dict]) -> Input:
    cases = read_cases(documents)
    records = [named(fact, row) for row, case in enumerate(cases) for fact in case.facts]
    rows = np.repeat(np.arange(len(cases), dtype=np.int32), [len(case.facts) for case in cases])
    facts, subjects, fact_ids, subject_texts = columns_of(records)
    index_of = {model: index for index, model in enumerate(dict.fromkeys(id(case.model) for case in cases))}
    placements = Placements(
        id=np.arange(1, len(cases) + 1, dtype=np.int64),
        model=np.array([index_of[id(case.model)] for case in cases], np.int16),
        tier=np.array([case.model.tiers.index(case.placement.tier) for case in cases], np.int16),
        price=np.array([case.placement.price for case in cases], np.int64),
        starts_on=np.array([to_day(case.placement.starts_on) for case in cases], np.int32),
        known=np.full(len(cases), ALWAYS, np.int32),
        superseded=np.full(len(cases), KNOWLEDGE_FAR, np.int32),
    )
    return Input(cases, placements, replace(facts, placement=rows), subjects, fact_ids, subject_texts)


def named(fact: FactRecord, row: int) -> FactRecord:
    """The fact with ids that no other case has; within a case they keep their order."""
    replaces = fact.replaces and f"{row:04d} {fact.replaces}"
    return replace(fact, id=f"{row:04d} {fact.id}", replaces=replaces)


def in_plain_words(made: Input, owed: Owed) -> list[Plain]:
    """What is owed, case by case, as the plain reader says it."""
    found: list[Plain] = [{} for _ in made.cases]
    for i in range(len(owed)):
        row = int(owed.row[i])
        step = made.cases[row].model.steps[owed.step[i]]
        occurrence = say_occurrence(step, int(owed.occurrence[i]), made.subject_texts)
        fact_id = made.fact_ids[owed.fact[i]].partition(" ")[2] or None
        qualifies_on = to_date(int(owed.qualifies_on[i]))
        assert qualifies_on is not None
        assert (step.code, occurrence) not in found[row]
        found[row][step.code, occurrence] = plain_reader.Owed(
            int(owed.amount[i]), int(owed.gross[i]), int(owed.cap_cut[i]), qualifies_on, fact_id
        )
    return found


def evaluate(made: Input, book: Book, cutoff: date, knowledge: date) -> list[Plain]:
    return in_plain_words(made, book.evaluate(to_day(cutoff), to_day(knowledge)).owed)


def entered(ledger: Ledger, lines: Lines) -> Ledger:
    """The ledger with a run's lines."""
    return Ledger.join([ledger, lines.entries()])


def run(result: Result, ledger: Ledger) -> Lines:
    return difference(result.owed, result.owed.step.astype(np.int32), ledger)


def ledgers(made: Input) -> list[list[dict]]:
    """The lines of each case's runs, all cases run together, in the plain reader's words."""
    book, ledger = made.book(), NO_LINES
    found: list[list[dict]] = [[] for _ in made.cases]
    starts = [case.placement.starts_on or case.placement.referred_on for case in made.cases]
    last = max(case.through for case in made.cases)
    for month in plain_reader.months_between(month_of(min(starts)), month_of(last)):
        cutoff = to_day(month_end(month))
        lines = run(book.evaluate(cutoff, cutoff), ledger)
        ledger = entered(ledger, lines)
        for i in range(len(lines)):
            case = made.cases[lines.row[i]]
            if month > month_of(case.through):
                continue
            step = case.model.steps[lines.step[i]]
            occurrence = say_occurrence(step, int(lines.occurrence[i]), made.subject_texts)
            line = {"run": month, "step": step.code, "occurrence": occurrence, "amount": int(lines.amount[i])}
            found[lines.row[i]].append(line)
    return [sorted(lines, key=lambda line: (line["run"], line["step"], line["occurrence"])) for lines in found]


def random_cases(rng: Random, models: int, each: int) -> list[dict]:
    """So many cases of each of so many random models, in no order."""
    drawn = [random_case(rng, model) for model in [random_model(rng) for _ in range(models)] for _ in range(each)]
    rng.shuffle(drawn)
    return drawn


def corner_days(case: dict) -> list[date]:
    """The days on which, before which or after which something may happen in the case."""
    starts_on = case["placement"].get("starts_on", case["placement"]["referred_on"])
    days = {starts_on, month_end(month_of(starts_on)), *window_ends(case)}
    for fact in case["fact"]:
        days |= {day for day in fact.values() if isinstance(day, date)}
    far = month_end(case["through"])
    days |= {each.qualifies_on for each in plain_reader.owed(case, far, far).values()}
    return sorted({day + move * plain_reader.DAY for day in days for move in (-1, 0, 1)})


def window_ends(case: dict) -> set[date]:
    """The last days of the windows of all steps, as known in the end."""
    if "starts_on" not in case["placement"]:
        return set()
    far = month_end(case["through"])
    known = plain_reader.known_at(case, far, far)
    ends = set()
    for step in case["model"]["steps"]:
        duration = step.get("within") or step.get("starts_within")
        of_end = step["trigger"] == "employment" and step.get("of", "end") == "end"
        opens = known.exit_on if of_end else known.starts_on
        if duration and opens:
            ends.add(plain_reader.window_end(step, duration, opens, known))
    return ends


def last_known(made: Input) -> int:
    """A knowledge day by which every fact is known."""
    known: I32 = made.facts.known[made.facts.known < to_day(None)]
    return int(known.max(initial=0))

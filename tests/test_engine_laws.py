"""Laws that the engine keeps whatever the placements, the facts and the payment models are.

Hypothesis chooses the seed of the case generator, always the same ones; UTFALL_COMPARISONS=10 tries ten times as many.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.terms import PeriodTerms
from outcomes.columns import FAR, I32, NO_FACT, Bool, Facts, Placements, Subjects, to_day
from payouts.engine.cases import case_book
from payouts.engine.evaluate import Book, Owed, Result
from payouts.engine.netting import NO_LINES
from payouts.engine.why import why
from tests import plain_reader
from tests.case_generator import random_case, to_toml
from tests.engine_books import (
    Input,
    corner_days,
    entered,
    evaluate,
    in_plain_words,
    input_of,
    last_known,
    random_cases,
    read_cases,
    run,
)
from tests.test_plain_reader import FAR_AHEAD, gone_on, known_facts, later_facts

TIMES = int(os.environ.get("UTFALL_COMPARISONS", "1"))
FIRST = to_day(date(2023, 11, 1))
MONTH_ENDS = [to_day(plain_reader.month_end(month)) for month in plain_reader.months_between("2023-11", "2026-08")]

Rng = Random
Row = tuple[int, ...]


def law(examples: int) -> Callable[[Callable[[Rng], None]], Callable[[], None]]:
    """A test of one generator of random numbers, given that of many seeds."""

    def tested(test: Callable[[Rng], None]) -> Callable[[], None]:
        @settings(
            max_examples=examples * TIMES, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
        )
        @given(seed=st.integers(0, 2**32))
        def run_test(seed: int) -> None:
            test(Random(seed))

        run_test.__name__, run_test.__doc__ = test.__name__, test.__doc__
        return run_test

    return tested


def drawn(rng: Rng, models: int = 3, each: int = 5) -> Input:
    return input_of(random_cases(rng, models, each))


def some_day(rng: Rng) -> int:
    return rng.choice([rng.choice(MONTH_ENDS), rng.randint(FIRST, MONTH_ENDS[-1])])


def rows_of(made: Input, owed: Owed) -> list[Row]:
    """What is owed, in the book's order, with placements by id: comparable between books."""
    columns = (made.placements.id[owed.row], *(getattr(owed, name) for name in Owed.names()[1:]))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def sums_of(rows: I32, steps: I32, occurrences: I32, amounts: np.ndarray) -> dict[Row, int]:
    """The amounts by placement row, step and occurrence, without what comes to 0."""
    found: dict[Row, int] = {}
    for *key, amount in zip(rows.tolist(), steps.tolist(), occurrences.tolist(), amounts.tolist(), strict=True):
        found[tuple(key)] = found.get(tuple(key), 0) + amount
    return {key: amount for key, amount in found.items() if amount}


def part_of(made: Input, rows: np.ndarray) -> Input:
    """The placements of some rows, in this order, with their facts."""
    place = np.full(len(made.placements), -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    facts = made.facts.take(place[made.facts.placement] >= 0)
    facts = replace(facts, placement=place[facts.placement])
    cases = [made.cases[row] for row in rows]
    return replace(made, cases=cases, placements=made.placements.take(rows), facts=facts)


def book_of(made: Input, part: Input) -> Book:
    """A book of a part, with the models of the whole, so that their numbers stay."""
    return Book(made.models, part.placements, part.facts, part.subjects)


# --- The ledger (section 5) ---


@law(12)
def test_the_ledger_comes_to_what_is_owed_and_a_rerun_writes_nothing(rng: Rng) -> None:
    made = drawn(rng)
    book, ledger = made.book(), NO_LINES
    for cutoff in MONTH_ENDS[:: rng.choice([1, 2, 5])]:
        result = book.evaluate(cutoff, cutoff + rng.choice([0, 3, 20]))
        ledger = entered(ledger, run(result, ledger))
        assert len(run(result, ledger)) == 0
        owed = result.owed
        held = sums_of(ledger.row, ledger.step, ledger.occurrence, ledger.amount)
        assert held == sums_of(owed.row, owed.step.astype(np.int32), owed.occurrence, owed.amount)


@law(15)
def test_lines_say_how_they_came_about(rng: Rng) -> None:
    """Amount = gross - cap cut - paid before, never 0, in order; what takes all back names what it takes back."""
    made = drawn(rng)
    book, ledger = made.book(), NO_LINES
    for cutoff in rng.sample(MONTH_ENDS, 6):  # in no order, so that much is taken back
        lines = run(book.evaluate(cutoff, cutoff), ledger)
        assert (lines.amount == lines.gross - lines.cap_cut - lines.paid_before).all()
        assert (lines.amount != 0).all()
        keys = list(zip(lines.row.tolist(), lines.step.tolist(), lines.occurrence.tolist(), strict=True))
        assert keys == sorted(set(keys))
        held = sums_of(ledger.row, ledger.step, ledger.occurrence, ledger.amount)
        assert [held.get(key, 0) for key in keys] == lines.paid_before.tolist()
        earlier = {
            key: (day, fact)
            for *key_, day, fact in zip(*(getattr(ledger, name).tolist() for name in ledger.names()[:5]), strict=True)
            for key in [tuple(key_)]
        }
        for i in np.flatnonzero((lines.gross == 0) & (lines.paid_before > 0)):
            assert earlier[keys[i]] == (lines.qualifies_on[i], lines.fact[i]) or int(lines.cap_cut[i])
        ledger = entered(ledger, lines)


# --- What must not matter ---


@law(25)
def test_the_order_of_facts_changes_nothing(rng: Rng) -> None:
    made = drawn(rng)
    order = np.array(rng.sample(range(len(made.facts)), len(made.facts)), np.intp)
    shuffled = replace(made, facts=made.facts.take(order))
    cutoff = some_day(rng)
    same_results(made, made.book().evaluate(cutoff, cutoff), shuffled, shuffled.book().evaluate(cutoff, cutoff))


@law(25)
def test_the_order_of_placements_changes_nothing(rng: Rng) -> None:
    made = drawn(rng)
    order = np.array(rng.sample(range(len(made.placements)), len(made.placements)), np.intp)
    other = part_of(made, order)
    cutoff = some_day(rng)
    one, two = made.book().evaluate(cutoff, cutoff), book_of(made, other).evaluate(cutoff, cutoff)
    same_results(made, one, other, two)


def same_results(made: Input, one: Result, other: Input, two: Result) -> None:
    assert sorted(rows_of(made, one.owed)) == sorted(rows_of(other, two.owed))
    wakes = [
        dict(zip(i.placements.id.tolist(), r.wake_on.tolist(), strict=True)) for i, r in ((made, one), (other, two))
    ]
    assert wakes[0] == wakes[1]


@law(25)
def test_any_partition_of_the_placements_into_books_gives_the_same(rng: Rng) -> None:
    made = drawn(rng)
    cutoff, knowledge = some_day(rng), some_day(rng)
    whole = made.book().evaluate(cutoff, knowledge)
    chunk = np.array([rng.randrange(4) for _ in made.cases])
    rows: list[Row] = []
    for number in range(4):
        mine = np.flatnonzero(chunk == number)
        part = part_of(made, mine)
        result = book_of(made, part).evaluate(cutoff, knowledge)
        rows += rows_of(part, result.owed)
        assert result.wake_on.tolist() == whole.wake_on[mine].tolist()
    assert sorted(rows) == rows_of(made, whole.owed)


@law(25)
def test_what_is_not_known_changes_nothing(rng: Rng) -> None:
    """Facts verified after the knowledge day, or never, might as well not be there."""
    made = drawn(rng)
    cutoff = some_day(rng)
    knowledge = cutoff + rng.choice([0, 1, 30])
    known = replace(made, facts=made.facts.take(made.facts.known <= knowledge))
    same_results(made, made.book().evaluate(cutoff, knowledge), known, known.book().evaluate(cutoff, knowledge))


@law(25)
def test_knowledge_may_be_counted_on_any_rising_scale(rng: Rng) -> None:
    """As by runs rather than by days: only which fact is known at which moment matters."""
    made = drawn(rng)
    moments = np.array(sorted(rng.sample(range(FIRST, MONTH_ENDS[-1]), 6)), np.int32)
    place = np.searchsorted(moments, made.facts.known, side="left").astype(np.int32)
    renumbered = replace(made, facts=replace(made.facts, known=place))
    days, places = made.book(), renumbered.book()
    for number, moment in enumerate(moments.tolist()):
        same_results(made, days.evaluate(moment, moment), renumbered, places.evaluate(moment, number))


@law(15)
def test_subjects_may_be_numbered_in_any_order(rng: Rng) -> None:
    """Only the courses' alphabetical rank and the milestones' names matter, as they came into a register one by one."""
    made = drawn(rng)
    texts = made.subject_texts
    number_of = np.array([0, *rng.sample(range(1, len(texts)), len(texts) - 1)], np.int32)
    place = np.argsort(number_of)
    rank = np.empty(len(texts), np.int32)
    rank[number_of] = np.arange(len(texts))
    milestones = {name: int(number_of[number]) for name, number in made.subjects.milestones.items()}
    other = replace(
        made,
        facts=replace(made.facts, subject=number_of[made.facts.subject]),
        subjects=Subjects(milestones, rank),
        subject_texts=[texts[number] for number in place],
    )
    cutoff, _ = days(some_day(rng))
    assert evaluate(made, made.book(), cutoff, cutoff) == evaluate(other, other.book(), cutoff, cutoff)


@law(15)
def test_a_book_forgets_what_it_was_asked_before(rng: Rng) -> None:
    made = drawn(rng)
    book, cutoff = made.book(), some_day(rng)
    first = rows_of(made, book.evaluate(cutoff, cutoff).owed)
    book.evaluate(some_day(rng), some_day(rng))
    assert rows_of(made, book.evaluate(cutoff, cutoff).owed) == first


# --- Corrections and versions ---


@law(25)
def test_withdrawing_every_fact_leaves_what_the_calendar_alone_owes(rng: Rng) -> None:
    """Without facts a placement is open from its start, so months that need no report are owed, and nothing else.

    Every other krona comes back, and nothing tells the placements from ones that never had a fact.
    """
    made = drawn(rng)
    cutoff, ledger = MONTH_ENDS[-1], NO_LINES
    knowledge = max(last_known(made), cutoff)
    ledger = entered(ledger, run(made.book().evaluate(cutoff, knowledge), ledger))
    withdrawn = replace(made, facts=Facts.join([made.facts, withdrawals(made.facts, knowledge + 1)]))
    bare = replace(made, facts=made.facts.take(slice(0, 0)))
    result, expected = withdrawn.book().evaluate(cutoff, knowledge + 1), bare.book().evaluate(cutoff, 0)
    same_results(withdrawn, result, bare, expected)
    ledger = entered(ledger, run(result, ledger))
    for (row, step, _), amount in sums_of(ledger.row, ledger.step, ledger.occurrence, ledger.amount).items():
        terms = made.cases[row].model.steps[step].terms
        assert isinstance(terms, PeriodTerms)
        assert not terms.needs_report
        assert amount > 0
    assert (result.owed.fact == NO_FACT).all()


def withdrawals(facts: Facts, knowledge: int) -> Facts:
    """The withdrawal of every fact that is known and that no other takes away."""
    verified = facts.take(facts.known < to_day(None))
    last = verified.take(~np.isin(verified.id, verified.replaces))
    day = np.full(len(last), knowledge, np.int32)
    ids = np.arange(len(last)) + facts.id.max(initial=0) + 1
    return replace(last, id=ids, replaces=last.id, withdrawn=np.ones(len(last), bool), known=day, verified=day)


@law(20)
def test_of_a_placement_with_several_versions_the_one_that_holds_speaks(rng: Rng) -> None:
    made = drawn(rng)
    count, changed_at = len(made.cases), some_day(rng)
    corrected = changed_placements(rng, made)
    before = replace(made.placements, superseded=np.full(count, changed_at, np.int32))
    after = replace(corrected, known=np.full(count, changed_at, np.int32))
    rows = Placements.join([before, after])
    again = replace(made.facts, placement=made.facts.placement + np.int32(count))
    both = Book(made.models, rows, Facts.join([made.facts, again]), made.subjects)
    cutoff = some_day(rng)
    for knowledge, holds, first in ((changed_at - 1, made.placements, 0), (changed_at, corrected, count)):
        alone = Book(made.models, holds, made.facts, made.subjects).evaluate(cutoff, knowledge)
        result = both.evaluate(cutoff, knowledge)
        expected = replace(alone.owed, row=alone.owed.row + np.int32(first))
        assert [getattr(result.owed, name).tolist() for name in Owed.names()] == [
            getattr(expected, name).tolist() for name in Owed.names()
        ]
        assert result.wake_on[first : first + count].tolist() == alone.wake_on.tolist()
        assert (np.delete(result.wake_on, range(first, first + count)) == FAR).all()


def changed_placements(rng: Rng, made: Input) -> Placements:
    """Other tiers, prices and first days; now and then a no-show after all."""
    tiers = [rng.randrange(len(case.model.tiers)) for case in made.cases]
    starts = [rng.choice([FAR, start - 3, start]) for start in made.placements.starts_on.tolist()]
    price = made.placements.price + rng.choice([0, 100])
    return replace(made.placements, tier=np.array(tiers, np.int16), starts_on=np.array(starts, np.int32), price=price)


# --- Money ---


@law(25)
def test_a_cap_is_never_exceeded(rng: Rng) -> None:
    made = drawn(rng)
    cutoff = some_day(rng)
    for case, found in zip(made.cases, evaluate(made, made.book(), *days(cutoff)), strict=True):
        assert all(0 <= each.cap_cut_ore <= each.gross_ore for each in found.values())
        if case.model.cap is None:
            assert not any(each.cap_cut_ore for each in found.values())
        else:
            gross = sum(each.gross_ore for each in found.values())
            assert sum(each.amount_ore for each in found.values()) == min(gross, case.model.cap)


def days(cutoff: int) -> tuple[date, date]:
    day = plain_reader.DAY * cutoff + date(2000, 1, 1)
    return day, day


# --- Wake-up days: what incremental runs rely on ---


@law(12)
def test_nothing_changes_before_the_wake_up_day(rng: Rng) -> None:
    made = drawn(rng)
    book, cutoff = made.book(), some_day(rng)
    knowledge = cutoff + rng.choice([0, 0, 10, 400])
    result = book.evaluate(cutoff, knowledge)
    assert (result.wake_on > cutoff).all()
    found = in_plain_words(made, result.owed)
    for later in [*range(cutoff + 1, cutoff + 40), *range(cutoff + 40, cutoff + 500, 23)]:
        asleep = np.flatnonzero(result.wake_on > later)
        if not len(asleep):
            break
        then = in_plain_words(made, book.evaluate(later, knowledge).owed)
        for row in asleep:
            assert then[row] == found[row], to_toml_of(made, int(row))


def to_toml_of(made: Input, row: int) -> str:
    return f"placement {row}: {made.cases[row]}"


@law(12)
def test_runs_over_what_is_marked_or_woken_miss_nothing(rng: Rng) -> None:
    """A run that looks only at placements with news, or whose wake-up day has come, writes what a full run writes."""
    made = drawn(rng)
    book, ledger = made.book(), NO_LINES
    wake_on, seen = np.full(len(made.cases), FIRST, np.int32), FIRST - 1
    for cutoff in MONTH_ENDS[:24]:
        knowledge = cutoff + rng.choice([0, 5, 25])
        full = run(book.evaluate(cutoff, knowledge), ledger)
        marked = marks(made, seen, knowledge) | (wake_on <= cutoff)
        rows = np.flatnonzero(marked)
        result = book_of(made, part_of(made, rows)).evaluate(cutoff, knowledge)
        held = ledger.take(marked[ledger.row])
        place = np.zeros(len(made.cases), np.int32)
        place[rows] = np.arange(len(rows))
        lines = run(result, replace(held, row=place[held.row]))
        lines = replace(lines, row=rows[lines.row].astype(np.int32))
        assert [getattr(lines, name).tolist() for name in lines.names()] == [
            getattr(full, name).tolist() for name in full.names()
        ]
        wake_on[rows], seen = result.wake_on, knowledge
        ledger = entered(ledger, full)


def marks(made: Input, seen: int, knowledge: int) -> Bool:
    """Placements of which something became known since the last run."""
    marked = np.zeros(len(made.cases), bool)
    news = (made.facts.known > seen) & (made.facts.known <= knowledge)
    marked[made.facts.placement[news]] = True
    return marked


# --- Owed, waiting and missed (section 6) ---


@law(40)
def test_what_is_missed_stays_missed_whatever_later_days_bring(rng: Rng) -> None:
    case = random_case(rng)
    if "starts_on" not in case["placement"]:
        return
    as_of = rng.choice(corner_days(case))
    missed = {code for code, status in statuses(case, as_of).items() if status == "missed"}
    for _ in range(3):
        # an unverified correction would stand in the way of one that says that a spell went on
        known = [fact for fact in known_facts(case, as_of) if "verified" in fact or "replaces" not in fact]
        facts = known + gone_on(case, as_of) + later_facts(case, as_of, rng)
        assert missed.isdisjoint(owed_steps({**case, "fact": facts}, as_of + FAR_AHEAD)), f"{as_of}\n{to_toml(case)}"


@law(40)
def test_what_is_waiting_is_owed_in_some_future(rng: Rng) -> None:
    """In one of the plain reader's futures, made into facts. Each step by itself: what it requires may never come."""
    case = random_case(rng)
    as_of = rng.choice(corner_days(case))
    for step in case["model"]["steps"]:
        if statuses(case, as_of)[step["code"]] == "waiting":
            assert any(owed_steps(*future) for future in futures(case, step, as_of)), f"{as_of}\n{to_toml(case)}"


def statuses(case: dict, as_of: date) -> dict[str, str]:
    (read,) = read_cases([case])
    return {answer.step.code: str(answer.status) for answer in why(case_book(read).book, to_day(as_of))}


def owed_steps(case: dict, as_of: date) -> set[str]:
    made = input_of([case])
    return {step for step, _ in evaluate(made, made.book(), as_of, as_of)[0]}


def futures(case: dict, step: dict, as_of: date) -> list[tuple[dict, date]]:
    """The case with this step alone and what later days may bring, and the day on which all of that is known."""
    today = plain_reader.known_at(case, as_of, as_of)
    first_day = max(as_of + plain_reader.DAY, today.starts_on)
    alone = {key: value for key, value in step.items() if key != "requires"}
    model = {key: value for key, value in case["model"].items() if key != "caps"} | {"steps": [alone]}
    found = []
    for added, horizon in plain_reader.FUTURES[step["trigger"]](step, today, first_day):
        known_on = horizon + timedelta(days=40)
        facts = [
            {key: value for key, value in fact.items() if key != "replaces"}
            | {"reported": today.first_reported[fact["id"]]}
            for fact in plain_reader.lasting_facts(today, as_of, horizon)
            if "through" not in fact or fact["from"] <= fact["through"]  # an open interruption that is still to come
        ]
        facts += [whole_fact(fact, f"later {number}", first_day, known_on) for number, fact in enumerate(added)]
        found.append(({**case, "model": model, "fact": facts}, known_on))
    return found


def whole_fact(fact: dict, name: str, reported: date, verified: date) -> dict:
    """The plain reader's sketch of a fact with the keys that a case file asks for."""
    needed = {"employment": {"employer": "later"}, "earnings": {"employer": "later"}}.get(fact["kind"], {})
    whole = {"id": name, "reported": reported, "verified": verified} | needed | fact
    if fact["kind"] in ("studies", "grade"):
        whole.pop("form", None)
    return whole

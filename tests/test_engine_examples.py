"""Small worked examples of what the engine gives beside amounts: wake-up days, and lines for a ledger."""

import tracemalloc
from dataclasses import replace
from datetime import date
from random import Random
from typing import get_args, get_type_hints

import numpy as np
import pytest

from backend.kernel.periods import parse_duration
from contracts.terms import EmploymentTerms, Step
from outcomes.columns import FAR, Columns, Subjects, to_date, to_day
from payouts.engine.cases import case_book, read_case
from payouts.engine.days import add, month_length, month_name, month_of, month_start
from payouts.engine.employment import chains, counting_days, counting_spells, job_window_ends, reached_jobs
from payouts.engine.evaluate import NOTHING, Book, Owed, choose, evaluate_group
from payouts.engine.known import Known, Stretches, row_day
from payouts.engine.netting import NO_LINES, Ledger, Lines, difference
from payouts.engine.triggers import active_months
from tests.engine_books import evaluate, input_of, random_cases, run
from tests.test_why_checks import STARTS_ON, d, job, on_day, stay

# --- Wake-up days ---

MONTHLY = {"trigger": "period"}
WORK = {"trigger": "employment", "starts_within": "P2M", "lasts": "P30D"}


def wakes(step: dict, cutoff: date, *facts: dict, knowledge: date | None = None, starts_on: date | None = STARTS_ON):
    placement = {"referred_on": date(2026, 2, 2)} | ({"starts_on": starts_on} if starts_on else {})
    model = {"code": "m", "steps": [{"code": "s", "amount": "100.00"} | step]}
    numbered = [{"id": str(number)} | fact for number, fact in enumerate(facts)]
    case = {"title": "t", "through": "2026-12", "model": model, "placement": placement, "fact": numbered}
    book = case_book(read_case(case)).book
    (wake_on,) = book.evaluate(to_day(cutoff), to_day(knowledge or cutoff)).wake_on
    return to_date(wake_on)


def test_a_placement_wakes_on_its_first_day():
    step = {"trigger": "attendance", "days": 5}
    assert wakes(step, d(3, 1)) == STARTS_ON
    assert wakes(step, STARTS_ON) is None
    assert wakes(step, d(2, 1), starts_on=None) is None


def test_months_wake_on_their_last_day_or_the_exit():
    assert wakes(MONTHLY, STARTS_ON) == d(3, 31)
    assert wakes(MONTHLY, d(3, 10)) == d(3, 31)
    assert wakes(MONTHLY, d(3, 30)) == d(3, 31)
    assert wakes(MONTHLY, d(3, 31)) == d(4, 30)
    gone = on_day("exit", d(4, 9))
    assert wakes(MONTHLY, d(3, 31), gone, knowledge=d(4, 9)) == d(4, 9)
    assert wakes(MONTHLY, d(4, 8), gone, knowledge=d(4, 9)) == d(4, 9)
    assert wakes(MONTHLY, d(4, 9), gone) is None
    assert wakes(MONTHLY, d(2, 1)) == STARTS_ON
    assert wakes(MONTHLY, d(4, 30), starts_on=None) is None
    assert wakes(MONTHLY, d(3, 1), gone, knowledge=d(4, 9), starts_on=None) is None
    assert wakes(MONTHLY, date(2300, 1, 1)) is None  # after all days that there are


def test_months_that_wait_for_a_number_of_days_wake_with_it():
    step = MONTHLY | {"first_after_days": 40}
    assert wakes(step, d(3, 31)) == d(4, 10)
    assert wakes(step, d(4, 9)) == d(4, 10)
    assert wakes(step, d(4, 10)) == d(4, 30)
    on_the_day, before = on_day("exit", d(4, 10)), on_day("exit", d(4, 9))
    assert wakes(step, d(3, 31), on_the_day, knowledge=d(4, 10)) == d(4, 10)
    assert wakes(step, d(4, 1), before, knowledge=d(4, 10)) == d(4, 9)


def test_what_qualifies_later_wakes_that_day():
    step = {"trigger": "attendance", "days": 5}
    attended = stay(STARTS_ON, d(3, 20), 5)
    assert wakes(step, d(3, 10), attended, knowledge=d(3, 20)) == d(3, 20)
    assert wakes(step, d(3, 20), attended) is None
    assert wakes(step | {"within": "P5D"}, d(3, 10), attended, knowledge=d(3, 20)) is None
    gone, found = on_day("exit", d(4, 30)), job(d(5, 4), d(6, 2), d(6, 2))
    assert wakes(WORK, d(6, 2), gone, found) == d(6, 3)
    assert wakes(WORK, d(6, 3), gone, found) is None


def test_an_open_interruption_wakes_every_day():
    away = {"kind": "interruption", "from": d(3, 9), "reported": d(3, 9), "verified": d(3, 9)}
    step = {"trigger": "milestone", "name": "plan", "within": "P1M"}
    assert wakes(step, d(3, 20), away) == d(3, 21)
    assert wakes(step, d(3, 20), away | {"through": d(4, 9)}) is None


def test_an_empty_book_owes_nothing():
    case = {
        "title": "t",
        "through": "2026-12",
        "model": {"code": "m", "steps": [MONTHLY | {"code": "s", "amount": "1.00"}]},
    }
    made = input_of([case | {"placement": {"referred_on": STARTS_ON, "starts_on": STARTS_ON}}])
    empty = Book(made.models, made.placements.take(slice(0, 0)), made.facts, made.subjects)
    result = empty.evaluate(to_day(d(12, 31)), to_day(d(12, 31)))
    assert (len(result.owed), len(result.wake_on)) == (0, 0)
    assert lines(result.owed, NO_LINES) == []


# --- The completing fact ---


def test_of_two_reports_of_a_month_the_first_reported_one_counts():
    step = {"code": "s", "trigger": "period", "needs_report": True, "amount": "100.00"}
    reports = [
        {"id": name, "kind": "report", "month": month, "reported": told, "verified": d(6, 1)}
        for name, month, told in (("a", "2026-03", d(4, 9)), ("b", "2026-03", d(4, 8)), ("c", "2026-04", d(5, 4)))
    ]
    placement = {"referred_on": date(2026, 2, 2), "starts_on": STARTS_ON}
    model = {"code": "m", "steps": [step]}
    made = input_of([{"title": "t", "through": "2026-12", "model": model, "placement": placement, "fact": reports}])
    (found,) = evaluate(made, made.book(), d(6, 1), d(6, 1))
    assert [each.fact_id for each in found.values()] == ["b", "c"]


# --- The cap ---


def test_courses_of_one_day_fill_the_cap_by_code_not_by_number():
    """MAT has number 2 and SFI number 1, as they came into the register."""
    step = {"code": "s", "trigger": "grade", "pass": ["E"], "amount": "100.00"}
    model = {"code": "m", "steps": [step], "caps": {"per_placement": "150.00"}}
    facts = [{"id": course} | on_day("grade", d(4, 1), course=course, grade="E") for course in ("MAT", "SFI")]
    placement = {"referred_on": date(2026, 2, 2), "starts_on": STARTS_ON}
    made = input_of([{"title": "t", "through": "2026-12", "model": model, "placement": placement, "fact": facts}])
    facts_renumbered = replace(made.facts, subject=np.array([2, 1], np.int32))
    subjects = Subjects({}, np.array([0, 2, 1], np.int32))
    found = Book(made.models, made.placements, facts_renumbered, subjects).evaluate(to_day(d(4, 1)), to_day(d(4, 1)))
    assert dict(zip(found.owed.occurrence.tolist(), found.owed.amount.tolist(), strict=True)) == {2: 10000, 1: 5000}


# --- Blocks ---


@pytest.mark.parametrize("cumulative", [True, False])
def test_only_blocks_that_can_be_reached_take_memory(cumulative: bool):
    """However many a model allows: fifty jobs of two blocks each, where a hundred thousand may be paid."""
    step = WORK | {"code": "s", "amount": "1.00", "cumulative": cumulative, "blocks": {"every": "P1W", "max": 99_999}}
    model = {"code": "m", "steps": [step]}
    facts = [{"id": "1"} | on_day("exit", d(4, 30)), {"id": "2"} | job(d(5, 4), d(6, 20), d(6, 20))]
    placement = {"referred_on": date(2026, 2, 2), "starts_on": STARTS_ON}
    case = {"title": "t", "through": "2026-12", "model": model, "placement": placement, "fact": facts}
    book = input_of([case] * 50).book()
    tracemalloc.start()
    found = book.evaluate(to_day(d(12, 31)), to_day(d(12, 31))).owed
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.occurrence.tolist() == [1, 2] * 50
    assert peak < 10_000_000


# --- Lines ---


def owed(*rows: tuple[int, int, int, int], cap_cut: int = 0) -> Owed:
    """Row, step, occurrence and gross of each; qualified on day 100 by fact 9."""
    row, step, occurrence, gross = (np.array(column) for column in zip(*rows, strict=True))
    return Owed(
        row.astype(np.int32),
        step.astype(np.int16),
        occurrence.astype(np.int32),
        np.full(len(rows), 100, np.int32),
        np.full(len(rows), 9, np.int64),
        gross.astype(np.int64),
        np.full(len(rows), cap_cut, np.int64),
    )


def ledger(*rows: tuple[int, int, int, int, int, int]) -> Ledger:
    """Row, step, occurrence, qualifying day, fact and amount of each."""
    kinds = (np.int32, np.int32, np.int32, np.int32, np.int64, np.int64)
    columns = zip(*rows, strict=True)
    row, step, occurrence, day, fact, amount = (np.array(c, k) for c, k in zip(columns, kinds, strict=True))
    return Ledger(row, step, occurrence, day, fact, amount)


def lines(found: Owed, held: Ledger) -> list[tuple[int, ...]]:
    made = difference(found, found.step.astype(np.int32), held)
    return list(zip(*(getattr(made, name).tolist() for name in Lines.names()), strict=True))


def test_new_changed_equal_and_gone():
    held = ledger((0, 0, 1, 50, 3, 700), (0, 1, 0, 50, 3, 300), (0, 1, 0, 60, 4, -100), (1, 0, 0, 70, 5, 80))
    found = owed((0, 0, 1, 700), (0, 1, 0, 250), (2, 0, 0, 10))
    assert lines(found, held) == [
        (0, 1, 0, 100, 9, 250, 0, 200, 50),
        (1, 0, 0, 70, 5, 0, 0, 80, -80),
        (2, 0, 0, 100, 9, 10, 0, 0, 10),
    ]


def test_what_is_taken_back_names_the_newest_line():
    held = ledger((0, 0, 0, 50, 3, 300), (0, 0, 0, 60, 4, -100), (0, 1, 0, 61, 5, 100), (0, 1, 0, 62, 6, -100))
    assert lines(owed((1, 0, 0, 0)), held) == [(0, 0, 0, 60, 4, 0, 0, 200, -200)]


def test_of_many_lines_the_newest_is_named():
    held = ledger(*((number % 2, 0, 0, 50 + number, 3 + number, 10) for number in range(100)))
    assert lines(owed((2, 0, 0, 0)), held) == [(row, 0, 0, 148 + row, 101 + row, 0, 0, 500, -500) for row in (0, 1)]


def test_what_the_cap_cut_is_not_paid():
    assert lines(owed((0, 0, 0, 300), cap_cut=100), NO_LINES) == [(0, 0, 0, 100, 9, 300, 100, 0, 200)]


def test_rows_steps_and_occurrences_keep_apart():
    most = 2**31 - 1
    found = owed((0, 0, most, 5), (0, 1, 0, 5), (most, 0, most, 5), (most, 1, most, 5))
    assert [line[:3] for line in lines(found, ledger((0, 1, 0, 1, 1, 5)))] == [
        (0, 0, most),
        (most, 0, most),
        (most, 1, most),
    ]
    several = owed((0, 0, 0, 5), (0, 1, 0, 5), (0, 2, 0, 5), (1, 0, 0, 5))
    assert [line[:2] for line in lines(several, NO_LINES)] == [(0, 0), (0, 1), (0, 2), (1, 0)]


def test_neighbouring_keys_keep_apart():
    """Of what is held, only that of the very row, step and occurrence is subtracted."""
    held = ledger((0, 2, 0, 1, 1, 5), (0, 1, 2**30, 1, 1, 5), (1, 1, 0, 1, 1, 5))
    found = owed((0, 1, 0, 5), (0, 3, 2**30, 5), (1, 0, 0, 5))
    made = [(*line[:3], line[-1]) for line in lines(found, held)]
    gone = [(0, 1, 2**30, -5), (0, 2, 0, -5), (1, 1, 0, -5)]
    assert made == sorted([(0, 1, 0, 5), (0, 3, 2**30, 5), (1, 0, 0, 5), *gone])


def test_lines_stand_in_the_order_of_the_numbers_given_to_steps():
    found = owed((0, 0, 0, 5), (0, 1, 0, 6), (1, 0, 0, 7))
    made = difference(found, np.array([8, 3, 8], np.int32), ledger((0, 3, 0, 1, 1, 6)))
    assert (made.row.tolist(), made.step.tolist(), made.amount.tolist()) == ([0, 1], [8, 8], [5, 7])
    made = difference(found, np.array([8, 3, 8], np.int32), NO_LINES)
    assert (made.row.tolist(), made.step.tolist(), made.amount.tolist()) == ([0, 0, 1], [3, 8, 8], [6, 5, 7])


def test_too_many_placements_for_one_number_are_refused():
    most = 2**31 - 1
    with pytest.raises(ValueError, match="too many for one chunk"):
        lines(owed((0, 0, 0, 5), (0, 1, 0, 5), (most, 2, 0, 5)), NO_LINES)
    with pytest.raises(ValueError, match="too many for one chunk"):
        lines(owed((0, 0, 0, 5)), ledger((0, 1, 0, 1, 1, 5), (most, 2, 0, 1, 1, 5)))


# --- Types ---


@pytest.mark.parametrize("seed", range(4))
def test_every_column_has_the_type_that_it_is_declared_with(seed: int):
    """So that sums are exact and nothing near money is ever a float, from what is known to the lines."""
    book, cutoff = input_of(random_cases(Random(f"types {seed}"), 3, 5)).book(), to_day(date(2024, 8, 31))
    result = book.evaluate(cutoff, cutoff)
    assert result.wake_on.dtype == np.int32
    tables: list[object] = [result.owed, run(result, NO_LINES), run(book.evaluate(0, 0), NO_LINES)]
    for known in book.groups(cutoff, cutoff):
        tables += [known.interruptions, active_months(known)]
        days = (known.starts, known.exits, evaluate_group(known)[1])
        assert {column.dtype for column in days} == {np.dtype(np.int32)}
        for step in known.model.steps:
            tables.append(choose(step, known))
            if isinstance(step.terms, EmploymentTerms):
                tables += tables_of_jobs(step, step.terms, known)
    for table in tables:
        has_declared_types(table)


def has_declared_types(table: object) -> None:
    for name, declared in get_type_hints(type(table)).items():
        (scalar,) = get_args(get_args(declared)[1])
        assert getattr(table, name).dtype == scalar, (type(table), name)


def tables_of_jobs(step: Step, terms: EmploymentTerms, known: Known) -> list[object]:
    days, ends = counting_days(terms, known), job_window_ends(terms, known, extends=step.extends_for_interruptions)
    assert ends.dtype == np.int32
    return [counting_spells(terms, known), days, chains(days, terms.gap_days), reached_jobs(terms, days, ends)]


def test_empty_tables_have_no_row_in_any_column():
    empty_tables: list[Columns] = [NOTHING, NO_LINES]
    for empty in empty_tables:
        has_declared_types(empty)
        assert {len(getattr(empty, name)) for name in empty.names()} == {0}


def test_days_and_months_are_small_whole_numbers():
    days = np.array([to_day(d(2, 28)), FAR], np.int32)
    months = month_of(days)
    made = [months, month_start(months), month_length(months), month_name(months)]
    made += [add(days, parse_duration(text, "")) for text in ("P1D", "P1M")]
    assert {column.dtype for column in made} == {np.dtype(np.int32)}
    assert row_day(days, days).dtype == np.int64


# --- Days ---


def test_days_of_stretches():
    """Three days of weight 10 in row 1, two of weight 50 in row 2."""
    starts, ends = np.array([5, 5], np.int32), np.array([7, 6], np.int32)
    stretches = Stretches(np.array([1, 2], np.int32), starts, ends, np.array([10, 50], np.int64))
    row, start, end = (np.array(column, np.int32) for column in zip(*RANGES, strict=True))
    days, sums = stretches.of_range(row, start, end)
    assert days.tolist() == [0, 2, 3, 1, 2, 0, 0]
    assert sums.tolist() == [0, 20, 30, 50, 100, 0, 0]
    none = stretches.of_range(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert [found.tolist() for found in none] == [[], []]
    of_none = Stretches(row[:0], start[:0], end[:0], sums[:0]).of_range(row, start, end)
    assert [found.tolist() for found in of_none] == [[0] * 7, [0] * 7]


RANGES = [(0, 1, 9), (1, 4, 6), (1, 5, 7), (2, 6, 9), (2, 1, 9), (2, 7, 9), (3, 1, 9)]


def test_far_is_no_day_and_stays_far():
    assert to_date(FAR) is None
    assert to_date(FAR - 1) == date(2199, 12, 30)
    for duration in ("P1D", "P2W", "P1M", "P9999M"):
        assert add(np.array([FAR], np.int32), parse_duration(duration, "")).tolist() == [FAR]


def test_months_are_clamped():
    last_of_year = np.array([to_day(date(2026, 12, 31)), to_day(date(1970, 1, 31))], np.int32)
    added = add(last_of_year, parse_duration("P2M", ""))
    assert [to_date(day) for day in added] == [date(2027, 2, 28), date(1970, 3, 31)]
    assert month_name(month_of(added)).tolist() == [202702, 197003]
    times = np.array([0, 3], np.int32)
    for duration, days in (
        ("P2D", [date(2026, 12, 31), date(1970, 2, 6)]),
        ("P1M", [date(2026, 12, 31), date(1970, 4, 30)]),
    ):
        assert [to_date(day) for day in add(last_of_year, parse_duration(duration, ""), times)] == days

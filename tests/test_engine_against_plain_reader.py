"""The engine against the plain reader over thousands of random cases: both read PAYMENT_MODELS.md, with no shared code.

UTFALL_COMPARISONS=10 draws ten times as many cases. A case on which the two differ is printed as a case file.
"""

import os
from datetime import date, timedelta
from random import Random

import pytest

from outcomes.columns import to_day
from payouts.engine.cases import case_book, run_case
from payouts.engine.why import why
from tests import plain_reader
from tests.case_generator import ore, random_case, to_toml
from tests.engine_books import corner_days, evaluate, input_of, ledgers, random_cases, read_cases

TIMES = int(os.environ.get("UTFALL_COMPARISONS", "1"))
DELAYS = [0, 0, 1, 15, 40, 90, 400]


def differs(case: dict, said: str, engine: object, reader: object) -> str:
    return f"{said}\nthe engine: {engine}\nthe reader: {reader}\n\n{to_toml(case)}"


@pytest.mark.parametrize("seed", range(12 * TIMES))
def test_ledgers(seed: int) -> None:
    """Every line of every month's run, thirty cases of six models in one book."""
    cases = random_cases(Random(f"ledgers {seed}"), models=6, each=5)
    for case, lines in zip(cases, ledgers(input_of(cases)), strict=True):
        expected = plain_reader.ledger(case)
        assert lines == expected, differs(case, "all lines", lines, expected)


@pytest.mark.parametrize("seed", range(40 * TIMES))
def test_what_is_owed_on_any_day(seed: int) -> None:
    """Amounts, cap cuts, qualifying days and completing facts, with knowledge on or after the cut-off."""
    rng = Random(f"owed {seed}")
    cases = random_cases(rng, models=3, each=15)
    made = input_of(cases)
    book = made.book()
    for case in rng.sample(cases, 12):
        cutoff = rng.choice(corner_days(case))
        knowledge = cutoff + timedelta(days=rng.choice(DELAYS))
        for each, engine in zip(cases, evaluate(made, book, cutoff, knowledge), strict=True):
            reader = plain_reader.owed(each, cutoff, knowledge)
            assert engine == reader, differs(each, f"owed at {cutoff}, known at {knowledge}", engine, reader)


@pytest.mark.parametrize("seed", range(22 * TIMES))
def test_statuses_on_corner_days(seed: int) -> None:
    rng = Random(f"status {seed}")
    for case in [random_case(rng) for _ in range(15)]:
        (read,) = read_cases([case])
        book = case_book(read).book
        for as_of in rng.sample(corner_days(case), 5):
            engine = {answer.step.code: str(answer.status) for answer in why(book, to_day(as_of))}
            reader = statuses(case, as_of)
            assert engine == reader, differs(case, f"statuses on {as_of}", engine, reader)


def statuses(case: dict, as_of: date) -> dict[str, str]:
    return {step["code"]: plain_reader.status(case, step["code"], as_of) for step in case["model"]["steps"]}


@pytest.mark.parametrize("seed", range(25 * TIMES))
def test_a_case_run_by_itself(seed: int) -> None:
    """The path of case files: one placement, bad input looked for each month."""
    case = random_case(Random(f"alone {seed}"))
    (read,) = read_cases([case])
    lines = [
        {"run": line.run, "step": line.step, "occurrence": line.occurrence, "amount": ore(line.amount)}
        for line in run_case(read)
    ]
    assert lines == plain_reader.ledger(case), to_toml(case)

"""The plain reader against cases worked out by hand: our own, and the public ones where they stand beside us."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.case_generator import Book, note_facts, random_case
from tests.plain_reader import facts_in_force, ledger, month_end, owed, status, to_ore

OWN_CASES = Path(__file__).parent / "cases"
PUBLIC_CASES = Path(__file__).parents[2] / "shared" / "cases"
FILES = sorted(OWN_CASES.rglob("*.toml")) + sorted(PUBLIC_CASES.rglob("*.toml"))


def test_there_are_cases_of_our_own():
    assert len(list(OWN_CASES.rglob("*.toml"))) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_reader_agrees(path: Path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    expected = [{**line, "amount": to_ore(line["amount"])} for line in case.get("line", [])]
    assert ledger(case) == expected
    for why in case.get("why", []):
        assert (why, status(case, why["step"], why["as_of"])) == (why, why["status"])


FAR_AHEAD = timedelta(days=900)


def known_facts(case: dict, as_of: date) -> list[dict]:
    """All facts, those not verified by the day as unverified for good."""
    return [
        fact
        if fact.get("verified", date.max) <= as_of
        else {key: value for key, value in fact.items() if key != "verified"}
        for fact in case["fact"]
    ]


def gone_on(case: dict, as_of: date) -> list[dict]:
    """Confirmations of every open spell, long after."""
    told = {"reported": as_of + timedelta(days=1), "verified": as_of + FAR_AHEAD}
    return [
        {**fact, **told, "id": f"{fact['id']} goes on", "replaces": fact["id"]}
        for fact in facts_in_force(case, as_of)
        if fact["kind"] in ("employment", "studies") and "through" not in fact
    ]


def later_facts(case: dict, as_of: date, rng: Random) -> list[dict]:
    """Facts of days after `as_of`, told on their day, about the corners of the start and of that day."""
    drawn = []
    for about in (case["placement"]["starts_on"], as_of + timedelta(days=rng.choice([1, 2, 6]))):
        book = Book(rng, about)
        note_facts(book, case["model"]["steps"])
        drawn += [fact for fact in book.facts if "replaces" not in fact and first_day(fact) > as_of]
    return [
        {**fact, "id": f"later {number}", "reported": first_day(fact), "verified": as_of + FAR_AHEAD}
        for number, fact in enumerate(drawn)
        if rng.random() < 0.7
    ]


def first_day(fact: dict) -> date:
    return month_end(fact["month"]) if fact["kind"] == "report" else fact.get("on") or fact["from"]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_missed_stays_missed_whatever_later_days_bring(seed: int):
    """And waiting needs no such test: the reader only answers so when it has found a future that pays."""
    rng = Random(seed)
    case = random_case(rng)
    if "starts_on" not in case["placement"]:
        return
    as_of = case["placement"]["starts_on"] + timedelta(days=rng.choice([14, 30, 60, 90, 150]))
    missed = {step["code"] for step in case["model"]["steps"] if status(case, step["code"], as_of) == "missed"}
    for _ in range(5):
        facts = known_facts(case, as_of) + gone_on(case, as_of) + later_facts(case, as_of, rng)
        later = owed({**case, "fact": facts}, as_of + FAR_AHEAD, as_of + FAR_AHEAD)
        assert missed.isdisjoint(step for step, _ in later)

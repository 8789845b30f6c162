"""The random cases are valid, can be written and read, and do tread on every corner of the vocabulary."""

import tomllib
from collections import Counter
from copy import deepcopy
from datetime import timedelta
from functools import cache
from itertools import combinations
from random import Random

import pytest

from tests import plain_reader
from tests.case_generator import kronor, last_day_known, ore, random_case, to_toml
from tests.plain_reader import facts_in_force, last_day_of_spell, ledger, month_end, owed, status

SEEDS = 360
LEDGER_SEEDS = 60
LEAST = 3  # times that each corner must occur among the seeds


@cache
def cases() -> list[dict]:
    return [random_case(Random(seed)) for seed in range(SEEDS)]


def all_owed(case: dict) -> dict:
    """What is owed in the case's last month."""
    last = month_end(case["through"])
    return owed(case, last, last)


@cache
def owed_as_it_stands() -> list[dict]:
    return [all_owed(case) for case in cases()]


def count(change, look=lambda result: result) -> int:
    """How many cases come out otherwise when the function has changed a copy of them."""
    changed = 0
    for case, before in zip(cases(), owed_as_it_stands(), strict=True):
        other = deepcopy(case)
        change(other)
        changed += other != case and look(all_owed(other)) != look(before)
    return changed


# --- Validity (section 3) ---


def test_a_case_survives_its_own_format():
    for case in cases():
        assert {"fact": []} | tomllib.loads(to_toml(case)) == case


def test_facts_are_verified_once_they_have_happened_and_replaced_once():
    for case in cases():
        by_id = {fact["id"]: fact for fact in case["fact"]}
        assert len(by_id) == len(case["fact"])
        replaced = [fact["replaces"] for fact in case["fact"] if "replaces" in fact]
        assert len(replaced) == len(set(replaced))
        for fact in case["fact"]:
            if "verified" in fact:
                assert fact["verified"] >= fact["reported"]
                assert fact["kind"] == "interruption" or fact["verified"] >= last_day_known(fact)
            if "replaces" in fact:
                before = by_id[fact["replaces"]]
                assert before["kind"] == fact["kind"]
                assert before["reported"] <= fact["reported"]


def test_attendance_and_spells_of_one_employer_never_overlap():
    for case in cases():
        for knowledge in {fact["verified"] for fact in case["fact"] if "verified" in fact}:
            facts = facts_in_force(case, knowledge)
            for one, other in combinations([fact for fact in facts if fact["kind"] == "attendance"], 2):
                assert one["through"] < other["from"] or other["through"] < one["from"]
            spells = [fact for fact in facts if fact["kind"] in ("employment", "studies")]
            for one, other in combinations(spells, 2):
                if one.get("employer") == other.get("employer"):
                    assert last_day(one) < other["from"] or last_day(other) < one["from"]


def last_day(spell: dict):
    return spell.get("through", last_day_of_spell(spell))


def test_what_is_attended_fits_its_range_and_the_placement():
    for case in cases():
        starts_on = case["placement"].get("starts_on")
        for fact in case["fact"]:
            if fact["kind"] == "attendance":
                assert starts_on <= fact["from"]
                assert 1 <= fact["days"] <= (fact["through"] - fact["from"]).days + 1
            if fact["kind"] == "exit":
                assert starts_on <= fact["on"]


# --- Corners ---


def test_every_trigger_is_owed_waiting_and_missed():
    seen: Counter[tuple[str, str]] = Counter()
    for case in cases():
        for months in (1, 4, 9):
            as_of = case["placement"]["referred_on"] + timedelta(days=30 * months)
            for step in case["model"]["steps"]:
                seen[step["trigger"], status(case, step["code"], as_of)] += 1
    for trigger in plain_reader.TRIGGERS:
        for answer in ("owed", "waiting", "missed"):
            assert seen[trigger, answer] >= LEAST, (trigger, answer)


def test_lines_are_clawed_back_and_caps_cut_whole_and_in_part():
    clawed_back = sum(line["amount"] < 0 for case in cases()[:LEDGER_SEEDS] for line in ledger(case))
    cut = [each for result in owed_as_it_stands() for each in result.values() if each.cap_cut_ore]
    assert clawed_back >= LEAST
    assert sum(each.amount_ore == 0 for each in cut) >= LEAST
    assert sum(each.amount_ore > 0 for each in cut) >= LEAST


def test_some_placements_are_no_shows():
    assert sum("starts_on" not in case["placement"] for case in cases()) >= LEAST


@pytest.mark.parametrize(
    "key",
    [
        *["requires", "report_within", "extends_for_interruptions", "within", "per", "once_per"],
        *["first_after_days", "needs_report", "prorate", "max_periods"],
        *[
            "of",
            "may_start_before_end",
            "counts",
            "forms",
            "extent_at_least",
            "gap_days",
            "cumulative",
            "bands",
            "blocks",
        ],
    ],
)
def test_each_optional_key_decides_some_cases(key):
    def leave_out(case):
        for step in case["model"]["steps"]:
            step.pop(key, None)

    assert count(leave_out) >= LEAST


@pytest.mark.parametrize("key", ["days", "gap_days", "first_after_days", "extent_at_least", "max_periods"])
@pytest.mark.parametrize("by", [-1, 1])
def test_numbers_are_met_exactly_and_missed_by_one(key, by):
    def move(case):
        for step in case["model"]["steps"]:
            if key in step and step[key] + by >= 0:
                step[key] += by

    assert count(move) >= LEAST


@pytest.mark.parametrize("by", [-1, 1])
def test_thresholds_are_met_exactly_and_missed_by_an_ore(by):
    def move(case):
        for step in case["model"]["steps"]:
            if "threshold" in step:
                step["threshold"] = kronor(ore(step["threshold"]) + by)

    assert count(move) >= LEAST


@pytest.mark.parametrize("key", ["within", "starts_within", "lasts", "report_within"])
@pytest.mark.parametrize("by", [-1, 1])
def test_durations_are_met_on_the_last_day_and_missed_by_one(key, by, monkeypatch):
    """One key's durations are written with a mark that makes them a day shorter or longer."""
    plain_add, plain_length = plain_reader.add, plain_reader.length_in_days

    def marked_add(day, duration, times=1):
        return plain_add(day, duration.strip("*"), times) + timedelta(days=by * duration.count("*"))

    def marked_length(duration):
        return plain_length(duration.strip("*")) + by * duration.count("*")

    def mark(case):
        for step in case["model"]["steps"]:
            if key in step:
                step[key] += "*"

    owed_as_it_stands()
    monkeypatch.setattr(plain_reader, "add", marked_add)
    monkeypatch.setattr(plain_reader, "length_in_days", marked_length)
    # Moving `lasts` moves the day as well, so only what comes and goes is counted.
    assert count(mark, look=set) >= LEAST


def without(case: dict, unwanted) -> None:
    """Leave out the facts that are not wanted, and all that replace them."""
    gone = {fact["id"] for fact in case["fact"] if unwanted(fact)}
    while True:
        more = {fact["id"] for fact in case["fact"] if fact.get("replaces") in gone} - gone
        if not more:
            break
        gone |= more
    case["fact"] = [fact for fact in case["fact"] if fact["id"] not in gone]


@pytest.mark.parametrize(
    "kind", ["attendance", "interruption", "milestone", "report", "grade", "exit", "employment", "studies", "earnings"]
)
def test_each_kind_of_fact_decides_some_cases(kind):
    assert count(lambda case: without(case, lambda fact: fact["kind"] == kind)) >= LEAST


def test_corrections_withdrawals_and_corrections_of_corrections_decide_some_cases():
    def of_a_correction(case, fact):
        return any(other["id"] == fact.get("replaces") and "replaces" in other for other in case["fact"])

    assert count(lambda case: without(case, lambda fact: "replaces" in fact)) >= LEAST
    assert count(lambda case: without(case, lambda fact: "withdrawn" in fact)) >= LEAST
    assert count(lambda case: without(case, lambda fact: of_a_correction(case, fact))) >= LEAST


def test_returns_unverified_facts_and_open_facts_decide_some_cases():
    def verify(case):
        for fact in case["fact"]:
            fact.setdefault("verified", max(fact["reported"], last_day_known(fact)))

    def is_return(fact):
        return fact.get("reason") == "away"

    def is_open(kinds):
        return lambda fact: fact["kind"] in kinds and "through" not in fact

    assert count(verify) >= LEAST
    assert count(lambda case: without(case, is_return)) >= LEAST
    assert count(lambda case: without(case, is_open(["interruption"]))) >= LEAST
    assert count(lambda case: without(case, is_open(["employment", "studies"]))) >= LEAST


def test_spells_verified_before_they_end_decide_some_cases():
    def verify_later(case):
        for fact in case["fact"]:
            if "through" in fact and fact["kind"] in ("employment", "studies") and "verified" in fact:
                fact["verified"] = max(fact["verified"], fact["through"])

    assert count(verify_later) >= LEAST

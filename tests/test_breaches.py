"""Bad input: of every rule about facts, placements and case files a wrong example, and its right neighbour.

Wrong is told with the rule, the field, the value and the words; the neighbour, right by a hair, is let by.
"""

import copy
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from backend.kernel.errors import DomainError
from contracts.reading import PRICE_MOST_ORE, read_model
from outcomes.breaches import PRICE_TOO_HIGH, UNKNOWN_TIER, Found, find_breaches
from outcomes.columns import KNOWLEDGE_FAR, Placements, to_day
from outcomes.facts import check_corrections, read_fact
from payouts.engine.cases import case_book, case_failures, check_case, read_case, read_case_file, run_case
from payouts.engine.evaluate import Book
from tests.engine_books import input_of

STARTS_ON = date(2026, 3, 2)
KNOWLEDGE = date(2026, 12, 31)
TOLD = {"reported": date(2026, 6, 1), "verified": date(2026, 6, 10)}

STAY = {"kind": "attendance", "from": STARTS_ON, "through": date(2026, 3, 31), "days": 20, **TOLD}
JOB = {"kind": "employment", "from": date(2026, 4, 1), "employer": "E1", "form": "permanent", **TOLD}
PASS = {"kind": "grade", "on": date(2026, 5, 4), "course": "MAT", "grade": "E", **TOLD}
EXIT = {"kind": "exit", "on": date(2026, 5, 29), "reason": "work", **TOLD}

PER_POINT = {"code": "p", "trigger": "grade", "pass": ["E"], "per": "point", "amount": "20.00"}
PER_COURSE = {"code": "p", "trigger": "grade", "pass": ["E"], "amount": "2000.00"}
SHARE = {"code": "s", "trigger": "period", "share": "0.5"}


def case_with(*facts: dict, step: dict = PER_COURSE, **placement: object) -> dict:
    """A case of one step; its facts are called 1, 2, …"""
    numbered = [{"id": str(number), **fact} for number, fact in enumerate(facts, start=1)]
    return {
        "title": "bad input",
        "through": "2026-12",
        "model": {"code": "m", "steps": [step]},
        "placement": {"referred_on": date(2026, 2, 2), "starts_on": STARTS_ON, **placement},
        "fact": numbered,
    }


def refusals(document: dict) -> list[tuple[str, str]]:
    """What is wrong with a case: rule and sentence."""
    try:
        check_case(case_book(read_case(copy.deepcopy(document))), to_day(KNOWLEDGE))
    except DomainError as error:
        return [(breach.rule.code, breach.say()) for breach in error.breaches]
    return []


def wrong(document: dict) -> tuple[str, str]:
    (only,) = refusals(document)
    return only


# --- Rules that look at several facts, or at fact and placement ---


def test_attendance_may_not_overlap():
    second = STAY | {"from": date(2026, 3, 31), "through": date(2026, 4, 30)}
    assert wrong(case_with(STAY, second)) == (
        "attendance_overlaps",
        "fact 2.from = 2026-03-31: attendance may not overlap attendance that is already known",
    )
    assert not refusals(case_with(STAY, second | {"from": date(2026, 4, 1)}))


def test_attendance_overlaps_wherever_the_longer_one_ends():
    inside = STAY | {"from": date(2026, 3, 9), "through": date(2026, 3, 10), "days": 2}
    assert refusals(case_with(STAY, inside)) == refusals(case_with(STAY, inside | {"days": 1}))
    assert wrong(case_with(STAY, inside))[0] == "attendance_overlaps"


def test_attendance_of_two_placements_may_overlap():
    one, other = (input_of([case_with(STAY), case_with(STAY)]).book() for _ in range(2))
    assert not find_breaches(one.models, one.placements, other.shelves, to_day(KNOWLEDGE))


def test_attendance_may_not_begin_before_the_start():
    early = STAY | {"from": date(2026, 3, 1)}
    assert wrong(case_with(early)) == (
        "attendance_before_start",
        "fact 1.from = 2026-03-01: attendance may not begin before the placement's first day, 2026-03-02",
    )
    assert not refusals(case_with(STAY))


def test_attended_days_fit_the_days_reported():
    assert wrong(case_with(STAY | {"days": 31})) == (
        "attended_too_many_days",
        "fact 1.days = 31: there are at most 30 attended days in the days reported",
    )
    assert not refusals(case_with(STAY | {"days": 30}))


def test_an_exit_may_not_come_before_the_start():
    assert wrong(case_with(EXIT | {"on": date(2026, 3, 1)})) == (
        "exit_before_start",
        "fact 1.on = 2026-03-01: an exit may not come before the placement's first day, 2026-03-02",
    )
    assert not refusals(case_with(EXIT | {"on": STARTS_ON}))


def test_other_facts_may_come_before_the_start():
    early = [PASS | {"on": date(2026, 2, 2)}, JOB | {"from": date(2026, 1, 1)}]
    assert not refusals(case_with(*early))


def test_a_no_show_has_no_first_day_to_come_before():
    case = case_with(STAY, EXIT)
    del case["placement"]["starts_on"]
    assert not refusals(case)


def test_spells_of_one_employer_may_not_share_a_day():
    first = JOB | {"through": date(2026, 4, 30)}
    assert wrong(case_with(first, JOB | {"from": date(2026, 4, 30)})) == (
        "same_employer_same_day",
        "fact 2.from = 2026-04-30: two spells of one employer may not share a day; correct the first spell instead",
    )
    assert not refusals(case_with(first, JOB | {"from": date(2026, 5, 1)}))
    assert not refusals(case_with(first, JOB | {"from": date(2026, 4, 30), "employer": "E2"}))


def test_an_open_spell_goes_on_until_it_is_corrected():
    assert wrong(case_with(JOB, JOB | {"from": date(2026, 5, 1)}))[0] == "same_employer_same_day"
    ended = JOB | {"through": date(2026, 4, 30), "replaces": "1"}
    assert not refusals(case_with(JOB, JOB | {"from": date(2026, 5, 1)}, ended))


def test_spells_of_two_placements_may_share_days():
    book = input_of([case_with(JOB), case_with(JOB)]).book()
    assert not find_breaches(book.models, book.placements, book.shelves, to_day(KNOWLEDGE))


@pytest.mark.parametrize(
    ("fact", "field", "said"),
    [
        (STAY | {"through": date(2026, 6, 11)}, "through", "2026-06-11"),
        (JOB | {"from": date(2026, 6, 11)}, "from", "2026-06-11"),
        ({"kind": "studies", "from": date(2026, 6, 11), **TOLD}, "from", "2026-06-11"),
        ({"kind": "milestone", "name": "plan", "on": date(2026, 6, 11), **TOLD}, "on", "2026-06-11"),
        (PASS | {"on": date(2026, 6, 11)}, "on", "2026-06-11"),
        (EXIT | {"on": date(2026, 6, 11)}, "on", "2026-06-11"),
        ({"kind": "earnings", "on": date(2026, 6, 11), "amount": "1.00", **TOLD}, "on", "2026-06-11"),
        ({"kind": "report", "month": "2026-07", **TOLD}, "month", "2026-07"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_nothing_is_verified_before_it_has_happened(fact: dict, field: str, said: str):
    assert wrong(case_with(fact)) == (
        "after_verification",
        f"fact 1.{field} = {said}: nothing can be verified before it has happened; it was verified on 2026-06-10",
    )
    right = fact | {"verified": date(2026, 7, 1) if field == "month" else date(2026, 6, 11)}
    assert not refusals(case_with(right))


def test_interruptions_may_be_verified_in_advance():
    ahead = {"kind": "interruption", "from": date(2026, 8, 1), "through": date(2026, 8, 31), **TOLD}
    assert not refusals(case_with(ahead))


def test_a_grade_needs_points_where_they_pay():
    assert wrong(case_with(PASS, step=PER_POINT)) == (
        "points_missing",
        "fact 1.points = : the payment model pays per point, so a grade needs its points",
    )
    assert not refusals(case_with(PASS | {"points": 0}, step=PER_POINT))
    assert not refusals(case_with(PASS))


def test_points_are_needed_by_the_placements_own_model():
    made = input_of([case_with(PASS), case_with(PASS, step=PER_POINT)])
    book = made.book()
    (found,) = find_breaches(book.models, book.placements, book.shelves, to_day(KNOWLEDGE))
    assert (found.row, made.fact_ids[found.fact]) == (1, "0001 1")


def test_a_share_needs_a_price():
    assert wrong(case_with(step=SHARE)) == (
        "price_missing",
        "placement.price = : the payment model pays a share of the price, so the placement needs one",
    )
    assert not refusals(case_with(step=SHARE, price="0.00"))
    assert not refusals(case_with())


def test_only_what_counts_is_looked_at():
    """Not what is unverified, not known yet, replaced or withdrawn."""
    bad = STAY | {"days": 31}
    unverified = {key: value for key, value in bad.items() if key != "verified"}
    assert not refusals(case_with(unverified))
    assert not refusals(case_with(bad | {"verified": date(2027, 1, 1)}))
    assert refusals(case_with(bad | {"verified": KNOWLEDGE}))
    assert not refusals(case_with(bad, STAY | {"replaces": "1"}))
    assert not refusals(case_with(bad, STAY | {"replaces": "1", "withdrawn": True}))


def test_all_breaches_are_told_together():
    assert [code for code, _ in refusals(case_with(STAY | {"days": 31}, EXIT | {"on": date(2026, 3, 1)}))] == [
        "attended_too_many_days",
        "exit_before_start",
    ]


# --- Stored placements, which no reader has looked at ---


def placements(tier: int = 0, price: int = -1, superseded: int = KNOWLEDGE_FAR) -> Placements:
    columns = ([7], [0], [tier], [price], [to_day(STARTS_ON)], [0], [superseded])
    kinds = (np.int64, np.int16, np.int16, np.int64, np.int32, np.int32, np.int32)
    return Placements(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))


def breaches_of(rows: Placements) -> list[Found]:
    made = input_of([case_with()])
    model = read_model({"code": "m", "tiers": ["A", "B"], "steps": [PER_COURSE]})
    book = Book([model], rows, made.facts, made.subjects)
    return find_breaches(book.models, book.placements, book.shelves, 0)


@pytest.mark.parametrize("tier", [-1, 2])
def test_a_stored_tier_is_one_of_the_models(tier: int):
    (found,) = breaches_of(placements(tier))
    assert (found.rule, found.row, found.fact, found.field, found.value) == (UNKNOWN_TIER, 0, 0, "tier", tier)
    assert found.details == {"tiers": "A, B"}
    assert not breaches_of(placements(tier=0)) + breaches_of(placements(tier=1))


def test_a_stored_price_has_its_bounds():
    (found,) = breaches_of(placements(price=PRICE_MOST_ORE + 1))
    assert (found.rule, found.row, found.fact) == (PRICE_TOO_HIGH, 0, 0)
    assert (found.field, found.value, found.details) == ("price", PRICE_MOST_ORE + 1, {"most": PRICE_MOST_ORE})
    assert not breaches_of(placements(price=PRICE_MOST_ORE))


def test_a_superseded_version_is_let_be():
    assert not breaches_of(placements(tier=2, price=PRICE_MOST_ORE + 1, superseded=0))


# --- Rules that a fact keeps by itself ---

ASKED = "a date from 1970-01-01 to 2199-12-30 is needed, such as 2026-03-31"


@pytest.mark.parametrize(
    ("fact", "code", "said"),
    [
        (STAY | {"from": "2026-02-30"}, "date", f"from = 2026-02-30: {ASKED}"),
        (STAY | {"from": "20260331"}, "date", f"from = 20260331: {ASKED}"),
        (STAY | {"from": datetime(2026, 3, 2)}, "date", f"from = 2026-03-02 00:00:00: {ASKED}"),  # noqa: DTZ001
        (STAY | {"from": date(1969, 12, 31)}, "date", f"from = 1969-12-31: {ASKED}"),
        (JOB | {"through": date(2199, 12, 31)}, "date", f"through = 2199-12-31: {ASKED}"),
        (
            STAY | {"from": date(2026, 4, 1)},
            "through_before_from",
            "through = 2026-03-31: the last day may not come before the first, 2026-04-01",
        ),
        (
            STAY | {"verified": date(2026, 5, 31)},
            "verified_before_reported",
            "verified = 2026-05-31: a fact cannot be verified before it was reported, 2026-06-01",
        ),
        (
            STAY | {"withdrawn": True},
            "withdraws_nothing",
            "withdrawn = True: a withdrawal names the fact that it withdraws in replaces",
        ),
        (JOB | {"form": "hourly"}, "missing_key", "extent = None: the key extent is needed here"),
        (
            {key: value for key, value in JOB.items() if key != "form"},
            "missing_key",
            "form = None: the key form is needed here",
        ),
        (JOB | {"extent": 101}, "whole_number", "extent = 101: a whole number from 0 to 100 is needed"),
        (EXIT | {"kind": "end"}, "choice", None),
        (PASS | {"grade": "G"}, "choice", None),
        (EXIT | {"reason": "bored"}, "choice", None),
        (EXIT | {"through": date(2026, 5, 29)}, "unknown_key", None),
    ],
)
def test_a_wrong_fact_is_refused(fact: dict, code: str, said: str | None):
    with pytest.raises(DomainError) as refused:
        read_fact({"id": "1", **fact})
    (breach,) = refused.value.breaches
    assert breach.rule.code == code
    assert said is None or breach.say() == said


@pytest.mark.parametrize(
    "fact",
    [
        STAY | {"from": "2026-03-31"},
        STAY | {"from": date(1970, 1, 1)},
        JOB | {"through": date(2199, 12, 30)},
        STAY | {"from": date(2026, 3, 31)},
        STAY | {"verified": date(2026, 6, 1)},
        STAY | {"withdrawn": True, "replaces": "0"},
        JOB | {"form": "hourly", "extent": 0},
        JOB | {"extent": 100},
        {"kind": "studies", "from": STARTS_ON, **TOLD},
        {"kind": "exit", "on": STARTS_ON, **TOLD},
    ],
)
def test_its_right_neighbour_is_read(fact: dict):
    assert read_fact({"id": "1", **fact}).id == "1"


# --- Corrections ---


def corrections(*facts: dict) -> list[tuple[str, str]]:
    """What is wrong with facts that correct each other: rule and sentence."""
    try:
        check_corrections([read_fact(fact) for fact in facts])
    except DomainError as error:
        return [(breach.rule.code, breach.say()) for breach in error.breaches]
    return []


LATER = {"reported": date(2026, 6, 2), "verified": date(2026, 6, 12)}
A, B = STAY | {"id": "a"}, STAY | LATER | {"id": "b", "replaces": "a"}


def test_ids_are_unique():
    assert corrections(A, A) == [("fact_twice", "fact[2].id = a: an earlier fact has this id; ids are unique")]


def test_a_correction_names_an_earlier_fact_in_whatever_order_they_stand():
    unknown = "there is no earlier fact with this id"
    assert not corrections(A, B)
    assert not corrections(B, A)
    assert not corrections(A, B | {"reported": TOLD["reported"]})
    assert corrections(B) == [("replaces_unknown", f"fact[1].replaces = a: {unknown}")]
    assert corrections(A | {"replaces": "a"}) == [("replaces_unknown", f"fact[1].replaces = a: {unknown}")]
    early = B | {"reported": date(2026, 5, 31)}
    assert corrections(A, early) == [("replaces_unknown", f"fact[2].replaces = a: {unknown}")]


def test_corrections_may_not_lead_round_in_a_circle():
    """Reported on one day, each could be earlier than the other."""
    circle = [A | {"replaces": "b"}, B | {"reported": TOLD["reported"]}]
    assert [code for code, _ in corrections(*circle)] == ["replaces_unknown", "replaces_unknown"]


def test_a_correction_is_of_the_same_kind():
    assert corrections(A, EXIT | LATER | {"id": "b", "replaces": "a"}) == [
        ("replaces_other_kind", "fact[2].replaces = a: a correction has the kind of the fact it corrects, attendance")
    ]


def test_a_fact_is_corrected_once():
    assert corrections(A, B, B | {"id": "c"}) == [
        ("replaced_already", "fact[3].replaces = a: that fact is corrected already, by b; correct the newest one")
    ]
    assert not corrections(A, B, B | {"id": "c", "replaces": "b"})


# --- Case files ---


def read_wrong_file(folder: Path, content: bytes) -> str:
    path = folder / "case.toml"
    path.write_bytes(content)
    with pytest.raises(DomainError) as refused:
        read_case_file(path)
    (breach,) = refused.value.breaches
    assert breach.rule.code == "case_file"
    return breach.say()


def test_a_case_file_is_toml(tmp_path: Path):
    said = read_wrong_file(tmp_path, b"title = ")
    assert said.startswith("file = case.toml: the case file cannot be read as TOML: Invalid value")
    assert "utf-8" in read_wrong_file(tmp_path, b'title = "\xff"')
    with pytest.raises(DomainError, match="the case file cannot be read"):
        read_case_file(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"through": "2026-13"}, "through = 2026-13: a month is written as year and month, such as 2026-03"),
        ({"facts": []}, "facts = []: the key facts is unknown here; known are: title, source, through, model"),
        ({"fact": {}}, "fact = {}: a list with at least one value is needed here"),
        ({"fact": [5]}, "fact[1] = 5: a table of keys and values is needed here"),
        ({"model": 5}, "model = 5: a table of keys and values is needed here"),
        ({"model": {"use": "none"}}, "none: "),
        ({"placement": 5}, "placement = 5: a table of keys and values is needed here"),
        ({"placement": {}}, "placement.referred_on = None: the key referred_on is needed here"),
        ({"line": [{}]}, "line[1].run = None: the key run is needed here"),
        ({"why": [{"as_of": STARTS_ON, "step": "q", "status": "owed"}]}, "why[1].step = q: only these are known: p"),
        (
            {"why": [{"as_of": STARTS_ON, "step": "p", "status": "paid"}]},
            "why[1].status = paid: only these are known: owed, waiting, missed",
        ),
    ],
)
def test_a_wrong_case_is_refused(changes: dict, said: str):
    with pytest.raises(DomainError) as refused:
        read_case(case_with() | changes)
    assert said in refused.value.say()


def test_the_cases_tier_is_one_of_the_models():
    case = case_with(tier="C")
    assert wrong(case) == ("choice", "placement.tier = C: only these are known: standard")
    assert not refusals(case_with(tier="standard"))


def test_the_breaches_of_all_facts_are_told_together():
    bad = [EXIT | {"on": "never"}, EXIT | {"reason": "bored"}]
    assert [said.split(" ")[0] for _, said in refusals(case_with(*bad))] == ["fact[1].on", "fact[2].reason"]


def test_bad_input_is_refused_in_the_month_in_which_it_is_known():
    with pytest.raises(DomainError, match="at most 30 attended days"):
        run_case(read_case(case_with(STAY | {"days": 31})))


def test_what_differs_from_a_case_is_told():
    line = {"run": "2026-06", "step": "p", "occurrence": "MAT", "amount": "2000.00"}
    why = {"as_of": date(2026, 6, 30), "step": "p", "status": "owed"}
    right = case_with(PASS) | {"line": [line], "why": [why]}
    assert case_failures(read_case(right)) == []
    assert case_failures(read_case(right | {"line": [line, line]})) == [
        "the lines are right, but not in order of run, step and occurrence, or one stands twice"
    ]
    wrong_whys = [why | {"status": "missed"}, why | {"check": "passing_grade"}]
    assert case_failures(read_case(right | {"line": [line | {"amount": "1.00"}], "why": wrong_whys})) == [
        "expected, but not found: 2026-06 p MAT 1.00",
        "found, but not expected: 2026-06 p MAT 2000.00",
        "p as of 2026-06-30: expected missed, but it is owed",
        "p as of 2026-06-30: expected the check passing_grade to fail, but these fail: none",
    ]

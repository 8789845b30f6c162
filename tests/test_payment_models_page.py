"""The worked examples of `docs/payment-models.md`: computed from the page's own steps, they give the page's tables."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.kernel.money import show_kronor
from contracts.library import codes
from contracts.reading import read_model
from tests import plain_reader

PAGE = (Path(__file__).parents[1] / "docs" / "payment-models.md").read_text()
SECTIONS = {part.split("\n")[0]: part for part in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)}

Fact = dict[str, object]
Line = dict[str, Any]


def fact(kind: str, verified: date, **keys: object) -> Fact:
    name = f"{kind} {sorted(map(str, keys.values()))} {verified}"
    return {"id": name, "kind": kind, "reported": verified, "verified": verified, **keys}


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def job(first: date, last: date | None, verified: date, **keys: object) -> Fact:
    through = {"through": last} if last else {}
    return fact("employment", verified, **{"from": first}, **through, employer="E1", form="permanent", **keys)


def grade(on: date, course: str, points: int, letter: str) -> Fact:
    return fact("grade", on, on=on, course=course, points=points, grade=letter)


COURSE_ENDS = fact("exit", day(6, 2), on=day(5, 31), reason="completed")
LATE_NEWS = job(day(6, 15), None, day(10, 20))

EXAMPLES: dict[str, list[Fact]] = {
    "Attendance": [
        fact("attendance", day(2, 3), **{"from": day(1, 12)}, through=day(1, 31), days=12),
        fact("attendance", day(3, 3), **{"from": day(2, 1)}, through=day(2, 28), days=15),
    ],
    "Milestone": [
        fact("milestone", day(1, 29), name="plan klar", on=day(1, 28)),
        fact("interruption", day(1, 23), **{"from": day(1, 20)}, through=day(1, 22), reason="illness"),
    ],
    "Grade": [
        grade(day(5, 20), "MATMAT01a", 100, "F"),
        grade(day(6, 5), "MATMAT01a", 100, "E"),
        grade(day(6, 10), "SVASVA01", 50, "C"),
        grade(day(8, 20), "MATMAT01a", 100, "B"),
    ],
    "Period": [
        fact("interruption", day(2, 23), **{"from": day(2, 16)}, through=day(2, 22), reason="illness"),
        fact("exit", day(3, 11), on=day(3, 10), reason="other"),
    ],
    "Employment": [COURSE_ENDS, job(day(7, 31), day(11, 29), day(12, 3))],
    "Earnings": [
        fact("earnings", on, on=on, amount="24500.00", employer="E1") for on in (day(3, 25), day(4, 24), day(5, 25))
    ],
    "When something turns out to be wrong": [
        COURSE_ENDS,
        LATE_NEWS,
        job(day(6, 15), day(10, 13), day(12, 10), replaces=LATE_NEWS["id"]),
    ],
}


def step_of(section: str) -> dict[str, object]:
    """The step that stands in a section of the page; the last section uses the one under Employment."""
    found = re.search(r"```toml\n(.*?)```", SECTIONS[section], re.DOTALL) or re.search(
        r"```toml\n(.*?)```", SECTIONS["Employment"], re.DOTALL
    )
    assert found
    return tomllib.loads(found[1])


def paid(section: str, facts: list[Fact]) -> list[Line]:
    step = step_of(section)
    model = {"code": "m", "steps": [step]}
    read_model(model)
    placement = {"referred_on": day(1, 5), "starts_on": day(1, 12)}
    return plain_reader.ledger({"through": "2026-12", "model": model, "placement": placement, "fact": facts})


def row_of(line: Line) -> str:
    """A ledger line as the page's tables write it, with plain spaces."""
    paid_for = f"{line['step']} {line['occurrence']}".strip()
    amount = show_kronor(line["amount"]).replace("\u202f", " ").replace("\u00a0", " ")
    return f"| {line['run']} | {paid_for} | {amount} |"


@pytest.mark.parametrize("section", EXAMPLES)
def test_the_tables_are_what_the_rules_give(section: str) -> None:
    table = SECTIONS[section].split("| Run | For | Paid |\n|---|---|---|\n")[1].split("\n\n")[0]
    rows = table.strip().splitlines()
    assert rows == [row_of(line) for line in paid(section, EXAMPLES[section])]


@pytest.mark.parametrize(
    ("first", "last", "reached"),
    [
        (day(7, 31), day(11, 29), True),
        (day(7, 31), day(11, 28), False),
        (day(8, 1), None, False),
        (day(6, 15), day(10, 14), True),
    ],
)
def test_the_jobs_of_the_page(first: date, last: date | None, reached: bool) -> None:
    assert bool(paid("Employment", [COURSE_ENDS, job(first, last, day(12, 3))])) == reached


def test_the_page_names_the_whole_library() -> None:
    assert all(f"`{code}`" in PAGE for code in codes())


def test_the_model_of_the_page_is_read() -> None:
    found = re.search(r"```toml\n(.*?)```", SECTIONS["The model"], re.DOTALL)
    assert found
    assert read_model(tomllib.loads(found[1])).tiers == ("A", "B")

"""What providers read of pay through the API: why and why not, lines of attested runs, and what to do next."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from contracts.library import library_model
from outcomes.models import Fact
from outcomes.services import ask_for_more
from payouts.models import Line
from tests.api_client import System
from tests.town import Town, attendance, ended, milestone, noon

pytestmark = pytest.mark.django_db

START = date(2025, 1, 7)
END = date(2025, 1, 31)


def paid_town() -> Town:
    """A town that was paid for twenty days of attendance in January, after which it ended."""
    town = Town()
    town.refer("P-1", date(2025, 1, 2), START)
    town.tell(date(2025, 2, 1), attendance("a", "P-1", START, END, 20), ended("e", "P-1", END))
    return town


def test_why_and_why_not_is_told_for_each_step() -> None:
    town = paid_town()
    answer = System(town.provider).get("placements/P-1/why/?as_of=2025-02-01").json()
    assert (answer["placement"], answer["as_of"]) == ("P-1", "2025-02-01")
    steps = {step["code"]: step for step in answer["steps"]}
    assert list(steps) == [step.code for step in town.model.steps]
    first, *others = answer["steps"]
    assert first["status"] == "owed"
    assert float(first["amount"]) > 0
    assert "(fact a)" in first["reasons"][0]
    assert {step["status"] for step in others} <= {"waiting", "missed"}
    swedish = System(town.provider, language="sv").get("placements/P-1/why/?as_of=2025-02-01").json()
    assert "(uppgift a)" in swedish["steps"][0]["reasons"][0]


def test_why_has_a_tag_and_a_day() -> None:
    system = System(paid_town().provider)
    tag = system.get("placements/P-1/why/").headers["ETag"]
    assert system.get("placements/P-1/why/", If_None_Match=tag).status_code == 304
    assert system.get("placements/P-1/why/?as_of=2024-01-01").json()["steps"] == []
    assert system.get("placements/P-1/why/?as_of=soon").json()["code"] == "date"


@pytest.mark.django_db(transaction=True)
def test_lines_of_attested_runs_are_told_and_no_others() -> None:
    town = paid_town()
    system = System(town.provider)
    run = town.compute(date(2025, 2, 28))
    assert system.get("lines/").json()["items"] == []
    town.attest(run)
    line = Line.objects.get()
    (item,) = system.get("lines/").json()["items"]
    assert item == {
        "run": 1,
        "month": "2025-02",
        "placement": "P-1",
        "contract": "K-1",
        "step": town.model.steps[0].code,
        "title": town.model.steps[0].title,
        "occurrence": "",
        "qualifies_on": "2025-01-31",
        "amount": f"{line.amount // 100}.00",
        "fact": "a",
        "is_held": False,
    }
    assert system.get("lines/?placement=P-2").json()["items"] == []
    assert len(system.get("lines/?run=1&placement=P-1").json()["items"]) == 1
    assert System(Town(number=2).provider).get("lines/").json()["items"] == []


@pytest.mark.django_db(transaction=True)
def test_lines_come_in_pages() -> None:
    town = Town()
    for number in range(5):
        town.refer(f"P-{number}", date(2025, 1, 2), START)
    town.tell(date(2025, 2, 1), *(attendance(f"a{n}", f"P-{n}", START, END, 20) for n in range(5)))
    town.pay(date(2025, 2, 28))
    system = System(town.provider)
    found, address = [], "lines/?limit=2"
    while address:
        page = system.get(address).json()
        found += [item["placement"] for item in page["items"]]
        address = page["next"]
    assert found == [f"P-{number}" for number in range(5)]


# --- what to do next


def tasks(system: System, query: str = "") -> list[dict[str, Any]]:
    answer = system.get(f"tasks/{query}")
    assert answer.status_code == 200, answer.content
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_what_to_do_next_names_months_to_report_and_what_was_asked() -> None:
    town = Town(model=library_model("rusta-och-matcha"))
    today = localdate()
    start = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    town.refer("P-1", start, start)
    (fact,) = town.report(start, milestone("plan", "P-1", start, "joint plan"))
    ask_for_more(facts=[fact], reason_code="evidence_unclear", by=town.handler, now=noon(start))
    found = {task["kind"]: task for task in tasks(System(town.provider)) if task["kind"] != "window_closes"}
    assert found["report_month"]["month"] == f"{start:%Y-%m}"
    assert found["answer"]["fact"] == "plan"


def test_what_to_do_next_names_time_limits_that_end_soon() -> None:
    town = Town()
    today = localdate()
    town.refer("P-1", today - timedelta(days=40), today - timedelta(days=30))
    town.tell(today, ended("e", "P-1", today - timedelta(days=1)))
    system = System(town.provider)
    assert {task["kind"] for task in tasks(system, "?days=1")} <= {"report_month"}
    (window, *_) = [task for task in tasks(system, "?days=366") if task["kind"] == "window_closes"]
    assert window["placement"] == "P-1"
    assert today < date.fromisoformat(window["until"])
    assert window["step"] in {step.code for step in town.model.steps}
    assert window["until"] in window["text"]


def test_a_page_of_tasks_costs_the_same_however_long_it_is(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    town = Town()
    for number in range(20):
        town.refer(f"P-{number:02}", date(2025, 1, 2), START)
    system = System(town.provider)
    with django_assert_max_num_queries(30):
        first = system.get("tasks/?limit=15").json()
    assert first["next"]
    assert system.get(first["next"]).json()["next"] is None
    assert not Fact.objects.exists()

"""Facts reported through the API: singly and in bulk, once more, corrected, withdrawn, refused, and only tried."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.kernel.models import AuditEvent
from outcomes.columns import Kind
from outcomes.models import Fact
from outcomes.services import reject_facts, verify_facts
from providers.models import IdempotentRequest
from tests.api_client import System
from tests.town import Town, noon

pytestmark = pytest.mark.django_db

START = date(2025, 1, 15)
Json = dict[str, Any]


@pytest.fixture
def town() -> Town:
    town = Town()
    for number in ("P-1", "P-2"):
        town.refer(number, date(2025, 1, 10), START)
    return town


@pytest.fixture
def system(town: Town) -> System:
    return System(town.provider)


def attended(
    identifier: str, first: str = "2025-01-15", through: str = "2025-01-31", days: int = 10, **more: object
) -> Json:
    return {
        "id": identifier,
        "placement": "P-1",
        "kind": "attendance",
        "from": first,
        "through": through,
        "days": days,
    } | more


def ended(identifier: str, on: str = "2025-03-01", **more: object) -> Json:
    return {"id": identifier, "placement": "P-1", "kind": "exit", "on": on} | more


EVERY_KIND: list[Json] = [
    attended("1"),
    {"id": "2", "placement": "P-1", "kind": "interruption", "from": "2025-02-01", "reason": "illness"},
    {"id": "3", "placement": "P-1", "kind": "milestone", "on": "2025-02-01", "name": "activity plan"},
    {"id": "4", "placement": "P-1", "kind": "report", "month": "2025-01"},
    {"id": "5", "placement": "P-1", "kind": "grade", "on": "2025-02-20", "course": "SVA", "grade": "C", "points": 100},
    ended("6", reason="work"),
    {"id": "7", "placement": "P-1", "kind": "employment", "from": "2025-03-10", "employer": "A", "form": "permanent"},
    {"id": "8", "placement": "P-1", "kind": "studies", "from": "2025-04-01", "through": "2025-05-01", "extent": 50},
    {"id": "9", "placement": "P-1", "kind": "earnings", "on": "2025-04-25", "amount": "25000.50"},
]  # fmt: skip


@pytest.mark.parametrize("fact", EVERY_KIND, ids=lambda fact: fact["kind"])
def test_a_fact_of_each_kind_is_created_once_and_read_back(system: System, fact: Json) -> None:
    first, again = system.post("facts/", fact), system.post("facts/", fact)
    assert (first.status_code, first.json()) == (201, {"outcome": "created", "id": fact["id"]})
    assert (again.status_code, again.json()) == (200, {"outcome": "unchanged", "id": fact["id"]})
    there = system.get(first.headers["Location"]).json()
    assert there["fact"] == fact | ({"extent": 100} if fact["kind"] == "employment" else {})
    assert there["standing"] == "waiting"


def test_in_bulk_each_is_answered_on_its_own(system: System) -> None:
    system.report(attended("old"))
    answer = system.post(
        "bulk/facts/",
        [
            attended("old"),
            attended("new", "2025-02-01", "2025-02-28"),
            attended("other place", "2025-02-01", "2025-02-28", placement="P-2"),
            attended("overlaps", "2025-02-20", "2025-03-10"),
            attended("too many", "2025-03-11", "2025-03-12", days=3),
            attended("better", replaces="old", days=11),
            {"id": "wrong", "kind": "attendance", "from": "soon", "days": -1, "colour": "red"},
            ended("early", "2025-01-01"),
            attended("elsewhere", placement="P-3"),
            7,
        ],
    ).json()
    assert [item["outcome"] for item in answer["items"]] == [
        *("unchanged", "created", "created", "refused", "refused", "corrected"),
        *["refused"] * 4,
    ]
    assert (answer["created"], answer["unchanged"], answer["corrected"], answer["refused"]) == (2, 1, 1, 6)
    assert codes(answer["items"][3]) == [("attendance_overlaps", "/3/from")]
    assert codes(answer["items"][4]) == [("attended_too_many_days", "/4/days")]
    assert codes(answer["items"][6]) == [
        ("missing_key", "/6/placement"),
        ("date", "/6/from"),
        ("missing_key", "/6/through"),
        ("whole_number", "/6/days"),
        ("unknown_key", "/6/colour"),
    ]
    assert codes(answer["items"][7]) == [("exit_before_start", "/7/on")]
    assert codes(answer["items"][8]) == [("unknown_placement", "/8/placement")]
    assert codes(answer["items"][9]) == [("table", "/9/document")]
    assert Fact.objects.count() == 4


def codes(item: Json) -> list[tuple[str, str]]:
    return [(error["code"], error["pointer"]) for error in item["errors"]]


def test_what_goes_together_is_taken_and_only_what_does_not_is_left_out(system: System) -> None:
    items = system.report(
        attended("a", "2025-01-15", "2025-01-20", days=1),
        attended("b", "2025-01-18", "2025-01-25", days=1),  # overlaps a
        attended("c", "2025-01-21", "2025-01-30", days=1),  # overlaps b only
        attended("d", "2025-01-16", "2025-01-16", days=1),  # overlaps a
        ended("e"),
        attended("f", "2025-01-31", "2025-02-10", days=1),
    )
    assert [item["outcome"] for item in items] == ["created", "refused", "created", "refused", "created", "created"]


def test_a_correction_may_follow_in_the_same_request_but_not_a_long_chain(system: System) -> None:
    chain = [attended("0", days=1)]
    chain += [attended(str(number), days=number % 9, replaces=str(number - 1)) for number in range(1, 60)]
    outcomes = [item["outcome"] for item in system.report(*chain)]
    assert outcomes == ["created"] + ["corrected"] * 49 + ["refused"] * 10


def test_a_withdrawal_needs_no_content(system: System) -> None:
    system.report(ended("exit"))
    gone = {"id": "gone", "placement": "P-1", "kind": "exit", "replaces": "exit", "withdrawn": True}
    assert system.report(gone, gone | {"on": "2025-01-01"}) == [
        {"outcome": "corrected", "id": "gone"},
        {"outcome": "unchanged", "id": "gone"},
    ]
    assert Fact.objects.get(external_id="gone").from_day == date(2025, 3, 1)


def test_lines_are_as_good_as_an_array(system: System) -> None:
    lines = "\n".join(map(json.dumps, EVERY_KIND)).encode() + b"\n\n{oh no}\n"
    answer = system.post("bulk/facts/", lines, Content_Type="application/x-ndjson").json()
    assert (answer["created"], answer["refused"]) == (9, 1)
    assert codes(answer["items"][9]) == [("no_json", "/9")]


def test_other_content_under_a_known_id_is_a_conflict(system: System) -> None:
    system.report(attended("a"))
    answer = system.post("facts/", attended("a", days=11))
    assert answer.status_code == 409
    assert answer.json()["code"] == "reported_otherwise"
    assert Fact.objects.get().quantity == 10


def test_or_a_correction_if_that_is_asked_for(system: System) -> None:
    def change(days: int) -> tuple[str, str]:
        answer = system.post("facts/?changed=correct", attended("a", days=days)).json()
        return answer.get("outcome") or answer["code"], answer.get("id", "")

    assert change(days=10) == ("created", "a")
    assert change(days=11) == ("corrected", "a~2")
    assert change(days=11) == ("unchanged", "a~2")
    assert change(days=12) == ("corrected", "a~3")
    assert change(days=10)[0] == "reported_before"
    assert [fact.quantity for fact in Fact.objects.order_by("pk")] == [10, 11, 12]
    system.report(attended("mine", days=9, replaces="a~3"))
    assert change(days=8)[0] == "corrected_elsewhere"


def test_a_rejected_correction_is_passed_by(town: Town, system: System) -> None:
    system.report(attended("a"))
    system.post("facts/?changed=correct", attended("a", days=11))
    rejected = Fact.objects.get(external_id="a~2")
    reject_facts(facts=[rejected.pk], reason_code="wrong_content", by=town.handler)
    answer = system.post("facts/?changed=correct", attended("a", days=12)).json()
    assert answer == {"outcome": "corrected", "id": "a~3"}
    assert Fact.objects.get(external_id="a~3").replaces.external_id == "a"  # type: ignore[union-attr]


def test_a_withdrawn_fact_does_not_come_back_by_itself(system: System) -> None:
    system.report(attended("a"), attended("gone", replaces="a", withdrawn=True))
    assert system.post("facts/?changed=correct", attended("a", days=12)).json()["code"] == "corrected_elsewhere"


def test_with_put_a_fact_is_corrected_if_it_is_still_as_it_was_read(town: Town, system: System) -> None:
    system.report(attended("a"))
    tag = system.get("facts/a/").headers["ETag"]
    assert system.ask("PUT", "facts/a/", attended("a", days=11)).status_code == 428
    assert system.ask("PUT", "facts/a/", attended("b", days=11), If_Match=tag).json()["code"] == "other_id"
    verify_facts(facts=[Fact.objects.get().pk], by=town.handler, now=noon(date(2025, 6, 1)))
    assert system.ask("PUT", "facts/a/", attended("a", days=11), If_Match=tag).status_code == 412
    answer = system.ask("PUT", "facts/a/", attended("a", days=11), If_Match=system.get("facts/a/").headers["ETag"])
    assert (answer.status_code, answer.json()) == (200, {"outcome": "corrected", "id": "a~2"})
    assert system.ask("PUT", "facts/none/", attended("none"), If_Match=tag).status_code == 404


def test_a_dry_run_answers_all_and_stores_nothing(system: System) -> None:
    items = system.post("bulk/facts/?dry_run=true", [*EVERY_KIND, attended("x", days=99)]).json()["items"]
    assert [item["outcome"] for item in items] == ["created"] * 9 + ["refused"]
    assert system.post("facts/?dry_run=true", attended("x", days=99)).status_code == 422
    assert not Fact.objects.exists()
    assert not AuditEvent.objects.filter(action="report").exists()


def test_one_event_tells_of_a_whole_request(system: System) -> None:
    system.report(*EVERY_KIND)
    event = AuditEvent.objects.get(action="report")
    assert event.later
    assert event.later["facts"] == len(EVERY_KIND)
    assert event.by == system.issued.client.membership.user


def test_a_request_with_a_key_is_carried_out_once_and_answered_alike(system: System) -> None:
    first = system.post("facts/", attended("a"), Idempotency_Key="k-1")
    again = system.post("facts/", attended("a"), Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    bulk = [system.post("bulk/facts/", [attended("b", placement="P-2")], Idempotency_Key="k-2") for _ in range(2)]
    assert [answer.json()["created"] for answer in bulk] == [1, 1]
    assert Fact.objects.count() == 2


def test_a_key_belongs_to_one_request_of_one_client(town: Town, system: System) -> None:
    system.post("facts/", attended("a"), Idempotency_Key="k-1")
    other = system.post("facts/", attended("b", placement="P-2"), Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert other.json()["errors"][0]["parameter"] == "Idempotency-Key"
    second = System(town.provider)
    assert second.post("facts/", attended("b", placement="P-2"), Idempotency_Key="k-1").status_code == 201


def test_what_is_refused_leaves_its_key_free(system: System) -> None:
    assert system.post("facts/", attended("a", placement="P-9"), Idempotency_Key="k-1").status_code == 422
    assert system.post("facts/", attended("a"), Idempotency_Key="k-1").status_code == 201
    assert system.post("facts/", attended("a"), Idempotency_Key="").json()["code"] == "idempotency_key"


def test_keys_are_kept_for_a_week(system: System) -> None:
    system.post("facts/", attended("a"), Idempotency_Key="k-1")
    IdempotentRequest.objects.update(at=timezone.now() - timedelta(days=8))
    assert system.post("facts/", attended("a"), Idempotency_Key="k-1").json()["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'["\\ud800"]', "application/json", 400),
        (b"{}", "text/csv", 415),
        (b"[" + b"1," * 10_000 + b"1]", "application/json", 413),
        (b'"' + b"x" * 11_000_000 + b'"', "application/json", 413),
    ],
    ids=["broken", "surrogate", "no JSON", "too many", "too large"],
)
def test_a_body_that_can_not_be_taken_is_answered_with_a_problem(
    system: System, body: bytes, kind: str, status: int
) -> None:
    answer = system.post("bulk/facts/", body, Content_Type=kind)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["\x00", " a", "a ", "x" * 101, "a\nb", ""], ids=repr)
@pytest.mark.parametrize("key", ["id", "placement", "replaces"])
def test_no_text_breaks_the_database(system: System, key: str, text: str) -> None:
    (item,) = system.report(attended("a") | {key: text})
    assert item["outcome"] == "refused"


def test_problems_are_told_in_the_language_asked_for(system: System) -> None:
    system.language = "sv-SE, en;q=0.5"
    answer = system.post("facts/", attended("a", placement="P-9"))
    problem = answer.json()
    assert answer.headers["Content-Language"] == "sv"
    assert problem["status"] == answer.status_code == 422
    assert problem["type"].endswith("/api/v1/problems/unknown_placement/")
    assert problem["instance"] == "/api/v1/facts/"
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert "P-9" in problem["detail"]
    assert "placering" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "/placement"
    assert "placement" in system.get(problem["type"]).content.decode()


def test_kinds_of_facts_are_all_tried() -> None:
    assert {fact["kind"] for fact in EVERY_KIND} == {kind.name.lower() for kind in Kind}

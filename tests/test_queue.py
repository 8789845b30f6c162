"""The queue's order, its filters, and what handlers do on its pages."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate

from backend import urls  # noqa: F401  # the apps fill the home page when their addresses are loaded
from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.web import cards_of
from outcomes.columns import Kind
from outcomes.deciding import Deciding, deciding_on
from outcomes.models import Fact
from outcomes.services import ask_for_more, attach_evidence
from outcomes.waiting import waiting_facts
from payouts.queue import for_me, rank
from tests.pages_town import PICTURE
from tests.people import protect
from tests.small_world import (
    STARTS_ON,
    attendance,
    exit_on,
    make_contract,
    make_placement,
    make_user,
    moment,
    organisation_number,
    report,
    verify,
)
from tests.wrong_examples_verification import say, waiting

pytestmark = pytest.mark.django_db
REPORTED = date(2025, 6, 2)
SOON = REPORTED + timedelta(days=3)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def order(today: date) -> list[int]:
    return rank(waiting_facts(), today).waiting.fact.tolist()


def unpaid() -> Fact:
    """An exit pays nothing."""
    placement = make_placement()
    return report(placement, exit_on(placement, STARTS_ON + timedelta(days=40)))[0]


def test_money_times_days_comes_first_and_conflicts_count_once_more() -> None:
    nothing, much, doubtful = unpaid(), waiting(), waiting()
    assert order(SOON) == [much.pk, doubtful.pk, nothing.pk]
    for fact in (doubtful, waiting()):
        attach_evidence(fact=fact, name="a.png", content=PICTURE, by=make_user(Role.HANDLER), now=moment(SOON))
    assert order(SOON)[0] == doubtful.pk
    placement = make_placement()
    (old,) = report(placement, attendance(placement), on=REPORTED - timedelta(days=9))
    assert order(SOON)[0] == old.pk


def test_what_is_overdue_rises_to_the_top() -> None:
    late, much = unpaid(), waiting()
    say(late, decide_within=2)
    assert order(REPORTED + timedelta(days=2)) == [much.pk, late.pk]
    assert order(SOON) == [late.pk, much.pk]


def test_what_is_asked_for_stands_last_until_its_day_has_passed() -> None:
    asked, nothing = waiting(), unpaid()
    ask_for_more(
        facts=[asked.pk], reason_code="evidence_missing", due_on=SOON, by=make_user(Role.HANDLER), now=moment(REPORTED)
    )
    assert order(SOON) == [nothing.pk, asked.pk]
    assert order(SOON + timedelta(days=1)) == [asked.pk, nothing.pk]


def test_the_sum_is_that_of_all_that_waits_of_the_placement() -> None:
    waiting()
    queue = rank(waiting_facts(), SOON)
    assert queue.waiting.amount.tolist() == [6_000_00]
    assert queue.beside(int(queue.waiting.fact[0]), 1) is None


def test_what_a_handler_can_not_decide_is_not_for_the_handler() -> None:
    fact, by = waiting(), make_user(Role.HANDLER)
    say(fact, second_officer_from=1)
    placement = make_placement()
    report(placement, attendance(placement), by=by)
    assert list(for_me(by)) == [fact]
    verify(fact, by=by)
    assert list(for_me(by)) == []


def test_filters_stand_in_the_address_and_leave_what_they_say() -> None:
    late, asked, doubtful = unpaid(), waiting(), waiting()
    attach_evidence(fact=doubtful, name="a.png", content=PICTURE, by=make_user(Role.HANDLER), now=moment(REPORTED))
    attach_evidence(fact=late, name="a.png", content=PICTURE, by=make_user(Role.HANDLER), now=moment(REPORTED))
    due = localdate() + timedelta(days=2)
    ask_for_more(facts=[asked.pk], reason_code="evidence_missing", due_on=due, by=make_user(Role.HANDLER))
    client = client_of(make_user(Role.HANDLER))
    for query, expected in {
        "": {late, asked, doubtful},
        "state=asked": {asked},
        "state=decide": {late, doubtful},
        "conflict=same_document": {late, doubtful},
        "conflict=same_job": set(),
        "late=false": {asked},
        f"kind={Kind.EXIT}": {late},
        f"provider={asked.provider_id}&late=true": set(),
    }.items():
        response = client.get(f"/facts/waiting/?{query}")
        assert {row.record for row in response.context["table"].rows} == expected, query


def test_a_decision_leads_to_the_next_fact_and_keeps_the_filters() -> None:
    facts = [waiting(), waiting(), waiting()]
    by = make_user(Role.HANDLER)
    client, first = client_of(by), order(localdate())
    query = "?state=decide"
    answer = client.post(f"/facts/{first[0]}/verify/{query}")
    assert answer.headers["Location"] == f"/facts/{first[1]}/{query}"
    answer = client.post(f"/facts/{first[1]}/reject/{query}", {"reason_code": "wrong_content", "note": "No."})
    assert answer.headers["Location"] == f"/facts/{first[2]}/{query}"
    due = localdate() + timedelta(days=5)
    content = {"reason_code": "evidence_missing", "note": "The contract, please.", "due_on": due.isoformat()}
    answer = client.post(f"/facts/{first[2]}/ask/{query}", content)
    assert answer.headers["Location"] == f"/facts/waiting/{query}"
    decided = {fact.pk: fact.decisions.get() for fact in facts}
    assert [decided[pk].decision for pk in first] == ["verified", "rejected", "more_asked"]
    assert (decided[first[1]].note, decided[first[2]].due_on) == ("No.", due)
    assert "The contract, please." in client.get(f"/facts/{first[2]}/").content.decode()


def test_keys_lead_to_the_facts_beside() -> None:
    waiting(), waiting()
    client, ids = client_of(make_user(Role.HANDLER)), order(localdate())
    assert client.get(f"/facts/{ids[0]}/?step=1").headers["Location"] == f"/facts/{ids[1]}/?"
    assert client.get(f"/facts/{ids[1]}/?step=-1").headers["Location"] == f"/facts/{ids[0]}/?"
    assert client.get(f"/facts/{ids[1]}/?step=1").headers["Location"] == "/facts/waiting/?"


def test_a_refusal_is_said_on_a_page_of_its_own() -> None:
    by, placement = make_user(Role.HANDLER), make_placement()
    (fact,) = report(placement, attendance(placement), by=by)
    text = client_of(by).post(f"/facts/{fact.pk}/verify/").content.decode()
    assert "Nobody verifies a fact of their own reporting" in text


def test_a_verification_is_undone_and_evidence_attached_over_the_page() -> None:
    fact, by = waiting(), make_user(Role.HANDLER)
    client, page = client_of(by), f"/facts/{fact.pk}/"
    file = SimpleUploadedFile("a.png", PICTURE)
    assert client.post(f"{page}attach/", {"content": file}).headers["Location"] == f"{page}?"
    wrong = client.post(f"{page}attach/", {"content": SimpleUploadedFile("a.png", b"<html>")}).content.decode()
    assert "A document is a PDF, DOCX, PNG or JPEG file" in wrong
    verify(fact, by=by)
    assert "undo/" in client.get(page).content.decode()
    assert client.post(f"{page}undo/", {"reason": "wrong person"}).headers["Location"] == f"{page}?"
    assert fact.corrections.get().withdrawn


def test_terms_are_changed_over_the_page_of_the_contract() -> None:
    contract = make_contract()
    client, page = client_of(make_user(Role.PROCUREMENT)), f"/contracts/{contract.pk}/"
    today = localdate()
    said = {
        "valid_from": today.isoformat(), "reason": "a routine", "decide_within": "7", "same_step_within": "0",
        "second_officer_from": "15 000", "bulk_kinds": ["4"], "rules": ["short_interruption"],
    }  # fmt: skip
    assert "Nothing is said: facts are decided within 14 days" in client.get(page).content.decode()
    assert client.post(f"{page}verification/", said).headers["Location"] == page
    assert deciding_on(contract, today) == Deciding(7, 0, 15_000_00, (Kind.REPORT,), ("short_interruption",))
    assert "interruptions of at most 14 days" in client.get(page).content.decode()


def test_a_company_of_the_group_is_recorded_over_the_page() -> None:
    provider = waiting().provider
    client, page = client_of(make_user(Role.HANDLER)), f"/providers/{provider.pk}/"
    company = {"name": "Sister", "organisation_number": organisation_number(777), "belongs": "yes"}
    assert client.post(f"{page}group/", company).headers["Location"] == page
    assert provider.group_companies.get().belongs
    assert "Sister" in client.get(page).content.decode()


def test_the_home_page_says_by_when_to_decide() -> None:
    fact = waiting()
    say(fact, decide_within=2)
    (card,) = [card for card in cards_of(make_user(Role.HANDLER), SOON) if "state=decide" in card.url]
    assert card.until == REPORTED + timedelta(days=2)
    assert card.urgency(SOON)[0]


def test_many_are_confirmed_together() -> None:
    contract = make_contract()
    facts = [
        report(placement, attendance(placement))[0]
        for placement in (make_placement(contract), make_placement(contract))
    ]
    say(facts[0], bulk_kinds=(Kind.ATTENDANCE,))
    client = client_of(make_user(Role.HANDLER))
    assert client.get("/facts/waiting/").content.decode().count('form="many"') == 2
    chosen = "&".join(f"facts={fact.pk}" for fact in facts)
    assert len(client.get(f"/facts/verify/?{chosen}").context["table"].rows) == 2
    assert client.post("/facts/verify/", {"facts": [fact.pk for fact in facts]}).status_code == 302
    assert Fact.objects.filter(verified=localdate()).count() == 2


def test_evidence_is_seen_by_who_may_and_each_look_leaves_an_event() -> None:
    fact, named, other = waiting(), make_user(Role.HANDLER), make_user(Role.HANDLER)
    evidence, _ = attach_evidence(fact=fact, name="a.png", content=PICTURE, by=named, now=moment(REPORTED))
    page, file = f"/facts/{fact.pk}/", f"/evidence/{evidence.pk}/"
    response = client_of(other).get(file)
    assert (b"".join(response.streaming_content), response.headers["Content-Type"]) == (PICTURE, "image/png")  # type: ignore[attr-defined]
    assert AuditEvent.objects.filter(action="view_evidence", by=other).count() == 1
    protect(fact.placement.participant, named)
    assert client_of(other).get(file).status_code == 403
    assert file not in client_of(other).get(page).content.decode()
    assert file in client_of(named).get(page).content.decode()

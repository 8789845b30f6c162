"""What pages say and do, in both languages, with their headers and their number of queries."""

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from backend.kernel.models import FINANCE, AuditEvent, User
from tests.access import ANONYMOUS
from tests.pages_town import PASSWORD, SECRET_REASON, PagesTown, make_pages_town, make_people

STAFF = {"handler", "procurement", "examiner", "decider", "auditor"}
MOST_QUERIES = {"/runs/": 6, "/runs/2/": 16, "/placements/": 6, "/placements/{pk}/": 16}
PAGES = list(MOST_QUERIES)


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[PagesTown]:
    """One committed town for all tests of this module, each of which is rolled back; a run reads what is committed."""
    with django_db_blocker.unblock():
        make_people()
        yield make_pages_town(placements=60)
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def client_of(name: str, language: str = "sv") -> Client:
    client = Client()
    if name != ANONYMOUS:
        client.force_login(User.objects.get(username=name))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_page(town: PagesTown) -> None:
    response = client_of(ANONYMOUS).get("/runs/?page=1")
    assert response.headers["Location"] == "/login/?next=/runs/%3Fpage%3D1"
    response = client_of(ANONYMOUS).post(
        "/login/", {"username": "examiner", "password": PASSWORD, "next": "/runs/?page=1"}
    )
    assert response.headers["Location"] == "/runs/?page=1"


def test_a_failed_log_in_keeps_the_name_and_says_what_to_do(town: PagesTown) -> None:
    response = client_of(ANONYMOUS, "en").post("/login/", {"username": "examiner", "password": "wrong"})
    text = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert 'value="examiner"' in text
    assert "The user name or the password is wrong." in text
    assert "Write your password." in client_of(ANONYMOUS, "en").post("/login/", {"username": "x"}).content.decode()


def test_log_out_ends_the_session_and_says_so(town: PagesTown) -> None:
    client = client_of("examiner", "en")
    assert "You are logged out" in client.post("/logout/").content.decode()
    assert client.get("/runs/").status_code == HTTPStatus.FOUND


def test_a_refusal_says_what_to_do(town: PagesTown) -> None:
    response = client_of("provider", "en").get("/runs/")
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "Your role may not see this page." in response.content.decode()


def test_pages_speak_swedish_until_english_is_chosen(town: PagesTown) -> None:
    client = client_of("examiner")
    del client.cookies[settings.LANGUAGE_COOKIE_NAME]
    response = client.get("/runs/", headers={"Accept-Language": "en"})
    assert response.headers["Content-Language"] == "sv"
    assert '<html lang="sv">' in response.content.decode()
    assert "Körningar" in response.content.decode()
    client.post("/language/", {"language": "en", "next": "/runs/"})
    text = client.get("/runs/").content.decode()
    assert '<html lang="en">' in text
    assert "Runs" in text
    assert "Körningar" not in text


def test_a_run_shows_its_sums_holds_parked_providers_and_clawbacks(town: PagesTown) -> None:
    text = client_of("examiner", "en").get("/runs/2/").content.decode()
    for expected in (
        town.second.digest,
        "computed, to be attested",
        "none yet; an examiner and a decider must sign",
        "the contract&#x27;s budget for the year is spent",
        "attendance may not begin before the placement&#x27;s first day, …",
        "clawback",
        "held",
        "−",
    ):
        assert expected in text
    assert "beslutsattest" in client_of("examiner").get("/runs/1/").content.decode()


def test_lines_are_filtered_by_provider_and_step(town: PagesTown) -> None:
    client = client_of("examiner", "en")
    line = town.second.lines.first()
    assert line is not None
    some = client.get(f"/runs/2/?step={line.step_id}&provider={line.contract.provider_id}")
    assert some.context["lines"].paginator.count == town.second.lines.filter(step=line.step_id).count()
    wrong = client.get("/runs/2/?step=0")
    assert "Select a valid choice" in wrong.content.decode()
    assert wrong.context["lines"].paginator.count == town.second.line_count


def test_placements_are_found_by_the_beginning_of_their_number(town: PagesTown) -> None:
    client = client_of("handler", "en")
    assert town.placement.number in client.get("/placements/?number=S-1").content.decode()
    assert "No placement is as you asked." in client.get("/placements/?number=X").content.decode()


def test_a_placement_says_why_and_why_not_as_of_a_day(town: PagesTown) -> None:
    client, address = client_of("handler", "en"), f"/placements/{town.placement.pk}/"
    before = client.get(f"{address}?as_of=2025-02-28").context["steps"]
    after = client.get(f"{address}?as_of=2025-03-31").context["steps"]
    assert (before[0]["code"], after[0]["code"]) == ("owed", "waiting")
    assert "reached 2025-02-10" in before[0]["summary"]
    assert after[0]["reasons"]
    unknown = client.get(f"{address}?as_of=2020-01-01")
    assert "the placement was not known yet" in unknown.content.decode()


@pytest.mark.parametrize("asked", ["", "soon", "2025-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_and_today_is_shown(town: PagesTown, asked: str) -> None:
    response = client_of("handler", "en").get(f"/placements/{town.placement.pk}/?as_of={asked}")
    assert response.status_code == HTTPStatus.OK
    assert "Write the day" in response.content.decode()


def test_reasons_of_interruptions_are_hidden_from_finance(town: PagesTown) -> None:
    address = f"/placements/{town.placement.pk}/"
    for name in STAFF:
        assert (SECRET_REASON in client_of(name).get(address).content.decode()) == (name not in FINANCE)


def test_every_look_at_a_placement_is_in_the_audit_trail(town: PagesTown) -> None:
    client_of("auditor").get(f"/placements/{town.placement.pk}/?as_of=2025-02-28")
    event = AuditEvent.objects.get(action="view_placement")
    assert event.by is not None
    assert (event.by.username, event.object_id) == ("auditor", str(town.placement.pk))
    assert event.later == {"as_of": "2025-02-28"}


def test_pages_ask_few_questions_however_much_there_is(town: PagesTown) -> None:
    client = client_of("handler")
    for page, most in MOST_QUERIES.items():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(page.format(pk=town.placement.pk))
        assert len(queries) <= most, (page, [query["sql"] for query in queries])
    text = client.get("/runs/2/?page=2").content.decode()
    assert "Sida 2 av 2" in text


def test_pages_carry_strict_headers_and_nothing_inline(town: PagesTown) -> None:
    client = client_of("handler")
    for page in (*PAGES, "/login/", "/nowhere/"):
        response = client.get(page.format(pk=town.placement.pk))
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert response.headers["X-Frame-Options"] == "DENY"
        text = response.content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert not re.search(r"<script(?! src=)", text)


def test_what_is_not_there_has_a_page_of_its_own(town: PagesTown) -> None:
    client = client_of("handler", "en")
    for path in ("/nowhere/", "/runs/99/", "/placements/0/"):
        response = client.get(path)
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert "There is no such page" in response.content.decode()


def test_a_fault_has_a_page_that_needs_no_request(town: PagesTown, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError

    client = client_of("handler", "en")
    client.raise_request_exception = False
    monkeypatch.setattr("payouts.selectors.runs_with_counts", fail)
    response = client.get("/runs/")
    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Something went wrong" in response.content.decode()


def test_a_form_without_its_token_is_refused_with_a_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "<h1>" in response.content.decode()
    assert " style=" not in response.content.decode()

"""Every page as every role and as nobody, in both languages, with its headers and its number of queries."""

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.conf import settings
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from backend.benchmarks.addresses import path_of
from backend.kernel.models import AuditEvent, User
from tests.pages_town import PASSWORD, SECRET_REASON, PagesTown, make_pages_town, make_people

STAFF = {"handler", "procurement", "examiner", "decider", "auditor"}
FINANCE = {"examiner", "decider"}
ROLES = {*STAFF, "provider", "administrator"}
EVERYBODY = {*ROLES, "nobody"}
ANONYMOUS = "anonymous"
ANYONE = {*EVERYBODY, ANONYMOUS}
OFFICERS_AND_PROVIDER = {"procurement", "auditor", "provider"}  # who sees what providers hand in

# Who may open each address: a new one without an entry here fails.
ALLOWED: dict[str, set[str]] = {
    "": ROLES,
    "search/": STAFF,
    "login/": ANYONE,
    "logout/": set(),  # only by POST
    "account/reauthenticate/": EVERYBODY,
    "account/password/": EVERYBODY,
    "account/second-factor/": EVERYBODY,
    "account/second-factor/authenticate/": ANYONE,  # while logging in; else it leads on
    "account/second-factor/reauthenticate/": EVERYBODY,
    "account/second-factor/totp/activate/": EVERYBODY,
    "account/second-factor/totp/deactivate/": set(),  # needs a second factor
    "account/second-factor/webauthn/": EVERYBODY,
    "account/second-factor/webauthn/add/": EVERYBODY,
    "account/second-factor/webauthn/reauthenticate/": EVERYBODY,
    "account/second-factor/webauthn/keys/<int:pk>/remove/": EVERYBODY,  # asks for the password first
    "account/second-factor/webauthn/keys/<int:pk>/edit/": EVERYBODY,
    "account/second-factor/recovery-codes/": set(),  # needs a second factor
    "account/second-factor/recovery-codes/generate/": EVERYBODY,
    "account/second-factor/recovery-codes/download/": set(),  # needs a second factor
    "account/sessions/": EVERYBODY,
    "account/inactive/": ANYONE,
    "account/new-password/<uidb64>/<token>/": ANYONE,
    "account/city/oidc/^(?P<provider_id>[^/]+)/login/": set(),  # there is no such provider
    "account/city/oidc/^(?P<provider_id>[^/]+)/login/callback/": set(),
    "account/city/error/": set(),  # an answer of its own, 401
    "account/city/cancelled/": ANYONE,
    "accounts/": {"administrator"},
    "accounts/new/": {"administrator"},
    "accounts/<int:pk>/": {"administrator"},
    "accounts/<int:pk>/roles/": {"administrator"},
    "accounts/<int:pk>/close/": {"administrator"},
    "accounts/<int:pk>/open/": {"administrator"},
    "accounts/<int:pk>/sessions/": {"administrator"},
    "accounts/<int:pk>/password/": {"administrator"},
    "audit/": {"auditor"},
    "accessibility/": ANYONE,
    "language/": ANYONE,
    "theme/": set(),  # only by POST
    "health/": ANYONE,
    "providers/": {*STAFF, "administrator"},
    "providers/new/": {"procurement"},
    "providers/<int:pk>/": {*STAFF, "administrator"},
    "providers/<int:pk>/change/": {"procurement"},
    "providers/<int:pk>/tax/": {"procurement", *FINANCE},
    "providers/<int:pk>/account/": FINANCE,
    "providers/<int:pk>/group/": {"procurement", "handler"},
    "providers/<int:pk>/subcontractor/": {"procurement"},
    "providers/<int:pk>/member/": {"procurement", "administrator"},
    "providers/<int:pk>/system/": {"procurement", "administrator"},
    "systems/<int:pk>/rotate/": {"procurement", "administrator"},
    "systems/<int:pk>/revoke/": {"procurement", "administrator"},
    "bank-accounts/<int:pk>/confirm/": FINANCE,
    "bank-accounts/<int:pk>/end/": FINANCE,
    "subcontractors/<int:pk>/end/": {"procurement"},
    "memberships/<int:pk>/end/": {"procurement", "administrator"},
    "requirements/": {*STAFF, "provider"},
    "requirements/<int:pk>/": {*STAFF, "provider"},
    "services/<int:pk>/requirements/": {"procurement"},
    "services/<int:pk>/requirements/add/": {"procurement"},
    "services/<int:pk>/requirements/publish/": {"procurement"},
    "requirement-drafts/<int:pk>/": {"procurement"},
    "requirement-drafts/<int:pk>/remove/": {"procurement"},
    "authorisations/": OFFICERS_AND_PROVIDER,
    "applications/": OFFICERS_AND_PROVIDER,
    "applications/new/": {"procurement", "provider"},
    "applications/<int:pk>/": OFFICERS_AND_PROVIDER,
    "applications/<int:pk>/submit/": {"procurement", "provider"},
    "applications/<int:pk>/withdraw/": {"procurement", "provider"},
    "applications/<int:pk>/register/": {"procurement"},
    "applications/<int:pk>/return/": {"procurement"},
    "applications/<int:pk>/propose/": {"procurement"},
    "applications/<int:pk>/<int:requirement>/evidence/": {"procurement", "provider"},
    "applications/<int:pk>/<int:requirement>/assess/": {"procurement"},
    "application-evidence/<int:pk>/": OFFICERS_AND_PROVIDER,
    "decisions/<int:pk>/": OFFICERS_AND_PROVIDER,
    "decisions/<int:pk>/answer/": {"provider"},
    "decisions/<int:pk>/return/": {"procurement"},
    "decisions/<int:pk>/decide/": {"procurement"},
    "decisions/<int:pk>/document/": OFFICERS_AND_PROVIDER,
    "providers/<int:pk>/measure/": {"procurement"},
    "providers/<int:pk>/visit/": {"procurement"},
    "providers/<int:pk>/complaint/": {"procurement", "handler"},
    "providers/<int:pk>/deviation/": {"procurement"},
    "complaints/<int:pk>/settle/": {"procurement"},
    "deviations/": OFFICERS_AND_PROVIDER,
    "deviations/<int:pk>/": OFFICERS_AND_PROVIDER,
    "deviations/<int:pk>/answer/": {"provider"},
    "deviations/<int:pk>/reopen/": {"procurement"},
    "deviations/<int:pk>/close/": {"procurement"},
    "subcontractors/<int:pk>/check/": {"procurement"},
    "register/": ANYONE,
    "register.csv": ANYONE,
    "register.json": ANYONE,
    "contracts/": STAFF,
    "contracts/new/": {"procurement"},
    "contracts/<int:pk>/": STAFF,
    "contracts/<int:pk>/amend/": {"procurement"},
    "contracts/<int:pk>/terms/": {"procurement"},
    "contracts/<int:pk>/budget/": {"procurement", *FINANCE},
    "contracts/<int:pk>/verification/": {"procurement"},
    "services/": STAFF,
    "services/new/": {"procurement"},
    "courses/": STAFF,
    "courses/new/": {"procurement"},
    "models/": STAFF,
    "models/<int:pk>/": STAFF,
    "models/<int:pk>/changes/": STAFF,
    "drafts/new/": {"procurement"},
    "drafts/<int:pk>/": {"procurement"},
    "drafts/<int:pk>/head/": {"procurement"},
    "drafts/<int:pk>/add/<slug:trigger>/": {"procurement"},
    "drafts/<int:pk>/steps/<str:code>/": {"procurement"},
    "drafts/<int:pk>/steps/<str:code>/remove/": {"procurement"},
    "drafts/<int:pk>/steps/<str:code>/up/": {"procurement"},
    "drafts/<int:pk>/propose/": {"procurement"},
    "drafts/<int:pk>/publish/": {"procurement"},
    "drafts/<int:pk>/discard/": {"procurement"},
    "drafts/<int:pk>/try/": {"procurement"},
    "drafts/<int:pk>/simulate/": {"procurement"},
    "simulations/<int:pk>/": {"procurement"},
    "components/": set(),  # where DEBUG or DEMONSTRATION is set
    "facts/waiting/": {"handler", "auditor"},
    "facts/verify/": {"handler"},
    "facts/<int:pk>/": {"handler", "auditor"},
    "facts/<int:pk>/verify/": {"handler"},
    "facts/<int:pk>/reject/": {"handler"},
    "facts/<int:pk>/ask/": {"handler"},
    "facts/<int:pk>/undo/": {"handler"},
    "facts/<int:pk>/attach/": {"handler"},
    "evidence/<int:pk>/": {"handler", "auditor"},
    "facts/asked/": {"provider"},
    "reports/missing/": {"provider"},
    "placements/<int:pk>/change/": {"handler"},
    "placements/<int:pk>/return/": {"handler"},
    "placements/<int:pk>/follow-ups/new/": {"handler"},
    "participants/": {"handler"},
    "participants/new/": {"handler"},
    "participants/<int:pk>/background/": {"handler"},
    "participants/<int:pk>/refer/": {"handler"},
    "participants/<int:pk>/refer/<int:contract>/<str:day>/": {"handler"},
    "registers/": {"handler", "procurement", "auditor"},
    "registers/new/": {"handler"},
    "registers/ground/": {"procurement"},
    "registers/<int:pk>/": {"handler", "procurement", "auditor"},
    "register-rows/": {"handler", "auditor"},
    "register-rows/<int:pk>/match/": {"handler"},
    "participants/find/": {"handler"},
    "participants/<int:pk>/": {"handler"},
    "participants/<int:pk>/identities/": {"handler"},
    "participants/<int:pk>/identities/new/": {"handler"},
    "participants/<int:pk>/protect/": {"handler"},
    "participants/<int:pk>/protection/lift/": {"handler"},
    "participants/<int:pk>/protection/name/": {"handler"},
    "participants/<int:pk>/protection/named/<int:named>/end/": {"handler"},
    "effect/": {"procurement", "auditor"},
    "runs/": STAFF,
    "runs/<int:sequence>/": STAFF,
    "runs/new/": FINANCE,
    "runs/preview/": FINANCE,
    "runs/<int:sequence>/examine/": {"examiner"},
    "runs/<int:sequence>/findings/": STAFF,
    "runs/<int:sequence>/attest/": FINANCE,
    "runs/<int:sequence>/cancel/": FINANCE,
    "runs/<int:sequence>/export/": FINANCE | {"procurement", "auditor"},
    "findings/<int:pk>/answer/": {"examiner"},
    "statements/": STAFF,
    "statements/<int:pk>/": STAFF,
    "samples/": STAFF,
    "samples/new/": {"handler"},
    "samples/<int:pk>/": STAFF,
    "sampled-facts/<int:pk>/": {"handler"},
    "error-rates/": STAFF,
    "recoveries/": {*STAFF, "provider"},
    "recoveries/new/": {"procurement"},
    "recoveries/<int:pk>/": {*STAFF, "provider"},
    "recoveries/<int:pk>/reply/": {"provider"},
    "recoveries/<int:pk>/decide/": {"decider"},
    "placements/": STAFF,
    "placements/<int:pk>/": STAFF,
    "scorecards/": STAFF,
    "scorecards/new/": {"procurement"},
    "scorecards/<int:pk>/": STAFF,
    "scorecards/<int:pk>/hearing/": {"procurement"},
    "scorecards/<int:pk>/revise/": {"procurement"},
    "scorecards/<int:pk>/finalise/": {"procurement"},
    "scorecards/<int:pk>/discard/": {"procurement"},
    "scorecards/<int:pk>/documents/": {"procurement", "auditor"},
    "scorecards/<int:pk>/diagnostics/": STAFF,
    "archives/<int:pk>/": {"procurement", "auditor"},
    "cards/": {"provider"},
    "cards/<int:pk>/": STAFF | {"provider"},
    "cards/<int:pk>/answer/": {"provider"},
    "cards/<int:pk>/review/": {"procurement"},
    "reviews/": STAFF,
    "reviews/<int:pk>/": STAFF,
    "reviews/<int:pk>/decide/": {"procurement"},
    "thresholds/": STAFF,
    "thresholds/new/": {"procurement"},
    "targets/": STAFF,
    "targets/new/": {"procurement"},
}
LEADS_ON = ("/", "/login/", "/account/")  # within what anybody may do with an account
MOST_QUERIES = {"/runs/": 5, "/runs/2/": 16, "/placements/": 7, "/placements/{pk}/": 20}
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


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if str(pattern.pattern).startswith("api/"):
            continue  # tests/test_api_access.py
        if isinstance(pattern, URLPattern):
            yield f"{before}{pattern.pattern}"
        else:
            yield from patterns(pattern, f"{before}{pattern.pattern}")


def address(pattern: str) -> str:
    of_a_library = pattern.replace("^(?P<provider_id>[^/]+)", "none").replace("<uidb64>/<token>", "x/y")
    return path_of(re.sub(r"^(account/.*)<int:pk>", r"\g<1>0", of_a_library))


def is_open(response: HttpResponseBase, client_is_known: bool) -> bool:
    """Whether a page was shown, or led on as it should; who is not logged in is led to the log-in page."""
    there = response.headers.get("Location", "").partition("?")[0]
    return (
        response.status_code == HTTPStatus.OK
        or there in ("/", "/account/second-factor/totp/activate/")
        or (client_is_known and there.startswith(LEADS_ON[2]))
        or (there == "/login/" and "next" not in response.headers["Location"])
    )


def test_every_address_has_an_entry() -> None:
    assert set(patterns(get_resolver())) == set(ALLOWED)


def test_each_role_opens_what_it_may_and_nothing_else(town: PagesTown) -> None:
    for name in (*sorted(EVERYBODY), ANONYMOUS):
        client = client_of(name)
        for pattern, allowed in ALLOWED.items():
            response = client.get(address(pattern))
            found = is_open(response, name != ANONYMOUS)
            assert found == (name in allowed), (name, pattern, response.status_code, response.headers.get("Location"))


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_page(town: PagesTown) -> None:
    response = client_of(ANONYMOUS).get("/runs/?page=1")
    assert response.headers["Location"] == "/login/?next=/runs/%3Fpage%3D1"
    response = client_of(ANONYMOUS).post(
        "/login/", {"login": "examiner", "password": PASSWORD, "next": "/runs/?page=1"}
    )
    assert response.headers["Location"] == "/runs/?page=1"


def test_a_failed_log_in_keeps_the_name_and_says_what_to_do(town: PagesTown) -> None:
    response = client_of(ANONYMOUS, "en").post("/login/", {"login": "examiner", "password": "wrong"})
    text = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert 'value="examiner"' in text
    assert "The user name or the password is wrong." in text
    assert "Write your password." in client_of(ANONYMOUS, "en").post("/login/", {"login": "x"}).content.decode()


def test_log_out_ends_the_session_and_says_so(town: PagesTown) -> None:
    client = client_of("examiner", "en")
    assert "You are logged out" in client.post("/logout/").content.decode()
    assert client.get("/runs/").status_code == HTTPStatus.FOUND


def test_who_may_not_see_a_page_is_told_why(town: PagesTown) -> None:
    for name, why in (("provider", "This page is not for your role."), ("nobody", "Your account has no role")):
        response = client_of(name, "en").get("/runs/")
        assert response.status_code == HTTPStatus.FORBIDDEN
        assert why in response.content.decode()


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
    line = town.second.lines.exclude(fact=None).first()
    assert line is not None
    assert f'href="/placements/{line.placement_id}/#fact-{line.fact_id}"' in text
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
    assert "No placement matches what you chose." in client.get("/placements/?number=X").content.decode()


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
        assert (SECRET_REASON in client_of(name).get(address).content.decode()) == (name not in ("examiner", "decider"))


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
        assert not re.search(r"<script(?![^>]* src=)", text)


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
    response = Client(enforce_csrf_checks=True).post("/login/", {"login": "x", "password": "y"})
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "<h1>" in response.content.decode()
    assert " style=" not in response.content.decode()

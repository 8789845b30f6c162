"""Who comes in through the API: credentials, scopes, quota, and that a provider sees its own and nothing else."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from pytest_django import DjangoAssertNumQueries, Settings

from backend.kernel.models import AuditEvent, Role
from outcomes.models import Fact
from outcomes.services import ask_for_more, reject_facts
from providers.api import ProviderView
from providers.models import ApiSecret, Scope
from providers.services import end_membership, revoke_credentials, rotate_secret
from tests.api_client import BASE, FORM, System, ask_token, basic
from tests.town import Town, attendance, noon, person

pytestmark = pytest.mark.django_db

START = date(2025, 1, 15)
PUBLIC = {"index", "schema", "docs", "problem", "token", "revoke", None}  # None: an unknown address
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def town() -> Town:
    town = Town()
    town.refer("P-1", date(2025, 1, 10), START)
    town.report(date(2025, 2, 1), attendance("a", "P-1", START, date(2025, 1, 31), 10))
    return town


@pytest.fixture
def system(town: Town) -> System:
    return System(town.provider)


@pytest.fixture
def stranger(town: Town) -> System:
    """A system of another provider, whose placement and fact are called as those of the first."""
    other = Town(number=2)
    other.refer("P-9", date(2025, 1, 10), START)
    return System(other.provider)


def administrator() -> dict[str, Any]:
    return {"by": person("administratör", Role.ADMINISTRATOR), "now": timezone.now()}


# --- credentials


def test_a_secret_gives_a_token_and_neither_is_kept(system: System) -> None:
    assert system.get("placements/").status_code == 200
    assert not AccessToken.objects.exclude(token="").exists()
    assert not ApiSecret.objects.filter(digest=system.issued.secret).exists()
    assert not Application.objects.get().client_secret.endswith(system.issued.secret)


def test_identifier_and_secret_may_stand_in_the_form(system: System) -> None:
    form = f"grant_type=client_credentials&client_id={system.issued.client_id}&client_secret={system.issued.secret}"
    answer = Client().post(f"{BASE}/token/", form, content_type=FORM)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}


@pytest.mark.parametrize("secret", ["", "wrong", "\x00"])
def test_a_wrong_secret_gives_none(system: System, secret: str) -> None:
    answer = ask_token(system.issued.client_id, secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic /////w==", "Basic YQ==", "Bearer a"])
def test_a_broken_header_gives_none(system: System, header: str) -> None:
    form = "grant_type=client_credentials"
    answer = Client().post(f"{BASE}/token/", form, content_type=FORM, headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_has_no_more_than_the_scopes_asked_for_and_granted(town: Town) -> None:
    system = System(town.provider, scopes=(Scope.FACTS_READ, Scope.FACTS_WRITE))
    assert ask_token(system.issued.client_id, system.issued.secret, scope="payments:read").status_code == 400
    answer = ask_token(system.issued.client_id, system.issued.secret, scope="facts:read")
    system.token = answer.json()["access_token"]  # type: ignore[attr-defined]
    assert system.get("facts/").status_code == 200
    assert system.post("facts/", {}).json()["code"] == "not_permitted"


def test_other_grants_are_not_to_be_had(system: System) -> None:
    for grant in ("password", "authorization_code", "refresh_token", ""):
        assert ask_token(system.issued.client_id, system.issued.secret, grant_type=grant).status_code == 400


def test_a_secret_is_renewed_without_downtime(system: System) -> None:
    old = system.issued
    new = rotate_secret(client=old.client, grace_days=7, **administrator())
    assert [ask_token(old.client_id, secret).status_code for secret in (old.secret, new.secret)] == [200, 200]
    ApiSecret.objects.filter(valid_until__isnull=False).update(valid_until=timezone.now() - timedelta(seconds=1))
    assert [ask_token(old.client_id, secret).status_code for secret in (old.secret, new.secret)] == [401, 200]
    assert system.get("placements/").status_code == 200


def test_revoked_credentials_end_at_once(system: System) -> None:
    revoke_credentials(client=system.issued.client, **administrator())
    assert system.get("placements/").status_code == 401
    assert ask_token(system.issued.client_id, system.issued.secret).status_code == 401


def test_so_do_those_of_an_ended_membership_and_a_closed_account(system: System, stranger: System) -> None:
    end_membership(membership=system.issued.client.membership, **administrator())
    assert system.get("placements/").status_code == 401
    user = stranger.issued.client.membership.user
    user.is_active = False
    user.save()
    assert stranger.get("placements/").status_code == 401


def test_a_token_is_revoked_by_its_own_client_only(system: System, stranger: System) -> None:
    def revoke(by: System) -> None:
        header = {"Authorization": basic(by.issued.client_id, by.issued.secret)}
        answer = Client().post(f"{BASE}/token/revoke/", f"token={system.token}", content_type=FORM, headers=header)
        assert answer.status_code == 200

    revoke(stranger)
    assert system.get("placements/").status_code == 200
    revoke(system)
    assert system.get("placements/").status_code == 401


def test_a_token_that_has_run_out_is_told_so(system: System) -> None:
    AccessToken.objects.update(expires=timezone.now())
    answer = system.get("placements/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_done_with_credentials_is_noted(system: System) -> None:
    rotate_secret(client=system.issued.client, grace_days=0, **administrator())
    revoke_credentials(client=system.issued.client, **administrator())
    events = AuditEvent.objects.filter(object_type="providers.apiclient").order_by("pk")
    assert [event.action for event in events] == ["issue_credentials", "rotate_secret", "revoke_credentials"]
    assert system.issued.secret not in str([event.later for event in events])


# --- every address


def addresses() -> Iterator[tuple[str | None, URLPattern]]:
    (resolver,) = (each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/")
    assert isinstance(resolver, URLResolver)
    for pattern in resolver.url_patterns:
        assert isinstance(pattern, URLPattern)
        yield pattern.name, pattern


PROVIDERS_OWN = [(name, pattern) for name, pattern in addresses() if name not in PUBLIC]


def filled(pattern: URLPattern) -> str:
    """The address of something of the first provider."""
    path = str(pattern.pattern).replace("<str:number>", "P-1").replace("<path:identifier>", "a")
    assert "<" not in path
    return path


def methods(pattern: URLPattern) -> list[str]:
    view = pattern.callback.cls  # type: ignore[attr-defined]
    return [method for method in METHODS if hasattr(view, method.lower())]


def test_addresses_that_are_not_public_are_for_providers_systems() -> None:
    for name, pattern in PROVIDERS_OWN:
        view = pattern.callback.cls  # type: ignore[attr-defined]
        assert issubclass(view, ProviderView), name
        assert set(view.scopes) == set(methods(pattern)), name


def test_without_a_token_nothing_is_told(town: Town) -> None:
    for name, pattern in PROVIDERS_OWN:
        for method in methods(pattern):
            for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
                answer = Client().generic(method, f"{BASE}/{filled(pattern)}", headers=headers)
                assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), name


def test_without_its_scope_no_method_is_permitted(town: Town) -> None:
    for name, pattern in PROVIDERS_OWN:
        for method in methods(pattern):
            needed = pattern.callback.cls.scopes[method]  # type: ignore[attr-defined]
            others = tuple(scope for scope in Scope.values if scope != needed)
            answer = System(town.provider, scopes=others).ask(method, filled(pattern))
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), (name, method)


def test_what_is_another_providers_is_not_there(system: System, stranger: System) -> None:
    facts = Fact.objects.count()
    for name, pattern in PROVIDERS_OWN:
        if "<" in str(pattern.pattern):
            for method in methods(pattern):
                body = {"id": "a", "placement": "P-1", "kind": "exit", "on": "2025-03-01"}
                answer = stranger.ask(method, filled(pattern), body, If_Match='"x"')
                assert answer.status_code == 404, (name, method)
        elif "GET" in methods(pattern):
            assert "P-1" not in stranger.get(filled(pattern)).content.decode(), name
    assert stranger.get("facts/?placement=P-1").json()["items"] == []
    assert stranger.get("facts/?id=a").json()["items"] == []
    (item,) = stranger.report({"id": "x", "placement": "P-1", "kind": "exit", "on": "2025-03-01"})
    assert item["errors"][0]["code"] == "unknown_placement"
    (item,) = stranger.report({"id": "x", "placement": "P-9", "kind": "exit", "on": "2025-03-01", "replaces": "a"})
    assert item["errors"][0]["code"] == "replaces_unknown"
    assert Fact.objects.count() == facts
    assert system.get("facts/a/").status_code == 200


@pytest.mark.parametrize(
    "path", ["nowhere/", "placements/P-1", "facts/a%00b/", "placements/P-1%0a/", "", "problems/x/"]
)
def test_an_unknown_address_is_a_problem_too(system: System, path: str) -> None:
    answer = system.get(path) if path else system.get("/api/v1/nowhere/%00")
    assert answer.status_code in (301, 404)
    if answer.status_code == 404 and "problems" not in path:
        assert answer.json()["code"] == "not_found"


def test_a_method_that_is_not_there_is_a_problem(system: System) -> None:
    for method in ("DELETE", "OPTIONS", "PATCH"):
        answer = system.ask(method, "placements/")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


# --- what each request has


def test_requests_are_counted_in_a_minute(system: System, stranger: System, settings: Settings) -> None:
    settings.API_REQUESTS = 2
    first, second, third = (system.get("facts/") for _ in range(3))
    assert first.headers["RateLimit-Policy"] == '"client";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"client";r=1;t=')
    assert second.headers["RateLimit"].startswith('"client";r=0;t=')
    assert (third.status_code, third.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(third.headers["Retry-After"]) <= 60
    assert stranger.get("facts/").status_code == 200


def test_request_ids_come_in_and_go_out_and_stand_in_the_log(system: System, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "api"):
        answer = system.get("facts/", X_Request_ID="their-own.1")
        assert answer.headers["X-Request-ID"] == "their-own.1"
        made = system.get("facts/", X_Request_ID="bad\nid").headers["X-Request-ID"]
    assert len(made) == 32
    assert "GET /api/v1/facts/ 200" in caplog.text


def test_who_reads_what_is_noted_once_a_page(system: System) -> None:
    system.get("placements/")
    system.get("placements/P-1/")
    system.get("facts/?placement=P-1")
    events = AuditEvent.objects.filter(action="read").order_by("pk")
    assert [(event.object_type, event.later and event.later["names"]) for event in events] == [
        ("outcomes.placement", ["P-1"]),
        ("outcomes.placement", ["P-1"]),
        ("outcomes.fact", ["a"]),
    ]
    assert {event.by for event in events} == {system.issued.client.membership.user}


def test_a_page_costs_the_same_however_long_it_is(
    town: Town, system: System, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(2, 20):
        town.refer(f"P-{number}0", date(2025, 1, 10), START)
        fact = attendance(f"a{number}", f"P-{number}0", START, date(2025, 1, 31), 10)
        town.tell(date(2025, 2, 1), fact)
    with django_assert_max_num_queries(8):
        assert len(system.get("placements/").json()["items"]) == 19
    with django_assert_max_num_queries(9):
        assert len(system.get("facts/").json()["items"]) == 19


# --- reading


def test_placements_come_in_the_order_in_which_they_changed(town: Town, system: System) -> None:
    for number in range(2, 6):
        town.refer(f"P-{number}", date(2025, 1, 10 + number), START)
    town.verify(date(2025, 3, 1), list(Fact.objects.values_list("pk", flat=True)))
    first = system.get("placements/?limit=3").json()
    assert [item["number"] for item in first["items"]] == ["P-2", "P-3", "P-4"]
    second = system.get(first["next"]).json()
    assert [item["number"] for item in second["items"]] == ["P-5", "P-1"]
    assert second["next"] is None
    since = noon(date(2025, 2, 1)).isoformat().replace("+", "%2B")
    assert [item["number"] for item in system.get(f"placements/?updated_since={since}").json()["items"]] == ["P-1"]
    assert first["items"][0] == {
        "number": "P-2",
        "participant": "P-2",
        "is_protected": False,
        "contract": "K-1",
        "payment_model": "stockholm-auktorisation 1",
        "tier": first["items"][0]["tier"],
        "price": None,
        "referred_on": "2025-01-12",
        "starts_on": "2025-01-15",
        "ended_on": None,
        "updated_at": "2025-01-12T11:00:00Z",
    }


def test_facts_say_how_they_stand(town: Town, system: System) -> None:
    facts = [attendance(name, "P-1", date(2025, 2, day), date(2025, 2, day), 1) for day, name in enumerate("bcdefg", 1)]
    b, c, d, e, f, _ = town.report(date(2025, 2, 9), *facts)
    town.verify(date(2025, 2, 10), [b, d, f])
    reject_facts(facts=[c], reason_code="evidence_missing", by=town.handler, now=noon(date(2025, 2, 11)))
    ask_for_more(facts=[e], reason_code="evidence_unclear", by=town.handler, now=noon(date(2025, 2, 11)))
    town.tell(date(2025, 2, 12), attendance("d2", "P-1", date(2025, 2, 3), date(2025, 2, 3), 0, replaces="d"))
    gone = town.report(date(2025, 2, 12), facts[4]._replace(external_id="f2", replaces="f", withdrawn=True))
    town.verify(date(2025, 2, 12), gone, by=person("another", Role.HANDLER))
    stands = {item["fact"]["id"]: item for item in system.get("facts/").json()["items"]}
    assert {name: item["standing"] for name, item in stands.items()} == {
        "a": "waiting", "b": "verified", "c": "rejected", "d": "corrected", "d2": "verified", "e": "more_asked",
        "f": "corrected", "f2": "withdrawal", "g": "waiting",
    }  # fmt: skip
    decided = {"decision": "rejected", "at": "2025-02-11T11:00:00Z", "reason": "evidence_missing"}
    assert stands["c"]["decisions"] == [decided]
    assert stands["d"]["replaced_by"] == "d2"
    for standing in {item["standing"] for item in stands.values()}:
        found = [item["fact"]["id"] for item in system.get(f"facts/?standing={standing}").json()["items"]]
        assert found == [name for name, item in stands.items() if item["standing"] == standing]


def test_what_has_not_changed_is_not_sent_again(town: Town, system: System) -> None:
    for path in ("facts/a/", "placements/P-1/"):
        tag = system.get(path).headers["ETag"]
        again = system.get(path, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    town.verify(date(2025, 3, 1), list(Fact.objects.values_list("pk", flat=True)))
    for path in ("facts/a/", "placements/P-1/"):
        assert system.get(path, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ("limit=0", "whole_number", "limit"),
        ("limit=x", "whole_number", "limit"),
        ("limit=501", "whole_number", "limit"),
        ("cursor=x", "cursor", "cursor"),
        ("cursor=WzFd", "cursor", "cursor"),
        ("updated_since=2025-01-01", "moment", "updated_since"),
        ("updated_since=2025-01-01T00:00:00", "moment", "updated_since"),
        ("colour=red", "unknown_key", "colour"),
    ],
)
def test_a_wrong_parameter_is_named(system: System, query: str, code: str, name: str) -> None:
    answer = system.get(f"placements/?{query}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == (code, name)

"""Log-in through the city: against a real provider of OpenID Connect, which runs in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django.fixtures import Settings

from backend.kernel.models import Role, User
from backend.kernel.second_factor import mfa_fresh
from tests.small_world import make_user

pytestmark = pytest.mark.django_db
PROVIDER = Path(__file__).with_name("oidc_provider.py")
SECRET = "between us"


@pytest.fixture
def city(settings: Settings) -> Iterator[Callable[..., None]]:
    """Starts a provider that takes everybody for the named one, and makes it the city's log-in."""
    with ExitStack() as running:

        def start(username: str, secret: str = SECRET) -> None:
            command = [sys.executable, str(PROVIDER), username]
            process = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            running.callback(process.kill)
            assert process.stdout
            app = {"provider_id": "city", "name": "Staden", "client_id": "utfall", "secret": secret}
            app["settings"] = {"server_url": process.stdout.readline().strip()}  # type: ignore[assignment]
            settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}

        yield start


def log_in(client: Client) -> object:
    """Go to the city and come back. Gives the last answer."""
    there = client.post("/account/city/oidc/city/login/").headers["Location"]
    address = urlsplit(there)
    connection = HTTPConnection(address.netloc)
    connection.request("GET", f"{address.path}?{address.query}")
    back = urlsplit(connection.getresponse().headers["Location"] or "")
    connection.close()
    return client.get(f"{back.path}?{back.query}")


def is_logged_in(client: Client) -> bool:
    return client.get("/").status_code == HTTPStatus.OK


def test_an_officer_logs_in_through_the_city_and_stays_the_same_account(city: Callable[..., None]) -> None:
    officer = make_user(Role.HANDLER)
    city(officer.username)
    assert "Logga in med Staden" in Client().get("/login/").content.decode()
    for _ in range(2):
        client = Client()
        log_in(client)
        assert is_logged_in(client)
        assert client.session["_auth_user_id"] == str(officer.pk)
    assert SocialAccount.objects.get().user == officer


def test_who_has_no_account_is_told_so_and_gets_none(city: Callable[..., None]) -> None:
    city("a.stranger")
    client = Client()
    log_in(client)
    assert "Det finns inget konto för ”a.stranger”." in client.get("/login/").content.decode()
    assert not is_logged_in(client)
    assert not User.objects.filter(username="a.stranger").exists()


def test_a_closed_account_stays_closed(city: Callable[..., None]) -> None:
    officer = make_user(Role.HANDLER)
    city(officer.username)
    log_in(Client())
    User.objects.filter(pk=officer.pk).update(is_active=False)
    client = Client()
    log_in(client)
    assert not is_logged_in(client)


def test_a_city_that_does_not_know_this_site_lets_nobody_in(city: Callable[..., None]) -> None:
    officer = make_user(Role.HANDLER)
    city(officer.username, secret="another")
    client = Client()
    response = log_in(client)
    assert response.headers["Location"] == "/login/"  # type: ignore[attr-defined]
    assert not is_logged_in(client)


@pytest.mark.parametrize("asks_for_one", [True, False])
def test_the_citys_second_factor_counts_where_it_always_asks_for_one(
    city: Callable[..., None], settings: Settings, asks_for_one: bool
) -> None:
    settings.STAFF_MFA, settings.OIDC_SECOND_FACTOR = True, asks_for_one
    officer = make_user(Role.HANDLER)
    city(officer.username)
    client = Client()
    log_in(client)
    response = client.get("/")
    assert (response.status_code == HTTPStatus.OK) == asks_for_one
    assert mfa_fresh(response.wsgi_request, minutes=5) == asks_for_one
    assert not mfa_fresh(response.wsgi_request, minutes=0)


def test_the_policy_lets_the_form_lead_to_the_city_and_nowhere_else() -> None:
    said = "from backend.settings import CONTENT_SECURITY_POLICY as policy; print(policy['form-action'])"
    environment = {**os.environ, "OIDC_SERVER": "https://login.example.com/realms/city"}
    answer = subprocess.run([sys.executable, "-c", said], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "'self' https://login.example.com"

"""Accounts: administrators make, change and close them; staff need a second factor; attempts to log in are counted."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.test.utils import override_settings
from pytest_django.fixtures import Settings

from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.second_factor import mfa_fresh, renew_factors
from tests.pages_town import PASSWORD, make_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Iterator[dict[str, User]]:
    make_people()
    yield {user.username: user for user in User.objects.all()}
    cache.clear()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def log_in(name: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/login/", {"login": name, "password": password})
    return client


def is_logged_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_an_account_is_made_and_its_owner_sets_a_password(people: dict[str, User]) -> None:
    admin = client_of(people["administrator"])
    made = admin.post("/accounts/new/", {"username": "nina", "first_name": "Nina", "roles": ["handler", "auditor"]})
    nina = User.objects.get(username="nina")
    assert made.headers["Location"] == f"/accounts/{nina.pk}/"
    assert nina.roles == ["handler", "auditor"]
    assert not nina.has_usable_password()
    text = admin.post(f"/accounts/{nina.pk}/password/", follow=True).content.decode()
    (link,) = re.findall(r"http://testserver(/account/new-password/\S+?/\S+?/)\s*<", text)
    page = Client().get(link, follow=True)
    owner = page.wsgi_request.path
    client = Client()
    client.get(link)
    client.post(owner, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert is_logged_in(log_in("nina"))
    assert "is too old" in client_of(people["nobody"]).get(link).content.decode()
    assert list(AuditEvent.objects.filter(object_id=str(nina.pk)).values_list("action", flat=True).order_by("pk")) == [
        "create_account",
        "make_password_link",
    ]


def test_what_is_wrong_with_an_account_stands_beside_its_field(people: dict[str, User]) -> None:
    admin = client_of(people["administrator"])
    page = admin.post("/accounts/new/", {"username": "handler", "first_name": "Åsa", "roles": ["handler"]})
    text = page.content.decode()
    assert "Another account has this user name." in text
    assert 'value="Åsa"' in text
    assert User.objects.filter(first_name="Åsa").count() == 0


def test_roles_count_from_the_next_page_on(people: dict[str, User]) -> None:
    handler = client_of(people["handler"])
    assert handler.get("/audit/").status_code == 403
    client_of(people["administrator"]).post(f"/accounts/{people['handler'].pk}/roles/", {"roles": ["auditor"]})
    assert handler.get("/audit/").status_code == 200
    event = AuditEvent.objects.get(action="change_roles")
    assert (event.earlier, event.later) == ({"roles": ["handler"]}, {"roles": ["auditor"]})


def test_nobody_changes_or_closes_their_own_account(people: dict[str, User]) -> None:
    own = people["administrator"]
    admin = client_of(own)
    for address in (f"/accounts/{own.pk}/roles/", f"/accounts/{own.pk}/close/"):
        assert "Nobody changes the roles of their own account" in admin.post(address, {"roles": []}).content.decode()
    own.refresh_from_db()
    assert own.roles == [Role.ADMINISTRATOR]
    assert own.is_active


def test_a_closed_account_is_logged_out_at_once_and_can_be_opened(people: dict[str, User]) -> None:
    handler, admin = log_in("handler"), client_of(people["administrator"])
    assert is_logged_in(handler)
    admin.post(f"/accounts/{people['handler'].pk}/close/")
    assert not is_logged_in(handler)
    assert not is_logged_in(log_in("handler"))
    admin.post(f"/accounts/{people['handler'].pk}/open/")
    assert is_logged_in(log_in("handler"))


def test_sessions_are_listed_and_can_be_ended(people: dict[str, User]) -> None:
    one, other = log_in("handler"), log_in("handler")
    assert UserSession.objects.filter(user=people["handler"]).count() == 2
    assert one.get("/account/sessions/").status_code == 200
    one.post("/account/sessions/")
    assert is_logged_in(one)
    assert not is_logged_in(other)
    client_of(people["administrator"]).post(f"/accounts/{people['handler'].pk}/sessions/")
    assert not is_logged_in(one)


def test_attempts_to_guess_a_password_are_counted(people: dict[str, User]) -> None:
    for _ in range(5):
        log_in("handler", "wrong")
    assert not is_logged_in(log_in("handler"))
    text = Client().post("/login/", {"login": "handler", "password": PASSWORD}).content.decode()
    assert "Det har varit för många försök." in text


# --- the second factor


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize("name", ["handler", "administrator"])
@override_settings(STAFF_MFA=True)
def test_staff_are_led_to_set_up_a_second_factor_before_anything_else(people: dict[str, User], name: str) -> None:
    client = log_in(name)
    assert client.get("/").headers["Location"] == "/account/second-factor/"
    assert client.get("/account/second-factor/").status_code == 200
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret
    client.post("/account/second-factor/totp/activate/", {"code": code_of(secret)})
    assert is_logged_in(client)
    again = log_in(name)
    assert not is_logged_in(again)  # the password alone is no longer enough
    again.post("/account/second-factor/authenticate/", {"code": "000000"})
    assert not is_logged_in(again)
    cache.clear()  # a code is good once
    again.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    assert is_logged_in(again)


@override_settings(STAFF_MFA=True)
def test_providers_need_no_second_factor(people: dict[str, User]) -> None:
    assert is_logged_in(log_in("provider"))


def test_recovery_codes_stand_in_for_a_lost_second_factor(people: dict[str, User]) -> None:
    TOTP.activate(people["handler"], generate_totp_secret())
    codes = RecoveryCodes.activate(people["handler"]).get_unused_codes()
    for turn in range(2):
        client = log_in("handler")
        client.post("/account/second-factor/authenticate/", {"code": codes[0]})
        assert is_logged_in(client) == (turn == 0)  # each is good once


def test_secrets_of_second_factors_stand_encrypted_and_outlast_a_change_of_keys(
    people: dict[str, User], settings: Settings
) -> None:
    old, new = "old:" + "A" * 43, "new:" + "B" * 43
    settings.IDENTITY_KEYS = old
    secret = generate_totp_secret()
    TOTP.activate(people["handler"], secret)
    RecoveryCodes.activate(people["handler"])
    for factor in Authenticator.objects.all():
        assert secret not in str(factor.data)
        assert "'old:" in str(factor.data)
    settings.IDENTITY_KEYS = f"{new},{old}"
    assert (renew_factors(), renew_factors()) == (2, 0)
    settings.IDENTITY_KEYS = new
    client = log_in("handler")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    assert is_logged_in(client)


def test_a_fresh_second_factor_is_one_of_the_last_minutes(people: dict[str, User], settings: Settings) -> None:
    secret = generate_totp_secret()
    TOTP.activate(people["handler"], secret)
    client = log_in("handler")
    client.post("/account/second-factor/authenticate/", {"code": code_of(secret)})
    request = client.get("/").wsgi_request
    settings.STAFF_MFA = True
    assert mfa_fresh(request, minutes=5)
    assert not mfa_fresh(request, minutes=0)
    assert not mfa_fresh(client_of(people["handler"]).get("/account/second-factor/").wsgi_request, minutes=5)
    settings.STAFF_MFA = False
    assert mfa_fresh(client_of(people["handler"]).get("/").wsgi_request, minutes=5)


# --- what a reader chooses


def test_light_or_dark_is_remembered(people: dict[str, User]) -> None:
    client = client_of(people["handler"])
    client.post("/theme/", {"theme": "dark", "next": "/accessibility/"})
    assert 'data-theme="dark"' in client.get("/accessibility/").content.decode()
    client.post("/theme/", {"theme": "system"})
    assert "data-theme" not in client.get("/accessibility/").content.decode()
    assert client.post("/theme/", {"theme": "dark", "next": "https://example.com/"}).headers["Location"] == "/"

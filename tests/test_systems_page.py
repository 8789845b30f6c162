"""Procurement officers and administrators give systems access on pages; a secret is shown once."""

import re

import pytest
from django.test import Client

from backend.kernel.models import Role
from providers.models import ApiClient, Scope
from tests.api_client import ask_token
from tests.town import Town, person

pytestmark = pytest.mark.django_db


def test_access_is_given_renewed_and_revoked() -> None:
    provider = Town().provider
    officer = Client()
    officer.force_login(person("administratör", Role.ADMINISTRATOR))
    given = officer.post(f"/providers/{provider.pk}/system/", {"name": "Journalen", "scopes": [Scope.FACTS_READ]})
    client = ApiClient.objects.get()

    def token(page: str) -> int:
        client_id, secret = re.findall("<code>(.+)</code>", page)
        return ask_token(client_id, secret).status_code

    assert given.headers["Cache-Control"] == "no-store"
    assert token(given.content.decode()) == 200
    assert "Journalen" in officer.get(f"/providers/{provider.pk}/").content.decode()
    renewed = officer.post(f"/systems/{client.pk}/rotate/", {"grace_days": 0})
    assert (token(given.content.decode()), token(renewed.content.decode())) == (401, 200)
    assert officer.post(f"/systems/{client.pk}/revoke/").status_code == 302
    assert token(renewed.content.decode()) == 401
    again = officer.post(f"/systems/{client.pk}/rotate/", {"grace_days": 0})
    assert "<code>" not in again.content.decode()

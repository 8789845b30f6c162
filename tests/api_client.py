"""A provider's system, as the tests of the API play it: with real credentials, over Django's test client."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone

from backend.kernel.models import Role
from providers.models import Provider, Scope
from providers.services import Issued, issue_credentials
from tests.town import person

BASE = "/api/v1"
FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


def ask_token(client_id: str, secret: str, **form: str) -> HttpResponseBase:
    content = "&".join(f"{key}={value}" for key, value in ({"grant_type": "client_credentials"} | form).items())
    headers = {"Authorization": basic(client_id, secret)}
    return Client().post(f"{BASE}/token/", content, content_type=FORM, headers=headers)


@dataclass
class System:
    """A system of a provider, with a token."""

    provider: Provider
    scopes: tuple[str, ...] = tuple(Scope.values)
    language: str = "en"
    issued: Issued = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        by = person("administratör", Role.ADMINISTRATOR)
        self.issued = issue_credentials(
            provider=self.provider, name="system", scopes=self.scopes, by=by, now=timezone.now()
        )
        answer = ask_token(self.issued.client_id, self.issued.secret)
        assert answer.status_code == 200, answer
        self.token = answer.json()["access_token"]  # type: ignore[attr-defined]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """An answer; `body` is sent as JSON, unless it is bytes. `If_Match` becomes the header If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        address = path if path.startswith(("http", "/")) else f"{BASE}/{path}"
        return Client().generic(
            method,
            address,
            data,
            content_type=kind,
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": self.language} | named,
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def report(self, *facts: dict[str, object], **headers: str) -> list[dict[str, Any]]:
        """What each of some facts came to, in bulk."""
        answer = self.post("bulk/facts/", list(facts), **headers)
        assert answer.status_code == 200, answer.content
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

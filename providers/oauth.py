"""What OAuth 2 asks of this site's clients (django-oauth-toolkit): who they are and what they may ask for."""

import base64
import binascii
from urllib.parse import unquote_plus

from django.utils import timezone
from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.common import Request

from providers.models import Scope
from providers.selectors import client_with_secret


class Clients(OAuth2Validator):
    """A client shows who it is by any of its secrets that is valid, in a Basic header or, less well, in the form."""

    def authenticate_client(self, request: Request, *args: object, **kwargs: object) -> bool:
        identifier, secret = _basic(request.headers.get("Authorization", "")) or (
            request.client_id,
            request.client_secret,
        )
        client = client_with_secret(identifier, secret, timezone.now()) if identifier and secret else None
        if client is None:
            return False
        request.client = client.application
        return True


def _basic(header: str) -> tuple[str, str] | None:
    """The identifier and secret of a Basic header, in which both are form-encoded (RFC 6749, section 2.3.1)."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        identifier, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(identifier), unquote_plus(secret)


class Scopes(BaseScopes):
    """Each client has scopes of its own; a token that asks for none has all of them."""

    def get_all_scopes(self) -> dict[str, str]:
        return {scope.value: str(scope.label) for scope in Scope}

    def get_available_scopes(
        self, application: Application | None = None, request: object = None, *args: object, **kwargs: object
    ) -> list[str]:
        return application.api_client.scopes if application else []

    get_default_scopes = get_available_scopes

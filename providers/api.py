"""The API's door for providers' systems: tokens, scopes, the provider that a request acts for, and its quota."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample
from oauth2_provider.models import AccessToken
from oauth2_provider.scopes import get_scopes_backend
from oauth2_provider.views.mixins import OAuthLibMixin
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from backend.kernel.api import JSON, ApiView, WrongParameters, answer_with, read_body
from backend.kernel.audit import record_bulk_event
from backend.kernel.errors import DomainError
from backend.kernel.models import User
from backend.kernel.schema import described, document, parameter
from providers.models import ApiClient, Provider, Scope
from providers.services import Answered, answer_once
from providers.services.idempotency import KEY_REUSED, KEY_RULES
from providers.services.limits import Use, count_request

FORM = "application/x-www-form-urlencoded"
CLIENT = "application__api_client__membership"

answer_with(HTTPStatus.UNPROCESSABLE_ENTITY, KEY_REUSED)


class BearerToken(BaseAuthentication):
    """An access token in the header Authorization. `request.auth` is the token with its client."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        access = (
            AccessToken.objects.select_related(f"{CLIENT}__provider", f"{CLIENT}__user")
            .filter(
                token_checksum=hashlib.sha256(token.encode()).hexdigest(),
                expires__gt=timezone.now(),
                application__api_client__revoked_at=None,
                application__api_client__membership__ended_at=None,
                application__api_client__membership__user__is_active=True,
            )
            .first()
        )
        if access is None:
            raise AuthenticationFailed("")
        return access.application.api_client.membership.user, access

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Utfall"'


class HasScope(BasePermission):
    """The token has the scope that the view asks for this method; a method without one is for nobody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        assert isinstance(view, ProviderView)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in view.scopes:
            return method == "OPTIONS" or not hasattr(view, method.lower())  # who asks is told that there is no such
        return request.auth is not None and view.scopes[method] in request.auth.scope.split()


class ClientQuota(BaseThrottle):
    """Counts the request; the view's answer tells what is left."""

    use: Use

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.use = count_request(client=request.auth.application.api_client, now=timezone.now())
        view.use = self.use
        return not self.use.is_exceeded

    def wait(self) -> float:
        return self.use.seconds


class ProviderView(ApiView):
    """An address for providers' systems, which see what is their provider's and nothing else."""

    authentication_classes = [BearerToken]
    permission_classes = [HasScope]
    throttle_classes = [ClientQuota]
    scopes: ClassVar[Mapping[str, Scope]] = {}  # by method
    use: Use | None = None

    @property
    def client(self) -> ApiClient:
        return self.request.auth.application.api_client

    @property
    def provider(self) -> Provider:
        return self.client.membership.provider

    @property
    def user(self) -> User:
        """The account in whose name the system acts."""
        return self.client.membership.user

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        if not all(str(part).isprintable() for part in kwargs.values()):
            raise Http404  # nothing is called so, and the database can't be asked for it

    def record_reading(self, model: type[Model], names: Sequence[str]) -> None:
        """Note who read what: one event for a page, however many rows it has."""
        later = {"names": list(names), "asked": self.request.get_full_path()}
        record_bulk_event(by=self.user, action="read", on=model, now=timezone.now(), later=later)

    def finalize_response(
        self, request: HttpRequest, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        if self.use:
            response.headers["RateLimit-Policy"] = f'"client";q={self.use.quota};w=60'
            response.headers["RateLimit"] = f'"client";r={self.use.left};t={self.use.seconds}'
            if self.use.is_exceeded:
                response.headers["Retry-After"] = str(self.use.seconds)
        return super().finalize_response(request, response, *args, **kwargs)


Handler = Callable[..., HttpResponse]
IDEMPOTENCY_KEY = parameter(
    "Idempotency-Key", "your own name for this request: if it comes again, it is answered as before", where="header"
)


def once(handler: Handler) -> Handler:
    """Let a method carry out a request with an Idempotency-Key once, however often it comes."""

    @wraps(handler)
    def answer(view: ProviderView, request: Request, *args: object, **kwargs: object) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)

        def carry_out() -> Answered:
            response = handler(view, request, *args, **kwargs)
            return Answered(response.status_code, response.content, response.headers.get("Location", ""))

        asked = f"{request.method} {request.get_full_path()}\n".encode() + read_body(request)
        try:
            known = answer_once(client=view.client, key=key, request=asked, carry_out=carry_out, now=timezone.now())
        except DomainError as error:
            if error.breaches[0].rule in KEY_RULES:
                raise WrongParameters(*error.breaches) from error
            raise
        headers = {"Location": known.location} if known.location else {}
        headers |= {"Idempotency-Replayed": "true"} if known.is_repeated else {}
        return HttpResponse(known.body, status=known.status, content_type=JSON, headers=headers)

    return answer


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes the tokens."""

    target_class = BearerToken
    name = "oauth2"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        return {self.name: [auto_schema.view.scopes[auto_schema.method].value]}

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        flow = {"tokenUrl": "/api/v1/token/", "scopes": get_scopes_backend().get_all_scopes()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


# --- tokens


class TokenAnswer(msgspec.Struct):
    """An access token (RFC 6749)."""

    access_token: str
    expires_in: int  # seconds
    token_type: str
    scope: str


class TokenProblem(msgspec.Struct, omit_defaults=True):
    """Why there is no token, in OAuth's own form (RFC 6749, section 5.2)."""

    error: str
    error_description: str = ""


class TokenRequest(msgspec.Struct, omit_defaults=True):
    """What a client asks with. It may show identifier and secret here or, better, in a Basic header."""

    grant_type: str
    scope: str = ""
    client_id: str = ""
    client_secret: str = ""


class RevocationRequest(msgspec.Struct, omit_defaults=True):
    """The token to revoke (RFC 7009)."""

    token: str
    client_id: str = ""
    client_secret: str = ""


class Token(OAuthLibMixin, ApiView):
    """Gives a token for an identifier and a secret."""

    permission_classes = [AllowAny]

    @described(
        "issue_token",
        summary="Get an access token",
        description="OAuth 2 client credentials. Without `scope` the token has all scopes of the client.",
        body={FORM: document(TokenRequest)},
        answers={
            HTTPStatus.OK: document(TokenAnswer),
            HTTPStatus.BAD_REQUEST: document(TokenProblem),
            HTTPStatus.UNAUTHORIZED: document(TokenProblem),
        },
        problems=[HTTPStatus.REQUEST_ENTITY_TOO_LARGE],
        examples=[
            OpenApiExample(
                "reading",
                {"grant_type": "client_credentials", "scope": "facts:read"},
                request_only=True,
                media_type=FORM,
            )
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        _, headers, body, status = self.create_token_response(request._request)
        return HttpResponse(body, status=status, headers=headers)


class Revocation(OAuthLibMixin, ApiView):
    """Ends a token before its time."""

    permission_classes = [AllowAny]

    @described(
        "revoke_token",
        summary="Revoke an access token",
        body={FORM: document(RevocationRequest)},
        answers={
            HTTPStatus.OK: None,
            HTTPStatus.BAD_REQUEST: document(TokenProblem),
            HTTPStatus.UNAUTHORIZED: document(TokenProblem),
        },
        problems=[HTTPStatus.REQUEST_ENTITY_TOO_LARGE],
    )
    def post(self, request: Request) -> HttpResponse:
        _, headers, body, status = self.create_revocation_response(request._request)
        return HttpResponse(body or "", status=status, headers=headers)

"""The ground of the API (docs/api.md): JSON answers, problem documents (RFC 9457), parameters, pages, entity tags.

Documents are msgspec structs, which the schema describes as they are read and written (`backend.kernel.schema`).
"""

import base64
import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any, TypeVar

import msgspec
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from backend.kernel.actions import say_breach
from backend.kernel.errors import RULES, Breach, DomainError, Rule, gettext_noop, refuse, rule
from backend.kernel.fields import WHOLE, Parser, Table
from backend.kernel.request_ids import request_id

logger = logging.getLogger("api")

Row = TypeVar("Row")

JSON, PROBLEM_JSON = "application/json", "application/problem+json"
PAGE_ITEMS, PAGE_ITEMS_MOST = 100, 500

MOMENT = rule("moment", gettext_noop("a moment with its time zone is needed, such as 2026-03-31T12:00:00+02:00"))
CURSOR = rule("cursor", gettext_noop("a cursor is taken from the address in next, as it stands"))


# --- problems


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem that is no broken rule of the data. Each status has one."""

    code: str
    status: HTTPStatus
    title: Promise


PROBLEMS = {
    problem.status: problem
    for problem in (
        Problem("malformed", HTTPStatus.BAD_REQUEST, _("The request can't be read")),
        Problem("not_authenticated", HTTPStatus.UNAUTHORIZED, _("A valid access token is needed")),
        Problem("not_permitted", HTTPStatus.FORBIDDEN, _("The access token does not permit this")),
        Problem("not_found", HTTPStatus.NOT_FOUND, _("There is no such thing, or it is another provider's")),
        Problem("method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED, _("This address does not take this method")),
        Problem("conflict", HTTPStatus.CONFLICT, _("It conflicts with what was asked before, or is being asked now")),
        Problem("changed_meanwhile", HTTPStatus.PRECONDITION_FAILED, _("It has changed since you read it")),
        Problem("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The request is too large")),
        Problem("unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("This content type is not taken here")),
        Problem("refused", HTTPStatus.UNPROCESSABLE_ENTITY, _("Several rules are broken")),
        Problem("precondition_required", HTTPStatus.PRECONDITION_REQUIRED, _("If-Match is needed here")),
        Problem("too_many_requests", HTTPStatus.TOO_MANY_REQUESTS, _("There are too many requests")),
        Problem("server_error", HTTPStatus.INTERNAL_SERVER_ERROR, _("The fault is ours, and is in the log")),
    )
}
STATUS_OF_RULE: dict[Rule, HTTPStatus] = {}  # for all others 422, in a parameter or header 400


def answer_with(status: HTTPStatus, *rules: Rule) -> None:
    """Say with which status a breach of these rules is answered."""
    STATUS_OF_RULE.update(dict.fromkeys(rules, status))


class HttpProblem(Exception):  # noqa: N818  # as it is called in RFC 9457
    """Ends a request with the problem of a status."""

    def __init__(self, status: HTTPStatus, detail: str = "", **headers: str):
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class WrongParameters(DomainError):  # noqa: N818  # a kind of DomainError
    """Breaches in the query of an address, or in a header."""


class ProblemError(msgspec.Struct, omit_defaults=True):
    """One broken rule: where, and what the rule asks."""

    type: str
    code: str
    detail: str
    pointer: str = ""  # JSON pointer (RFC 6901) into the request's document
    parameter: str = ""  # or the parameter of the address, or the header


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """A problem document (RFC 9457). `code` is the last part of `type`."""

    type: str
    code: str
    title: str
    status: int
    instance: str
    request_id: str
    detail: str = ""
    errors: list[ProblemError] = []


def answer_problem(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler: every error becomes a problem document."""
    request: Request = context["request"]
    if isinstance(error, DomainError):
        return _answer_breaches(request, error)
    status, detail, headers = _http_problem(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("%s %s failed", request.method, request.path)
    return problem_answer(request, PROBLEMS[status], detail, headers=headers)


def _http_problem(error: Exception) -> tuple[HTTPStatus, str, dict[str, str]]:
    """Status, detail and headers of an error that is no broken rule."""
    match error:
        case HttpProblem():
            return error.status, error.detail, error.headers
        case Http404():
            return HTTPStatus.NOT_FOUND, "", {}
        case PermissionDenied():
            return HTTPStatus.FORBIDDEN, str(error), {}
        case RequestDataTooBig():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "", {}
        case APIException() if error.status_code in PROBLEMS:
            headers = {"WWW-Authenticate": error.auth_header} if getattr(error, "auth_header", None) else {}
            return HTTPStatus(error.status_code), str(error.detail), headers
    return HTTPStatus.INTERNAL_SERVER_ERROR, "", {}


def problem_answer(
    request: Request,
    problem: Problem,
    detail: str = "",
    *,
    errors: Sequence[ProblemError] = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    document = ProblemDocument(
        type=problem_type(request, problem.code),
        code=problem.code,
        title=str(problem.title),
        status=problem.status,
        instance=request.path,
        request_id=request_id(),
        detail=detail,
        errors=list(errors),
    )
    return json_answer(document, problem.status, headers=headers, content_type=PROBLEM_JSON)


def _answer_breaches(request: Request, error: DomainError) -> HttpResponse:
    parameters = isinstance(error, WrongParameters)
    errors = [problem_error(request, breach, is_parameter=parameters) for breach in error.breaches]
    broken = {breach.rule for breach in error.breaches}
    refused = PROBLEMS[HTTPStatus.UNPROCESSABLE_ENTITY]
    usual = HTTPStatus.BAD_REQUEST if parameters else refused.status
    if len(broken) > 1:
        return problem_answer(request, Problem(refused.code, usual, refused.title), errors=errors)
    (only,) = broken
    problem = Problem(only.code, STATUS_OF_RULE.get(only, usual), rule_title(only))  # type: ignore[arg-type]  # translated already
    return problem_answer(request, problem, errors[0].detail, errors=errors)


def problem_error(request: Request, breach: Breach, *, is_parameter: bool = False, where: str = "") -> ProblemError:
    """A breach as a problem document tells it; `where` is the pointer to the document that it was found in."""
    return ProblemError(
        type=problem_type(request, breach.rule.code),
        code=breach.rule.code,
        detail=say_breach(breach),
        pointer="" if is_parameter else where + json_pointer(breach.field),
        parameter=breach.field if is_parameter else "",
    )


def problem_type(request: Request, code: str) -> str:
    """The address at which a kind of problem is explained."""
    return reverse("api:problem", args=[code], request=request)


class _Unknown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def rule_title(broken: Rule) -> str:
    """What a rule asks, without the figures of a single case."""
    asked = gettext(broken.text).format_map(_Unknown())
    return asked[:1].upper() + asked[1:]


def problem_title(code: str) -> str | None:
    """The title of a kind of problem; None if there is no such kind."""
    for problem in PROBLEMS.values():
        if problem.code == code:
            return str(problem.title)
    return rule_title(RULES[code]) if code in RULES else None


_PLACE = re.compile(r"\[([0-9]+)\]")


def json_pointer(field: str) -> str:
    """The JSON pointer of a field: `steps[2].lasts`, counted from 1, is `/steps/1/lasts`, counted from 0."""
    if not field:
        return ""
    dotted = _PLACE.sub(lambda match: f".{int(match[1]) - 1}", field).removeprefix(".")
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in dotted.split("."))


# --- answers


def json_answer(
    document: object,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    headers: dict[str, str] | None = None,
    content_type: str = JSON,
) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(document), status=status, headers=headers, content_type=content_type)


def entity_tag(body: bytes) -> str:
    """A strong tag: the same content has the same."""
    return quote_etag(hashlib.sha256(body).hexdigest()[:32])


def tagged_answer(request: Request, document: object) -> HttpResponse:
    """The document with its tag, or 304 if the caller has it already (If-None-Match)."""
    body = msgspec.json.encode(document)
    tag = entity_tag(body)
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    return HttpResponse(body, content_type=JSON, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def require_match(request: Request, document: object) -> None:
    """HttpProblem unless If-Match names the tag of what stands there now."""
    asked = request.headers.get("If-Match")
    if asked is None:
        raise HttpProblem(HTTPStatus.PRECONDITION_REQUIRED)
    if entity_tag(msgspec.json.encode(document)) not in parse_etags(asked):
        raise HttpProblem(HTTPStatus.PRECONDITION_FAILED)


# --- what is asked


def content_type(request: Request, *taken: str) -> str:
    """The content type of the body; HttpProblem unless it is one of those that are taken here."""
    given = str(request.content_type or "").partition(";")[0].strip().lower()
    if given not in taken:
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, ", ".join(taken))
    return given


def read_body(request: Request) -> bytes:
    return request._request.body  # as it came: DRF's parsers would read it


@contextmanager
def parameters(request: Request) -> Iterator[Table]:
    """The parameters of the address, to be taken one by one; WrongParameters with every breach, also of unknown ones.

    What is taken is right once the block is left.
    """
    table = Table(request.query_params.dict(), "")
    try:
        yield table
        table.close()
    except DomainError as error:
        raise WrongParameters(*error.breaches) from error


def number(least: int, most: int) -> Parser[int]:
    """A whole number in a parameter."""

    def parse(value: object, field: str) -> int:
        text = str(value)
        if not re.fullmatch("[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise refuse(WHOLE, field=field, value=value, least=least, most=most)
        return int(text)

    return parse


def moment(value: object, field: str) -> datetime:
    """A moment with its time zone in a parameter."""
    try:
        return msgspec.convert(value, Annotated[datetime, msgspec.Meta(tz=True)], strict=False)
    except msgspec.ValidationError as error:
        raise refuse(MOMENT, field=field, value=value) from error


def cursor(*types: type) -> Parser[tuple[Any, ...]]:
    """The place after which a page begins, as `next_page` wrote it: values of these types."""
    place_of = msgspec.json.Decoder(tuple.__class_getitem__(types))

    def parse(value: object, field: str) -> tuple[Any, ...]:
        try:
            place: tuple[Any, ...] = place_of.decode(base64.urlsafe_b64decode(str(value).encode()))
        except ValueError as error:  # also msgspec's and base64's own
            raise refuse(CURSOR, field=field, value=value) from error
        if not all(str(part).isprintable() for part in place):
            raise refuse(CURSOR, field=field, value=value)
        return place

    return parse


def first_of(rows: Iterable[Row], most: int) -> tuple[list[Row], bool]:
    """The first rows, and whether there are more."""
    found = list(islice(rows, most + 1))
    return found[:most], len(found) > most


def next_page(request: Request, place: Sequence[object]) -> str:
    """The address of the page that begins after a place."""
    query = request.query_params.copy()
    query["cursor"] = base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


# --- views


class OneFormat(BaseContentNegotiation):
    """Answers are JSON, whatever the caller would like."""

    def select_renderer(self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """An address of the API. Who names no permission lets nobody in (settings)."""

    content_negotiation_class = OneFormat
    metadata_class = None

    def finalize_response(
        self, request: HttpRequest, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Vary"] = "Accept-Language, Authorization"
        logger.info("%s %s %s", request.method, request.path, response.status_code)
        return super().finalize_response(request, response, *args, **kwargs)

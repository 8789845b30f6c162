"""The API's description (OpenAPI 3.1), from the very structs with which requests are read and answers are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from backend.kernel.api import JSON, PAGE_ITEMS, PAGE_ITEMS_MOST, PROBLEM_JSON, PROBLEMS, ProblemDocument
from backend.kernel.request_ids import HEADER

Described = TypeVar("Described", bound=Callable[..., Any])
Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
RESPONSES = "#/components/responses/"
_DOCUMENTS: dict[str, Any] = {}


def document(kind: Any, name: str = "") -> Json:
    """A reference to the schema of a struct, or of another type under a name."""
    name = name or kind.__name__
    _DOCUMENTS[name] = kind
    return {"$ref": SCHEMAS + name}


def described(
    operation_id: str,
    *,
    summary: str,
    description: str = "",
    answers: Mapping[HTTPStatus | tuple[HTTPStatus, str], Json | None],
    body: Mapping[str, Json] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    problems: Iterable[HTTPStatus] = (),
    examples: Sequence[OpenApiExample] = (),
    **more: Any,
) -> Callable[[Described], Described]:
    """Describe a method of a view: by status what it answers with, and which problems it may answer with.

    The problems that any request may meet are added for all.
    """
    responses: dict[Any, Any] = {}
    for key, answer in answers.items():
        status, kind = key if isinstance(key, tuple) else (key, JSON)
        response = OpenApiResponse(answer, description=status.phrase)
        responses[(int(status), kind) if answer is not None else int(status)] = response
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or summary,
        request=body,
        responses=responses,
        parameters=list(parameters),
        examples=list(examples),
        extensions={"x-problems": sorted(int(status) for status in problems)},
        **more,
    )


def parameter(name: str, description: str, kind: Any = str, *, where: str = "query", **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, where, description=description, **more)  # type: ignore[arg-type]


LIMIT = parameter("limit", f"how many, at most {PAGE_ITEMS_MOST}; {PAGE_ITEMS} by default", int)
CURSOR = parameter("cursor", "from `next`, as it stands")
IF_NONE_MATCH = parameter("If-None-Match", "the ETag of what you have; 304 if it is still so", where="header")


def sent(name: str, value: object) -> OpenApiExample:
    """An example of a request."""
    return OpenApiExample(name, value, request_only=True)


def add_documents(result: Json, generator: object, **more: object) -> Json:
    """Post-processing hook: adds the schemas that are referred to, and the problems of each operation."""
    components = result.setdefault("components", {})
    document(ProblemDocument)
    schemas, named = msgspec.json.schema_components(_DOCUMENTS.values(), ref_template=SCHEMAS + "{name}")
    components["schemas"] = dict(sorted({**dict(zip(_DOCUMENTS, schemas, strict=True)), **named}.items()))
    components["responses"] = {problem.code: _problem_response(status) for status, problem in PROBLEMS.items()}
    for path in result["paths"].values():
        for operation in path.values():
            _add_problems(operation)
    return result


def _add_problems(operation: Json) -> None:
    statuses = [HTTPStatus(status) for status in operation.pop("x-problems", ())]
    if any(operation["security"]):
        statuses += [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS]
    for status in sorted(statuses):
        operation["responses"][str(int(status))] = {"$ref": RESPONSES + PROBLEMS[status].code}
    for response in operation["responses"].values():
        if "$ref" not in response:
            response.setdefault("headers", {})[HEADER] = {"schema": {"type": "string"}}


def _problem_response(status: HTTPStatus) -> Json:
    problem = PROBLEMS[status]
    example = {
        "type": f"https://utfall.example/api/v1/problems/{problem.code}/",
        "code": problem.code,
        "title": str(problem.title),
        "status": int(status),
        "instance": "/api/v1/placements/",
        "request_id": "f3b1c8a0d5e64b6f9e0a7c2d1b8e4f60",
    }
    return {
        "description": str(problem.title),
        "headers": {HEADER: {"schema": {"type": "string"}}},
        "content": {PROBLEM_JSON: {"schema": {"$ref": SCHEMAS + "ProblemDocument"}, "example": example}},
    }

"""The API's description holds: schemathesis asks every operation, rightly and wrongly."""

from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pytest_django import Settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.kernel.api import PROBLEMS
from backend.wsgi import application
from tests.api_client import System
from tests.town import Town, attendance, ended

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20  # of each operation, besides those of the description


@pytest.fixture
def system(settings: Settings) -> System:
    settings.API_REQUESTS = 10**6
    town = Town()
    town.refer("P-17", date(2025, 1, 10), START)
    town.tell(date(2025, 2, 1), attendance("a", "P-17", START, date(2025, 1, 31), 10))
    town.report(date(2025, 2, 1), ended("E-1", "P-17", date(2025, 2, 1)))
    return System(town.provider)


def test_every_operation_answers_as_described(system: System) -> None:
    description = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    headers = {"Authorization": f"Bearer {system.token}"}
    labels = []
    for found in description.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        labels.append(operation.label)

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        ask()
    assert len(labels) >= 14


def test_all_problems_are_described_and_every_request_has_an_example() -> None:
    document: dict[str, Any] = schemathesis.openapi.from_wsgi("/api/v1/schema/", application).raw_schema
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["responses"]) == {problem.code for problem in PROBLEMS.values()}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "summary" in operation or path == "/api/v1/schema/", (path, method)
            assert any(status.startswith("2") for status in operation["responses"]), (path, method)
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                if "json" in kind and "ndjson" not in kind:
                    assert content["examples"], (path, method)

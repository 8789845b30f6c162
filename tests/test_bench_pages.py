"""The benchmark of pages hears every statement of a page, and asks them again without a trace."""

import pytest
from django.db import connection
from django.test import Client

from backend.benchmarks.management.commands.bench_pages import lists_and_details
from backend.benchmarks.questions import ask_again, listening
from backend.kernel.models import AuditEvent, Role
from tests.small_world import make_placement, make_user


@pytest.mark.django_db
def test_what_a_page_asks_is_heard_and_asked_again_without_a_trace() -> None:
    client, placement = Client(), make_placement()
    client.force_login(make_user(Role.HANDLER))
    with listening() as questions:
        client.get(f"/participants/{placement.participant_id}/")
    statements = [str(query) for _, query, _, _ in questions]
    assert any("outcomes_protection" in statement for statement in statements)
    assert any(statement.startswith("INSERT") for statement in statements)
    before = AuditEvent.objects.count()
    assert ask_again(questions) > 0
    assert AuditEvent.objects.count() == before
    assert connection.is_usable()


def test_lists_and_pages_about_one_thing_are_measured_and_forms_are_not() -> None:
    names = {name for name, _ in lists_and_details()}
    assert {"home:handler", "account_list", "payouts:run_detail", "outcomes:participant"} <= names
    assert not names & {"account_create", "outcomes:protect", "home"}

"""Every page asks the database few questions, and no more of them when there is more to show."""

from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from backend.benchmarks.addresses import pages
from backend.kernel.models import User
from tests.pages_town import make_pages_town, make_people

MOST = 24  # of any page


def test_pages_ask_as_many_questions_of_sixty_placements_as_of_two(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock():
        few, many = questions(placements=2), questions(placements=60)
    assert few == many
    assert {name: count for name, count in many.items() if count > MOST} == {}


def questions(placements: int) -> dict[str, int]:
    """How many questions each page asks."""
    make_people()
    make_pages_town(placements)
    try:
        return {page.name: asked_by(client_of(page.role), page.path()) for page in pages()}
    finally:
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=role))
    return client


def asked_by(client: Client, path: str) -> int:
    client.get(path)  # what is read once is read
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)

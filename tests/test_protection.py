"""A protected participant is "skyddad" to all but named handlers, wherever the reader looks."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client, TransactionTestCase
from pytest_django import DjangoDbBlocker

from backend.kernel.models import AuditEvent, Role, User
from outcomes.models import NamedHandler, Protection
from outcomes.services import end_naming, name_handler
from tests.pages_town import PagesTown, make_pages_town, make_people
from tests.people import NUMBER, identify
from tests.small_world import NOW, make_user
from tests.town import person

pytestmark = pytest.mark.django_db
EMPLOYER = "employer"


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[PagesTown]:
    with django_db_blocker.unblock():
        make_people()
        yield make_pages_town()
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


@pytest.fixture
def participant_number(town: PagesTown) -> str:
    """Of the town's placement; nothing else on a page looks like it."""
    participant = town.placement.participant
    participant.number = "D-SECRET"
    participant.save(update_fields=["number"])
    return participant.number


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def pages_about(town: PagesTown) -> list[str]:
    number = town.placement.number
    return [f"/placements/{town.placement.pk}/", f"/placements/?number={number}", "/facts/waiting/", "/runs/2/"]


def protect(client: Client, town: PagesTown) -> Protection:
    client.post(f"/participants/{town.placement.participant_id}/protect/", {"kind": "registered"})
    return Protection.objects.get(participant=town.placement.participant)


def test_only_the_named_see_who_it_is(town: PagesTown, participant_number: str) -> None:
    named, others = person("handler"), [make_user(Role.HANDLER), *map(person, ("procurement", "examiner", "auditor"))]
    assert participant_number in client_of(others[0]).get(f"/placements/{town.placement.pk}/").content.decode()
    protect(client_of(named), town)
    own_page = f"/participants/{town.placement.participant_id}/"
    for reader in (named, *others):
        client = client_of(reader)
        for page in pages_about(town):
            response = client.get(page)
            if response.status_code == HTTPStatus.FORBIDDEN:
                continue
            text = response.content.decode()
            shows_who = participant_number in text or f"{EMPLOYER}<" in text or f", {EMPLOYER}" in text
            assert not shows_who or reader == named, (reader, page)
        assert (client.get(own_page).status_code == HTTPStatus.OK) == (reader == named)
        hits = client.get(f"/search/?q={participant_number}").context["hits"]
        assert bool(hits) == (reader == named), reader
    text = client_of(named).get(f"/placements/{town.placement.pk}/").content.decode()
    assert participant_number in text
    assert EMPLOYER in text
    assert "protected" in client_of(others[0]).get(f"/placements/{town.placement.pk}/").content.decode()


def test_naming_gives_the_view_and_ending_it_takes_it_away(town: PagesTown) -> None:
    first, second = person("handler"), make_user(Role.HANDLER)
    protection = protect(client_of(first), town)
    page = f"/participants/{town.placement.participant_id}/"
    client_of(first).post(f"{page}protection/name/", {"user": second.pk})
    assert client_of(second).get(page).status_code == HTTPStatus.OK
    naming = NamedHandler.objects.get(user=second)
    client_of(first).post(f"{page}protection/named/{naming.pk}/end/")
    assert client_of(second).get(page).status_code == HTTPStatus.FORBIDDEN
    client_of(first).post(f"{page}protection/lift/")
    assert client_of(second).get(page).status_code == HTTPStatus.OK
    actions = (
        AuditEvent.objects.filter(object_type="outcomes.participant").order_by("pk").values_list("action", flat=True)
    )
    assert [action for action in actions if action != "view_participant"] == [
        "protect", "name_handler", "end_naming", "lift_protection",
    ]  # fmt: skip
    assert protection.handlers.count() == 2


def test_an_administrator_names_a_handler_when_no_named_one_is_left(town: PagesTown) -> None:
    protection = protect(client_of(person("handler")), town)
    named = name_handler(protection=protection, user=make_user(Role.HANDLER), by=make_user(Role.ADMINISTRATOR), now=NOW)
    end_naming(named=protection.handlers.exclude(pk=named.pk).get(), by=named.user, now=NOW)
    assert client_of(person("handler")).get(f"/participants/{protection.participant_id}/").status_code == 403


def test_a_person_is_found_by_number_over_the_page(town: PagesTown) -> None:
    identify(town.placement.participant)
    client = client_of(person("handler"))
    page = f"/participants/{town.placement.participant_id}/"
    assert client.post("/participants/find/", {"number": NUMBER, "reason": "a call"}).headers["Location"] == page
    missed = client.post("/participants/find/", {"number": "19900615-0016", "reason": "a call"}).content.decode()
    assert "Nobody whom you may see has this number." in missed
    wrong = client.post("/participants/find/", {"number": "19800101-0000", "reason": "a call"}).content.decode()
    assert "its last digit checks the others" in wrong
    shown = client.post(f"{page}identities/", {"reason": "a letter"}).content.decode()
    assert NUMBER in shown
    assert NUMBER not in client.get(page).content.decode()
    client.post(f"{page}identities/new/", {"number": "19800101-TF01", "valid_from": "2025-01-01"})
    assert town.placement.participant.identities.count() == 2

"""Every address of the site as every role, without a role and without a log-in, held against one table."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory, TransactionTestCase
from django.urls import reverse
from django.views.generic import TemplateView
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from backend.benchmarks.addresses import address, pages
from backend.kernel.models import Role, User
from backend.kernel.web import Page
from tests.access import ALLOWED, ANONYMOUS, EVERYBODY
from tests.pages_town import PagesTown, make_pages_town, make_people

pytestmark = pytest.mark.django_db

# Views that are no `Page`: what everybody may open, or what only takes a POST.
WITHOUT_LOG_IN = {"login", "logout", "set_language", "set_theme", "health", "accessibility"}


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[PagesTown]:
    with django_db_blocker.unblock():
        make_people()
        yield make_pages_town()
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def client_of(name: str) -> Client:
    client = Client()
    if name != ANONYMOUS:
        client.force_login(User.objects.get(username=name))
    return client


def test_every_page_has_an_entry() -> None:
    assert {name for name, _ in pages()} == set(ALLOWED)


def test_every_page_declares_who_may_open_it() -> None:
    for name, pattern in pages():
        view = getattr(pattern.callback, "view_class", None)
        assert name in WITHOUT_LOG_IN or (view is not None and issubclass(view, Page)), name


def test_each_role_opens_what_it_may_and_nothing_else(town: PagesTown, settings: Settings) -> None:
    settings.DEMONSTRATION = True  # else there is no page of components
    places = {name: address(name) for name in ALLOWED}
    for role in sorted(EVERYBODY):
        client = client_of(role)
        for name, allowed in ALLOWED.items():
            response = client.get(places[name])
            is_open = response.status_code == HTTPStatus.OK or response.headers.get("Location") == "/"
            assert is_open == (role in allowed), (role, name, response.status_code)


def test_whoever_is_not_logged_in_is_led_to_the_log_in(town: PagesTown) -> None:
    client = client_of(ANONYMOUS)
    for name, allowed in ALLOWED.items():
        if ANONYMOUS not in allowed and allowed:
            assert client.get(address(name)).headers["Location"].startswith(reverse("login")), name


def test_a_page_that_declares_no_role_is_closed_to_everybody(rf: RequestFactory) -> None:
    class Forgotten(Page, TemplateView):
        template_name = "base.html"

    request: HttpRequest = rf.get("/")
    for role in Role:
        request.user = User(username=role.value, roles=[role.value])
        with pytest.raises(PermissionDenied):
            Forgotten.as_view()(request)

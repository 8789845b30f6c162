"""Lists: what is chosen stands in the address and survives, and a list can be saved as a file that says the same."""

import csv
import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from backend.kernel.models import AuditEvent, Role
from outcomes.services import ask_for_more
from tests.small_world import attendance, make_placement, make_user, moment, report
from tests.town import OPENING

pytestmark = pytest.mark.django_db
PATH = "/facts/waiting/"


@pytest.fixture
def client() -> Client:
    """Of a handler; two facts wait, and of the second one more is asked for."""
    handler = make_user(Role.HANDLER)
    for name in ("=first", "second"):
        (fact,) = report(placement := make_placement(), attendance(placement, external_id=name))
    ask_for_more(facts=[fact.pk], reason_code="evidence_unclear", by=handler, now=moment(OPENING))
    client = Client()
    client.force_login(handler)
    client.cookies["django_language"] = "en"
    return client


def rows_of(client: Client, query: str) -> list[list[str]]:
    content = client.get(f"{PATH}?export=csv&{query}").content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_a_file_has_the_rows_the_order_and_the_columns_that_were_chosen(client: Client) -> None:
    header, only = rows_of(client, "state=asked&columns=reported&columns=kind&columns=state")
    assert header == ["Fact", "State", "Reported"]
    assert only == ["attendance", "more is asked for", "2025-06-02"]
    assert len(rows_of(client, "")) == 3
    providers = [row[0] for row in rows_of(client, "sort=-provider&columns=provider")[1:]]
    assert providers == sorted(providers, reverse=True)


def test_a_workbook_has_days_as_such_and_words_without_markup(client: Client) -> None:
    response = client.get(f"{PATH}?export=xlsx&columns=reported&columns=state&state=decide")
    page = load_workbook(io.BytesIO(response.content)).worksheets[0]
    header, first = page.iter_rows(values_only=True)
    assert header == ("State", "Reported")
    assert (first[0], first[1].date().isoformat()) == ("waits for verification", "2025-06-02")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="facts-that-wait-')


def test_a_list_that_leaves_the_house_leaves_an_event(client: Client) -> None:
    rows_of(client, "state=asked")
    event = AuditEvent.objects.get(action="export")
    assert event.object_type == "outcomes.fact"
    assert event.later == {"address": f"{PATH}?export=csv&state=asked"}


def test_what_is_chosen_survives_sorting_and_paging(client: Client) -> None:
    text = client.get(f"{PATH}?state=asked&sort=provider&columns=provider&columns=reported").content.decode()
    assert 'href="?state=asked&amp;sort=-provider&amp;columns=provider&amp;columns=reported"' in text
    assert 'aria-sort="ascending"' in text
    assert '<input type="hidden" name="sort" value="provider">' in text
    assert '<option value="asked" selected>' in text


def test_a_filter_that_is_none_says_so_and_filters_nothing(client: Client) -> None:
    response = client.get(f"{PATH}?state=lost")
    assert "Select a valid choice" in response.content.decode()
    assert response.context["table"].paginator.count == 2

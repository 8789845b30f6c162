"""Lists: what is chosen stands in the address and survives, and a list can be saved as a file that says the same."""

import csv
import io
from decimal import Decimal

import pytest
from django.test import Client
from openpyxl import load_workbook

from backend.kernel.models import AuditEvent
from payouts.models import Run
from tests.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """Of a finance officer, with three runs: two are cancelled, one is attested."""
    town = Town()
    for sequence, state in ((1, "cancelled"), (2, "cancelled"), (3, "attested")):
        Run.objects.create(
            sequence=sequence, cutoff=f"2025-0{sequence}-28", state=state, is_full=True, started_by=town.starter,
            queued_at="2025-03-01T12:00Z", computed_at="2025-03-01T12:01Z", knowledge_at="2025-03-01T12:01Z",
            total=sequence * 100_050, line_count=sequence, digest=f"{sequence:064x}",
            **({"cancelled_at": "2025-03-01T12:02Z", "cancelled_by": town.starter} if state == "cancelled" else {}),
        )  # fmt: skip
    client = Client()
    client.force_login(town.starter)
    client.cookies["django_language"] = "en"
    return client


def rows_of(client: Client, query: str) -> list[list[str]]:
    content = b"".join(client.get(f"/runs/?format=csv&{query}").streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_a_file_has_the_rows_the_order_and_the_columns_that_were_chosen(client: Client) -> None:
    assert rows_of(client, "state=cancelled&sort=total&columns=total&columns=state") == [
        ["Run", "Sum", "State"],
        ["1", "1000,50", "cancelled"],
        ["2", "2001,00", "cancelled"],
    ]
    assert [row[0] for row in rows_of(client, "sort=-total")] == ["Run", "3", "2", "1"]


def test_a_workbook_has_numbers_and_days_as_such(client: Client) -> None:
    response = client.get("/runs/?format=xlsx&columns=total&columns=line_count")
    page = load_workbook(io.BytesIO(b"".join(response.streaming_content)))["Runs"]  # type: ignore[attr-defined]
    header, first, *_ = page.iter_rows(values_only=True)
    assert header == ("Run", "Sum", "Lines")
    assert first == (3, pytest.approx(Decimal("3001.50")), 3)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="runs-')


def test_a_list_that_leaves_the_house_leaves_an_event(client: Client) -> None:
    rows_of(client, "state=cancelled")
    event = AuditEvent.objects.get(action="export")
    assert event.object_type == "payouts.run"
    assert event.later == {"address": "/runs/?format=csv&state=cancelled"}


def test_what_is_chosen_survives_sorting_and_filtering(client: Client) -> None:
    text = client.get("/runs/?state=cancelled&sort=total&columns=total").content.decode()
    assert 'href="?state=cancelled&amp;sort=-total&amp;columns=total"' in text
    assert 'aria-sort="ascending"' in text
    assert '<input type="hidden" name="columns" value="total">' in text  # in the form of the filters
    assert '<input type="hidden" name="state" value="cancelled">' in text  # in the form of the columns


def test_a_filter_that_is_none_says_so_and_filters_nothing(client: Client) -> None:
    response = client.get("/runs/?state=lost")
    assert "Select a valid choice" in response.content.decode()
    assert response.context["table"].paginator.count == 3


def test_columns_that_do_not_exist_change_nothing(client: Client) -> None:
    assert rows_of(client, "columns=secret") == rows_of(client, "")
    assert "Started by" not in rows_of(client, "")[0]
    assert rows_of(client, "columns=started_by")[0] == ["Run", "Started by"]

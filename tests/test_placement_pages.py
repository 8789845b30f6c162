"""Handlers register participants, refer them, and change, follow up and reopen placements on pages."""

from datetime import date
from http import HTTPStatus

import pytest
from django.test import Client

from backend.kernel.models import Role
from outcomes.models import District, FollowUp, Participant, Placement
from tests.small_world import FIRST_DAY, attendance, make_contract, make_placement, make_user, report, verify
from tests.test_protection import client_of
from tests.wrong_examples_placements import returning_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return client_of(make_user(Role.HANDLER))


def test_a_participant_is_registered_and_referred(client: Client) -> None:
    district = District.objects.create(name="Farsta", jobbtorg="Söderort")
    background = {"birth_year": 1990, "sex": "woman", "schooling": "none", "obstacle_group": "language"}
    known = background | {"number": "D-77", "district": district.pk, "months_on_assistance": 12}
    response = client.post("/participants/new/", known)
    participant = Participant.objects.get(number="D-77")
    assert response.headers["Location"] == f"/participants/{participant.pk}/"
    assert "Farsta" in client.get(response.headers["Location"]).content.decode()
    contract = make_contract()
    response = client.post(
        f"/participants/{participant.pk}/refer/", {"contract": contract.pk, "referred_on": "2025-02-03"}
    )
    page = response.headers["Location"]
    assert page == f"/participants/{participant.pk}/refer/{contract.pk}/2025-02-03/"
    assert "D-77-1" in client.get(page).content.decode()
    response = client.post(page, {"number": "D-77-1", "tier": 1, "starts_on": "2025-02-10"})
    placement = Placement.objects.get(number="D-77-1")
    assert response.headers["Location"] == f"/placements/{placement.pk}/"
    assert (placement.versions.get().tier, placement.period.lower) == (1, date(2025, 2, 3))


def test_a_contract_without_a_model_on_the_day_is_refused_beside_the_day(client: Client) -> None:
    contract, participant = make_contract(), Participant.objects.create(number="D-1")
    asked = {"contract": contract.pk, "referred_on": "2024-12-31"}
    response = client.post(f"/participants/{participant.pk}/refer/", asked)
    assert "the contract has no payment model for placements referred on this day" in response.content.decode().lower()
    for day in ("2024-12-31", "soon"):
        page = f"/participants/{participant.pk}/refer/{contract.pk}/{day}/"
        assert client.get(page).status_code == HTTPStatus.NOT_FOUND


def test_what_pay_depends_on_is_changed_and_the_earlier_stays(client: Client) -> None:
    placement = make_placement()
    page = f"/placements/{placement.pk}/change/"
    assert "2025-02-03" in client.get(page).content.decode()
    changed = {"referred_on": str(FIRST_DAY), "starts_on": "2025-02-04", "tier": 1, "price": "12 000,50"}
    client.post(page, changed)
    assert list(placement.versions.order_by("pk").values_list("tier", "price")) == [(0, None), (1, 1_200_050)]
    text = client.get(f"/placements/{placement.pk}/").content.decode()
    assert "12 000,50" in text.replace("\u202f", " ").replace("\xa0", " ")


def test_what_the_city_has_done_is_recorded_on_a_page(client: Client) -> None:
    placement = make_placement()
    page = f"/placements/{placement.pk}/follow-ups/new/"
    assert "which is not recorded" in client.get(page).content.decode()
    client.post(page, {"kind": "meeting", "happened_on": "2025-02-03"})
    assert placement.follow_ups.get().kind == FollowUp.Kind.MEETING
    assert "Recorded" in client.get(f"/placements/{placement.pk}/").content.decode()
    refused = client.post(page, {"kind": "meeting", "happened_on": "2025-02-03"}).content.decode()
    assert "recorded for that day already" in refused


def test_a_return_is_offered_only_where_the_contract_allows_it(client: Client) -> None:
    placement, other = returning_contract(), make_placement()
    page = f"/placements/{placement.pk}/return/"
    assert page in client.get(f"/placements/{placement.pk}/").content.decode()
    assert f"/placements/{other.pk}/return/" not in client.get(f"/placements/{other.pk}/").content.decode()
    client.post(page, {"on": "2025-05-20"})
    placement.refresh_from_db()
    assert placement.period.upper is None


def test_the_list_is_filtered_by_what_the_address_says(client: Client) -> None:
    placement, ended = make_placement(), returning_contract()
    for query, found in {
        f"contract={ended.contract.number}": {ended},
        "on=2025-05-01": {placement},
        "since=2025-01-28": set(),
        "late=plan": {placement},
        f"provider={placement.contract.provider_id}": {placement},
    }.items():
        rows = client.get(f"/placements/?{query}").context["table"].data.data
        assert set(rows) == found, query


def test_participants_are_listed_by_district_and_whether_they_are_placed(client: Client) -> None:
    placement = make_placement()
    free = Participant.objects.create(number="D-free")
    placed = client.get("/participants/?placed=true").context["table"].data.data
    assert set(placed) == {placement.participant}
    assert set(client.get("/participants/?placed=false").context["table"].data.data) == {free}


def test_a_reason_leads_to_its_fact(client: Client) -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    verify(fact)
    text = client.get(f"/placements/{placement.pk}/").content.decode()
    assert f'<a href="#fact-{fact.pk}">{fact.external_id}</a>' in text
    assert f'<tr id="fact-{fact.pk}">' in text
    assert "<svg" in text

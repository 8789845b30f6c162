"""The pages of counter-verification and recovery, from drawing a sample to deciding what is recovered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from pytest_django import DjangoDbBlocker

from backend import urls  # noqa: F401  # the apps fill the home page when their addresses are loaded
from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.web import cards_of
from payouts.models import CounterVerification, RecoveryProposal, SampledFact
from payouts.sample_selectors import to_check
from payouts.services import propose_recovery
from tests.people import protect
from tests.sample_town import (
    CUTOFF,
    DRAWN,
    Cause,
    SampleTown,
    allow_recovery,
    check_all,
    make_sample_town,
)
from tests.test_sampling import is_attendance_of_the_first
from tests.town import noon, person

MOST_QUERIES = 24


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[SampleTown]:
    with django_db_blocker.unblock():
        made = make_sample_town()
        allow_recovery(made.towns[0])
        yield made
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def propose(town: SampleTown) -> RecoveryProposal:
    check_all(town.draw(), town.checker, is_attendance_of_the_first)
    own = town.towns[0]
    now = noon(DRAWN)
    return propose_recovery(contract=own.contract, first=CUTOFF, last=CUTOFF, by=own.procurement, now=now)


@pytest.mark.django_db
def test_a_handler_draws_and_checks_one_fact_after_the_other(town: SampleTown) -> None:
    client = client_of(town.checker)
    response = client.post("/samples/new/", {"run": town.run.pk, "size": 20}, follow=True)
    assert "Sample of 2025-02" in response.content.decode()
    (card,) = (one for one in cards_of(town.checker, localdate()) if one.url.startswith("/sampled-facts/"))
    assert card.count == SampledFact.objects.count()
    sampled = to_check(town.checker).filter(amount__gt=0).first()
    assert sampled is not None
    address = f"/sampled-facts/{sampled.pk}/"
    text = text_of(client, address)
    assert sampled.fact.external_id in text
    assert "What else is reported of the placement" in text
    assert AuditEvent.objects.filter(action="view_placement", by=town.checker).exists()
    refused = client.post(address, {"cause": "days", "wrong_amount": "999999,00"})
    assert "from 0 to 6000.00" in refused.content.decode()
    assert 'value="999999,00"' in refused.content.decode()  # what was typed is kept
    response = client.post(address, {"cause": "days", "wrong_amount": "100,50", "note": "late"})
    assert response.headers["Location"].startswith("/sampled-facts/")
    result = CounterVerification.objects.get()
    assert (result.cause, result.wrong_amount, result.note) == (Cause.DAYS, 10_050, "late")
    client.post(address, {"cause": "not_happened"})
    assert CounterVerification.objects.latest("pk").wrong_amount == sampled.amount  # all of it, if nothing is said


@pytest.mark.django_db
def test_who_verified_is_not_offered_to_check_and_refused(town: SampleTown) -> None:
    sample = town.draw()
    client = client_of(town.towns[0].handler)
    assert "/sampled-facts/" not in text_of(client, f"/samples/{sample.pk}/")
    first = SampledFact.objects.latest("pk")
    refused = client.post(f"/sampled-facts/{first.pk}/", {"cause": "right"})
    assert "nobody counter-verifies a fact" in refused.content.decode().lower()


@pytest.mark.django_db
def test_a_protected_participants_fact_is_for_named_handlers_only(town: SampleTown) -> None:
    sample = town.draw()
    first = to_check(town.checker).first()
    assert first is not None
    other = person("annan", Role.HANDLER)
    protect(first.fact.placement.participant, other)
    client = client_of(town.checker)
    assert client.get(f"/sampled-facts/{first.pk}/").status_code == 403
    assert f"/sampled-facts/{first.pk}/" not in text_of(client, f"/samples/{sample.pk}/")
    assert first not in to_check(town.checker)
    assert first in to_check(other)


@pytest.mark.django_db
def test_pages_of_a_large_sample_ask_few_questions(town: SampleTown) -> None:
    sample = town.draw(size=1000)
    assert sample.drawn == 80
    check_all(sample, town.checker, is_attendance_of_the_first)
    client = client_of(town.checker)
    for path in ("/samples/", f"/samples/{sample.pk}/", "/error-rates/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert len(queries) <= MOST_QUERIES, path


@pytest.mark.django_db
def test_error_rates_are_shown_by_month_provider_and_cause(town: SampleTown) -> None:
    client = client_of(town.checker)
    assert "Nothing is known yet" in text_of(client, "/error-rates/")
    check_all(town.draw(size=1000), town.checker, is_attendance_of_the_first)
    text = text_of(client, "/error-rates/")
    assert "25.0" in text  # per cent of all facts: 20 of 80
    assert "<svg" in text
    assert "it did not happen" in text
    second = town.towns[1].provider
    assert "No fact was found wrong." in text_of(client, f"/error-rates/?provider={second.pk}")


@pytest.mark.django_db
def test_a_proposal_is_answered_by_its_provider_and_decided_by_another_officer(town: SampleTown) -> None:
    proposal = propose(town)
    own, stranger = client_of(town.towns[0].reporter), client_of(town.towns[1].reporter)
    path = f"/recoveries/{proposal.pk}/"
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}reply/", {"reply": "mine"}).status_code == 404
    assert "days S1-" in text_of(own, path)  # which facts were found wrong
    assert own.post(f"{path}reply/", {"reply": "We disagree."}).headers["Location"] == path
    decider = client_of(town.towns[0].decider)
    assert "We disagree." in text_of(decider, path)
    too_much = {"decision": "recover", "amount": "99999999", "reason": "all"}
    assert "is from 0.01 to" in decider.post(f"{path}decide/", too_much).content.decode()
    assert decider.post(f"{path}decide/", {"decision": "recover", "reason": "shown"}).headers["Location"] == path
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decided_amount) == ("recover", proposal.amount)
    assert "to be recovered" in text_of(own, path)


@pytest.mark.django_db
def test_a_procurement_officer_proposes_for_contracts_that_allow_it(town: SampleTown) -> None:
    check_all(town.draw(), town.checker, is_attendance_of_the_first)
    first, second = town.towns
    client = client_of(first.procurement)
    asked = {"first": f"{CUTOFF}", "last": f"{CUTOFF}"}
    assert (
        "Select a valid choice"
        in client.post("/recoveries/new/", asked | {"contract": second.contract.pk}).content.decode()
    )
    response = client.post("/recoveries/new/", asked | {"contract": first.contract.pk})
    proposal = RecoveryProposal.objects.get()
    assert response.headers["Location"] == f"/recoveries/{proposal.pk}/"
    assert proposal.answer_by == localdate() + timedelta(days=14)
    for user, address in (
        (first.reporter, f"/recoveries/{proposal.pk}/"),
        (first.decider, "/recoveries/?decision=open"),
    ):
        assert address in {one.url for one in cards_of(user, proposal.answer_by + timedelta(days=1))}, user

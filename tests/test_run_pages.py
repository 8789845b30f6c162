"""A month on the pages: a run is started, examined, answered for, signed by two people, exported; another cancelled."""

from datetime import date
from http import HTTPStatus

import pytest
from django.test import Client

from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.money import show_kronor
from payouts.models import Export, Finding, Hold, Run, Signature
from payouts.parts import parts_of
from payouts.services import compute_run, end_attestant, place_hold
from payouts.states import RunState
from tests.run_steps import assert_ledger_is_clean
from tests.town import Town, attendance, noon, person

pytestmark = pytest.mark.django_db(transaction=True)

START, FEBRUARY, MARCH = date(2025, 1, 15), date(2025, 2, 28), date(2025, 3, 31)


@pytest.fixture
def town() -> Town:
    """A provider with a placement that has earned its start part."""
    town = Town()
    town.refer("P1", date(2025, 1, 10), START)
    town.tell(date(2025, 2, 16), attendance("a1", "P1", START, date(2025, 2, 13), 22))
    return town


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def newest() -> Run:
    return Run.objects.latest("sequence")


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == HTTPStatus.OK, response.status_code
    return response.content.decode()


def start(town: Town, day: str = "2025-02-10") -> Run:
    response = client_of(town.starter).post("/runs/new/", {"cutoff": day})
    assert response.headers["Location"] == f"/runs/{newest().sequence}/"
    return newest()


def examined(town: Town) -> Run:
    run = compute_run(start(town).pk)
    client_of(town.examiner).post(f"/runs/{run.sequence}/examine/")
    run.refresh_from_db()
    return run


def signing(client: Client, run: Run, signature: Signature) -> str:
    """Sign what the page shows; what it says then."""
    form = client.get(f"/runs/{run.sequence}/attest/").context["form"]
    asked = {"seen": form["seen"].value(), "parts": list(parts_of(run)), "signature": signature}
    return sign_with(client, run, **asked)


def sign_with(client: Client, run: Run, **said: object) -> str:
    address = f"/runs/{run.sequence}/attest/"
    return client.post(address, {"has_no_conflict": "on"} | said, follow=True).content.decode()


def answer_all(town: Town, run: Run) -> None:
    client = client_of(town.examiner)
    while open_ones := [one for part in parts_of(run).values() for one in part.unanswered]:
        client.post(f"/findings/{open_ones[0].pk}/answer/", {"answer": "looked at", "is_of_all": "on"})


def test_a_month_from_its_start_to_its_files(town: Town) -> None:
    town.record_payer()
    run = start(town)
    assert run.cutoff == FEBRUARY
    assert "The run waits for its turn." in text_of(client_of(town.starter), "/runs/1/")
    compute_run(run.pk)
    examiner, decider = client_of(town.examiner), client_of(town.decider)
    assert "Test the controls" in text_of(examiner, "/runs/1/")
    examiner.post("/runs/1/examine/")
    answer_all(town, run)
    assert newest().digest in text_of(examiner, "/runs/1/attest/")
    assert "Your signature stands." in signing(examiner, run, Signature.EXAMINER)
    assert newest().state == RunState.ATTESTED_ONCE
    signing(decider, run, Signature.DECIDER)
    assert newest().state == RunState.ATTESTED
    order = decider.post("/runs/1/export/", {"kind": "pain001"})
    assert order.headers["Content-Disposition"] == 'attachment; filename="utfall-0001-pain001-01.xml"'
    assert b"pain.001.001.09" in order.content
    assert newest().state == RunState.EXPORTED
    copy = decider.post("/runs/1/export/", {"kind": "pain001"})
    assert "kopia-1" in copy.headers["Content-Disposition"]
    assert copy.content == order.content
    statement = newest().statements.get()
    assert statement.number in text_of(decider, "/statements/?run=1")
    page = text_of(decider, f"/statements/{statement.pk}/")
    assert "fact a1, verified by" in page
    assert show_kronor(600_000) in page
    assert [event.by for event in AuditEvent.objects.filter(action="export_run")] == [town.decider, town.decider]
    assert_ledger_is_clean()


def test_signing_needs_a_declaration_and_an_examiner_first(town: Town) -> None:
    run = examined(town)
    answer_all(town, run)
    decider = client_of(town.decider)
    assert "A decider signs what an examiner has signed before" in signing(decider, run, Signature.DECIDER)
    seen = decider.get("/runs/1/attest/").context["form"]["seen"].value()
    text = sign_with(decider, run, seen=seen, parts=["1000"], signature="decider", has_no_conflict="")
    assert "This must be mended first" in text
    assert not run.attests.exists()


def test_what_changed_while_it_was_looked_at_is_not_signed(town: Town) -> None:
    run = examined(town)
    answer_all(town, run)
    examiner = client_of(town.examiner)
    seen = examiner.get("/runs/1/attest/").context["form"]["seen"].value()
    place_hold(target=town.contract, reason="asked about", by=town.handler, now=noon(MARCH))
    text = sign_with(examiner, run, seen=seen, parts=["1000"], signature="examiner")
    assert "is no longer what you saw" in text
    assert "Your signature stands." in signing(examiner, run, Signature.EXAMINER)


def test_whoever_started_the_run_or_is_not_listed_does_not_sign(town: Town) -> None:
    run = examined(town)
    answer_all(town, run)
    assert "Whoever started the run cannot attest it" in signing(client_of(town.starter), run, Signature.EXAMINER)
    (listed,) = town.examiner.attestations.all()
    end_attestant(attestant=listed, by=person("administratör", Role.ADMINISTRATOR), now=noon(MARCH))
    assert "does not let this person sign" in signing(client_of(town.examiner), run, Signature.EXAMINER)


def test_a_run_is_cancelled_with_a_reason_and_another_can_start(town: Town) -> None:
    run = examined(town)
    client = client_of(town.starter)
    refused = client.post("/runs/new/", {"cutoff": "2025-03-31"})
    assert "is not attested yet, so no other can start" in refused.content.decode()
    client.post("/runs/1/cancel/", {"reason": ""})
    assert newest().state == RunState.EXAMINING
    client.post("/runs/1/cancel/", {"reason": "a fact is wrong"})
    run.refresh_from_db()
    assert (run.state, run.cancelled_by, run.cancel_reason) == (RunState.CANCELLED, town.starter, "a fact is wrong")
    assert start(town).sequence == 2


def test_findings_say_what_they_mean_and_where_to_act(town: Town) -> None:
    run = examined(town)
    Finding.objects.create(
        run=run, control="contract_unlike_history", contract=town.contract, value="6 000", expected="1 000",
        line_count=1, amount=600_000, found_at=noon(MARCH), responsibility_code="1000",
    )  # fmt: skip
    client = client_of(town.examiner)
    text = text_of(client, "/runs/1/findings/?severity=answer")
    assert "far from what its runs usually pay" in text
    assert f'href="/contracts/{town.contract.pk}/"' in text
    assert "Answer</a>" in text
    assert "Answer</a>" not in text_of(client_of(town.decider), "/runs/1/findings/")


def test_a_preview_stores_nothing(town: Town) -> None:
    text = text_of(client_of(town.starter), "/runs/preview/?through=2025-02-10")
    assert "Provider 1" in text
    assert not Run.objects.exists()
    assert not Export.objects.exists()
    assert not Hold.objects.exists()


def test_a_line_that_is_held_twice_counts_once(town: Town) -> None:
    run = town.compute(FEBRUARY)
    line = run.lines.get()
    for target in (line, line.placement):
        place_hold(target=target, reason="looked into", by=town.examiner, now=noon(MARCH))
    client = client_of(town.examiner)
    held = client.get(f"/runs/{run.sequence}/").context["held"]
    assert (held.line_count, held.amount) == (1, line.amount)

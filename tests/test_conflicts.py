"""What speaks against a waiting fact: each kind of conflict, and what looks like it and is none."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend.kernel.models import Role
from outcomes.columns import Kind
from outcomes.models import Fact, Placement
from outcomes.services import FactReport, Referral, attach_evidence, refer_participants, reject_facts
from payouts.conflicts import ConflictKind, find_conflicts
from providers.services import record_group_company
from tests.small_world import (
    NOW,
    STARTS_ON,
    attendance,
    exit_on,
    make_contract,
    make_placement,
    make_user,
    moment,
    organisation_number,
    report,
    verify,
)
from tests.town import Town, noon
from tests.town import attendance as attended
from tests.town import person as town_person
from tests.wrong_examples_verification import PDF, TODAY

pytestmark = pytest.mark.django_db
EMPLOYER = "556012-5790"
MARCH = date(2025, 3, 3)


def found(fact: Fact) -> list[tuple[str, int | None, int | None]]:
    return [(one.kind, one.placement, one.other) for one in find_conflicts([fact.pk], TODAY)]


def two_placements() -> tuple[Placement, Placement]:
    """Of one participant, with different providers; the first one has no exit."""
    return make_placement(participant="D"), make_placement(participant="D", starts_on=MARCH)


def job(placement: Placement, first: date = MARCH, last: date | None = None, employer: str = EMPLOYER) -> Fact:
    content = {"kind": Kind.EMPLOYMENT, "subject": employer, "detail": 1, "quantity": 100}
    return report(placement, attendance(placement, from_day=first, through_day=last, **content))[0]


def leave(placement: Placement, day: date) -> None:
    verify(*report(placement, exit_on(placement, day)))


def days(placement: Placement, first: date = MARCH) -> Fact:
    return report(placement, attendance(placement, from_day=first, through_day=first + timedelta(days=27)))[0]


def test_the_same_job_for_two_placements() -> None:
    one, other = two_placements()
    leave(one, MARCH - timedelta(days=1))
    first, second = job(one), job(other)
    assert found(first) == [("same_job", other.pk, second.pk)]
    assert found(second) == [("same_job", one.pk, first.pk)]


@pytest.mark.parametrize("what", ["another employer", "another time", "rejected", "another participant"])
def test_no_job_twice(what: str) -> None:
    one, other = two_placements()
    leave(one, MARCH - timedelta(days=1))
    claimed = job(make_placement() if what == "another participant" else one, last=MARCH + timedelta(days=30))
    if what == "rejected":
        reject_facts(facts=[claimed.pk], reason_code="wrong_content", by=make_user(Role.HANDLER), now=moment(TODAY))
    later = MARCH + timedelta(days=31 if what == "another time" else 1)
    assert found(job(other, later, employer="other" if what == "another employer" else EMPLOYER)) == []


def test_placements_with_two_providers_at_once() -> None:
    one, other = two_placements()
    assert found(days(other)) == [("overlap", one.pk, None)]
    assert found(days(one, STARTS_ON)) == []  # before the other began
    leave(one, MARCH - timedelta(days=1))
    assert found(days(other, MARCH + timedelta(days=28))) == []


def test_placements_with_one_provider_may_overlap() -> None:
    one = make_placement(participant="D")
    contract = make_contract(one.contract.provider)
    assert found(days(make_placement(contract, participant="D", starts_on=MARCH))) == []


@pytest.mark.parametrize("name", [str.upper, lambda name: name])
def test_the_provider_as_employer_by_name(name: Callable[[str], str]) -> None:
    placement = make_placement()
    assert found(job(placement, employer=name(placement.contract.provider.name))) == [("own_employer", None, None)]


def test_the_providers_group_as_employer() -> None:
    placement, number = make_placement(), organisation_number(777)
    provider = placement.contract.provider
    own = job(placement, employer=provider.organisation_number.replace("-", ""))
    of_group = job(placement, MARCH + timedelta(days=1), employer=number)
    assert found(own) == [("own_employer", None, None)]
    assert found(of_group) == []
    for belongs in (True, False):
        said = {"name": "B", "organisation_number": number, "belongs": belongs}
        record_group_company(provider=provider, **said, by=make_user(Role.HANDLER), now=NOW)  # type: ignore[arg-type]
        assert bool(found(of_group)) == belongs


def test_a_job_from_before_the_placement() -> None:
    placement = make_placement()
    assert found(job(placement, STARTS_ON - timedelta(days=1))) == [("before_placement", None, None)]
    assert found(job(placement, STARTS_ON, employer="other")) == []


def test_the_same_document_for_two_facts() -> None:
    by = make_user(Role.HANDLER)
    one, other, third = (days(make_placement()) for _ in range(3))
    for fact, content in ((one, PDF), (other, PDF), (third, PDF.replace(b"7", b"6"))):
        attach_evidence(fact=fact, name="a.pdf", content=content, by=by, now=NOW)
    assert found(one) == [("same_document", other.placement_id, other.pk)]
    assert found(third) == []


def test_a_correction_may_have_the_document_of_what_it_corrects() -> None:
    placement, by = make_placement(), make_user(Role.HANDLER)
    (first,) = report(placement, attendance(placement))
    (second,) = report(placement, attendance(placement, quantity=19, replaces=first.external_id))
    for fact in (first, second):
        attach_evidence(fact=fact, name="a.pdf", content=PDF, by=by, now=NOW)
    assert found(second) == []


@pytest.mark.django_db(transaction=True)
def test_the_same_step_paid_elsewhere_within_the_days() -> None:
    """A start part was paid by one provider; another one reports attendance for the same participant."""
    town, other = Town(), Town(number=2)
    town.refer("S-1", date(2025, 1, 7), date(2025, 1, 13))
    town.tell(date(2025, 2, 11), attended("days", "S-1", date(2025, 1, 13), date(2025, 2, 10), 20))
    town.compute(date(2025, 2, 28))
    paid = Placement.objects.get(number="S-1")
    other.refer("S-2", date(2025, 3, 1), date(2025, 3, 3))
    assert found(Fact.objects.get(pk=other.report(date(2025, 4, 4), soon("a", "S-2"))[0])) == []  # another participant
    same = refer_again(other, paid)
    (near,) = other.report(date(2025, 4, 4), soon("b", same.number))
    (far,) = other.report(date(2025, 12, 1), attended("c", same.number, date(2025, 11, 1), date(2025, 11, 28), 20))
    kinds = [(kind, placement) for kind, placement, _ in found(Fact.objects.get(pk=near))]
    assert kinds == [(ConflictKind.SAME_STEP, paid.pk), (ConflictKind.OVERLAP, paid.pk)]
    assert [kind for kind, *_ in found(Fact.objects.get(pk=far))] == [ConflictKind.OVERLAP]


def soon(name: str, placement: str) -> FactReport:
    return attended(name, placement, date(2025, 3, 3), date(2025, 3, 28), 20)


def refer_again(town: Town, placement: Placement) -> Placement:
    """The participant of a placement, with another provider too."""
    again = Referral("S-3", placement.participant.number, town.contract.pk, 0, None, MARCH, MARCH)
    by = town_person("handläggare", Role.HANDLER)
    (pk,) = refer_participants(referrals=[again], by=by, now=noon(MARCH))
    return Placement.objects.get(pk=pk)

"""A participant comes back within the contract's time: the old placement goes on."""

from datetime import date, timedelta

import pytest

from outcomes.automatic import RETURN_WITHIN
from outcomes.columns import Kind
from outcomes.models import VerificationDecision
from tests.small_world import attendance, report, verify
from tests.wrong_examples_placements import ENDED_ON, TODAY, come_back, returning_contract

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_exit_is_withdrawn_and_the_time_between_is_an_interruption() -> None:
    placement = returning_contract()
    come_back(date(2025, 5, 20), placement)
    placement.refresh_from_db()
    assert placement.period.upper is None
    withdrawal = placement.facts.get(kind=Kind.EXIT, withdrawn=True)
    away = placement.facts.get(kind=Kind.INTERRUPTION)
    assert withdrawal.replaces == placement.facts.get(kind=Kind.EXIT, withdrawn=False)
    assert (away.from_day, away.through_day) == (ENDED_ON + DAY, date(2025, 5, 19))
    decisions = VerificationDecision.objects.filter(fact__in=[withdrawal, away])
    assert set(decisions.values_list("decision", "rule", "decided_by")) == {("verified", RETURN_WITHIN, None)}


def test_who_comes_back_the_day_after_was_never_away() -> None:
    placement = returning_contract()
    come_back(ENDED_ON + DAY, placement)
    assert not placement.facts.filter(kind=Kind.INTERRUPTION).exists()
    assert placement.facts.filter(kind=Kind.EXIT, withdrawn=True).exists()


@pytest.mark.parametrize("within", ["P34D", "P5W"])
def test_the_last_day_of_the_contract_s_time_counts(within: str) -> None:
    placement = returning_contract(within)
    come_back(TODAY, placement)
    placement.refresh_from_db()
    assert placement.period.upper is None


def test_facts_after_the_return_are_taken_again() -> None:
    placement = returning_contract()
    come_back(date(2025, 5, 20), placement)
    after = attendance(placement, from_day=date(2025, 5, 20), through_day=date(2025, 5, 30), quantity=5)
    verify(*report(placement, after))

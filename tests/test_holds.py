"""What a run holds: lines beyond a contract's budget, and contracts whose provider is no longer authorised."""

from datetime import date

import pytest

from backend.kernel.errors import DomainError
from contracts.services import set_budget
from payouts.models import Hold, Line
from payouts.services import cancel_run
from providers.services import authorise_provider
from tests.authorisation_steps import Kind, make_service
from tests.run_steps import DAY, ledger
from tests.test_authorisation import measure
from tests.town import Town, attendance, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
FEBRUARY, MARCH, APRIL = date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)
START_PART = 600_000  # öre, in tier A


@pytest.fixture
def town() -> Town:
    """Three placements; their start parts are complete on the last days of their attendance."""
    town = Town()
    for number in ("P1", "P2", "P3"):
        town.refer(number, date(2025, 1, 10), START)
    return town


def attend(town: Town, number: str, through: date, name: str = "") -> None:
    """Twenty days of attendance, reported and verified on the last day."""
    town.tell(through, attendance(name or f"a-{number}", number, START, through, 20))


def budget(town: Town, ore: int) -> None:
    set_budget(contract=town.contract, year=2025, amount=ore, by=town.procurement, now=noon(START))


def held() -> list[str]:
    """Placements with lines that are held."""
    holds = Hold.objects.filter(released_at=None, placement__isnull=False)
    return sorted(holds.values_list("placement__number", flat=True))


def test_the_budget_goes_to_what_qualified_first(town: Town) -> None:
    budget(town, 2 * START_PART)
    attend(town, "P3", date(2025, 2, 10))
    attend(town, "P1", date(2025, 2, 20))
    attend(town, "P2", date(2025, 2, 12))
    run = town.compute(FEBRUARY)
    assert held() == ["P1"]
    assert run.total == 3 * START_PART  # a budget never changes what is owed
    hold = Hold.objects.get()
    assert (hold.run, hold.reason_code, hold.rule, hold.placed_by) == (run, "budget", "budget", None)


def test_on_the_same_day_the_first_placement_goes_first(town: Town) -> None:
    budget(town, START_PART)
    for number in ("P2", "P1"):
        attend(town, number, date(2025, 2, 12))
    town.compute(FEBRUARY)
    assert held() == ["P2"]


def test_what_was_paid_keeps_its_place_in_the_budget(town: Town) -> None:
    budget(town, 2 * START_PART)
    attend(town, "P1", date(2025, 2, 12))
    attend(town, "P2", date(2025, 2, 20))
    town.pay(FEBRUARY)
    town.tell(date(2025, 3, 10), attendance("late", "P3", START, date(2025, 2, 10), 20))  # qualified before the others
    town.pay(MARCH)
    assert held() == ["P3"]


def test_what_is_taken_back_frees_the_budget(town: Town) -> None:
    budget(town, START_PART)
    attend(town, "P1", date(2025, 2, 12))
    town.pay(FEBRUARY)
    town.tell(date(2025, 3, 10), attendance("mended", "P1", START, date(2025, 2, 12), 10, replaces="a-P1"))
    attend(town, "P2", date(2025, 3, 11))
    town.pay(MARCH)
    assert held() == []
    assert sum(amount for _, _, amount in ledger()) == START_PART


def test_what_is_held_spends_nothing(town: Town) -> None:
    budget(town, START_PART - 1)
    attend(town, "P1", date(2025, 2, 12))
    town.pay(FEBRUARY)
    budget(town, START_PART)
    attend(town, "P2", date(2025, 3, 12))
    town.pay(MARCH)
    assert held() == ["P1"]


def test_a_cancelled_run_spends_nothing(town: Town) -> None:
    budget(town, START_PART)
    attend(town, "P1", date(2025, 2, 12))
    cancel_run(run=town.compute(FEBRUARY), reason="wrong", by=town.starter, now=noon(FEBRUARY + DAY))
    town.pay(FEBRUARY)
    assert held() == []


def test_the_budget_of_one_year_is_not_spent_by_another(town: Town) -> None:
    set_budget(contract=town.contract, year=2024, amount=0, by=town.procurement, now=noon(START))
    attend(town, "P1", date(2025, 2, 12))
    town.compute(FEBRUARY)
    assert held() == []


def test_a_contract_is_held_once_while_its_provider_is_not_authorised(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    town.pay(FEBRUARY)
    end = date(2025, 3, 15)
    authorise_provider(
        provider=town.provider, valid_from=date(2025, 3, 1), valid_through=end, by=town.procurement, now=noon(end)
    )
    attend(town, "P2", date(2025, 3, 12))
    march = town.pay(MARCH)
    attend(town, "P3", date(2025, 4, 12))
    town.pay(APRIL)
    hold = Hold.objects.get()
    assert (hold.contract, hold.rule, hold.placed_at) == (town.contract, "authorisation_lapsed", march.computed_at)
    assert Line.objects.count() == 3


def test_an_authorisation_through_the_cutoff_holds_nothing(town: Town) -> None:
    attend(town, "P1", date(2025, 2, 12))
    authorise_provider(
        provider=town.provider, valid_from=START, valid_through=FEBRUARY, by=town.procurement, now=noon(START)
    )
    town.compute(FEBRUARY)
    assert not Hold.objects.exists()


def test_a_suspension_for_the_contracts_service_holds_it_and_stops_referrals() -> None:
    town = Town(service=make_service())
    town.refer("P1", date(2025, 1, 10), START)
    attend(town, "P1", date(2025, 2, 12))
    suspended_on = date(2025, 2, 14)
    measure(Kind.SUSPENDED, town.provider, make_service(), suspended_on)  # of another service
    town.pay(FEBRUARY)
    assert not Hold.objects.exists()
    assert town.service
    measure(Kind.SUSPENDED, town.provider, town.service, date(2025, 3, 3))
    with pytest.raises(DomainError, match="not authorised"):
        town.refer("P2", date(2025, 3, 4), date(2025, 3, 10))
    town.tell(date(2025, 3, 20), attendance("less", "P1", START, date(2025, 2, 12), 3, replaces="a-P1"))
    town.pay(MARCH)
    assert Hold.objects.get().contract == town.contract
    measure(Kind.RESUMED, town.provider, town.service, date(2025, 4, 7))
    assert town.refer("P3", date(2025, 4, 8), date(2025, 4, 14))

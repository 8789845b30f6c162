"""A provider whose data break a rule is parked, with the reason; the rest goes on, and once mended nothing is lost."""

from datetime import date

import pytest

from contracts.library import library_model
from outcomes.models import ChangedPlacement, Placement
from outcomes.services.referrals import mark_changed
from payouts.models import ParkedProvider, Run, RunVersion, Wakeup
from payouts.replaying import replay_runs
from payouts.services import cancel_run
from tests.run_steps import DAY, as_owner, assert_ledger_is_clean, ledger
from tests.town import Town, attendance, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
ATTENDED = date(2025, 2, 12)
FEBRUARY, MARCH, APRIL = date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)
START_PART = 600_000


@pytest.fixture
def sound() -> Town:
    """A provider with one placement that has earned its start part."""
    return with_placement(Town())


@pytest.fixture
def broken() -> Town:
    """Another one, whose data the tests break."""
    return with_placement(Town(number=2))


def with_placement(town: Town) -> Town:
    number = f"P{town.number}"
    town.refer(number, date(2025, 1, 10), START)
    town.tell(ATTENDED, attendance(f"a-{number}", number, START, ATTENDED, 20))
    return town


def set_days(fact: str, days: int) -> None:
    """What no service lets through: the owner changes a fact, as a fault in an import might have left it."""
    with as_owner("outcomes_fact") as connection:
        connection.execute("UPDATE outcomes_fact SET quantity = %s WHERE external_id = %s", [days, fact])


def marked() -> set[str]:
    """The placements that are marked for the next run."""
    changed = ChangedPlacement.objects.values("placement_id")
    return set(Placement.objects.filter(pk__in=changed).values_list("number", flat=True))


def test_the_rest_goes_on(sound: Town, broken: Town) -> None:
    set_days("a-P2", 99)
    run = sound.pay(FEBRUARY)
    assert ledger() == [("P1", "start", START_PART)]
    (parked,) = ParkedProvider.objects.all()
    assert (parked.run, parked.provider, parked.placement.number) == (run, broken.provider, "P2")
    assert parked.fact is not None
    reason = (parked.fact.external_id, parked.rule, parked.field, parked.value)
    assert reason == ("a-P2", "attended_too_many_days", "days", "99")
    assert marked() == {"P2"}
    assert [version.version for version in RunVersion.objects.all()] == [sound.version]


def test_the_next_run_takes_it_up_once_it_is_mended(sound: Town, broken: Town) -> None:
    set_days("a-P2", 99)
    sound.pay(FEBRUARY)
    still = sound.pay(MARCH)
    assert [parked.provider for parked in still.parked.all()] == [broken.provider]
    set_days("a-P2", 20)
    mended = sound.pay(APRIL)
    assert (mended.is_full, mended.parked.count()) == (False, 0)
    assert ledger() == [("P1", "start", START_PART), ("P2", "start", START_PART)]
    assert not marked()
    assert_ledger_is_clean()


def test_what_a_parked_provider_was_paid_stays(sound: Town, broken: Town) -> None:
    sound.pay(FEBRUARY)
    set_days("a-P2", 99)
    mark_changed([Placement.objects.get(number="P2").pk])
    march = sound.pay(MARCH)
    assert (march.line_count, march.parked.count()) == (0, 1)
    set_days("a-P2", 20)
    april = sound.pay(APRIL)
    assert (april.line_count, april.parked.count()) == (0, 0)


def test_all_of_its_placements_wait_and_keep_their_days() -> None:
    monthly = Town(library_model("nacka-jobbpeng"))
    for number in ("M1", "M2"):
        monthly.refer(number, date(2025, 1, 10), START)
    monthly.pay(date(2025, 1, 31))
    days = dict(Wakeup.objects.values_list("placement_id", "wake_on"))
    assert len(days) == 2
    monthly.tell(date(2025, 2, 20), attendance("a-M1", "M1", START, date(2025, 2, 19), 5))
    set_days("a-M1", 99)
    february = monthly.pay(FEBRUARY)
    assert (february.line_count, february.parked.count()) == (0, 1)
    assert dict(Wakeup.objects.values_list("placement_id", "wake_on")) == days
    set_days("a-M1", 5)
    march = monthly.pay(MARCH)
    assert sorted(march.lines.values_list("placement__number", "occurrence")) == [
        ("M1", 202502), ("M1", 202503), ("M2", 202502), ("M2", 202503),
    ]  # fmt: skip
    assert_ledger_is_clean()


def test_several_are_parked_at_once_each_with_its_first_reason(sound: Town, broken: Town) -> None:
    third = with_placement(Town(number=3))
    set_days("a-P2", 99)
    set_days("a-P3", 98)
    run = sound.compute(FEBRUARY)
    reasons = {parked.provider: parked.value for parked in run.parked.all()}
    assert reasons == {broken.provider: "99", third.provider: "98"}
    assert ledger() == [("P1", "start", START_PART)]


def test_a_parked_run_can_be_replayed(sound: Town, broken: Town) -> None:
    set_days("a-P2", 99)
    sound.pay(FEBRUARY)
    set_days("a-P2", 20)
    sound.pay(MARCH)
    assert [(replayed.run.sequence, replayed.equal) for replayed in replay_runs()] == [(1, True), (2, True)]


def test_a_cancelled_run_forgets_whom_it_parked(sound: Town, broken: Town) -> None:
    set_days("a-P2", 99)
    cancel_run(run=sound.compute(FEBRUARY), reason="to be mended", by=sound.starter, now=noon(FEBRUARY + DAY))
    set_days("a-P2", 20)
    again = sound.pay(FEBRUARY)
    assert (again.is_full, again.line_count, again.parked.count()) == (True, 2, 0)
    assert Run.objects.count() == 2

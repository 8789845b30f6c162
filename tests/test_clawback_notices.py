"""Clawbacks wait for the provider's answer; what corrects the distant past is only proposed."""

from datetime import date

import pytest

from backend.kernel.models import User
from outcomes.services import change_placement
from payouts.models import ClawbackNotice, Hold, Objection, Run, Statement
from payouts.services import decide_objection, make_objection, release_holds
from tests.run_steps import DAY, assert_ledger_is_clean, ledger, refusal
from tests.town import Town, attendance, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
ATTENDED = date(2025, 2, 12)
FEBRUARY, MARCH, APRIL, MAY = date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31)
START_PART = 600_000


@pytest.fixture
def town() -> Town:
    """Two start parts were paid for February; March takes one back, and the provider has 14 days to answer."""
    town = Town(terms={"notice_days": 14})
    for number in ("P1", "P2"):
        town.refer(number, START - 5 * DAY, START)
        town.tell(ATTENDED, attendance(f"a-{number}", number, START, ATTENDED, 20))
    settle(town, FEBRUARY)
    town.tell(date(2025, 3, 5), attendance("c1", "P1", START, ATTENDED, 10, replaces="a-P1"))
    settle(town, MARCH)
    return town


def settle(town: Town, cutoff: date) -> Run:
    return town.allocate(town.pay(cutoff))


def net(cutoff: date) -> list[int]:
    return list(Statement.objects.filter(run__cutoff=cutoff).values_list("net", flat=True))


def hold() -> Hold:
    return Hold.objects.get(rule="clawback_notice")


def test_the_provider_is_told_and_then_it_is_netted(town: Town) -> None:
    notice = ClawbackNotice.objects.get()
    assert (notice.contract, notice.line_count, notice.amount) == (town.contract, 1, -START_PART)
    assert notice.answer_by == date(2025, 4, 15)
    assert net(MARCH) == []
    assert hold().released_at is None
    settle(town, APRIL)
    assert (hold().release_rule, net(APRIL)) == ("notice_answered", [-START_PART])
    assert_ledger_is_clean()


def test_within_the_time_to_answer_nothing_is_netted(town: Town) -> None:
    again = settle(town, MARCH)  # another run on the same day
    assert again.statements.count() == 0
    assert_ledger_is_clean()


def test_an_answer_keeps_it_until_somebody_decides(town: Town) -> None:
    objection = answer(town)
    settle(town, APRIL)
    assert (net(APRIL), hold().released_at) == ([], None)
    decide_objection(objection=objection, is_upheld=False, reason="wrong", by=town.decider, now=noon(MAY))
    settle(town, MAY)
    assert net(MAY) == [-START_PART]
    assert_ledger_is_clean()


def answer(town: Town) -> Objection:
    notice = ClawbackNotice.objects.get()
    placement = notice.run.lines.get().placement
    return make_objection(
        notice=notice,
        placement=placement,
        text="All days were attended.",
        by=town.reporter,
        now=noon(date(2025, 4, 15)),
    )


def test_an_answer_that_is_upheld_waits_for_the_correction(town: Town) -> None:
    decide_objection(objection=answer(town), is_upheld=True, reason="right", by=town.decider, now=noon(APRIL))
    town.tell(date(2025, 4, 20), attendance("c2", "P1", START, ATTENDED, 20, replaces="c1"))
    settle(town, APRIL)
    assert [amount for _, _, amount in ledger()] == [START_PART, START_PART, -START_PART, START_PART]
    assert net(APRIL) == [START_PART]  # the clawback still stands against it, held
    release_holds(holds=[hold().pk], reason="the facts are corrected", by=town.decider, now=noon(MAY))
    settle(town, MAY)
    assert net(MAY) == [-START_PART]
    assert_ledger_is_clean()


def test_what_more_than_makes_up_for_it_needs_no_notice() -> None:
    """A placement that is moved to another tier is paid anew and taken back in one run: the difference is paid."""
    town = Town(terms={"notice_days": 14})
    placement = town.refer("P1", START - 5 * DAY, START)
    town.tell(ATTENDED, attendance("a1", "P1", START, ATTENDED, 20))
    settle(town, FEBRUARY)
    change_placement(
        placement=placement, tier=1, price=None, referred_on=START - 5 * DAY, starts_on=START,
        by=town.handler, now=noon(date(2025, 3, 5)),
    )  # fmt: skip
    settle(town, MARCH)
    assert not ClawbackNotice.objects.exists()
    assert net(MARCH) == [200_000]


def test_what_corrects_the_distant_past_is_only_proposed(town: Town) -> None:
    town.amend(date(2025, 4, 1), correct_within="P1M")
    town.tell(date(2025, 4, 5), attendance("c2", "P2", START, ATTENDED, 10, replaces="a-P2"))
    settle(town, APRIL)
    proposal = Hold.objects.get(rule="correction_too_old")
    assert proposal.placement is not None
    assert proposal.placement.number == "P2"
    assert net(APRIL) == [-START_PART]  # the one of which the provider was told
    release_holds(holds=[proposal.pk], reason="the provider agrees", by=town.decider, now=noon(MAY))
    settle(town, MAY)
    assert net(MAY) == [-START_PART]
    assert_ledger_is_clean()


def test_the_last_day_within_the_time_to_correct_still_counts(town: Town) -> None:
    town.amend(date(2025, 4, 1), notice_days=0, correct_within="P77D")  # 12 February to 30 April
    town.tell(date(2025, 4, 5), attendance("c2", "P2", START, ATTENDED, 10, replaces="a-P2"))
    settle(town, APRIL)
    assert not Hold.objects.filter(rule="correction_too_old").exists()
    assert net(APRIL) == [-2 * START_PART]


def test_who_may_answer_and_when(town: Town) -> None:
    notice, other = ClawbackNotice.objects.get(), Town(number=2)
    in_time = noon(date(2025, 4, 15))
    stranger = other.refer("P9", START, START)

    def say(**changes: object) -> Objection:
        values = {"notice": notice, "placement": None, "text": "No.", "by": town.reporter, "now": in_time} | changes
        return make_objection(**values)  # type: ignore[arg-type]  # named by hand in each case

    assert refusal(lambda: say(by=other.reporter)) == "not_a_member"
    assert refusal(lambda: say(by=town.procurement)) == "role_needed"
    assert refusal(lambda: say(text=" ")) == "objection_text"
    assert refusal(lambda: say(now=noon(date(2025, 4, 16)))) == "objection_late"
    assert refusal(lambda: say(placement=stranger)) == "objection_placement"
    objection = say(by=town.handler)

    def decide(reason: str, by: User) -> None:
        decide_objection(objection=objection, is_upheld=True, reason=reason, by=by, now=in_time)

    assert refusal(lambda: decide("right", town.handler)) == "role_needed"
    assert refusal(lambda: decide("", town.decider)) == "objection_reason"
    decide("right", town.decider)
    assert refusal(lambda: decide("right", town.decider)) == "objection_decided"

"""Officers decide, two where much hangs on it, with deadlines and reminders; and rules do, where they are on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role, User
from outcomes.columns import Kind
from outcomes.deciding import USUAL, deciding_on
from outcomes.models import Fact, Reminder, VerificationDecision
from outcomes.services import (
    ask_for_more,
    attach_evidence,
    remind_providers,
    undo_verification,
    verify_facts,
    verify_in_bulk,
)
from outcomes.waiting import asked_for_more, facts_to_decide, waiting_facts
from payouts.services import verify_by_rules
from tests.small_world import attendance, make_contract, make_member, make_placement, make_user, moment, report, verify
from tests.wrong_examples_verification import PDF, TODAY, say, waiting

pytestmark = pytest.mark.django_db
EXIT_DAY = date(2025, 3, 1)
START_PART = 6_000_00  # öre, of the model that the contract follows


def decisions(fact: Fact) -> list[str]:
    return list(fact.decisions.order_by("pk").values_list("decision", flat=True))


def codes(error: pytest.ExceptionInfo[DomainError]) -> set[str]:
    return {breach.rule.code for breach in error.value.breaches}


def test_a_second_officer_verifies_what_much_hangs_on() -> None:
    fact = waiting()
    say(fact, second_officer_from=START_PART)
    first, second = make_user(Role.HANDLER), make_user(Role.HANDLER)
    assert verify_facts(facts=[fact.pk], by=first, now=moment(TODAY)) == [fact.pk]
    fact.refresh_from_db()
    assert fact.verified is None
    with pytest.raises(DomainError) as refused:
        verify_facts(facts=[fact.pk], by=first, now=moment(TODAY))
    assert codes(refused) == {"second_officer"}
    assert verify_facts(facts=[fact.pk], by=second, now=moment(TODAY)) == []
    fact.refresh_from_db()
    assert fact.verified == TODAY
    assert decisions(fact) == ["signed", "verified"]


def test_one_officer_is_enough_below_the_amount_and_before_the_day() -> None:
    cheap, early = waiting(), waiting()
    say(cheap, second_officer_from=START_PART + 1)
    say(early, second_officer_from=1, valid_from=TODAY + timedelta(days=1))
    assert verify_facts(facts=[cheap.pk, early.pk], by=make_user(Role.HANDLER), now=moment(TODAY)) == []


def test_terms_count_from_their_day_and_the_newest_wins() -> None:
    fact = waiting()
    say(fact, decide_within=5)
    say(fact, decide_within=7, valid_from=TODAY)
    contract = fact.placement.contract
    days = (date(2024, 12, 31), TODAY - timedelta(days=1), TODAY)
    assert [deciding_on(contract, day).decide_within for day in days] == [USUAL.decide_within, 5, 7]
    event = AuditEvent.objects.filter(action="set_verification_terms").latest("pk")
    assert (event.earlier, event.later) == (
        {"decide_within": 5},
        {"decide_within": 7, "valid_from": TODAY.isoformat(), "reason": "tests"},
    )


def test_more_is_asked_for_until_a_day_and_answered_by_evidence() -> None:
    fact, by = waiting(), make_user(Role.HANDLER)
    due = TODAY + timedelta(days=10)
    ask_for_more(
        facts=[fact.pk], reason_code="evidence_missing", note="the contract", due_on=due, by=by, now=moment(TODAY)
    )
    asked = asked_for_more().get()
    assert (asked.due_on, asked.note) == (due, "the contract")
    assert not facts_to_decide().exists()
    member = make_member(fact.provider)
    attach_evidence(fact=fact, name="a.pdf", content=PDF, by=member, now=moment(TODAY + timedelta(days=1)))
    assert facts_to_decide().get() == fact
    assert not asked_for_more().exists()


def test_providers_are_reminded_once_three_days_before() -> None:
    fact, by = waiting(), make_user(Role.HANDLER)
    due = TODAY + timedelta(days=10)
    ask_for_more(facts=[fact.pk], reason_code="evidence_missing", due_on=due, by=by, now=moment(TODAY))
    sent = [remind_providers(now=moment(due - timedelta(days=left))) for left in (4, 3, 2)]
    assert sent == [0, 1, 0]
    assert Reminder.objects.get().decision.fact == fact
    event = AuditEvent.objects.get(action="remind")
    assert event.later == {"provider": fact.provider.number, "facts": [fact.pk]}


def test_what_is_answered_is_not_reminded_of() -> None:
    fact, by = waiting(), make_user(Role.HANDLER)
    ask_for_more(facts=[fact.pk], reason_code="evidence_missing", by=by, now=moment(TODAY))
    attach_evidence(fact=fact, name="a.pdf", content=PDF, by=by, now=moment(TODAY + timedelta(days=1)))
    assert remind_providers(now=moment(TODAY + timedelta(days=14))) == 0


def test_a_first_report_leaves_the_queue_when_its_correction_comes() -> None:
    placement = make_placement()
    (first,) = report(placement, attendance(placement))
    (second,) = report(placement, attendance(placement, quantity=19, replaces=first.external_id))
    assert set(waiting_facts()) == {second}


def test_a_verification_is_undone_by_a_withdrawal_that_somebody_else_verifies() -> None:
    fact, first, second = waiting(), make_user(Role.HANDLER), make_user(Role.HANDLER)
    verify(fact, by=first)
    fact.refresh_from_db()
    pk = undo_verification(fact=fact, reason="not there at all", by=first, now=moment(TODAY))
    with pytest.raises(DomainError) as refused:
        verify_facts(facts=[pk], by=first, now=moment(TODAY))
    assert codes(refused) == {"own_report", "own_verification"}
    verify_facts(facts=[pk], by=second, now=moment(TODAY))
    withdrawal = Fact.objects.get(pk=pk)
    assert (withdrawal.withdrawn, withdrawal.replaces, withdrawal.verified) == (True, fact, TODAY)
    assert AuditEvent.objects.get(action="undo_verification").later == {"reason": "not there at all", "withdrawal": pk}


def test_many_are_verified_at_a_time_only_of_kinds_that_the_contract_allows() -> None:
    contract, by = make_contract(), make_user(Role.HANDLER)
    facts = [report(placement, attendance(placement))[0] for placement in (make_placement(contract) for _ in range(3))]
    say(facts[0], bulk_kinds=(Kind.ATTENDANCE,))
    other = waiting()
    with pytest.raises(DomainError) as refused:
        verify_in_bulk(facts=[*(fact.pk for fact in facts), other.pk], by=by, now=moment(TODAY))
    assert [(breach.rule.code, breach.value) for breach in refused.value.breaches] == [("bulk_kind", other.pk)]
    assert verify_in_bulk(facts=[fact.pk for fact in facts], by=by, now=moment(TODAY)) == []
    assert Fact.objects.filter(verified=TODAY).count() == 3


def test_a_rule_verifies_where_it_is_switched_on_and_its_decision_names_it() -> None:
    on, off, costly = waiting(), waiting(), waiting()
    say(on, rules=("plausible_attendance",))
    say(off, rules=("report_of_past_month",))
    say(costly, rules=("plausible_attendance",), second_officer_from=START_PART)
    assert verify_by_rules(now=moment(TODAY)) == 1
    assert verify_by_rules(now=moment(TODAY)) == 0
    decision = VerificationDecision.objects.get()
    assert (decision.fact, decision.rule, decision.decided_by) == (on, "plausible_attendance", None)


@pytest.mark.parametrize(
    ("rule", "fits", "does_not"),
    [
        ("plausible_attendance", {}, {"quantity": 21}),
        ("short_interruption", {"kind": Kind.INTERRUPTION, "quantity": 0, "through_day": date(2025, 2, 16)},
         {"kind": Kind.INTERRUPTION, "quantity": 0, "through_day": date(2025, 2, 17)}),
        ("report_of_past_month",
         {"kind": Kind.REPORT, "quantity": 0, "from_day": date(2025, 5, 1), "through_day": date(2025, 5, 31)},
         {"kind": Kind.REPORT, "quantity": 0, "from_day": date(2025, 6, 1), "through_day": date(2025, 6, 30)}),
        ("exit_without_result",
         {"kind": Kind.EXIT, "quantity": 0, "detail": 4, "from_day": EXIT_DAY, "through_day": EXIT_DAY},
         {"kind": Kind.EXIT, "quantity": 0, "detail": 2, "from_day": EXIT_DAY, "through_day": EXIT_DAY}),
    ],
)  # fmt: skip
def test_each_rule_verifies_what_it_says_and_leaves_the_rest(
    rule: str, fits: dict[str, object], does_not: dict[str, object]
) -> None:
    contract = make_contract()
    verified, left = (
        report(placement, attendance(placement, **content))[0]
        for content in (fits, does_not)
        for placement in [make_placement(contract)]
    )
    say(verified, rules=(rule,))
    assert verify_by_rules(now=moment(TODAY)) == 1
    assert (decisions(verified), decisions(left)) == (["verified"], [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("limit", "expected"), [(None, ["verified"]), (100, ["signed", "verified"])])
def test_two_officers_at_the_same_moment_decide_once(limit: int | None, expected: list[str]) -> None:
    """One of two is refused; where two are needed one signs and the other verifies."""
    fact = waiting()
    say(fact, second_officer_from=limit)

    def decide(by: User) -> str:
        try:
            verify_facts(facts=[fact.pk], by=by, now=moment(TODAY))
        except DomainError as error:
            return error.breaches[0].rule.code
        finally:
            connections.close_all()
        return ""

    officers = [make_user(Role.HANDLER), make_user(Role.HANDLER)]
    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(decide, officers))
    assert said == (["", "decided_already"] if limit is None else ["", ""])
    assert decisions(fact) == expected

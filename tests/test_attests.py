"""Two people stand behind each part of a run: who may, what they saw, and what makes a signature void."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from backend.kernel.errors import DomainError
from backend.kernel.models import Role, User
from outcomes.services import verify_facts
from payouts.models import Attest, Finding, Run, Signature
from payouts.parts import NO_CODE, changes_since, parts_of, seals_of, signers_of
from payouts.services import (
    answer_findings,
    attest_run,
    cancel_run,
    end_attestant,
    examine_run,
    place_hold,
    release_holds,
)
from payouts.states import RunState
from providers.services import end_account
from tests.run_steps import DAY, assert_ledger_is_clean, refusal
from tests.town import Town, attendance, attestant, grade, milestone, noon, person, sign

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
FEBRUARY, MARCH = date(2025, 2, 28), date(2025, 3, 31)
AT = noon(MARCH)
EXAMINER, DECIDER = Signature.EXAMINER, Signature.DECIDER
FIRST, SECOND = "1000", "2000"


@pytest.fixture
def town() -> Town:
    """A provider with a placement that has earned its start part, under the responsibility code 1000."""
    town = Town()
    town.refer("P1", START - 5 * DAY, START)
    town.tell(date(2025, 2, 16), attendance("a1", "P1", START, date(2025, 2, 13), 22))
    return town


@pytest.fixture
def other() -> Town:
    """Another one, under 2000."""
    other = Town(number=2, code=SECOND)
    other.refer("P2", START - 5 * DAY, START)
    other.tell(date(2025, 2, 16), attendance("a2", "P2", START, date(2025, 2, 13), 22))
    return other


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.state


def part(run: Run, code: str) -> dict[str, str]:
    return {code: seals_of(run)[code]}


# --- states


def test_two_people_sign_what_they_saw(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, town.examiner, AT)
    assert state(run) == RunState.ATTESTED_ONCE
    sign(run, DECIDER, town.decider, AT)
    assert state(run) == RunState.ATTESTED
    signed = run.attests.values_list("responsibility_code", "signature", "by", "digest", "amount")
    assert set(signed) == {
        (FIRST, EXAMINER, town.examiner.pk, run.digest, 600_000),
        (FIRST, DECIDER, town.decider.pk, run.digest, 600_000),
    }
    assert_ledger_is_clean()


def test_each_part_is_signed_by_itself(town: Town, other: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    parts = parts_of(run)
    assert {code: (each.line_count, each.total) for code, each in parts.items()} == {
        FIRST: (1, 600_000),
        SECOND: (1, 600_000),
    }
    sign(run, EXAMINER, town.examiner, AT, part(run, FIRST))
    sign(run, DECIDER, town.decider, AT, part(run, FIRST))
    assert state(run) == RunState.EXAMINING
    assert refusal(lambda: sign(run, DECIDER, town.decider, AT, part(run, SECOND))) == "attest_order"
    sign(run, EXAMINER, town.examiner, AT, part(run, SECOND))
    assert state(run) == RunState.ATTESTED_ONCE
    sign(run, DECIDER, town.decider, AT, part(run, SECOND))
    assert state(run) == RunState.ATTESTED
    assert_ledger_is_clean()


def test_a_run_without_lines_is_signed_too() -> None:
    town = Town()
    run = town.examine(town.compute(FEBRUARY))
    assert list(seals_of(run)) == [NO_CODE]
    town.attest(run)
    assert state(run) == RunState.ATTESTED


def test_a_run_that_is_signed_once_can_still_be_cancelled(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, town.examiner, AT)
    cancel_run(run=run, reason="wrong", by=town.starter, now=AT)
    assert refusal(lambda: sign(run, DECIDER, town.decider, AT)) == "run_state"


# --- who


def test_who_may_not_sign(town: Town) -> None:
    verifier = attestant(person("handläggare och ekonom", Role.HANDLER, Role.EXAMINER), EXAMINER)
    town.verify(date(2025, 2, 20), town.report(date(2025, 2, 19), grade("g", "P1", START, "MAT", "C")), by=verifier)
    run = town.examine(town.compute(FEBRUARY))
    assert refusal(lambda: sign(run, EXAMINER, town.handler, AT)) == "role_needed"
    assert refusal(lambda: sign(run, EXAMINER, attestant(town.starter, EXAMINER), AT)) == "attest_starter"
    assert refusal(lambda: sign(run, EXAMINER, verifier, AT)) == "attest_verifier"
    assert refusal(lambda: sign(run, EXAMINER, person("granskare 2", Role.EXAMINER), AT)) == "attest_not_listed"
    assert refusal(lambda: sign(run, EXAMINER, town.examiner, AT, {FIRST: "0" * 64})) == "attest_digest"
    assert refusal(lambda: sign(run, EXAMINER, town.examiner, AT, {"9": ""})) == "attest_part"
    sign(run, EXAMINER, town.examiner, AT)
    both = attestant(town.examiner, DECIDER)
    assert refusal(lambda: sign(run, DECIDER, both, AT)) == "attest_twice"
    again = attestant(person("granskare 2", Role.EXAMINER), EXAMINER)
    assert refusal(lambda: sign(run, EXAMINER, again, AT)) == "attest_twice"


def test_whoever_verified_for_another_part_or_run_may_sign(town: Town, other: Town) -> None:
    verifier = attestant(person("handläggare och ekonom", Role.HANDLER, Role.EXAMINER), EXAMINER)
    grades = other.report(date(2025, 2, 19), grade("g", "P2", START, "MAT", "C"))
    other.verify(date(2025, 2, 20), grades, by=verifier)
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, verifier, AT, part(run, FIRST))
    assert refusal(lambda: sign(run, EXAMINER, verifier, AT, part(run, SECOND))) == "attest_verifier"
    sign(run, EXAMINER, town.examiner, AT, part(run, SECOND))
    sign(run, DECIDER, town.decider, AT)
    milestones = town.report(date(2025, 3, 19), milestone("m", "P1", START, "kartläggning"))
    town.verify(date(2025, 3, 20), milestones, by=verifier)
    sign(town.examine(town.compute(MARCH)), EXAMINER, verifier, AT + DAY)


def test_the_list_says_who_signs_what_how_much_and_when(town: Town, other: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    narrow = attestant(person("snäv", Role.EXAMINER), EXAMINER, most=600_000, code=FIRST)
    poor = attestant(person("fattig", Role.EXAMINER), EXAMINER, most=599_999)
    assert refusal(lambda: sign(run, EXAMINER, narrow, AT, part(run, SECOND))) == "attest_not_listed"
    assert refusal(lambda: sign(run, EXAMINER, poor, AT, part(run, FIRST))) == "attest_not_listed"
    assert refusal(lambda: sign(run, EXAMINER, narrow, AT.replace(year=2024), part(run, FIRST))) == "attest_not_listed"
    can = signers_of(run, MARCH)
    assert can[FIRST][EXAMINER] == [town.examiner, narrow]
    assert can[SECOND][EXAMINER] == [town.examiner]
    sign(run, EXAMINER, narrow, AT, part(run, FIRST))
    assert refusal(lambda: sign(run, DECIDER, town.examiner, AT, part(run, FIRST))) == "attest_not_listed"
    assert signers_of(run, MARCH)[FIRST][EXAMINER] == []
    assert signers_of(run, MARCH)[FIRST][DECIDER] == [town.decider]
    entry = narrow.attestations.get()
    end_attestant(attestant=entry, by=person("administratör", Role.ADMINISTRATOR), now=AT)
    assert refusal(lambda: sign(run, EXAMINER, narrow, AT, part(run, SECOND))) == "attest_not_listed"


def test_above_a_limit_the_second_factor_is_fresh(town: Town, settings: Settings) -> None:
    settings.ATTEST_SECOND_FACTOR_ABOVE = 5_999
    run = town.examine(town.compute(FEBRUARY))

    def sign_with(minutes: int | None) -> list[Attest]:
        at = None if minutes is None else AT - timedelta(minutes=minutes)
        return attest_run(
            run=run, signature=EXAMINER, seals=seals_of(run), has_no_conflict=True, by=town.examiner, now=AT,
            second_factor_at=at,
        )  # fmt: skip

    for minutes in (None, 16, -1):
        assert refusal(lambda minutes=minutes: sign_with(minutes)) == "attest_second_factor"  # type: ignore[misc]
    (signed,) = sign_with(15)
    assert signed.second_factor_at == AT - timedelta(minutes=15)


def test_nobody_signs_with_a_conflict(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    seals = seals_of(run)
    with pytest.raises(DomainError, match="disqualifies"):
        attest_run(run=run, signature=EXAMINER, seals=seals, has_no_conflict=False, by=town.examiner, now=AT)


# --- what makes a signature void


def test_a_hold_under_a_signature_makes_it_void(town: Town, other: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, town.examiner, AT)
    seen = seals_of(run)
    hold = place_hold(target=town.contract, reason="looks odd", by=town.handler, now=AT)
    assert state(run) == RunState.EXAMINING
    now = seals_of(run)
    assert (now[FIRST] != seen[FIRST], now[SECOND] == seen[SECOND]) == (True, True)
    assert refusal(lambda: sign(run, DECIDER, town.decider, AT, seen)) == "attest_digest"
    assert refusal(lambda: sign(run, DECIDER, town.decider, AT, now)) == "attest_order"
    sign(run, EXAMINER, town.examiner, AT, part(run, FIRST))
    assert state(run) == RunState.ATTESTED_ONCE
    release_holds(holds=[hold.pk], reason="it was right", by=town.decider, now=AT)
    assert state(run) == RunState.EXAMINING  # what was signed before the hold stands no more either
    sign(run, EXAMINER, town.examiner, AT, part(run, FIRST))
    sign(run, DECIDER, town.decider, AT)
    assert state(run) == RunState.ATTESTED
    assert_ledger_is_clean()


def test_what_a_control_finds_anew_makes_it_void(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, town.examiner, AT)
    end_account(account=town.papers, by=town.decider, now=AT)
    examine_run(run=run, by=town.examiner, now=AT)
    assert state(run) == RunState.EXAMINING
    assert refusal(lambda: sign(run, DECIDER, town.decider, AT)) == "attest_order"


def test_what_must_be_answered_is_answered_before_signing(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    finding = Finding.objects.create(
        run=run, control="contract_unlike_history", responsibility_code=FIRST, contract=town.contract, value="1",
        line_count=1, amount=1, found_at=AT,
    )  # fmt: skip
    assert refusal(lambda: sign(run, EXAMINER, town.examiner, AT)) == "attest_unanswered"
    answer_findings(findings=[finding.pk], answer="The course ended.", by=town.examiner, now=AT)
    sign(run, EXAMINER, town.examiner, AT)
    assert state(run) == RunState.ATTESTED_ONCE


def test_facts_that_change_meanwhile_are_told_and_are_for_the_next_run(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    sign(run, EXAMINER, town.examiner, AT)
    assert changes_since(run) == 0
    town.tell(date(2025, 3, 5), attendance("c1", "P1", START, date(2025, 2, 13), 12, replaces="a1"))
    assert changes_since(run) == 1
    sign(run, DECIDER, town.decider, AT)
    assert state(run) == RunState.ATTESTED
    assert town.pay(MARCH).total == -600_000
    assert_ledger_is_clean()


# --- beside each other


def in_threads(*works: tuple[Signature, User], run: Run) -> list[str]:
    """Sign from threads with connections of their own; the codes of the rules that refused."""
    seals = seals_of(run)

    def work(signature: Signature, by: User) -> str:
        try:
            sign(run, signature, by, AT, seals)
        except DomainError as error:
            return error.breaches[0].rule.code
        finally:
            connection.close()
        return "signed"

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(work, *each) for each in works]]


def test_several_who_sign_at_once_sign_once(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    others = [attestant(person(f"granskare {number}", Role.EXAMINER), EXAMINER) for number in range(3)]
    said = in_threads(*((EXAMINER, by) for by in others), run=run)
    assert sorted(said) == ["attest_twice", "attest_twice", "signed"]
    deciders = [attestant(person(f"beslutsfattare {number}", Role.DECIDER), DECIDER) for number in range(3)]
    said = in_threads(*((DECIDER, by) for by in deciders), run=run)
    assert sorted(said) == ["run_state", "run_state", "signed"]
    assert (state(run), run.attests.count()) == (RunState.ATTESTED, 2)
    assert_ledger_is_clean()


def test_one_person_does_not_sign_twice_at_once(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    both = attestant(attestant(person("båda", Role.EXAMINER, Role.DECIDER), EXAMINER), DECIDER)
    in_threads((EXAMINER, both), (DECIDER, both), (EXAMINER, both), (DECIDER, both), run=run)
    assert run.attests.count() == 1


def test_signing_while_holds_and_facts_change_leaves_no_signature_under_what_nobody_saw(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    facts = town.report(date(2025, 2, 20), grade("g", "P1", START, "MAT", "C"))
    handler, decider, examiner = town.handler, town.decider, town.examiner

    def change() -> None:
        try:
            for number in range(5):
                hold = place_hold(target=town.contract, reason=f"odd {number}", by=handler, now=AT)
                if number < 4:  # the last one stays
                    release_holds(holds=[hold.pk], reason="right", by=decider, now=AT)
            verify_facts(facts=facts, by=handler)
        finally:
            connection.close()

    def keep_signing() -> None:
        try:
            for _ in range(20):
                for signature, by in ((EXAMINER, examiner), (DECIDER, decider)):
                    try:
                        sign(run, signature, by, AT)
                    except DomainError as error:
                        assert error.breaches[0].rule.code in {  # noqa: PT017
                            "attest_digest", "attest_order", "attest_twice", "run_state",
                        }  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(change), pool.submit(keep_signing)]:
            done.result()
    assert state(run) == RunState.ATTESTED
    assert_ledger_is_clean()


def test_a_seal_says_all_that_is_seen(town: Town) -> None:
    """Anything of a part that changes gives another seal."""
    seen = parts_of(town.examine(town.compute(FEBRUARY)))[FIRST]
    others = [
        replace(seen, code=SECOND),
        replace(seen, lines_digest="0" * 64),
        replace(seen, holds={1: True}),
        replace(seen, holds={1: False}),
        replace(seen, findings=[Finding(pk=1)]),
    ]
    assert len({seen.seal, *(each.seal for each in others)}) == 6

"""Wrong examples of the rules about verification; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from backend.kernel.models import Role, User
from outcomes.deciding import USUAL
from outcomes.models import Fact
from outcomes.services import (
    ask_for_more,
    set_verification_terms,
    undo_verification,
    verify_facts,
    verify_in_bulk,
)
from tests.small_world import FIRST_DAY, NOW, attendance, make_placement, make_user, moment, report, verify

TODAY = date(2025, 6, 3)

PDF = b"%PDF-1.7 %%EOF"


def waiting() -> Fact:
    placement = make_placement()
    return report(placement, attendance(placement))[0]


def say(fact: Fact, *, valid_from: date = FIRST_DAY, reason: str = "tests", **said: object) -> None:
    """What the fact's contract says of verification."""
    set_verification_terms(
        contract=fact.placement.contract,
        deciding=replace(USUAL, **said),  # type: ignore[arg-type]  # named by hand in each test
        valid_from=valid_from,
        reason=reason,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def sign_twice() -> object:
    fact, by = waiting(), make_user(Role.HANDLER)
    say(fact, second_officer_from=100)
    verify(fact, by=by)
    return verify_facts(facts=[fact.pk], by=by, now=moment(TODAY))


def rule_on_much() -> object:
    fact = waiting()
    say(fact, second_officer_from=100, rules=("plausible_attendance",))
    return verify_facts(facts=[fact.pk], rule="plausible_attendance", now=moment(TODAY))


def undo(*, reason: str = "", verified: bool = True) -> object:
    fact = waiting()
    if verified:
        verify(fact)
        fact.refresh_from_db()
    return undo_verification(fact=fact, reason=reason, by=make_user(Role.HANDLER), now=moment(TODAY))


def by_handler(do: Callable[[Fact, User], object]) -> Callable[[], object]:
    return lambda: do(waiting(), make_user(Role.HANDLER))


VERIFICATION: dict[str, Callable[[], object]] = {
    "second_officer": sign_twice,
    "officers_needed": rule_on_much,
    "rule_off": lambda: verify_facts(facts=[waiting().pk], rule="plausible_attendance", now=moment(TODAY)),
    "bulk_kind": by_handler(lambda fact, by: verify_in_bulk(facts=[fact.pk], by=by, now=moment(TODAY))),
    "answer_by": by_handler(
        lambda fact, by: ask_for_more(
            facts=[fact.pk], reason_code="evidence_missing", due_on=TODAY, by=by, now=moment(TODAY)
        )
    ),
    "verification_terms_from": lambda: say(waiting(), valid_from=FIRST_DAY - timedelta(days=1)),
    "verification_terms_reason": lambda: say(waiting(), reason=" "),
    "not_verified": lambda: undo(reason="tests", verified=False),
    "undo_reason": undo,
}

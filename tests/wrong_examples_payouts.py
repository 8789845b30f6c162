"""Wrong examples of the rules of runs and simulation; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date, timedelta

from django.test import override_settings

from backend.kernel.models import Role, User
from contracts.reading import read_model
from contracts.terms import PaymentModel
from payouts.models import Attestant, Finding, Run, Signature
from payouts.parts import NO_CODE, seals_of
from payouts.services import (
    answer_findings,
    appoint_attestant,
    attest_run,
    cancel_run,
    compute_run,
    end_attestant,
    queue_run,
)
from payouts.services.computing import ATTEMPTS_MOST
from payouts.simulating import simulate
from payouts.states import RunState
from tests.small_world import SHARE_STEP, START_STEP, make_user, moment, publish
from tests.town import Town, attendance, attestant, person

CUTOFF = date(2025, 6, 30)
TODAY = CUTOFF + timedelta(days=1)
DIGEST = "ab" * 32
EXAMINER, DECIDER = Signature.EXAMINER, Signature.DECIDER


def make_run(**changes: object) -> Run:
    """A run without lines under examination."""
    values: dict[str, object] = {
        "sequence": 1,
        "cutoff": CUTOFF,
        "state": RunState.EXAMINING,
        "is_full": True,
        "started_by": make_user(Role.EXAMINER),
        "queued_at": moment(TODAY),
        "computed_at": moment(TODAY),
        "knowledge_at": moment(TODAY),
        "digest": DIGEST,
    }
    return Run.objects.create(**(values | changes))


def queue(cutoff: date) -> Run:
    return queue_run(cutoff=cutoff, by=make_user(Role.EXAMINER), now=moment(TODAY))


def sign(
    run: Run, by: User | None = None, *, signature: Signature = EXAMINER, seals: dict[str, str] | None = None,
    has_no_conflict: bool = True,
) -> object:  # fmt: skip
    """Sign as somebody whom the board lets sign."""
    return attest_run(
        run=run,
        signature=signature,
        seals=seals_of(run) if seals is None else seals,
        has_no_conflict=has_no_conflict,
        by=by or attestant(make_user(Role.EXAMINER, Role.DECIDER), signature),
        now=moment(TODAY),
    )


def queue_while_unfinished() -> Run:
    make_run()
    return queue(CUTOFF)


def queue_out_of_order() -> Run:
    make_run(state=RunState.ATTESTED)
    return queue(CUTOFF - timedelta(days=1))


def sign_twice() -> object:
    run, by = make_run(), attestant(make_user(Role.EXAMINER, Role.DECIDER), EXAMINER)
    sign(run, by)
    return sign(run, attestant(by, DECIDER), signature=DECIDER)


def sign_own_run() -> object:
    run = make_run()
    return sign(run, attestant(run.started_by, EXAMINER))


def sign_unanswered() -> object:
    run = make_run()
    Finding.objects.create(
        run=run, control="sum_unlike_last_month", value="1", line_count=1, amount=1, found_at=moment(TODAY)
    )
    return sign(run)


def sign_what_one_verified() -> object:
    town, both = Town(), attestant(person("handläggare och ekonom", Role.HANDLER, Role.EXAMINER), EXAMINER)
    start, end = date(2025, 6, 2), date(2025, 6, 27)
    town.refer("P1", start, start)
    town.verify(end, town.report(end, attendance("F1", "P1", start, end, 20)), by=both)
    return sign(town.examine(town.compute(CUTOFF)), both)


def sign_much_without_a_second_factor() -> object:
    town = Town()
    start, end = date(2025, 6, 2), date(2025, 6, 27)
    town.refer("P1", start, start)
    town.tell(end, attendance("F1", "P1", start, end, 20))
    with override_settings(ATTEST_SECOND_FACTOR_ABOVE=1_000):
        return sign(town.examine(town.compute(CUTOFF)))


def appoint(user: User | None = None, **changes: object) -> Attestant:
    values: dict[str, object] = {
        "signature": EXAMINER,
        "responsibility_code": "",
        "most": 100,
        "valid_from": CUTOFF,
        "valid_through": CUTOFF,
        "decision": "AMN 2025/1",
        "by": make_user(Role.ADMINISTRATOR),
        "now": moment(TODAY),
    }
    user = user or make_user(Role.EXAMINER)
    return appoint_attestant(user=user, **(values | changes))  # type: ignore[arg-type]  # named by hand


def appoint_oneself() -> object:
    by = make_user(Role.ADMINISTRATOR, Role.EXAMINER)
    return appoint(by, by=by)


def end_twice() -> object:
    entry, by = appoint(), make_user(Role.ADMINISTRATOR)
    end_attestant(attestant=entry, by=by, now=moment(TODAY))
    return end_attestant(attestant=entry, by=by, now=moment(TODAY))


def answer(text: str) -> object:
    return answer_findings(findings=[0], answer=text, by=make_user(Role.EXAMINER), now=moment(TODAY))


def cancel_without_reason() -> Run:
    return cancel_run(run=make_run(), reason="", by=make_user(Role.EXAMINER), now=moment(TODAY))


def draft(*steps: dict[str, object], tiers: tuple[str, ...] = ("A", "B")) -> PaymentModel:
    return read_model({"code": "m", "title": "M", "source": "tests", "tiers": list(tiers), "steps": list(steps)})


def simulate_june(model: PaymentModel) -> object:
    return simulate(model, date(2025, 6, 1), CUTOFF)


def simulate_the_unpublished() -> object:
    make_run()
    publish(code="other")
    return simulate_june(draft(START_STEP))


def simulate_without_a_tier() -> object:
    make_run()
    publish(code="m")
    return simulate_june(draft(START_STEP, tiers=("A",)))


def simulate_a_share_without_price() -> object:
    town = Town(draft(START_STEP))
    town.refer("P1", date(2025, 6, 2), date(2025, 6, 2))
    town.compute(CUTOFF)
    return simulate_june(draft(SHARE_STEP))


Examples = dict[str, Callable[[], object]]

PAYOUTS: Examples = {
    "cutoff_ahead": lambda: queue(TODAY),
    "cutoff_before_last": queue_out_of_order,
    "run_unfinished": queue_while_unfinished,
    "run_attempts_spent": lambda: compute_run(make_run(state=RunState.COMPUTING, attempts=ATTEMPTS_MOST).pk),
    "run_state": lambda: sign(make_run(state=RunState.ATTESTED)),
    "attest_digest": lambda: sign(make_run(), seals={NO_CODE: "cd" * 32}),
    "attest_part": lambda: sign(make_run(), seals={"9": ""}),
    "attest_starter": sign_own_run,
    "attest_twice": sign_twice,
    "attest_order": lambda: sign(make_run(), signature=DECIDER),
    "attest_conflict": lambda: sign(make_run(), has_no_conflict=False),
    "attest_not_listed": lambda: sign(make_run(), make_user(Role.EXAMINER)),
    "attest_unanswered": sign_unanswered,
    "attestant_self": appoint_oneself,
    "attestant_role": lambda: appoint(make_user(Role.DECIDER)),
    "attestant_days": lambda: appoint(valid_through=CUTOFF - timedelta(days=1)),
    "attestant_most": lambda: appoint(most=0),
    "attestant_ended": end_twice,
    "finding_answer": lambda: answer(""),
    "finding_gone": lambda: answer("right"),
    "cancel_reason": cancel_without_reason,
    "simulate_no_runs": lambda: simulate_june(draft(START_STEP)),
    "simulate_not_in_force": simulate_the_unpublished,
    "simulate_tier_gone": simulate_without_a_tier,
}

# These compute runs, over connections of their own.
COMMITTED: Examples = {
    "attest_verifier": sign_what_one_verified,
    "attest_second_factor": sign_much_without_a_second_factor,
    "simulate_unusable": simulate_a_share_without_price,
}

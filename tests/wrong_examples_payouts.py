"""Wrong examples of the rules of runs and simulation; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date, timedelta

from backend.kernel.models import Role, User
from contracts.reading import read_model
from contracts.terms import PaymentModel
from payouts.models import Attest, Run
from payouts.services import attest_run, cancel_run, compute_run, queue_run
from payouts.services.computing import ATTEMPTS_MOST
from payouts.simulating import simulate
from payouts.states import RunState
from tests.small_world import SHARE_STEP, START_STEP, make_user, moment, publish
from tests.town import Town, attendance, person

CUTOFF = date(2025, 6, 30)
TODAY = CUTOFF + timedelta(days=1)
DIGEST = "ab" * 32
EXAMINER, DECIDER = Attest.Signature.EXAMINER, Attest.Signature.DECIDER


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


def sign(run: Run, by: User, *, digest: str = DIGEST, signature: Attest.Signature = EXAMINER) -> Attest:
    return attest_run(run=run, signature=signature, digest=digest, by=by, now=moment(TODAY))


def queue_while_unfinished() -> Run:
    make_run()
    return queue(CUTOFF)


def queue_out_of_order() -> Run:
    make_run(state=RunState.ATTESTED)
    return queue(CUTOFF - timedelta(days=1))


def sign_twice() -> Attest:
    run, by = make_run(), make_user(Role.EXAMINER, Role.DECIDER)
    sign(run, by)
    return sign(run, by, signature=DECIDER)


def sign_own_run() -> Attest:
    run = make_run()
    return sign(run, run.started_by)


def sign_what_one_verified() -> Attest:
    town, both = Town(), person("handläggare och ekonom", Role.HANDLER, Role.EXAMINER)
    start, end = date(2025, 6, 2), date(2025, 6, 27)
    town.refer("P1", start, start)
    town.verify(end, town.report(end, attendance("F1", "P1", start, end, 20)), by=both)
    run = town.examine(town.compute(CUTOFF))
    return sign(run, both, digest=run.digest)


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
    "run_state": lambda: sign(make_run(state=RunState.ATTESTED), make_user(Role.EXAMINER)),
    "attest_digest": lambda: sign(make_run(), make_user(Role.EXAMINER), digest="cd" * 32),
    "attest_starter": sign_own_run,
    "attest_twice": sign_twice,
    "attest_order": lambda: sign(make_run(), make_user(Role.DECIDER), signature=DECIDER),
    "cancel_reason": cancel_without_reason,
    "simulate_no_runs": lambda: simulate_june(draft(START_STEP)),
    "simulate_not_in_force": simulate_the_unpublished,
    "simulate_tier_gone": simulate_without_a_tier,
}

# These compute runs, over connections of their own.
COMMITTED: Examples = {
    "attest_verifier": sign_what_one_verified,
    "simulate_unusable": simulate_a_share_without_price,
}

"""Wrong examples of the rules of samples and recoveries; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from psycopg.types.range import DateRange

from backend.kernel.models import Role, User
from contracts.models import Contract
from contracts.services import amend_contract, usual_conditions
from outcomes.models import Fact
from payouts.models import CounterVerification, RecoveryProposal, Run, Sample, SampledFact, SampleStratum
from payouts.services import answer_proposal, counter_verify, decide_proposal, draw_sample, propose_recovery
from payouts.states import RunState
from tests.small_world import (
    FIRST_DAY,
    LAST_DAY,
    attendance,
    make_contract,
    make_member,
    make_placement,
    make_user,
    moment,
    report,
    verify,
)
from tests.wrong_examples_payouts import CUTOFF, TODAY, make_run

Cause = CounterVerification.Cause
Decision = RecoveryProposal.Decision
AMOUNT = 600_000  # öre


def draw(run: Run | None = None, *, size: int = 10) -> Sample:
    return draw_sample(run=run or make_run(), size=size, by=make_user(Role.HANDLER), now=moment(TODAY))


def verified_fact(by: User | None = None) -> Fact:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    verify(fact, by=by)
    return fact


def draw_twice() -> object:
    verified_fact()
    run = make_run(state=RunState.ATTESTED)
    draw(run)
    return draw(run)


def sampled(contract: Contract | None = None, by: User | None = None) -> SampledFact:
    """A sampled fact of a run."""
    fact = verified_fact(by)
    run = make_run(state=RunState.ATTESTED)
    sample = Sample.objects.create(run=run, seed=run.digest, drawn_at=moment(TODAY))
    of = {"contract": contract or fact.placement.contract, "size": 1000, "drawn": 1, "amount": 1000 * AMOUNT}
    return SampledFact.objects.create(
        stratum=SampleStratum.objects.create(sample=sample, **of), fact=fact, amount=AMOUNT
    )


def check(item: SampledFact, by: User, cause: Cause = Cause.RIGHT, wrong_amount: int = 0) -> object:
    return counter_verify(sampled=item, cause=cause, wrong_amount=wrong_amount, note="", by=by, now=moment(TODAY))


def check_own() -> object:
    by = make_user(Role.HANDLER)
    return check(sampled(by=by), by)


def allowing_contract(correct_within: str = "P24M") -> Contract:
    contract = make_contract()
    conditions = usual_conditions(Contract.LegalBasis.LOV, LAST_DAY, "1")
    amend_contract(
        contract=contract,
        conditions=replace(conditions, recovers_by_sample=True, correct_within=correct_within),
        valid_from=FIRST_DAY + timedelta(days=1),
        reason="tests",
        by=make_user(Role.PROCUREMENT),
        now=moment(FIRST_DAY),
    )
    return contract


def propose(contract: Contract, months: int = 0) -> object:
    return propose_recovery(
        contract=contract,
        first=CUTOFF + timedelta(days=31 * months),
        last=CUTOFF,
        by=make_user(Role.PROCUREMENT),
        now=moment(TODAY + timedelta(days=90)),
    )


def propose_checked(contract: Contract, cause: Cause = Cause.RIGHT) -> object:
    check(sampled(contract), make_user(Role.HANDLER), cause)
    return propose(contract)


def proposal(contract: Contract | None = None, by: User | None = None) -> RecoveryProposal:
    return RecoveryProposal.objects.create(
        contract=contract or make_contract(), period=DateRange(CUTOFF.replace(day=1), CUTOFF, "[]"), paid=10 * AMOUNT,
        checked=10, wrong=5, found=0, estimate=5 * AMOUNT, low=3 * AMOUNT, high=7 * AMOUNT, amount=3 * AMOUNT,
        proposed_at=moment(TODAY), proposed_by=by or make_user(Role.PROCUREMENT), answer_by=TODAY,
    )  # fmt: skip


def propose_twice() -> object:
    contract = allowing_contract()
    proposal(contract)
    item = sampled(contract)
    # two of each of many facts were wrong, so that the lower limit lies above what was found
    for fact in (verified_fact() for _ in range(9)):
        check(
            SampledFact.objects.create(stratum=item.stratum, fact=fact, amount=AMOUNT),
            make_user(Role.HANDLER), Cause.NOT_HAPPENED, AMOUNT,
        )  # fmt: skip
    check(item, make_user(Role.HANDLER), Cause.NOT_HAPPENED, AMOUNT)
    return propose(contract)


def reply(times: int = 1, text: str = "No") -> object:
    waiting = proposal()
    by = make_member(waiting.contract.provider)
    for _ in range(times):
        answer_proposal(proposal=waiting, reply=text, by=by, now=moment(TODAY))
    return waiting


def decide(
    waiting: RecoveryProposal, *, by: User | None = None, days: int = 1, amount: int = 1, times: int = 1
) -> object:
    now, by = moment(TODAY + timedelta(days=days)), by or make_user(Role.DECIDER)
    for _ in range(times):
        decide_proposal(proposal=waiting, decision=Decision.RECOVER, amount=amount, reason="", by=by, now=now)
    return waiting


def decide_own() -> object:
    both = make_user(Role.PROCUREMENT, Role.DECIDER)
    return decide(proposal(by=both), by=both)


SAMPLING: dict[str, Callable[[], object]] = {
    "sample_run": draw,
    "sample_twice": draw_twice,
    "sample_empty": lambda: draw(make_run(state=RunState.ATTESTED)),
    "sample_size": lambda: draw(make_run(state=RunState.ATTESTED), size=0),
    "counter_own": check_own,
    "counter_amount": lambda: check(sampled(), make_user(Role.HANDLER), Cause.RIGHT, 1),
    "recovery_period": lambda: propose(allowing_contract(), months=1),
    "recovery_samples": lambda: propose(sampled().stratum.contract),
    "recovery_not_allowed": lambda: propose_checked(make_contract()),
    "recovery_too_old": lambda: propose_checked(allowing_contract("P1M")),
    "recovery_nothing": lambda: propose_checked(allowing_contract()),
    "recovery_twice": propose_twice,
    "recovery_answered": lambda: reply(times=2),
    "recovery_reply": lambda: reply(text=" "),
    "recovery_decided": lambda: decide(proposal(), times=2),
    "recovery_own": decide_own,
    "recovery_hearing": lambda: decide(proposal(), days=0),
    "recovery_amount": lambda: decide(proposal(), amount=4 * AMOUNT),
}

"""A town with a run to sample: two providers, of whose facts some are wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backend.kernel.models import Role, User
from contracts.models import Contract
from contracts.services import amend_contract, usual_conditions
from outcomes.models import Fact
from payouts.models import CounterVerification, Run, Sample, SampledFact
from payouts.sample_selectors import samples
from payouts.services import counter_verify, draw_sample
from tests.town import CLOSING, OPENING, Town, attendance, milestone, noon, person

CUTOFF, DRAWN = date(2025, 2, 28), date(2025, 3, 5)
FIRST, LAST = date(2025, 1, 13), date(2025, 2, 10)
Cause = CounterVerification.Cause
IsWrong = Callable[[Fact], bool]


@dataclass(frozen=True, slots=True)
class SampleTown:
    """Two towns that share officers, and an attested run of both."""

    towns: tuple[Town, Town]
    run: Run

    @property
    def checker(self) -> User:
        """A handler who has verified nothing."""
        return person("kontrollant", Role.HANDLER)

    def draw(self, size: int = 30) -> Any:
        return samples().get(pk=draw_sample(run=self.run, size=size, by=self.checker, now=noon(DRAWN)).pk)


def make_sample_town(placements: int = 20) -> SampleTown:
    """Each provider has so many placements, each with an attendance that pays and a milestone that does not."""
    towns = Town(number=1), Town(number=2)
    for town in towns:
        numbers = [f"S{town.number}-{number}" for number in range(placements)]
        for number in numbers:
            town.refer(number, date(2025, 1, 7), FIRST)
        days = [attendance(f"days {number}", number, FIRST, LAST, 20) for number in numbers]
        town.tell(LAST, *days, *(milestone(f"plan {number}", number, FIRST, "plan") for number in numbers))
    return SampleTown(towns, towns[0].pay(CUTOFF))


def allow_recovery(town: Town) -> None:
    """From its second day on the contract lets an error rate be extrapolated."""
    conditions = replace(usual_conditions(Contract.LegalBasis.LOV, CLOSING, "1000"), recovers_by_sample=True)
    amend_contract(
        contract=town.contract,
        conditions=conditions,
        valid_from=OPENING.replace(day=2),
        reason="tests",
        by=town.procurement,
        now=noon(OPENING),
    )


def check(sampled: SampledFact, by: User, *, cause: Cause = Cause.RIGHT, amount: int = 0) -> CounterVerification:
    return counter_verify(sampled=sampled, cause=cause, wrong_amount=amount, note="", by=by, now=noon(DRAWN))


def check_all(sample: Sample, by: User, is_wrong: IsWrong) -> None:
    """Counter-verify a sample: what is wrong should not have been paid at all."""
    for sampled in SampledFact.objects.filter(stratum__sample=sample).select_related("fact__placement__participant"):
        wrong = is_wrong(sampled.fact)
        check(sampled, by, cause=Cause.NOT_HAPPENED if wrong else Cause.RIGHT, amount=sampled.amount if wrong else 0)

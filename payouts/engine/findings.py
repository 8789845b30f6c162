"""What a step asks and what was found: the vocabulary of why and why not."""

from dataclasses import dataclass

from contracts.terms import Step
from outcomes.columns import Facts
from payouts.engine.evaluate import reported_in_time
from payouts.engine.triggers import Candidates


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the step asks: what is required, what was found (days as day numbers), and the facts looked at."""

    name: str
    required: object
    found: object
    passed: bool
    facts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A step's own checks; `open`: facts of later days could (or need not) make it owed, `until` a window closes."""

    checks: list[Check]
    open: bool
    until: int | None = None


def ids(facts: Facts) -> tuple[int, ...]:
    return tuple(int(fact) for fact in facts.id)


def reported_checks(step: Step, candidates: Candidates) -> list[Check]:
    """Whether the completing facts of what is chosen were first reported in time."""
    if step.report_within is None or not len(candidates):
        return []
    in_time = reported_in_time(step, candidates)
    late = candidates.take(~in_time) if not in_time.all() else candidates
    facts = tuple(int(fact) for fact in late.fact)
    return [Check("reported_within", str(step.report_within), int(late.first_reported[-1]), bool(in_time.all()), facts)]

"""Made-up columns for tests of scorecards: placements of some providers, what became of them, and whose they are."""

from datetime import date
from typing import Any

import numpy as np

from outcomes.columns import FAR, I32, to_day
from scorecards.inputs import Inputs, Names, Service
from scorecards.scope import Scope

SCOPE = Scope(date(2023, 1, 1), date(2026, 12, 31))
TIERS = ("A", "B", "C")
TYPES = {
    "placement": "i8", "service": "i2", "tier": "i2", "exit_reason": "i1", "status_2": "i1", "status_8": "i1",
    "status_12": "i1", "courses": "i2", "high_grades": "i2", "is_interrupted": "?", "cost": "i8", "birth_year": "i2",
    "months_on_assistance": "i2", "sex": "i1", "schooling": "i1", "obstacle": "i1",
}  # fmt: skip


def make_inputs(count: int, **columns: Any) -> Inputs:
    """`count` placements of one provider that started in January 2024 and of which nothing more is known, but for what
    `columns` say."""
    first = to_day(date(2024, 1, 15))
    values: dict[str, Any] = dict.fromkeys(Inputs.names(), 0)
    values |= {"placement": np.arange(1, count + 1), "participant": np.arange(1, count + 1), "provider": 1}
    values |= {"referred_on": first, "starts_on": first, "exit_on": FAR, "durable_on": FAR, "job_on": FAR}
    values |= {"district": 1, "birth_year": 1985, "months_on_assistance": 12, "sex": 1, "schooling": 1, "obstacle": 1}
    values |= columns
    return Inputs(*(np.broadcast_to(values[name], (count,)).astype(TYPES.get(name, "i4")) for name in Inputs.names()))


def make_names(providers: int = 1) -> Names:
    return Names(
        [Service("training", "Training")],
        TIERS,
        {number: f"Provider {number}" for number in range(1, providers + 1)},
        {1: "North", 2: "South"},
        {1: {2022: 70.0, 2024: 72.5}, 2: {2022: 60.0}},
    )


def draw_inputs(rng: np.random.Generator, *, providers: int = 12, most: int = 150) -> Inputs:
    """Placements of two years, with all measures' outcomes drawn; the first providers are small."""
    sizes = np.concatenate(([3], rng.integers(2, 20, 2), rng.integers(30, most, providers - 3)))
    provider = np.repeat(np.arange(1, providers + 1), sizes)
    count = len(provider)
    starts = to_day(date(2023, 1, 1)) + rng.integers(0, 700, count)
    tier = rng.integers(0, 3, count)
    works = rng.random(count) < 0.5 - 0.12 * tier + 0.02 * (provider % 5)
    courses = rng.poisson(0.8, count)
    exits = starts + rng.integers(60, 400, count)
    reason = np.where(works, 2, rng.choice([1, 3, 4, 7], count))
    return make_inputs(
        count,
        provider=provider,
        tier=tier,
        referred_on=starts - 7,
        starts_on=np.where(rng.random(count) < 0.05, FAR, starts),
        exit_on=exits,
        exit_reason=reason,
        durable_on=_some(rng, works, exits + 150, 0.8),
        job_on=_some(rng, works, exits + 20, 0.9),
        status_2=2 * works,
        status_8=2 * (works & (rng.random(count) < 0.8)),
        courses=courses,
        high_grades=rng.binomial(courses, 0.3),
        points=100 * courses,
        attended=rng.integers(0, 100, count),
        is_interrupted=rng.random(count) < 0.1,
        facts=rng.integers(0, 9, count),
        errors=rng.random(count) < 0.1,
        cost=rng.integers(0, 80_000_00, count),
        district=rng.integers(1, 3, count),
        birth_year=rng.integers(1965, 2005, count),
        months_on_assistance=rng.integers(0, 60, count),
        sex=rng.integers(0, 3, count),
        schooling=rng.integers(0, 5, count),
        obstacle=rng.integers(0, 7, count),
    )


def _some(rng: np.random.Generator, chosen: np.ndarray, days: I32, share: float) -> np.ndarray:
    return np.where(chosen & (rng.random(len(days)) < share), days, FAR)

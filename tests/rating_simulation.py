"""Made-up towns whose providers' quality is known, to see whom the method of `scorecards.rating` flags.

The towns are not made as the method assumes: chances follow a probit and not a logistic curve, need counts more within
one group than in the others, and participants differ by what nobody knows of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from scorecards.covariates import Categories, Covariate, Numbers
from scorecards.logistic import F64, I64, Bool
from scorecards.rating import Band, rate

PROVIDERS = 40
LEAST, MOST = 40, 120  # participants
UNKNOWN = 0.4  # deviation of what is not known of a participant, in deviations of the probit curve


@dataclass(frozen=True, slots=True)
class Scenario:
    """How providers' quality is drawn: a few far off and the rest alike, or all of them apart."""

    poor: int = 0
    good: int = 0
    off: float = 0.5  # how far
    apart: float = 0.0
    seed: int = 1


SCENARIOS = {
    "all alike": Scenario(seed=1),
    "two poor, two good": Scenario(poor=2, good=2, seed=2),
    "ordinary differences": Scenario(apart=0.2, seed=3),
}


@dataclass(frozen=True, slots=True)
class Town:
    provider: I64
    success: Bool
    covariates: list[Covariate]
    quality: F64
    hardship: F64  # of each provider's intake


def draw_town(rng: np.random.Generator, scenario: Scenario) -> Town:
    """The good providers receive the hard cases: whoever looks at success alone takes them for poor."""
    quality = rng.normal(0, scenario.apart, PROVIDERS) if scenario.apart else np.zeros(PROVIDERS)
    quality[: scenario.poor] -= scenario.off
    quality[scenario.poor : scenario.poor + scenario.good] += scenario.off
    hardship = rng.normal(0, 1, PROVIDERS) + 2 * quality
    provider = np.repeat(np.arange(PROVIDERS), rng.integers(LEAST, MOST + 1, PROVIDERS))
    count = len(provider)
    need = rng.normal(hardship[provider], 1)
    group = np.clip(np.digitize(need + rng.normal(0, 1, count), (-1, 0, 1)), 0, 3)
    age, sex = rng.uniform(19, 63, count), rng.integers(0, 2, count)
    chance = norm.cdf(
        -0.3
        - need * (0.3 + 0.15 * (group == 3) - 0.1 * sex)
        - 0.25 * group
        - 0.01 * (age - 40)
        + quality[provider]
        + rng.normal(0, UNKNOWN, count)
    )
    covariates: list[Covariate] = [
        Numbers("need", need),
        Categories("group", group.astype(np.int32), ["a", "b", "c", "d"]),
        Numbers("age", age),
        Categories("sex", sex.astype(np.int32), ["m", "w"]),
    ]
    return Town(provider, rng.random(count) < chance, covariates, quality, hardship)


def adjusted_flags(town: Town) -> F64:
    """1 for better than expected, -1 for worse, by provider."""
    ratings, _ = rate(town.provider, town.success, town.covariates)
    return np.array([{Band.BETTER: 1, Band.WORSE: -1}.get(band, 0) for band in ratings.band], float)


def raw_flags(town: Town) -> F64:
    """The same by the share of successes alone, where it is further than 95 % of chance from that of all."""
    count, total = np.bincount(town.provider), np.bincount(town.provider, town.success)
    share = town.success.mean()
    off = (total - count * share) / np.sqrt(count * share * (1 - share))
    return np.sign(off) * (np.abs(off) > norm.ppf(0.975))


@dataclass(frozen=True, slots=True)
class Found:
    """What share of providers was flagged, by one way of judging."""

    ordinary: float  # of those that are not far off
    hard_worse: float  # of these the third with the hardest intakes, as worse than expected
    easy_better: float  # the third with the easiest, as better
    poor_worse: float
    good_better: float


def simulate(scenario: Scenario, repetitions: int) -> dict[str, Found]:
    rng = np.random.default_rng(scenario.seed)
    towns = [draw_town(rng, scenario) for _ in range(repetitions)]
    return {name: _found(scenario, towns, way) for name, way in (("adjusted", adjusted_flags), ("raw", raw_flags))}


def _found(scenario: Scenario, towns: list[Town], way: object) -> Found:
    flags = np.array([way(town) for town in towns])  # type: ignore[operator]
    poor, good = slice(0, scenario.poor), slice(scenario.poor, scenario.poor + scenario.good)
    rest = slice(scenario.poor + scenario.good, None)
    hardship = np.array([town.hardship for town in towns])[:, rest]
    easy, hard = np.quantile(hardship, (1 / 3, 2 / 3))
    ordinary = flags[:, rest]
    return Found(
        ordinary=float((ordinary != 0).mean()),
        hard_worse=float((ordinary[hardship > hard] < 0).mean()),
        easy_better=float((ordinary[hardship < easy] > 0).mean()),
        poor_worse=float((flags[:, poor] < 0).mean()) if scenario.poor else 0.0,
        good_better=float((flags[:, good] > 0).mean()) if scenario.good else 0.0,
    )

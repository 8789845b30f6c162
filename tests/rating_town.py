"""A town of providers whose quality is known, for the proof of the rating by simulation.

It does not follow the fitted model: chances come through the normal distribution, not the logistic one, schooling and
sex work together, and each provider's district helps or hinders it in a way that nobody has noted. Good providers take
participants who are far from work, and bad ones those who are near.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from scorecards.logistic import F64, Rows

PROVIDERS = 40
SIZES = (20, 200)
FAR = -0.6  # from work: an intake below this is a hard one


@dataclass(frozen=True, slots=True)
class DrawnTown:
    """The rows, and by provider its quality (0 for ordinary ones) and how near work its participants stand."""

    rows: Rows
    quality: F64
    intake: F64

    @property
    def ordinary(self) -> np.ndarray:
        return self.quality == 0


def draw_town(rng: np.random.Generator, *, quality: float, unusual: float = 0.1) -> DrawnTown:
    """A share `unusual` of the providers is better by `quality` (of a standard deviation), as many are worse."""
    sizes = rng.integers(*SIZES, PROVIDERS)
    provider = np.repeat(np.arange(PROVIDERS), sizes)
    own = _qualities(rng, quality, unusual)
    intake = rng.normal(0, 0.6, PROVIDERS) - 0.5 * np.sign(own)
    near = rng.normal(0, 1, len(provider)) + intake[provider]
    schooling, sex = rng.integers(0, 4, len(provider)), rng.integers(0, 2, len(provider))
    tier = np.digitize(near, (-0.6, 0.6))
    district = rng.normal(0, 0.1, PROVIDERS)
    score = -0.4 + 0.5 * near + 0.1 * schooling * (1 + 0.3 * sex) + 0.15 * (tier == 2) * sex
    outcome = (rng.random(len(provider)) < ndtr(score + own[provider] + district[provider])).astype(float)
    known = [near, sex, *(schooling == level for level in (1, 2, 3)), *(tier == level for level in (0, 2))]
    return DrawnTown(Rows(np.column_stack(known).astype(float), outcome, provider), own, intake)


def _qualities(rng: np.random.Generator, quality: float, unusual: float) -> F64:
    count = int(PROVIDERS * unusual)
    chosen = rng.permutation(PROVIDERS)
    own = np.zeros(PROVIDERS)
    own[chosen[:count]], own[chosen[count : 2 * count]] = -quality, quality
    return own

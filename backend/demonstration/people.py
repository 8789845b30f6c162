"""Participants are drawn in the city's proportions, set-wise. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.demonstration.figures import DISTANCE_OF_GROUP, figures
from outcomes.columns import I16, I32, Columns

F64 = npt.NDArray[np.float64]

SEXES = ("woman", "man")
SCHOOLING = ("none", "compulsory", "upper_secondary", "post_secondary")
SCHOOLING_PARTS = (0.14, 0.27, 0.40, 0.19)
GROUPS = tuple(DISTANCE_OF_GROUP)
YOUNGEST, OLDEST = 19, 62
MONTHS_MOST = 120


@dataclass(frozen=True, slots=True)
class People(Columns):
    """Participants: their background, and how far from work it puts them (0 on average, 1 is a standard deviation)."""

    number: I32
    district: I16
    group: I16
    schooling: I16
    sex: I16
    birth_year: I16
    months_on_assistance: I16
    distance: F64


def draw_people(rng: np.random.Generator, count: int, year: int) -> People:
    """Participants who come for the first time in about `year`."""
    places = figures().districts
    district = rng.choice(len(places), count, p=_parts([place.on_assistance for place in places]))
    group = rng.choice(len(GROUPS), count, p=_parts(list(figures().groups.values())))
    schooling = rng.choice(len(SCHOOLING), count, p=_parts(SCHOOLING_PARTS))
    age = YOUNGEST + np.floor((OLDEST - YOUNGEST) * rng.beta(1.4, 2.0, count))
    months = np.minimum(np.floor(rng.gamma(1.3, 14.0, count)), MONTHS_MOST)
    rate = np.array([place.employment_rate for place in places])[district]
    far = (
        np.array([DISTANCE_OF_GROUP[name] for name in GROUPS])[group]
        + 0.3 * (1.5 - schooling)
        + 0.02 * (age - 35)
        + 0.015 * months
        - 0.03 * (rate - 70)
    )
    return People(
        number=np.arange(1, count + 1, dtype=np.int32),
        district=district.astype(np.int16),
        group=group.astype(np.int16),
        schooling=schooling.astype(np.int16),
        sex=rng.integers(0, 2, count).astype(np.int16),
        birth_year=(year - age).astype(np.int16),
        months_on_assistance=months.astype(np.int16),
        distance=(far - far.mean()) / max(far.std(), 1e-9) if count else far,
    )


def _parts(weights: list[int] | tuple[float, ...]) -> F64:
    return np.array(weights) / sum(weights)

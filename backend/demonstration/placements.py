"""Placements are drawn: who comes to whom, when, for how long, and with what result. Set-wise and pure."""

from dataclasses import dataclass

import numpy as np

from backend.demonstration.cast import PROVIDERS, USES
from backend.demonstration.figures import figures
from backend.demonstration.months import Months
from backend.demonstration.people import F64, People, draw_people
from contracts.library import library_model
from outcomes.columns import EXIT_REASONS, FAR, I8, I16, I32, I64, Bool, Columns

RETURNS = 0.05  # of all placements
NO_SHOWS = 0.03
LONGEST = 540  # days: the city lets nobody take part for more than 18 months
LEAST_RETURN, MOST_RETURN = 70, 180  # days from an exit to the next referral: by then the exit is verified
OTHER_REASONS = {"completed": 0.45, "interrupted": 0.30, "moved": 0.10, "other": 0.15}
TIER_LIMITS = (0.1, 1.0)  # of the distance: nearer is A, farther is C
PRICES = np.array([24_800, 28_500, 32_900, 41_200]) * 100  # öre
REASON = {name: number for number, name in enumerate(EXIT_REASONS, start=1)}


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """A contract of the demonstration: its provider and what is bought, as indexes into `PROVIDERS` and `USES`."""

    provider: int
    use: int


CONTRACTS = tuple(
    ContractPlan(provider, use)
    for provider, member in enumerate(PROVIDERS)
    for use, bought in enumerate(USES)
    if bought.code in member.models
)
PROVIDER_OF = np.array([plan.provider for plan in CONTRACTS])
USE_OF = np.array([plan.use for plan in CONTRACTS])
QUALITY, INTAKE, SIZE = np.array([(one.quality, one.intake, one.size) for one in PROVIDERS]).T[:, PROVIDER_OF]


@dataclass(frozen=True, slots=True)
class DrawnPlacements(Columns):
    """Placements as they will come about, whether it becomes known within the period or not."""

    person: I32  # row of People
    contract: I16  # index into CONTRACTS
    tier: I8
    price: I64  # öre; -1 where none is agreed
    referred_on: I32
    starts_on: I32  # FAR: a no-show
    exit_on: I32
    reason: I8  # of the exit, as in `outcomes.columns`; 0 for a no-show
    returns: Bool  # the participant comes back in another placement


def draw_placements(seed: int, count: int, months: Months) -> tuple[People, DrawnPlacements]:
    rng = np.random.default_rng(seed)
    back = round(count * RETURNS)
    people = draw_people(rng, count - back, year=months.last_date(months.count // 2).year)
    span = months.last + 1 - months.first
    day = months.first + np.floor(span * rng.random(len(people)) ** 0.9).astype(np.int32)
    first = _draw(rng, people, np.arange(len(people)), day, months)
    came = (first.reason != 0) & (first.reason != REASON["work"]) & (first.exit_on + MOST_RETURN <= months.last)
    again = np.sort(rng.permutation(np.flatnonzero(came))[:back])
    first.returns[again] = True
    day = first.exit_on[again] + rng.integers(LEAST_RETURN, MOST_RETURN, len(again))
    second = _draw(rng, people, again, day.astype(np.int32), months)
    both = DrawnPlacements.join([first, second])
    return people, both.take(np.argsort(both.referred_on, kind="stable"))


def _draw(rng: np.random.Generator, people: People, person: I64, day: I32, months: Months) -> DrawnPlacements:
    """One placement of each person, referred on these days."""
    count = len(person)
    distance = people.distance[person]
    use = rng.permutation(np.repeat(np.arange(len(USES)), _counts(count)))
    contract = _choose_contracts(rng, use, distance, day, months)
    noise = rng.normal(0, 0.6, count)
    levels = np.array([len(library_model(bought.code).tiers) for bought in USES])[use]
    tier = np.where(levels > 1, np.searchsorted(TIER_LIMITS, distance + noise), 0)
    priced = np.array([_is_priced(bought.code) for bought in USES])[use]
    no_show = rng.random(count) < NO_SHOWS
    starts_on = day + rng.integers(2, 15, count)
    median = np.array([bought.months for bought in USES])[use] * 30.4
    length = np.clip(median * rng.lognormal(0, 0.45, count), 20, LONGEST).astype(np.int32)
    reason = np.where(no_show, 0, _reasons(rng, use, QUALITY[contract], distance))
    return DrawnPlacements(
        person=person.astype(np.int32),
        contract=contract.astype(np.int16),
        tier=tier.astype(np.int8),
        price=np.where(priced, PRICES[rng.integers(0, len(PRICES), count)], -1),
        referred_on=day,
        starts_on=np.where(no_show, FAR, starts_on).astype(np.int32),
        exit_on=np.where(no_show, FAR, starts_on + length).astype(np.int32),
        reason=reason.astype(np.int8),
        returns=np.zeros(count, bool),
    )


def _counts(count: int) -> list[int]:
    """How many placements each use gets; together `count`."""
    ends = [round(count * sum(bought.part for bought in USES[: number + 1])) for number in range(len(USES))]
    return np.diff([0, *ends[:-1], count]).tolist()


def _is_priced(code: str) -> bool:
    return any(step.share is not None for step in library_model(code).steps)


def _choose_contracts(rng: np.random.Generator, use: I64, distance: F64, day: I32, months: Months) -> I64:
    """A contract of the use, rather of a large provider and one that takes such participants; not after it lapsed."""
    wish = np.log(SIZE) + INTAKE * distance[:, None] + rng.gumbel(0, 1, (len(use), len(CONTRACTS)))
    ends = [months.count - (PROVIDERS[one].lapses or 0) for one in PROVIDER_OF]
    lapsed = months.of(day)[:, None] >= np.array(ends)
    return np.where((use[:, None] == USE_OF) & ~lapsed, wish, -np.inf).argmax(axis=1)


def _reasons(rng: np.random.Generator, use: I64, quality: F64, distance: F64) -> I64:
    """The reason of each exit: within a use exactly its shares, to work those with the best chances."""
    reason = np.zeros(len(use), np.int64)
    chance = quality - 0.9 * distance + rng.logistic(0, 1, len(use))
    others = rng.choice([REASON[name] for name in OTHER_REASONS], len(use), p=list(OTHER_REASONS.values()))
    for number, bought in enumerate(USES):
        rows = np.flatnonzero(use == number)
        rows = rows[np.argsort(-chance[rows])]
        work, rest = np.split(rows, [round(bought.to_work * len(rows))])
        rest = rng.permutation(rest)
        studies, unknown, left = np.split(
            rest, np.cumsum([round(bought.to_studies * len(rows)), round(_unknown(bought.to_work) * len(rows))])
        )
        reason[work], reason[studies], reason[unknown] = REASON["work"], REASON["studies"], REASON["unknown"]
        reason[left] = others[left]
    return reason


def _unknown(to_work: float) -> float:
    """The part of unknown reasons; where most go to work, the rest leaves less room for them."""
    return min(figures().reason_unknown, (1 - to_work) / 2)

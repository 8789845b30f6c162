"""Whether a service made a difference: participants beside a comparison group that is weighted to be like them. Pure.

Inverse-probability weighting: a logistic model says how likely somebody with these covariates is to be a participant
(the propensity e); each member of the comparison group weighs e / (1 - e), so that the weighted group has the
participants' covariates. The effect is the participants' share less the group's weighted share, the effect on those
who took part. Its variance is that of the stacked estimating equations, so that it counts that the weights are
estimated (Lunceford and Davidian, Statistics in Medicine 23, 2004).

It removes differences in what was measured, and no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from scorecards.covariates import Design
from scorecards.logistic import F64, Bool, Rows, fit, logistic

HORIZONS = (2, 8, 12)  # months after the end, at which self-support is compared
UNBALANCED = 0.1  # of a standard deviation: a covariate that differs by more is not balanced
EFFECTIVE_LEAST = 50.0  # of the comparison group: fewer carry no conclusion
HEAVY = 0.05  # one person's share of all weight in the comparison group: more rests on too few
QUANTILE = float(ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Balance:
    """How far a covariate differs between the groups, in standard deviations, before and after weighting."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed at a horizon: shares of self-supporting people, their difference, and its 95 % interval."""

    months: int
    participants: int  # whom it is known of
    comparison: int
    share: float  # of the participants
    without: float  # of the weighted comparison group
    low: float
    high: float
    effective: float  # size of an unweighted comparison group that would say as much
    heaviest: float  # the largest share of one person in the comparison group's weight
    balance: tuple[Balance, ...]

    @property
    def difference(self) -> float:
        return self.share - self.without

    @property
    def limits(self) -> list[str]:
        """Why not to rely on it: `unbalanced`, `few`, `heavy`; none if nothing speaks against it."""
        found = {
            "unbalanced": any(abs(one.after) > UNBALANCED for one in self.balance),
            "few": self.effective < EFFECTIVE_LEAST,
            "heavy": self.heaviest > HEAVY,
        }
        return [name for name, is_so in found.items() if is_so]


def estimate_effects(design: Design, participant: Bool, outcomes: Mapping[int, F64]) -> list[Effect]:
    """The effect at each horizon. An outcome is 1 or 0, and not a number for whom it is not known of yet."""
    effects = []
    for months, outcome in outcomes.items():
        known = np.isfinite(outcome)
        if participant[known].any() and not participant[known].all():
            part = Design(design.names, design.columns[known])
            effects.append(_effect(months, part, participant[known], outcome[known]))
    return effects


def _effect(months: int, design: Design, participant: Bool, outcome: F64) -> Effect:
    treated = participant.astype(np.float64)
    model = fit(Rows(design.columns, treated, np.zeros(len(treated), np.intp)))
    columns = np.column_stack([np.ones(len(treated)), design.columns[:, model.used]])
    chance = logistic(model.scores(design.columns) + model.effects[0])
    weight = np.where(participant, 1.0, chance / (1 - chance))
    other = np.where(participant, 0.0, weight)
    share = float(outcome[participant].mean())
    without = float((other @ outcome) / other.sum())
    spread = QUANTILE * _standard_error(columns, treated, chance, other, outcome, share, without)
    difference = share - without
    return Effect(
        months=months,
        participants=int(participant.sum()),
        comparison=int((~participant).sum()),
        share=share,
        without=without,
        low=difference - spread,
        high=difference + spread,
        effective=float(other.sum() ** 2 / (other @ other)),
        heaviest=float(other.max() / other.sum()),
        balance=tuple(_balance(design, participant, other)),
    )


def _standard_error(
    columns: F64, treated: F64, chance: F64, other: F64, outcome: F64, share: float, without: float
) -> float:
    """Of the difference, from each row's influence on the shares and, through the weights, on the model."""
    information = (columns * (chance * (1 - chance))[:, None]).T @ columns
    slope = columns.T @ (other * (outcome - without))  # how the weighted share's equation moves with the coefficients
    through_model = (columns @ np.linalg.solve(information, slope)) * (treated - chance)
    influence = treated * (outcome - share) / treated.sum()
    influence -= (other * (outcome - without) + through_model) / other.sum()
    return float(np.sqrt(influence @ influence))


def _balance(design: Design, participant: Bool, other: F64) -> list[Balance]:
    inside, outside = design.columns[participant], design.columns[~participant]
    spread = np.sqrt((inside.var(axis=0) + outside.var(axis=0)) / 2)
    spread[spread == 0] = 1.0
    before = (inside.mean(axis=0) - outside.mean(axis=0)) / spread
    after = (inside.mean(axis=0) - other @ design.columns / other.sum()) / spread
    return [Balance(*one) for one in zip(design.names, before.tolist(), after.tolist(), strict=True)]


# --- the municipality's economy


@dataclass(frozen=True, slots=True)
class Prices:
    """Öre: what a month of self-support saves in assistance and brings in tax, and what a participant costs."""

    assistance: int
    tax: int
    cost: int


@dataclass(frozen=True, slots=True)
class Economy:
    """Of one participant in the first year, öre; `months_to_pay` is None if a month of work brings nothing."""

    months: float  # of self-support that the effect adds
    saved: int
    brought: int
    net: int
    months_to_pay: float | None


def economy_of(effects: list[Effect], prices: Prices) -> Economy:
    """What the effect comes to in the twelve months after the end.

    Between the horizons the effect is taken to change evenly, from none on the first day.
    """
    points = [(0.0, 0.0), *((float(one.months), one.difference) for one in effects)]
    months = sum((later - earlier) * (low + high) / 2 for (earlier, low), (later, high) in pairwise(points))
    saved, brought = round(months * prices.assistance), round(months * prices.tax)
    monthly = prices.assistance + prices.tax
    return Economy(
        months=months,
        saved=saved,
        brought=brought,
        net=saved + brought - prices.cost,
        months_to_pay=prices.cost / monthly if monthly else None,
    )

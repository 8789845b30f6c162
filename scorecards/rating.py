"""Rating providers fairly: how many of a provider's participants succeeded, beside how many would have been expected to
had the average provider received the very same participants.

1. A logistic model of the participants' background with an effect of each provider (`scorecards.logistic`). Providers
   too small to be rated share one effect; those all or none of whose participants succeeded tell nothing of background.
2. Expected: the sum of the participants' chances at the average provider: the one at which, over all participants, as
   many would be expected as succeeded. So the sums of observed and expected agree.
3. Observed/expected, with its exact interval (`scorecards.poisson_binomial`): what chance alone leaves open.
4. Limits within which 95 and 99.8 % of the ratios of average providers lie (a funnel: Spiegelhalter, Statistics in
   Medicine 2005): exact for chance, widened for over-dispersion.
5. Over-dispersion: ordinary providers differ by more than chance, for what is not known of participants too. It is an
   additive variance τ² of providers' log odds, estimated by the moments of DerSimonian and Laird (Controlled Clinical
   Trials 1986) from standardised differences, winsorised so that a few outliers do not make themselves ordinary
   (Spiegelhalter 2005). In log odds, since the same quality moves the ratio less where chances are high.
6. The shown estimate is drawn towards 1, the more the less is known of a provider: empirical Bayes, with log odds that
   are normal about the average provider's and have the spread of all rated providers (τ², not winsorised).
7. The band: better or worse than expected is outside the 95 % limits; with fewer than 18 participants or 12 months of
   followed cohorts there is too little to rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scorecards.covariates import Column, Covariate, make_design
from scorecards.logistic import F64, I64, Bool, Design, Fit, fit_logistic, totals
from scorecards.poisson_binomial import likely_shifts, means_at, ratio_intervals, sums_of

METHOD_VERSION = "1"  # raised whenever the same input could give another result
PARTICIPANTS_LEAST = 18
MONTHS_LEAST = 12
TAILS = {"95": 0.025, "998": 0.001}
DEVIATIONS = {"95": 1.959963984540054, "998": 3.090232306167813}  # of a normal distribution, at these tails
WINSORISED = 0.1  # on either side
LEFT_BY_WINSORISING = 0.6786545589528744  # the mean square of a standard normal distribution that is so winsorised


class Band(StrEnum):
    BETTER = "better"
    EXPECTED = "expected"
    WORSE = "worse"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Model:
    """The fitted model: its columns with their coefficients, and the average provider's log odds where all are 0.

    `fit` is None where no provider has both successes and failures: then nothing can be said of background.
    """

    columns: list[Column]
    coefficients: F64
    intercept: float
    fit: Fit | None

    def chances(self, design: Design) -> F64:
        """Each participant's chance at the average provider."""
        chances: F64 = 1 / (1 + np.exp(-self.intercept - design.scores(self.coefficients)))
        return chances


@dataclass(frozen=True, slots=True)
class Ratings:
    """One row per provider, in the order of their codes. Ratios are observed/expected; limits are of ratios."""

    count: I64
    observed: I64
    expected: F64
    variance: F64  # of the number of successes at the average provider
    ratio: F64
    low: F64
    high: F64
    limits: dict[str, tuple[F64, F64]]  # by the keys of TAILS
    shrunken: F64
    band: list[Band]
    widening: float  # τ² of log odds, winsorised: widens the limits
    spread: float  # τ² of log odds, of all rated providers: by it estimates are drawn towards 1


def rate(
    provider: I64, outcome: Bool, covariates: Sequence[Covariate], months: I64 | None = None
) -> tuple[Ratings, Model]:
    """Rate providers by their participants.

    `provider` is each participant's, from 0 on, each with at least one; `outcome` says whether it succeeded; `months`,
    by provider, for how many months' cohorts the outcome is known (None: for long enough). ValueError if all succeeded
    or none.
    """
    design, columns = make_design(covariates, len(provider))
    order = np.argsort(provider, kind="stable")
    design, outcome, provider = design.take(order), outcome[order], provider[order]
    model = fit_model(design, columns, outcome, provider)
    return compare(provider, outcome, model.chances(design), months), model


def fit_model(design: Design, columns: list[Column], outcome: Bool, provider: I64) -> Model:
    """The model of participants who stand in order of provider."""
    successes = int(outcome.sum())
    if successes in (0, len(outcome)):
        raise ValueError("without both successes and failures there is nothing to compare")
    count = np.bincount(provider)
    alone = count >= PARTICIPANTS_LEAST
    group = np.where(alone, np.arange(len(count)), len(count))[provider]  # the small ones are one group
    total, size = np.bincount(group, outcome), np.bincount(group)
    telling = (total > 0) & (total < size)
    fit = None
    if telling.any():
        rows = slice(None) if telling[size > 0].all() else np.flatnonzero(telling[group])
        number = np.cumsum(telling) - 1
        fit = fit_logistic(design.take(rows), outcome[rows], number[group[rows]])
    coefficients = fit.coefficients if fit else np.zeros(design.width)
    return Model(columns, coefficients, _intercept(design.scores(coefficients), successes), fit)


def _intercept(scores: F64, successes: int) -> float:
    """The log odds at which as many successes are expected as there were (Newton's method, held within a bracket)."""
    usual = float(np.log(successes / (len(scores) - successes)))
    low, high = usual - float(scores.max()), usual - float(scores.min())
    intercept = (low + high) / 2
    for _ in range(100):
        chances = 1 / (1 + np.exp(-intercept - scores))
        missing = successes - float(chances.sum())
        if abs(missing) < 1e-9 * len(scores):
            break
        low, high = (intercept, high) if missing > 0 else (low, intercept)
        step = intercept + missing / float((chances * (1 - chances)).sum())
        intercept = step if low < step < high else (low + high) / 2
    return intercept


def compare(provider: I64, outcome: Bool, chance: F64, months: I64 | None = None) -> Ratings:
    """Observed beside expected, for participants who stand in order of provider."""
    count = np.bincount(provider)
    observed = np.bincount(provider, outcome).astype(np.int64)
    expected, variance = totals(provider, chance, len(count)), totals(provider, chance * (1 - chance), len(count))
    ratio = observed / expected
    rated = count >= PARTICIPANTS_LEAST
    if months is not None:
        rated &= months >= MONTHS_LEAST
    standardised = (observed - expected) / np.sqrt(variance)
    widening = between_variance(winsorised_squares(standardised[rated]), variance[rated])
    spread = between_variance(np.square(standardised[rated]), variance[rated])
    limits = {
        name: (np.maximum(below / expected, 0), above / expected)
        for name, (below, above) in _limits(chance, provider, count, float(np.sqrt(widening))).items()
    }
    low, high = ratio_intervals(chance, count, observed)
    return Ratings(
        count=count,
        observed=observed,
        expected=expected,
        variance=variance,
        ratio=ratio,
        low=low,
        high=high,
        limits=limits,
        shrunken=means_at(chance, provider, likely_shifts(chance, provider, observed, spread)) / expected,
        band=_bands(ratio, limits["95"], rated),
        widening=widening,
        spread=spread,
    )


def winsorised_squares(standardised: F64) -> F64:
    """Squares of standardised differences, of which outliers are brought in to the 10th and 90th percentiles.

    What that takes from the squares of a normal distribution is given back, else limits would be too narrow.
    """
    if not len(standardised):
        return standardised
    low, high = np.quantile(standardised, (WINSORISED, 1 - WINSORISED))
    squares: F64 = np.square(np.clip(standardised, low, high)) / LEFT_BY_WINSORISING
    return squares


def between_variance(squares: F64, weight: F64) -> float:
    """DerSimonian and Laird's τ², from squared standardised differences and inverse error variances: not below 0.

    In log odds the difference of a provider is about (observed - expected)/variance, with the error variance
    1/variance: so a provider's weight is the variance of its number of successes.
    """
    if len(weight) < 2:
        return 0.0
    total = float(weight.sum())
    surplus = float(squares.sum()) - (len(weight) - 1)
    return max(0.0, surplus / (total - float(np.square(weight).sum()) / total))


def _limits(chance: F64, provider: I64, count: I64, deviation: float) -> dict[str, tuple[F64, F64]]:
    """Limits of numbers: their exact distance from the expected by chance, and by over-dispersion, squares added."""
    limits = {name: (np.empty(len(count)), np.empty(len(count))) for name in TAILS}
    for some, sums in sums_of(chance, count):
        for name, tail in TAILS.items():
            limits[name][0][some], limits[name][1][some] = sums.limits(tail)
    expected = totals(provider, chance, len(count))
    for name, (low, high) in limits.items():
        shift = np.full(len(count), DEVIATIONS[name] * deviation)
        low[:] = expected - np.hypot(expected - low, expected - means_at(chance, provider, -shift))
        high[:] = expected + np.hypot(high - expected, means_at(chance, provider, shift) - expected)
    return limits


def _bands(ratio: F64, limits: tuple[F64, F64], rated: Bool) -> list[Band]:
    worse, better = (ratio < limits[0]) & rated, (ratio > limits[1]) & rated
    words = np.select([~rated, worse, better], [Band.TOO_FEW, Band.WORSE, Band.BETTER], Band.EXPECTED)
    return [Band(word) for word in words.tolist()]

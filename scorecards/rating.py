"""Providers compared with what is expected of their participants: ratios, intervals, funnel limits and bands. Pure.

Expected is the number of good outcomes that the average provider would have had with the same participants. The method
is that of indirect standardisation with funnel plots (Spiegelhalter 2005, "Funnel plots for comparing institutional
performance" and "Handling over-dispersion of performance indicators"); `docs/scorecards-method.md` explains it.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scorecards.counts import Count, ratio_interval
from scorecards.logistic import F64, Fit, Index, Rows, average_effect, fit, logistic, sums

FEWEST = 18  # participants; the national scheme rates nobody with fewer
TAIL_95, TAIL_998 = 0.025, 0.001
WINSORISED = 0.1  # of the providers at either end
# what winsorising so much leaves of the variance of a normal distribution; without it none would be found where some is
WINSORISED_VARIANCE = 0.6786


class Band(StrEnum):
    """What the comparison says of a provider, in a word."""

    BETTER = "better"
    EXPECTED = "expected"
    WORSE = "worse"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Rating:
    """One provider. Ratios are observed ÷ expected; limits are where ratios lie by chance, with 95 and 99.8 %."""

    n: int
    observed: int
    expected: float
    variance: float  # of the number of good outcomes at the average provider
    ratio: float
    interval: tuple[float, float]  # 95 %, of the provider's own ratio
    limits95: tuple[float, float]
    limits998: tuple[float, float]
    shrunken: float  # the ratio drawn towards 1 by as much as it may be chance
    band: Band


@dataclass(frozen=True, slots=True)
class Comparison:
    """All providers of one comparison, by number, and what they are compared with."""

    fit: Fit
    effect: float  # the average provider's, in log-odds
    scores: F64  # by row: the participants' log-odds, but for a provider's effect
    edges: Index  # where each provider's rows begin, and where the last one's end
    observed: F64
    over_dispersion: float  # τ²: the variance of ordinary providers' true ratios, beyond what is known of participants
    between: float  # the variance of all providers' true ratios

    @property
    def providers(self) -> range:
        return range(len(self.edges) - 1)

    def count(self, provider: int) -> Count:
        """The number of good outcomes that the average provider would have had."""
        return Count(logistic(self._scores(provider) + self.effect))

    def _scores(self, provider: int) -> F64:
        return self.scores[self.edges[provider] : self.edges[provider + 1]]

    def band(self, provider: int) -> Band:
        """Outside of where the ratio lies by chance, 95 times of 100, a provider is better or worse than expected."""
        count = self.count(provider)
        if len(count.chances) < FEWEST:
            return Band.TOO_FEW
        low, high = self._limits(count, TAIL_95)
        ratio = _ratio(self.observed[provider], count)
        return Band.WORSE if ratio < low else Band.BETTER if ratio > high else Band.EXPECTED

    def rating(self, provider: int) -> Rating:
        count = self.count(provider)
        observed, own = int(self.observed[provider]), _ratio_variance(count)
        ratio = _ratio(observed, count)
        weight = self.between / (self.between + own) if self.between > 0 else 0.0
        scores = self._scores(provider)
        return Rating(
            n=len(scores),
            observed=observed,
            expected=count.mean,
            variance=count.variance,
            ratio=ratio,
            interval=ratio_interval(scores, self.effect, observed, TAIL_95) if own > 0 else (ratio, ratio),
            limits95=self._limits(count, TAIL_95),
            limits998=self._limits(count, TAIL_998),
            shrunken=1 + weight * (ratio - 1),
            band=self.band(provider),
        )

    def _limits(self, count: Count, tail: float) -> tuple[float, float]:
        """Where the ratio lies by chance alone, drawn apart by the over-dispersion."""
        own = _ratio_variance(count)
        if not own > 0:
            return 1.0, 1.0
        wider = float(np.sqrt(1 + self.over_dispersion / own))
        low = 1 + (count.lower_limit(tail) / count.mean - 1) * wider
        high = 1 + (count.upper_limit(tail) / count.mean - 1) * wider
        return max(0.0, low), high


def compare(rows: Rows) -> Comparison:
    """Compare the providers. Rows stand in order of provider; every provider has at least one."""
    model = fit(rows)
    scores = model.scores(rows.covariates)
    effect = average_effect(scores, rows.outcome)
    chances = logistic(scores + effect)
    edges = np.searchsorted(rows.provider, np.arange(rows.providers + 1))
    observed, expected = sums(rows, rows.outcome), sums(rows, chances)
    variance = sums(rows, chances * (1 - chances))
    rated = (np.diff(edges) >= FEWEST) & (variance > 0)
    figures = observed[rated], expected[rated], variance[rated]
    return Comparison(model, effect, scores, edges, observed, over_dispersion(*figures), between_variance(*figures))


def _ratio(observed: float, count: Count) -> float:
    """Observed ÷ expected; 1 where nothing is expected, and so nothing observed."""
    return float(observed) / count.mean if count.mean > 0 else 1.0


def _ratio_variance(count: Count) -> float:
    return count.variance / count.mean**2 if count.mean > 0 else 0.0


def over_dispersion(observed: F64, expected: F64, variance: F64) -> float:
    """τ², the variance of true ratios among ordinary providers: the most extreme ones at either end are drawn in.

    The method of moments (DerSimonian and Laird) over winsorised z-scores (Spiegelhalter 2005).
    """
    if len(observed) < 2:
        return 0.0
    z = (observed - expected) / np.sqrt(variance)
    low, high = np.quantile(z, (WINSORISED, 1 - WINSORISED))
    return _moments(np.clip(z, low, high), expected, variance, WINSORISED_VARIANCE)


def between_variance(observed: F64, expected: F64, variance: F64) -> float:
    """The variance of all providers' true ratios, the extreme ones included: how far a ratio is to be believed."""
    if len(observed) < 2:
        return 0.0
    return _moments((observed - expected) / np.sqrt(variance), expected, variance, 1.0)


def _moments(z: F64, expected: F64, variance: F64, by_chance: float) -> float:
    """The variance of true ratios that makes z-scores vary as they do; `by_chance` is their variance without any."""
    count, weights = len(z), expected**2 / variance  # of each ratio: how much is known of it
    beyond = count * float((z**2).mean()) / by_chance - (count - 1)
    return max(0.0, beyond / float(weights.sum() - (weights**2).sum() / weights.sum()))


def in_order(provider: Index) -> Index:
    """The rows in order of provider."""
    return np.argsort(provider, kind="stable")

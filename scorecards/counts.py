"""How the number of good outcomes of a provider varies by chance: sums of independent events of unequal chances. Pure.

The distribution (Poisson-binomial) is exact up to a variance of EXACT: its characteristic function at roots of unity,
inverted by a Fourier transform (Hong 2013). Beyond, it is the normal distribution with a correction for skewness (the
refined approximation of Volkova 1996), whose error is then about a hundredth of a per cent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from scorecards.logistic import F64, logistic

EXACT = 100.0  # variance
REACH = 12  # standard deviations to either side, beyond which nothing is left
TURNS_MOST = 60
CLOSE = 1e-7  # of log-odds


@dataclass(frozen=True, slots=True)
class Count:
    """The number of good outcomes among participants with these chances."""

    chances: F64

    @property
    def mean(self) -> float:
        return float(self.chances.sum())

    @property
    def variance(self) -> float:
        return float((self.chances * (1 - self.chances)).sum())

    def at_most(self, number: int) -> float:
        """The chance of so many or fewer."""
        if number < 0:
            return 0.0
        if number >= len(self.chances):
            return 1.0
        if self.variance > EXACT:
            return self._normal(number + 0.5)
        first, chances = self._distribution()
        return float(min(1.0, chances[: max(0, number - first + 1)].sum()))

    def at_least(self, number: int) -> float:
        """The chance of so many or more."""
        return Count(1 - self.chances).at_most(len(self.chances) - number)

    def lower_limit(self, tail: float) -> float:
        """The number below which the count falls with a chance of at most `tail`, interpolated between whole numbers.

        Spiegelhalter (2005), appendix A.1: the limit lies between the numbers whose chances enclose `tail`.
        """
        if self.variance > EXACT:
            return max(0.0, self.mean + float(np.sqrt(self.variance)) * self._quantile(tail) - 0.5)
        first, chances = self._distribution()
        up_to = np.cumsum(chances)
        place = int(np.searchsorted(up_to, tail))
        return first + place - (float(up_to[place]) - tail) / float(chances[place]) if first + place else 0.0

    def upper_limit(self, tail: float) -> float:
        """The number above which the count rises with a chance of at most `tail`."""
        return len(self.chances) - Count(1 - self.chances).lower_limit(tail)

    def _distribution(self) -> tuple[int, F64]:
        """The first number of good outcomes that has a chance worth naming, and the chances of it and the next ones."""
        reach = int(REACH * self.variance**0.5) + REACH
        first = max(0, int(self.mean) - reach)
        size = min(len(self.chances), int(self.mean) + reach) - first + 1
        turns = np.exp(2j * np.pi * np.arange(size // 2 + 1) / size)
        values = np.prod(1 - self.chances + self.chances * turns[:, None], axis=1)
        return first, np.roll(np.clip(np.fft.irfft(values.conj(), size), 0, 1), -(first % size))

    @property
    def _skewness(self) -> float:
        third = float((self.chances * (1 - self.chances) * (1 - 2 * self.chances)).sum())
        return third / self.variance**1.5 if self.variance > 0 else 0.0

    def _normal(self, number: float) -> float:
        if self.variance <= 0:
            return float(number >= self.mean)
        z = (number - self.mean) / self.variance**0.5
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return float(np.clip(ndtr(z) + self._skewness * (1 - z**2) * density / 6, 0, 1))

    def _quantile(self, tail: float) -> float:
        z = float(ndtri(tail))
        return z + self._skewness * (z**2 - 1) / 6


def ratio_interval(scores: F64, effect: float, observed: int, tail: float) -> tuple[float, float]:
    """Within which the ratio of the provider's true to its expected number lies, each tail excluded with chance `tail`.

    The provider's own shift of all log-odds is sought at which as few, or as many, as were observed have the chance
    `tail` (as Clopper and Pearson do for one chance); the bounds are what would be expected at these shifts, as
    multiples of what is expected at the average provider.
    """
    expected = float(logistic(scores + effect).sum())
    count = len(scores)
    if not expected > 0:
        return 0.0, np.inf

    def bound(difference: Callable[[Count], float]) -> float:
        shift = _rising_root(lambda shift: difference(Count(logistic(scores + effect + shift))))
        return float(logistic(scores + effect + shift).sum()) / expected

    low = bound(lambda shifted: shifted.at_least(observed) - tail) if observed > 0 else 0.0
    high = bound(lambda shifted: tail - shifted.at_most(observed)) if observed < count else count / expected
    return low, high


def _rising_root(difference: Callable[[float], float]) -> float:
    """Where a rising function of a shift passes zero: bracketed by doubling, then by regula falsi (Illinois)."""
    low, high = -1.0, 1.0
    at_low, at_high = difference(low), difference(high)
    while at_low > 0 and low > -64:
        high, at_high, low = low, at_low, low * 2
        at_low = difference(low)
    while at_high < 0 and high < 64:
        low, at_low, high = high, at_high, high * 2
        at_high = difference(high)
    side = 0
    for _ in range(TURNS_MOST):
        if high - low < CLOSE or at_high == at_low:
            break
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        value = difference(middle)
        if abs(value) < 1e-9:
            return middle
        if value < 0:
            low, at_low = middle, value
            at_high, side = (at_high / 2 if side == -1 else at_high), -1
        else:
            high, at_high = middle, value
            at_low, side = (at_low / 2 if side == 1 else at_low), 1
    return (low + high) / 2

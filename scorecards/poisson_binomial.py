"""The exact distribution of a sum of unlike chances, its limits, and the interval of a ratio observed/expected.

If participant i succeeds with the chance p[i], the number of successes follows the Poisson-binomial distribution (Wang,
Statistica Sinica 1993). It is computed for many providers at once: blocks of participants are multiplied out as
polynomials, and the blocks of a provider are joined by a discrete Fourier transform (Hong, Computational Statistics and
Data Analysis 2013), over no more numbers than have a probability to speak of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scorecards.logistic import F64, I64, totals

Index = npt.NDArray[np.intp]

BLOCK = 64  # participants whose polynomials are multiplied out
BATCH = 1 << 22  # numbers held at once by the transform
HALF_WIDTH, MARGIN = (
    9.0,
    24,
)  # standard deviations, and numbers, on either side of the mean: beyond lies less than 1e-15
NOISE = 1e-14  # smaller chances are rounding errors of the transform
BISECTIONS = 40
STEEPEST = 40.0  # of a shift of log odds, either way
SHIFT_STEPS, SHIFT_STEP = 30, 1e-6  # after such a step of Newton's the next would be of the order of its square


@dataclass(frozen=True, slots=True)
class Sums:
    """Distributions of providers' numbers of successes: `chance[g, j]` is that of `first[g] + j` in all."""

    first: I64
    chance: F64

    @property
    def numbers(self) -> F64:
        return (self.first[:, None] + np.arange(self.chance.shape[1])).astype(np.float64)

    def limits(self, tail: float) -> tuple[F64, F64]:
        """Numbers below and above which lies at most `tail`, interpolated between whole numbers.

        As in Spiegelhalter (Statistics in Medicine 2005, appendix), for the upper limit mirrored, so that beyond either
        lies at most `tail`.
        """
        below = np.cumsum(self.chance, axis=1)
        low = self.first + _crossing(below, tail)
        above = np.cumsum(self.chance[:, ::-1], axis=1)
        return low, self.first + self.chance.shape[1] - 1 - _crossing(above, tail)


def _crossing(reached: F64, tail: float) -> F64:
    """Where rising sums pass `tail`: the place of the first above it, less the part by which it is above."""
    place = np.argmax(reached > tail, axis=1)
    rows = np.arange(len(reached))
    after = reached[rows, place]
    before = np.where(place > 0, reached[rows, place - 1], 0.0)
    part: F64 = place - (after - tail) / (after - before)
    return part


def sums_of(chance: F64, count: I64) -> Iterator[tuple[Index, Sums]]:
    """The distributions of providers in batches of equal width, each with the providers' indexes.

    `chance`: of each participant, one provider after the other; `count`: participants of each provider, at least one.
    """
    start = np.cumsum(count) - count
    mean, variance = np.add.reduceat(chance, start), np.add.reduceat(chance * (1 - chance), start)
    reach = HALF_WIDTH * np.sqrt(variance) + MARGIN
    first = np.maximum(np.floor(mean - reach), 0).astype(np.int64)
    last = np.minimum(np.ceil(mean + reach), count).astype(np.int64)
    width = np.int64(1) << np.ceil(np.log2(last - first + 1)).astype(np.int64)
    for providers in _batches(np.maximum(width, 2 * BLOCK), count):
        size = int(max(width[providers].max(), 2 * BLOCK))
        blocks, block_start = _blocks(chance, start[providers], count[providers])
        joined = np.multiply.reduceat(np.fft.rfft(blocks, size, axis=1), block_start, axis=0)
        wrapped = np.fft.irfft(joined, size, axis=1)
        numbers = first[providers][:, None] + np.arange(size)
        found = np.take_along_axis(wrapped, numbers % size, axis=1)
        found[numbers > count[providers][:, None]] = 0.0
        found[found < NOISE] = 0.0
        yield providers, Sums(first[providers], found)


def _batches(width: I64, count: I64) -> Iterator[Index]:
    """Providers in order of width, as many at once as memory is meant for."""
    order = np.argsort(width, kind="stable")
    load = width[order] * (-(-count[order] // BLOCK))
    batch = np.cumsum(load) // BATCH
    batch += np.cumsum(np.diff(width[order], prepend=width[order][:1]) > 0) * (int(batch[-1]) + 1)
    yield from np.split(order, np.flatnonzero(np.diff(batch)) + 1)


def _blocks(chance: F64, start: Index, count: I64) -> tuple[F64, Index]:
    """The polynomials of blocks of participants, and each provider's first block; what is left over has chance 0."""
    per_provider = -(-count // BLOCK)
    block_start = np.cumsum(per_provider) - per_provider
    padded = np.zeros(int(per_provider.sum()) * BLOCK)
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    padded[np.repeat(block_start * BLOCK, count) + within] = chance[np.repeat(start, count) + within]
    product = np.stack((1 - padded, padded), axis=1)
    while len(product) > int(per_provider.sum()):
        left, right = product[::2], product[1::2]
        size = product.shape[1]
        product = np.zeros((len(left), 2 * size - 1))
        for place in range(size):
            product[:, place : place + size] += left[:, place : place + 1] * right
    return product, block_start


def shifted(chance: F64, provider: I64, shift: F64) -> F64:
    """The chances with each provider's log odds shifted."""
    odds = chance / (1 - chance) * np.exp(shift)[provider]
    return odds / (1 + odds)


def means_at(chance: F64, provider: I64, shift: F64) -> F64:
    """The providers' expected numbers with their log odds shifted."""
    return totals(provider, shifted(chance, provider, shift), len(shift))


def likely_shifts(chance: F64, provider: I64, observed: npt.NDArray[Any], spread: float) -> F64:
    """The most likely shifts of providers' log odds, if normal about 0 with variance `spread` (Newton's method).

    They lie between 0 and the shift under which as many are expected as observed. With an infinite spread they are the
    latter, which for 0 or all successes does not exist.
    """
    shift = np.zeros(len(observed))
    if not spread:
        return shift
    for _ in range(SHIFT_STEPS):
        now = shifted(chance, provider, shift)
        slope = observed - totals(provider, now, len(shift)) - shift / spread
        step = slope / (totals(provider, now * (1 - now), len(shift)) + 1 / spread)
        shift += np.clip(step, -1, 1)
        if np.abs(step).max() < SHIFT_STEP:
            break
    return shift


def ratio_intervals(chance: F64, count: I64, observed: I64, level: float = 0.95) -> tuple[F64, F64]:
    """Exact intervals of observed/expected: the providers' shifts of log odds that do not make `observed` unlikely.

    The lower bound is the expected number under the shift by which as many successes or more have a chance of
    (1 - level)/2, divided by the expected number; the upper one likewise. With equal chances these are Clopper and
    Pearson's (Biometrika 1934). Never below 0 or above count/expected.
    """
    start = np.cumsum(count) - count
    provider = np.repeat(np.arange(len(count)), count)
    expected = np.add.reduceat(chance, start)
    centre = count * (observed + 2) / (count + 4)  # within the interval: Agresti and Coull, American Statistician 1998
    near = shifted(chance, provider, likely_shifts(chance, provider, centre, np.inf))
    tail = (1 - level) / 2
    low, high = np.zeros(len(count)), np.zeros(len(count))
    for some, sums in sums_of(near, count):
        seen = observed[some].astype(np.float64)
        low[some] = np.where(seen > 0, _mean_at_tail(sums, seen, tail, upwards=True), 0.0)
        high[some] = np.where(seen < count[some], _mean_at_tail(sums, seen, tail, upwards=False), count[some])
    return low / expected, high / expected


def _mean_at_tail(sums: Sums, observed: F64, tail: float, *, upwards: bool) -> F64:
    """The mean under the shift by which the numbers from `observed` on (or up to it) have the chance `tail`."""
    away = sums.numbers - observed[:, None]
    counts = away >= 0 if upwards else away <= 0
    with np.errstate(divide="ignore"):
        logarithm = np.log(sums.chance)
    low, high = np.full(len(observed), -STEEPEST), np.full(len(observed), STEEPEST)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        weight = _shifted(logarithm, away, middle)
        beyond = np.einsum("ij,ij->i", weight, counts) > tail * weight.sum(axis=1)
        high, low = np.where(beyond == upwards, middle, high), np.where(beyond == upwards, low, middle)
    return observed + _mean(away, _shifted(logarithm, away, (low + high) / 2))


def _mean(numbers: F64, weight: F64) -> F64:
    mean: F64 = np.einsum("ij,ij->i", numbers, weight) / weight.sum(axis=1)
    return mean


def _shifted(logarithm: F64, away: F64, shift: F64) -> F64:
    """The distribution under a shift, up to a factor: the largest weight is 1."""
    exponent = logarithm + shift[:, None] * away
    weight: F64 = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return weight

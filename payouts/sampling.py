"""Samples for counter-verification: how many facts to draw, which ones, and what they say of all. Pure.

docs/sampling.md gives the method, with its sources. Arrays have strata (or facts) along their last axis; leading axes
are samples that are treated alike, so that a simulation of many needs no loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, stdtrit

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

LEAST = 2  # facts drawn of a stratum: with fewer its spread is unknown
SMALL = 10  # facts: a step with fewer has no stratum of its own
OTHER = 0  # in place of a step: what pays nothing by itself, and steps with few facts
CONFIDENCE = 0.95
_TICKET_BYTES = 4  # so that a stratum's number plus a ticket is exact in 64 bits


def join_small(group: I64, step: I64) -> I64:
    """The steps by which facts are stratified within groups: those with fewer than SMALL facts become OTHER."""
    _, pair, count = np.unique(np.stack([group, step]), axis=1, return_inverse=True, return_counts=True)
    return np.where(count[pair] < SMALL, OTHER, step)


def risks(sizes: I64, amounts: I64, checked: I64, wrong: I64) -> F64:
    """The weight with which each stratum is sampled: its size, by how unsure its error rate is, by its money.

    `amounts`: öre that the stratum's facts brought; `checked` and `wrong`: facts counter-verified in earlier samples of
    the same contract, and those that were wrong. Where nothing is known, half may be wrong.
    """
    rate = (wrong + 0.5) / (checked + 1)
    mean = amounts / sizes
    overall = max(float(amounts.sum() / sizes.sum()), 1.0)
    return np.asarray(sizes * np.sqrt(rate * (1 - rate)) * (1 + mean / overall))


def allocate(sizes: I64, risk: F64, wanted: int) -> I64:
    """How many facts to draw of each stratum: by its risk, at least LEAST and at most all. Together about `wanted`."""
    drawn: F64 = np.ceil(wanted * risk / risk.sum())
    return np.asarray(np.clip(drawn, np.minimum(LEAST, sizes), sizes), np.int64)


def tickets(seed: str, ids: Sequence[int]) -> F64:
    """A number from 0 to below 1 for each fact, which anybody can compute again: the start of SHA-256 of `seed:id`."""
    digests = (sha256(f"{seed}:{one}".encode()).digest()[:_TICKET_BYTES] for one in ids)
    return np.array([int.from_bytes(digest) for digest in digests], np.float64) / float(256**_TICKET_BYTES)


def draw(stratum: I64, wanted: I64, ticket: F64) -> Bool:
    """Which facts are drawn: of each stratum the `wanted` ones with the lowest tickets (of equal ones the first)."""
    order = np.argsort(stratum + ticket, axis=-1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(len(stratum)), order.shape), axis=-1)
    count = np.bincount(stratum, minlength=len(wanted))
    first = np.cumsum(count) - count
    return np.asarray(place - first[stratum] < wanted[stratum])


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in strata. `base` is what a checked fact weighs (1, or its öre), `wrong` the wrong part of it."""

    size: F64  # facts of the stratum
    count: F64  # of them checked, at least one
    base: F64  # sums over the checked facts …
    wrong: F64
    base_squared: F64
    both: F64  # base times wrong
    wrong_squared: F64


def found_in_facts(size: F64, count: F64, wrong: F64) -> Found:
    """As `Found`, where each fact counts once and is right or wrong."""
    return Found(size, count, count, wrong, count, wrong, wrong)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share that is wrong, and within which it lies with CONFIDENCE; not a number where nothing was weighed."""

    rate: F64
    low: F64
    high: F64


def estimate(found: Found, confidence: float = CONFIDENCE) -> Estimate:
    """The error rate of all facts from those checked: weighted by the design, with an interval that does not need many.

    The rate is the combined ratio estimator of a stratified sample (Cochran 1977, section 6.11), its variance by
    Taylor linearisation with finite population correction. The interval is that of Clopper and Pearson for the
    effective sample size (Korn and Graubard 1998): as many facts drawn at random as would give this variance, and never
    more than the weights allow (Kish 1965), which also serves where no error was found.
    """
    weight, left = found.size / found.count, 1 - found.count / found.size
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (weight * found.base).sum(-1)
        rate = (weight * found.wrong).sum(-1) / whole
        ratio = rate[..., np.newaxis]
        residual = found.wrong - ratio * found.base
        squares = found.wrong_squared - 2 * ratio * found.both + ratio**2 * found.base_squared
        spread = (squares - residual**2 / found.count) / np.maximum(found.count - 1, 1)
        variance = (found.size**2 * left * spread / found.count).sum(-1) / whole**2
        allowed = whole**2 / (weight**2 * left * found.base_squared).sum(-1)
        effective = np.minimum(np.where(variance > 0, rate * (1 - rate) / variance, np.inf), allowed)
    facts = found.count.sum(-1)
    freedom = np.maximum(((found.count - 1) * (left > 0)).sum(-1), 1)
    tail = (1 - confidence) / 2
    effective = effective * (stdtrit(np.maximum(facts - 1, 1), tail) / stdtrit(freedom, tail)) ** 2
    return Estimate(rate, *_bounds(rate, effective, tail))


def _bounds(rate: F64, effective: F64, tail: float) -> tuple[F64, F64]:
    """Clopper and Pearson's bounds, of a number of facts that need not be whole; where all were checked, the rate."""
    exact = np.isinf(effective)
    number = np.where(exact, 1.0, effective)
    wrong = number * rate
    low = np.where(wrong > 0, betaincinv(np.maximum(wrong, 1e-9), number - wrong + 1, tail), 0.0)
    high = np.where(wrong < number, betaincinv(wrong + 1, np.maximum(number - wrong, 1e-9), 1 - tail), 1.0)
    return np.where(exact, rate, low), np.where(exact, rate, high)

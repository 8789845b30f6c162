"""Exact distributions of sums of unlike chances, beside plain multiplication and the textbook's binomial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from scorecards.logistic import F64
from scorecards.poisson_binomial import likely_shifts, means_at, ratio_intervals, shifted, sums_of

CHANCES = st.floats(0.001, 0.999)
PROVIDERS = st.lists(st.lists(CHANCES, min_size=1, max_size=200), min_size=1, max_size=6)


def multiplied_out(chances: F64) -> F64:
    distribution = np.ones(1)
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return distribution


@given(PROVIDERS)
def test_distributions_are_those_of_plain_multiplication(providers: list[list[float]]) -> None:
    count = np.array([len(chances) for chances in providers])
    for some, sums in sums_of(np.concatenate(providers), count):
        for provider, first, chance in zip(some, sums.first, sums.chance, strict=True):
            expected = multiplied_out(np.array(providers[provider]))[first : first + len(chance)]
            assert chance[: len(expected)] == pytest.approx(expected, abs=1e-13)
            assert chance.sum() == pytest.approx(1, abs=1e-12)
            assert not chance[len(expected) :].any()


def test_large_and_small_providers_are_computed_together() -> None:
    rng = np.random.default_rng(1)
    count = np.array([5000, 1, 64, 65, 700])
    chance = rng.beta(2, 5, count.sum())
    start = np.cumsum(count) - count
    for some, sums in sums_of(chance, count):
        mean = (sums.numbers * sums.chance).sum(axis=1)
        assert mean == pytest.approx(np.add.reduceat(chance, start)[some])


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.sampled_from((0.025, 0.001)))
def test_beyond_a_limit_lies_no_more_than_its_tail(count: int, chance: float, tail: float) -> None:
    ((_, sums),) = sums_of(np.full(count, chance), np.array([count]))
    ((low,), (high,)) = sums.limits(tail)
    below = np.ceil(low) - 1 if low > 0 else -1
    above = np.floor(high) + 1
    assert binom.cdf(below, count, chance) <= tail + 1e-12
    assert binom.sf(above - 1, count, chance) <= tail + 1e-12
    # and one number further in it is more
    assert binom.cdf(below + 1, count, chance) > tail - 1e-12
    assert binom.sf(above - 2, count, chance) > tail - 1e-12


@given(st.integers(1, 3000), st.floats(0.02, 0.98), st.data())
def test_with_equal_chances_the_interval_is_clopper_and_pearsons(
    count: int, chance: float, data: st.DataObject
) -> None:
    observed = data.draw(st.integers(0, count))
    ((low,), (high,)) = ratio_intervals(np.full(count, chance), np.array([count]), np.array([observed]))
    exact_low = beta.ppf(0.025, observed, count - observed + 1) if observed else 0.0
    exact_high = beta.ppf(0.975, observed + 1, count - observed) if observed < count else 1.0
    assert (low, high) == pytest.approx((exact_low / chance, exact_high / chance), rel=1e-6, abs=1e-7)


@given(PROVIDERS, st.data())
def test_an_interval_holds_the_ratio_and_stays_possible(providers: list[list[float]], data: st.DataObject) -> None:
    count = np.array([len(chances) for chances in providers])
    chance = np.concatenate(providers)
    observed = np.array([data.draw(st.integers(0, most)) for most in count])
    expected = np.add.reduceat(chance, np.cumsum(count) - count)
    low, high = ratio_intervals(chance, count, observed)
    assert (low <= observed / expected + 1e-9).all()
    assert (high >= observed / expected - 1e-9).all()
    assert (low >= 0).all()
    assert (high <= count / expected + 1e-9).all()


@given(st.lists(CHANCES, min_size=5, max_size=60), st.floats(0.01, 4), st.data())
def test_a_likely_shift_goes_part_of_the_way_to_what_was_observed(
    chances: list[float], spread: float, data: st.DataObject
) -> None:
    chance, provider = np.array(chances), np.zeros(len(chances), np.int64)
    observed = np.array([data.draw(st.integers(0, len(chances)))])
    shift = likely_shifts(chance, provider, observed, spread)
    (reached,) = means_at(chance, provider, shift)
    low, high = sorted((chance.sum(), float(observed[0])))
    assert low - 1e-6 <= reached <= high + 1e-6
    slope = observed[0] - shifted(chance, provider, shift).sum() - shift[0] / spread
    assert slope == pytest.approx(0, abs=1e-4)

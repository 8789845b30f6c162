"""How counts vary by chance, against plain sums over all possibilities and against scipy."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scorecards import counts
from scorecards.counts import Count, ratio_interval
from scorecards.logistic import logistic

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def enumerated(chances: list[float], number: int) -> float:
    """The chance of `number` or fewer, one possibility after the other."""
    total = 0.0
    for happened in itertools.product((0, 1), repeat=len(chances)):
        if sum(happened) <= number:
            total += float(np.prod([p if h else 1 - p for p, h in zip(chances, happened, strict=True)]))
    return total


@given(CHANCES, st.integers(-1, 9))
def test_the_distribution_is_exact(chances: list[float], number: int) -> None:
    count = Count(np.array(chances))
    assert count.at_most(number) == pytest.approx(enumerated(chances, number), abs=1e-12)
    assert count.at_least(number) == pytest.approx(1 - enumerated(chances, number - 1), abs=1e-12)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_beyond_the_exact_ones_the_error_is_a_hundredth_of_a_per_cent(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances = np.random.default_rng(1).beta(4 * share, 4 * (1 - share), 20_000)
    chances = chances[: int(np.searchsorted(np.cumsum(chances * (1 - chances)), counts.EXACT)) + 1]
    count = Count(chances)
    assert count.variance > counts.EXACT
    numbers = range(int(count.mean) - 40, int(count.mean) + 40)
    near, limits = [count.at_most(number) for number in numbers], [count.lower_limit(tail) for tail in (0.001, 0.025)]
    monkeypatch.setattr(counts, "EXACT", np.inf)
    np.testing.assert_allclose(near, [count.at_most(number) for number in numbers], atol=2e-4)
    np.testing.assert_allclose(limits, [count.lower_limit(tail) for tail in (0.001, 0.025)], atol=0.2)


@given(st.lists(st.floats(0.02, 0.98), min_size=1, max_size=40), st.sampled_from([0.001, 0.025]))
def test_limits_are_passed_with_at_most_the_chance_of_the_tail(chances: list[float], tail: float) -> None:
    count = Count(np.array(chances))
    low, high = count.lower_limit(tail), count.upper_limit(tail)
    assert 0 <= low <= high <= len(chances)
    below, above = [n for n in range(len(chances) + 1) if n < low], [n for n in range(len(chances) + 1) if n > high]
    assert not below or count.at_most(below[-1]) <= tail + 1e-12
    assert not above or count.at_least(above[0]) <= tail + 1e-12
    # … and are no farther out than that asks for
    assert count.at_most(int(np.ceil(low))) >= tail - 1e-12
    assert count.at_least(int(np.floor(high))) >= tail - 1e-12


@pytest.mark.parametrize(("observed", "size"), [(0, 20), (7, 20), (20, 20), (130, 400)])
def test_equal_chances_give_the_interval_of_clopper_and_pearson(observed: int, size: int) -> None:
    effect = float(np.log(0.4 / 0.6))
    low, high = ratio_interval(np.zeros(size), effect, observed, 0.025)
    exact = stats.binomtest(observed, size).proportion_ci(0.95, "exact")
    close = 1e-5
    assert low * 0.4 == pytest.approx(exact.low, abs=close)
    assert high * 0.4 == pytest.approx(exact.high, abs=close)


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 1, 60)
    shifts = rng.normal(0, 0.4, 400)
    held = 0
    for shift in shifts:
        observed = int((rng.random(60) < logistic(scores + shift)).sum())
        low, high = ratio_interval(scores, 0.0, observed, 0.025)
        held += low <= logistic(scores + shift).sum() / logistic(scores).sum() <= high
    assert held / len(shifts) >= 0.94


def test_nothing_to_count() -> None:
    nobody = Count(np.zeros(0))
    assert (nobody.mean, nobody.at_most(0), nobody.lower_limit(0.025), nobody.upper_limit(0.025)) == (0, 1, 0, 0)
    certain = Count(np.ones(400))
    assert (certain.at_most(399), certain.at_least(400)) == pytest.approx((0, 1))

"""Providers beside what is expected of their participants."""

import numpy as np
import pytest

from scorecards.logistic import Rows
from scorecards.rating import FEWEST, Band, between_variance, compare, over_dispersion

RNG = np.random.default_rng(11)


def rows_of(*providers: tuple[int, int]) -> Rows:
    """Providers given as (good outcomes, participants), without covariates."""
    outcome = np.concatenate([[1.0] * good + [0.0] * (size - good) for good, size in providers])
    number = np.repeat(np.arange(len(providers)), [size for _, size in providers])
    return Rows(np.zeros((len(outcome), 0)), outcome, number)


def test_without_covariates_everybody_is_expected_to_do_as_all_together() -> None:
    comparison = compare(rows_of((30, 100), (50, 100), (40, 100)))
    ratings = [comparison.rating(provider) for provider in comparison.providers]
    assert [rating.expected for rating in ratings] == pytest.approx([40, 40, 40])
    assert [rating.ratio for rating in ratings] == pytest.approx([0.75, 1.25, 1.0])
    assert [rating.variance for rating in ratings] == pytest.approx([24, 24, 24])
    assert ratings[0].interval[0] < 0.75 < ratings[0].interval[1] < 1


def test_expected_and_observed_come_to_the_same_over_all() -> None:
    values = RNG.normal(size=(900, 3))
    outcome = (RNG.random(900) < 1 / (1 + np.exp(-values @ [1, -1, 0.5]))).astype(float)
    comparison = compare(Rows(values, outcome, np.sort(RNG.integers(0, 9, 900))))
    ratings = [comparison.rating(provider) for provider in comparison.providers]
    assert sum(rating.expected for rating in ratings) == pytest.approx(outcome.sum())


def test_the_band_says_on_which_side_of_the_limits_a_provider_lies() -> None:
    comparison = compare(rows_of((8, 100), *[(40, 100)] * 18, (72, 100)))
    assert [comparison.band(provider) for provider in (0, 1, 19)] == [Band.WORSE, Band.EXPECTED, Band.BETTER]
    worst = comparison.rating(0)
    assert worst.ratio < worst.limits998[0] < worst.limits95[0] < 1 < worst.limits95[1] < worst.limits998[1]


@pytest.mark.parametrize(("size", "band"), [(FEWEST - 1, Band.TOO_FEW), (FEWEST, Band.WORSE)])
def test_too_few_are_not_rated(size: int, band: Band) -> None:
    comparison = compare(rows_of((0, size), (60, 100), (62, 100)))
    assert comparison.band(0) == band


def test_a_ratio_is_drawn_towards_one_the_more_the_less_is_known() -> None:
    sizes = [20, 40, 80, 160, 320]
    comparison = compare(rows_of(*[(size // 4, size) for size in sizes], *[(3 * size // 4, size) for size in sizes]))
    shrunken = [comparison.rating(provider).shrunken for provider in range(5)]
    ratios = [comparison.rating(provider).ratio for provider in range(5)]
    assert shrunken == sorted(shrunken, reverse=True)
    assert all(ratio < drawn < 1 for ratio, drawn in zip(ratios, shrunken, strict=True))


def test_over_dispersion_is_that_of_ordinary_providers_and_widens_the_limits() -> None:
    expected, variance = np.full(400, 50.0), np.full(400, 30.0)
    by_chance = RNG.normal(50, np.sqrt(30), 400)
    assert over_dispersion(by_chance, expected, variance) < 0.003
    apart = RNG.normal(0, 0.2, 400) * 50
    assert over_dispersion(by_chance + apart, expected, variance) == pytest.approx(0.04, rel=0.25)
    one_far_off = by_chance + np.r_[400.0, np.zeros(399)]
    assert over_dispersion(one_far_off, expected, variance) < 0.004 < between_variance(one_far_off, expected, variance)
    assert over_dispersion(by_chance[:1], expected[:1], variance[:1]) == 0


def test_the_limits_are_those_of_chance_where_nothing_else_sets_providers_apart() -> None:
    comparison = compare(rows_of(*[(40, 100)] * 30))
    assert comparison.over_dispersion == 0
    low, high = comparison.rating(0).limits95
    assert (low * 40, high * 40) == pytest.approx((30.4, 49.8), abs=0.5)  # binomial quantiles of 100 chances of 0.4


@pytest.mark.parametrize("good", [0, 30])
def test_outcomes_that_all_are_alike_set_nobody_apart(good: int) -> None:
    comparison = compare(rows_of((good, 30), (good, 30)))
    rating = comparison.rating(0)
    assert (rating.ratio, rating.limits95, rating.shrunken, rating.band) == (1.0, (1.0, 1.0), 1.0, Band.EXPECTED)


def test_one_provider_is_as_expected() -> None:
    rating = compare(rows_of((12, 40))).rating(0)
    assert (rating.ratio, rating.band) == (pytest.approx(1), Band.EXPECTED)

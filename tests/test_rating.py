"""Laws of ratings, and the corners: few participants, no successes, one provider, certain outcomes."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.covariates import Categories, Covariate, Numbers
from scorecards.logistic import I64, Bool
from scorecards.rating import Band, Ratings, between_variance, rate, winsorised_squares

SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int, providers: int = 12, most: int = 60) -> tuple[I64, Bool, list[Covariate]]:
    rng = np.random.default_rng(seed)
    provider = np.repeat(np.arange(providers), rng.integers(1, most, providers))
    kind, number = rng.integers(0, 3, len(provider)), rng.normal(0, 1, len(provider))
    number[rng.random(len(number)) < 0.05] = np.nan
    chance = 1 / (1 + np.exp(0.5 * kind - np.nan_to_num(number) + rng.normal(0, 0.5, providers)[provider]))
    success = rng.random(len(provider)) < chance
    success[:2] = True, False
    covariates: list[Covariate] = [Categories("kind", kind.astype(np.int32), "abc"), Numbers("number", number)]
    return provider, success, covariates


def figures(ratings: Ratings) -> np.ndarray:
    limits = [side for pair in ratings.limits.values() for side in pair]
    return np.array([ratings.expected, ratings.ratio, ratings.low, ratings.high, ratings.shrunken, *limits])


@settings(max_examples=30)
@given(SEEDS)
def test_laws(seed: int) -> None:
    provider, success, covariates = draw(seed)
    ratings, _ = rate(provider, success, covariates)
    assert ratings.expected.sum() == pytest.approx(success.sum())
    assert ratings.observed.sum() == success.sum()
    for low, high in (*ratings.limits.values(), (ratings.low, ratings.high)):
        assert (low >= 0).all()
        assert (low <= high).all()
    inner, outer = ratings.limits["95"], ratings.limits["998"]
    assert (outer[0] <= inner[0] + 1e-9).all()
    assert (outer[1] >= inner[1] - 1e-9).all()
    # an estimate is drawn towards 1 and not beyond
    assert (np.abs(ratings.shrunken - 1) <= np.abs(ratings.ratio - 1) + 1e-9).all()
    assert ((ratings.shrunken - 1) * (ratings.ratio - 1) >= -1e-9).all()
    few = ratings.count < 18
    assert [band is Band.TOO_FEW for band in ratings.band] == few.tolist()
    assert ratings.widening >= 0


@settings(max_examples=15)
@given(SEEDS)
def test_neither_order_nor_names_matter(seed: int) -> None:
    provider, success, covariates = draw(seed)
    kind, number = covariates
    assert isinstance(kind, Categories)
    assert isinstance(number, Numbers)
    rng = np.random.default_rng(seed)
    order, name = rng.permutation(len(provider)), rng.permutation(provider.max() + 1)
    renamed, _ = rate(
        name[provider][order],
        success[order],
        [Categories("kind", 2 - kind.code[order], "cba"), Numbers("number", 100 + 7 * number.values[order])],
    )
    ratings, _ = rate(provider, success, covariates)
    assert figures(renamed)[:, name] == pytest.approx(figures(ratings), rel=1e-6, abs=1e-8)
    assert [renamed.band[place] for place in name] == ratings.band


def test_expected_is_what_statsmodels_predicts_at_the_average_provider() -> None:
    provider, success, covariates = draw(7, providers=10, most=200)
    keep = np.isin(provider, np.flatnonzero(np.bincount(provider) >= 18))
    provider = np.unique(provider[keep], return_inverse=True)[1]
    success = success[keep]
    kind, number = covariates
    assert isinstance(kind, Categories)
    assert isinstance(number, Numbers)
    kind, number = Categories("kind", kind.code[keep], "abc"), Numbers("number", number.values[keep])
    ratings, _ = rate(provider, success, [kind, number])
    missing = np.isnan(number.values)
    known = np.column_stack(
        [kind.code == 1, kind.code == 2, missing, np.where(missing, np.nanmean(number.values), number.values)]
    ).astype(float)
    own = (provider[:, None] == np.arange(provider.max() + 1)).astype(float)
    slopes = (
        sm.Logit(success.astype(float), np.column_stack([own, known])).fit(disp=0, tol=1e-12).params[own.shape[1] :]
    )
    at_average = sm.Logit(success.astype(float), np.ones(len(success)), offset=known @ slopes).fit(disp=0, tol=1e-12)
    assert ratings.expected == pytest.approx(np.bincount(provider, at_average.predict()), abs=1e-6)


def test_a_poor_provider_with_easy_participants_is_found() -> None:
    rng = np.random.default_rng(4)
    provider = np.repeat(np.arange(20), 200)
    easy = rng.random(4000) < np.where(provider == 0, 0.9, 0.4)
    success = rng.random(4000) < np.where(easy, 0.7, 0.3) - 0.15 * (provider == 0)
    ratings, _ = rate(provider, success, [Categories("ease", easy.astype(np.int32), ["hard", "easy"])])
    assert ratings.observed[0] > np.median(ratings.observed)
    assert ratings.band[0] is Band.WORSE


def test_followed_for_less_than_a_year_is_too_few() -> None:
    provider, success, covariates = draw(1, most=100)
    months = np.full(12, 12)
    months[3] = 11
    ratings, _ = rate(provider, success, covariates, months)
    assert ratings.band[3] is Band.TOO_FEW


def test_one_provider_is_as_expected() -> None:
    success = np.arange(40) % 3 == 0
    ratings, _ = rate(np.zeros(40, np.int64), success, [Numbers("x", np.arange(40.0))])
    assert ratings.ratio == pytest.approx([1])
    assert ratings.band == [Band.EXPECTED]


def test_providers_without_successes_are_compared_too() -> None:
    rng = np.random.default_rng(3)
    provider = np.repeat(np.arange(8), 60)
    success = (rng.random(480) < 0.4) & (provider != 5)
    success |= provider == 6
    ratings, model = rate(provider, success, [Numbers("x", rng.normal(0, 1, 480))])
    assert model.fit
    assert len(model.fit.effects) == 6
    assert (ratings.ratio[5], ratings.low[5]) == (0, 0)
    assert 0 < ratings.high[5] < 0.3
    assert ratings.high[6] == pytest.approx(60 / ratings.expected[6])
    assert (ratings.band[5], ratings.band[6]) == (Band.WORSE, Band.BETTER)


def test_where_all_or_none_succeed_at_each_provider_nothing_is_adjusted_for() -> None:
    provider = np.repeat(np.arange(4), 30)
    ratings, model = rate(provider, provider < 2, [Numbers("x", np.arange(120.0))])
    assert model.fit is None
    assert ratings.expected == pytest.approx([15, 15, 15, 15])


def test_small_providers_share_one_effect() -> None:
    provider = np.repeat(np.arange(30), [100, 100] + [5] * 28)
    rng = np.random.default_rng(1)
    _, model = rate(provider, rng.random(len(provider)) < 0.5, [])
    assert model.fit
    assert len(model.fit.effects) == 3


def test_outcomes_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        rate(np.zeros(30, np.int64), np.ones(30, bool), [])


def test_over_dispersion_is_estimated_without_bias() -> None:
    rng = np.random.default_rng(6)
    weight = np.full(50, 20.0)
    standardised = rng.normal(0, np.sqrt(1 + 20 * 0.09), (2000, 50))
    standardised -= standardised.mean(axis=1, keepdims=True)  # sums of observed and expected agree
    found = [between_variance(winsorised_squares(row), weight) for row in standardised]
    assert np.mean(found) == pytest.approx(0.09, rel=0.03)


def test_outliers_hardly_widen_the_limits() -> None:
    rng = np.random.default_rng(6)
    standardised = rng.normal(0, 1, 60)
    standardised[:3] = 12
    weight = np.full(60, 20.0)
    assert between_variance(winsorised_squares(standardised), weight) < 0.1 * between_variance(standardised**2, weight)

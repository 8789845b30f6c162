"""Coefficients beside those of statsmodels, with every provider as a column of its own."""

import numpy as np
import pytest
import statsmodels.api as sm

from scorecards.logistic import I64, SAMPLE_FROM, Bool, Design, fit_logistic


def draw(count: int, groups: int, seed: int = 1) -> tuple[Design, Bool, I64]:
    """Participants whose covariates depend on the group that they came to."""
    rng = np.random.default_rng(seed)
    group = np.sort(rng.integers(0, groups, count))
    quality = rng.normal(0, 0.5, groups)[group]
    kind = np.clip(rng.poisson(1.5 * np.exp(quality)), 0, 4)
    number = rng.normal(0.5 * quality, 1)
    chance = 1 / (1 + np.exp(-(quality - 0.4 * kind + 0.6 * number)))
    categories = (kind[:, None] == np.arange(1, 5)).astype(np.uint8)
    return Design(categories, number[:, None]), rng.random(count) < chance, group


def columns_of(design: Design, group: I64) -> np.ndarray:
    own = group[:, None] == np.arange(group.max() + 1)
    return np.concatenate((own, design.categories, design.numbers), axis=1).astype(float)


@pytest.mark.parametrize(("count", "groups"), [(300, 3), (5_000, 40), (SAMPLE_FROM + 1, 20)])
def test_all_coefficients_equal_those_of_statsmodels(count: int, groups: int) -> None:
    design, outcome, group = draw(count, groups)
    fit = fit_logistic(design, outcome, group)
    theirs = sm.Logit(outcome.astype(float), columns_of(design, group)).fit(disp=0, tol=1e-12, maxiter=50)
    ours = np.concatenate((fit.effects, fit.coefficients))
    assert ours == pytest.approx(theirs.params, abs=1e-6)
    assert fit.covariance == pytest.approx(theirs.cov_params()[groups:, groups:], abs=1e-6)
    assert not fit.has_prior
    assert fit.identified.all()


def test_the_order_of_participants_does_not_matter() -> None:
    design, outcome, group = draw(2_000, 10)
    order = np.random.default_rng(2).permutation(len(group))
    fit, shuffled = fit_logistic(design, outcome, group), fit_logistic(design.take(order), outcome[order], group[order])
    assert shuffled.coefficients == pytest.approx(fit.coefficients, abs=1e-9)
    assert shuffled.effects == pytest.approx(fit.effects, abs=1e-9)


def test_a_column_that_follows_from_others_or_from_the_provider_is_left_out() -> None:
    design, outcome, group = draw(2_000, 10)
    none = ~design.categories.any(axis=1, keepdims=True)
    of_provider = (group % 2)[:, None]
    wider = Design(np.concatenate((design.categories, none, of_provider), axis=1).astype(np.uint8), design.numbers)
    fit = fit_logistic(wider, outcome, group)
    assert fit.identified.tolist() == [True] * 4 + [False, False, True]
    assert fit.coefficients[4:6].tolist() == [0, 0]
    assert fit.coefficients[fit.identified] == pytest.approx(fit_logistic(design, outcome, group).coefficients)


def test_where_a_covariate_tells_the_outcome_coefficients_are_held_near_0() -> None:
    design, outcome, group = draw(2_000, 10)
    certain = np.flatnonzero(outcome)[:40]
    mark = np.zeros((len(outcome), 1), np.uint8)
    mark[certain] = 1
    fit = fit_logistic(Design(np.concatenate((design.categories, mark), axis=1), design.numbers), outcome, group)
    assert fit.has_prior
    assert 2 < fit.coefficients[4] < 10
    rest = np.delete(fit.coefficients, 4)
    unmarked = fit_logistic(design.take(~mark[:, 0].astype(bool)), outcome[mark[:, 0] == 0], group[mark[:, 0] == 0])
    assert rest == pytest.approx(unmarked.coefficients, abs=0.05)


def test_a_design_without_columns_gives_the_groups_own_log_odds() -> None:
    _, outcome, group = draw(500, 4)
    fit = fit_logistic(Design(np.zeros((500, 0), np.uint8), np.zeros((500, 0))), outcome, group)
    share = np.bincount(group, outcome) / np.bincount(group)
    assert fit.effects == pytest.approx(np.log(share / (1 - share)))

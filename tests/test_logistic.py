"""The risk model: the coefficients of largest likelihood, whatever the rows look like."""

import numpy as np
import pytest
import statsmodels.api as sm

from scorecards.logistic import Fit, Rows, average_effect, fit, logistic


def drawn(rows: int, providers: int, covariates: int, seed: int = 1) -> Rows:
    """Rows whose chances follow a model, with providers that take different participants."""
    rng = np.random.default_rng(seed)
    provider = np.sort(rng.integers(0, providers, rows))
    values = rng.normal(size=(rows, covariates)) + rng.normal(0, 0.5, providers)[provider][:, None]
    log_odds = values @ rng.normal(0, 0.5, covariates) + rng.normal(0, 0.3, providers)[provider] - 0.4
    return Rows(values, (rng.random(rows) < logistic(log_odds)).astype(float), provider)


def by_statsmodels(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, effects and the coefficients' variances, from a column for each provider."""
    own = (rows.provider[:, None] == np.arange(rows.providers)).astype(float)
    model = sm.Logit(rows.outcome, np.column_stack([rows.covariates, own])).fit(disp=0, method="newton", tol=1e-12)
    count = rows.covariates.shape[1]
    return model.params[:count], model.params[count:], np.diag(model.cov_params())[:count]


def assert_same(found: Fit, rows: Rows) -> None:
    coefficients, effects, variances = by_statsmodels(rows)
    np.testing.assert_allclose(found.coefficients, coefficients, atol=1e-6)
    np.testing.assert_allclose(found.effects, effects, atol=1e-6)
    np.testing.assert_allclose(found.variances, variances, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_coefficients_are_those_of_statsmodels(seed: int) -> None:
    rows = drawn(2000, 12, 6, seed)
    assert_same(fit(rows), rows)


def test_many_rows_are_begun_from_a_sample_and_end_at_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = drawn(40_000, 10, 4)
    whole = fit(rows)
    monkeypatch.setattr("scorecards.logistic.SAMPLED_FROM", 1000)
    begun = fit(rows)
    np.testing.assert_allclose(begun.coefficients, whole.coefficients, atol=1e-9)
    np.testing.assert_allclose(begun.effects, whole.effects, atol=1e-9)
    assert begun.steps < whole.steps


def test_a_provider_whose_outcomes_are_alike_leaves_the_others_as_they_are() -> None:
    rows = drawn(1500, 10, 3)
    alike = Rows(np.ones((7, 3)), np.ones(7), np.full(7, 10))
    joined = Rows(*(np.concatenate(pair) for pair in zip(_fields(rows), _fields(alike), strict=True)))
    found = fit(joined)
    np.testing.assert_allclose(found.coefficients, fit(rows).coefficients, atol=1e-12)
    assert found.effects[10] == np.inf


def _fields(rows: Rows) -> tuple[np.ndarray, ...]:
    return rows.covariates, rows.outcome, rows.provider


def test_what_others_say_already_has_no_coefficient() -> None:
    rows = drawn(1500, 10, 3)
    constant = np.full(1500, 4.0)
    of_provider = rows.provider.astype(float)  # said by the provider's own effect
    sum_of_two = rows.covariates[:, 0] + rows.covariates[:, 1]
    more = Rows(np.column_stack([rows.covariates, constant, of_provider, sum_of_two]), rows.outcome, rows.provider)
    found = fit(more)
    assert found.used.tolist() == [True, True, True, False, False, False]
    np.testing.assert_allclose(found.coefficients[:3], fit(rows).coefficients, atol=1e-9)
    assert not found.coefficients[3:].any()


def test_a_covariate_that_separates_the_outcomes_is_held_by_a_weak_prior() -> None:
    rows = drawn(600, 6, 1)
    separating = Rows(np.column_stack([rows.covariates, rows.outcome * 2 - 1]), rows.outcome, rows.provider)
    found = fit(separating)
    assert found.prior
    assert 2 < found.coefficients[1] < 12
    assert np.isfinite(found.coefficients).all()
    assert not fit(rows).prior


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        fit(Rows(np.zeros((2, 0)), np.array([0.0, 1.0]), np.array([1, 0])))


def test_without_covariates_or_rows_there_is_nothing_to_find() -> None:
    assert fit(Rows(np.zeros((0, 2)), np.zeros(0), np.zeros(0, int))).coefficients.tolist() == [0, 0]
    alone = fit(Rows(np.zeros((4, 0)), np.array([0.0, 1.0, 1.0, 1.0]), np.zeros(4, int)))
    assert alone.effects[0] == pytest.approx(np.log(3))


def test_the_average_provider_has_as_many_good_outcomes_as_were_seen() -> None:
    rows = drawn(3000, 10, 3)
    scores = fit(rows).scores(rows.covariates)
    assert logistic(scores + average_effect(scores, rows.outcome)).sum() == pytest.approx(rows.outcome.sum())
    assert average_effect(np.zeros(3), np.zeros(3)) == -np.inf
    assert average_effect(np.zeros(3), np.ones(3)) == np.inf

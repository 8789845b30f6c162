"""Logistic regression with an effect of its own for each provider, by Newton's method over columns. Pure.

The log-odds of a good outcome are the participant's covariates times their coefficients plus the provider's effect.
Without the effects the coefficients would soak up the quality of the providers that take certain participants.

The effects are eliminated from each Newton step (the Schur complement of their diagonal block), so that thousands of
providers cost no more than the sums over their rows. It is statistics, not money: floats are fine here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit

F64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Bool = npt.NDArray[np.bool_]

TOLERANCE = 1e-9  # of the last step, in log-odds
STEPS_MOST = 50
BLOCK_ROWS = 16_384
SAMPLE = 20  # a start is found on every so many rows …
SAMPLED_FROM = 100_000  # … of more rows than this
SEPARATED = 12.0  # log-odds: a coefficient that goes beyond this has no largest likelihood to find
PRIOR_SD = 2.5  # log-odds per standardised covariate: the weak prior that is taken then
DEPENDENT = 1e-9  # of a covariate's information: what is less than this is said by others already


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a fit in order of provider: covariates (a column each), outcomes 0 or 1, providers 0, 1, 2, …"""

    covariates: F64
    outcome: F64
    provider: Index

    @property
    def providers(self) -> int:
        return int(self.provider[-1]) + 1 if len(self.provider) else 0

    def take(self, rows: Index | Bool | slice) -> "Rows":
        return Rows(self.covariates[rows], self.outcome[rows], self.provider[rows])


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients in log-odds; 0 where a covariate says nothing that others, or the provider, do not say."""

    coefficients: F64
    variances: F64  # of the coefficients
    effects: F64  # by provider; minus or plus infinity where all its outcomes are alike
    used: Bool  # the covariates that have a coefficient
    prior: bool  # whether a weak prior was needed, because some covariate separates the outcomes
    steps: int  # over all rows

    def scores(self, covariates: F64) -> F64:
        """The participants' log-odds, but for the provider's effect."""
        return covariates @ self.coefficients


def fit(rows: Rows) -> Fit:
    """The coefficients of largest likelihood. Rows stand in order of provider.

    A provider whose outcomes are all alike tells nothing of the coefficients, whatever its effect: it is left out, and
    its effect is infinite. ValueError if rows are out of order.
    """
    if len(rows.provider) and bool((np.diff(rows.provider) < 0).any()):
        raise ValueError("rows stand in order of provider")
    mixed = _mixed_providers(rows)
    effects = np.where(_shares(rows) > 0, np.inf, -np.inf)
    informative = rows.take(mixed[rows.provider])
    numbers = np.cumsum(mixed) - 1
    informative = Rows(informative.covariates, informative.outcome, numbers[informative.provider])
    used = independent(informative)
    chosen = Rows(informative.covariates[:, used], informative.outcome, informative.provider)
    newton = _solve(chosen)
    coefficients, variances = np.zeros(len(used)), np.zeros(len(used))
    coefficients[used], variances[used] = newton.beta, newton.variances
    effects[mixed] = newton.alpha
    return Fit(coefficients, variances, effects, used, newton.prior, newton.steps)


def _shares(rows: Rows) -> F64:
    """Each provider's share of good outcomes."""
    counts = np.bincount(rows.provider, minlength=rows.providers)
    return sums(rows, rows.outcome) / np.maximum(counts, 1)


def sums(rows: Rows, values: F64) -> F64:
    """The sum of values over each provider's rows."""
    return np.bincount(rows.provider, values, rows.providers).astype(np.float64)


def _mixed_providers(rows: Rows) -> Bool:
    shares = _shares(rows)
    return (shares > 0) & (shares < 1)


def independent(rows: Rows) -> Bool:
    """The covariates that say something within providers which the ones before them do not say."""
    count = rows.covariates.shape[1]
    used = np.zeros(count, bool)
    if not len(rows.outcome):
        return used
    info = _information(rows, np.ones(len(rows.outcome))).covariates
    size = np.sqrt(np.maximum(np.diag(info), 0))
    constant = size**2 <= DEPENDENT * np.maximum(_squares(rows), 1)
    size[constant] = 1
    left = info / np.outer(size, size)
    for column in range(count):  # Gaussian elimination: what is left of each column after those before it
        if constant[column] or left[column, column] <= DEPENDENT:
            continue
        used[column] = True
        left = left - np.outer(left[:, column], left[column]) / left[column, column]
    return used


def _squares(rows: Rows) -> F64:
    return np.asarray(np.einsum("ij,ij->j", rows.covariates, rows.covariates))


@dataclass(slots=True)
class _Newton:
    """Where Newton's method stands."""

    beta: F64
    alpha: F64
    prior: bool = False
    steps: int = 0
    variances: F64 = field(default_factory=lambda: np.zeros(0))


def _solve(rows: Rows) -> _Newton:
    newton = _Newton(np.zeros(rows.covariates.shape[1]), _log_odds(_shares(rows)))
    if len(rows.outcome) > SAMPLED_FROM:
        _start_from_sample(rows, newton)
    if not _climb(rows, newton, TOLERANCE):
        newton.beta[:], newton.alpha, newton.prior = 0, _log_odds(_shares(rows)), True
        _climb(rows, newton, TOLERANCE)
    return newton


def _log_odds(shares: F64) -> F64:
    return np.log(shares / (1 - shares)) if len(shares) else np.zeros(0)


def _start_from_sample(rows: Rows, newton: _Newton) -> None:
    """Coefficients from a sample of the rows, among providers that are mixed in it too."""
    sample = rows.take(slice(None, None, SAMPLE))
    mixed = np.zeros(rows.providers, bool)
    mixed[: sample.providers] = _mixed_providers(sample)
    sample = sample.take(mixed[sample.provider])
    sample = Rows(sample.covariates, sample.outcome, (np.cumsum(mixed) - 1)[sample.provider])
    if not len(sample.outcome) or not independent(sample).all():
        return
    start = _Newton(np.zeros_like(newton.beta), _log_odds(_shares(sample)))
    if _climb(sample, start, 1e-3):
        newton.beta[:] = start.beta
        newton.alpha[mixed] = start.alpha


def _climb(rows: Rows, newton: _Newton, tolerance: float) -> bool:
    """Newton's steps until they are small. False if the likelihood has no top, because a covariate separates."""
    if not rows.providers:
        return True
    precision = 1 / PRIOR_SD**2 if newton.prior else 0.0
    newton.steps = 0
    while newton.steps < STEPS_MOST:
        chance = _chances(rows, newton.beta, newton.alpha)
        information = _information(rows, chance * (1 - chance), precision)
        rest = rows.outcome - chance
        up = rest @ rows.covariates - precision * newton.beta
        along = sums(rows, rest)
        step = _solved(information.covariates, up - information.shared.T @ (along / information.weight))
        shift = (along - information.shared @ step) / information.weight
        largest = float(max(np.abs(step).max(initial=0), np.abs(shift).max(initial=0)))
        damp = min(1.0, 4.0 / largest) if largest else 1.0  # a step of more than 4 log-odds is not to be trusted
        newton.beta += damp * step
        newton.alpha += damp * shift
        newton.steps += 1
        if largest < tolerance:
            newton.variances = np.diag(np.linalg.pinv(information.covariates)) if len(step) else np.zeros(0)
            return True
        if not newton.prior and _separated(rows, newton):
            return False
    return False


def _separated(rows: Rows, newton: _Newton) -> bool:
    scale = np.sqrt(_squares(rows) / len(rows.outcome))
    return bool((np.abs(newton.beta) * np.minimum(scale, 1) > SEPARATED).any())


def _solved(matrix: F64, vector: F64) -> F64:
    return np.asarray(np.linalg.lstsq(matrix, vector, rcond=None)[0]) if len(vector) else vector


def _chances(rows: Rows, beta: F64, alpha: F64) -> F64:
    return logistic(rows.covariates @ beta + alpha[rows.provider])


def logistic(log_odds: F64) -> F64:
    """The chances behind log-odds."""
    return np.asarray(expit(log_odds))


@dataclass(frozen=True, slots=True)
class _Information:
    """The parts of the information matrix: of the covariates less what the effects take, and of the effects."""

    covariates: F64  # covariate × covariate, the Schur complement
    shared: F64  # provider × covariate
    weight: F64  # by provider


def _information(rows: Rows, weights: F64, precision: float = 0.0) -> _Information:
    count = rows.covariates.shape[1]
    whole = np.eye(count) * precision
    for block in _blocks(len(weights)):
        weighted = rows.covariates[block] * np.sqrt(weights[block])[:, None]
        whole += weighted.T @ weighted
    starts = np.searchsorted(rows.provider, np.arange(rows.providers + 1))
    shared = np.zeros((rows.providers, count))
    for provider, (start, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        shared[provider] = weights[start:end] @ rows.covariates[start:end]
    weight = sums(rows, weights)
    return _Information(whole - shared.T @ (shared / weight[:, None]), shared, weight)


def _blocks(count: int) -> Iterator[slice]:
    for start in range(0, count, BLOCK_ROWS):
        yield slice(start, start + BLOCK_ROWS)


def average_effect(scores: F64, outcome: F64) -> float:
    """The effect that, given to all providers, would give the observed number of good outcomes: the average provider's.

    Minus or plus infinity if no outcome, or every outcome, is good.
    """
    share = float(outcome.mean()) if len(outcome) else 0.0
    if share in (0.0, 1.0):
        return np.inf if share else -np.inf
    effect = float(_log_odds(np.array([share]))[0] - scores.mean())
    for _ in range(STEPS_MOST):
        chance = logistic(scores + effect)
        step = float((outcome.sum() - chance.sum()) / (chance * (1 - chance)).sum())
        effect += max(-4.0, min(4.0, step))
        if abs(step) < TOLERANCE:
            break
    return effect

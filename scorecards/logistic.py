"""Logistic regression with an effect of each provider, over columns.

log odds of participant i's success = effect of its provider + coefficients · covariates of i. Without the effects the
coefficients would soak up differences between providers wherever good providers receive other participants than poor
ones. Fitted by Newton's method (iteratively reweighted least squares: McCullagh and Nelder, Generalized Linear Models,
1989) from a start on a sample. Effects are eliminated before coefficients are solved for, so that any number of
providers costs little.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

CHUNK = 1 << 14  # participants whose covariates are held as numbers at once
SAMPLE = 20  # the start is found on every so manyth participant …
SAMPLE_FROM = 50_000  # … of at least so many
SAMPLE_STEP = 1e-2
LAST_STEP = 1e-5  # after such a step of Newton's the next would be of the order of its square
STEPS_MOST = 15
PRIOR_DEVIATION = 2.5  # of a coefficient without a most likely value: Gelman et al., Annals of Applied Statistics 2008
ALIASED = 1e-9  # the part of a covariate's variation that is left where it follows from others
STEEPEST = 30.0  # log odds beyond which chances are 0 and 1 for all purposes


def totals(group: I64, values: F64 | Bool, size: int) -> F64:
    """The sum of the values of each of `size` groups."""
    return np.bincount(group, values, size).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Design:
    """What is known of each participant: categories as columns of 0 and 1, and numbers, best near 0 and of size 1."""

    categories: npt.NDArray[np.uint8]  # (participants, columns)
    numbers: F64

    @property
    def width(self) -> int:
        return int(self.categories.shape[1] + self.numbers.shape[1])

    def __len__(self) -> int:
        return len(self.categories)

    def take(self, rows: I64 | Bool | slice) -> "Design":
        return Design(self.categories[rows], self.numbers[rows])

    def chunks(self) -> Iterator[tuple[slice, F64]]:
        """All columns as numbers, some participants at a time; each chunk takes the memory of the one before."""
        split = self.categories.shape[1]
        columns = np.empty((min(CHUNK, len(self)), self.width))
        for start in range(0, len(self), CHUNK):
            rows = slice(start, min(start + CHUNK, len(self)))
            chunk = columns[: rows.stop - start]
            chunk[:, :split], chunk[:, split:] = self.categories[rows], self.numbers[rows]
            yield rows, chunk

    def scores(self, coefficients: F64) -> F64:
        """Coefficients · covariates of each participant."""
        scores = np.empty(len(self))
        for rows, columns in self.chunks():
            scores[rows] = columns @ coefficients
        return scores


@dataclass(frozen=True, slots=True)
class Fit:
    """`coefficients` of the design's columns; `effects` of the groups: their log odds where all covariates are 0.

    `covariance` is that of the coefficients. Columns that are not `identified` follow from earlier ones or from the
    groups; their coefficient is 0. `has_prior`: the likelihood has no maximum, so coefficients were held near 0.
    """

    coefficients: F64
    effects: F64
    covariance: F64
    identified: Bool
    has_prior: bool
    steps: int


def fit_logistic(design: Design, outcome: Bool, group: I64) -> Fit:
    """The most likely coefficients and effects.

    `group`: each participant's, from 0 on; each group must have both outcomes. It is quick where the rows of a group
    stand together.
    """
    success = outcome.astype(np.float64)
    count = np.bincount(group)
    total = totals(group, success, len(count))
    data = _Data(design, success, group, np.log((total + 0.5) / (count - total + 0.5)))
    start = _Point(np.zeros(design.width), data.usual)
    if len(design) >= SAMPLE_FROM:
        start = _Climb(data.sample(), start, PRIOR_DEVIATION**-2, PRIOR_DEVIATION**-2).go(SAMPLE_STEP).point
    climb = _Climb(data, start).go(LAST_STEP)
    has_prior = not climb.arrived
    if has_prior:
        climb = _Climb(data, _Point(np.zeros(design.width), data.usual), PRIOR_DEVIATION**-2).go(LAST_STEP)
    return Fit(
        climb.point.coefficients,
        climb.point.effects,
        climb.covariance(),
        climb.identified,
        has_prior,
        climb.steps,
    )


@dataclass(frozen=True, slots=True)
class _Data:
    design: Design
    success: F64
    group: I64
    usual: F64  # each group's log odds, without a look at covariates

    def sample(self) -> "_Data":
        part = slice(None, None, SAMPLE)
        return _Data(self.design.take(part), self.success[part], self.group[part], self.usual)


@dataclass(frozen=True, slots=True)
class _Point:
    coefficients: F64
    effects: F64

    def moved(self, step: "_Point", part: float = 1.0) -> "_Point":
        return _Point(self.coefficients + part * step.coefficients, self.effects + part * step.effects)

    @property
    def size(self) -> float:
        return max(float(np.abs(part).max(initial=0)) for part in (self.coefficients, self.effects))


@dataclass(slots=True)
class _Surface:
    """The log likelihood at a point, with its first and second derivatives, those of effects apart."""

    likelihood: float
    slope: F64
    curvature: F64
    effect_slope: F64
    effect_curvature: F64
    cross: F64  # (groups, columns)


class _Climb:
    """From a start to the highest point. The priors are normal, about 0 and about the groups' usual log odds."""

    def __init__(self, data: _Data, start: _Point, prior: float = 0.0, effect_prior: float = 0.0):
        self.data, self.point, self.prior, self.effect_prior = data, start, prior, effect_prior
        self.surface = self._surface(start)
        self.identified = self._identified()
        self.steps = 0
        self.arrived = False

    def go(self, last_step: float) -> "_Climb":
        while self.steps < STEPS_MOST and not self.arrived:
            step = self._step()
            self.steps += 1
            self.arrived = step.size < last_step
            if self.arrived:
                self.point = self.point.moved(step)
            else:
                self._move(step)
        return self

    def _move(self, step: _Point) -> None:
        """Go the whole step, or a half, a quarter … of it, until that leads up."""
        for halvings in range(10):
            point = self.point.moved(step, 0.5**halvings)
            surface = self._surface(point)
            if surface.likelihood >= self.surface.likelihood:
                break
        self.point, self.surface = point, surface

    def _step(self) -> _Point:
        surface, some = self.surface, self.identified
        share = surface.cross / surface.effect_curvature[:, None]
        slope = surface.slope - share.T @ surface.effect_slope
        coefficients = np.zeros(len(slope))
        coefficients[some] = np.linalg.solve(self._reduced()[np.ix_(some, some)], slope[some])
        effects = (surface.effect_slope - surface.cross @ coefficients) / surface.effect_curvature
        return _Point(coefficients, effects)

    def _reduced(self) -> F64:
        """The coefficients' curvature once effects are eliminated."""
        surface = self.surface
        reduced: F64 = surface.curvature - surface.cross.T @ (surface.cross / surface.effect_curvature[:, None])
        return reduced

    def covariance(self) -> F64:
        some = self.identified
        covariance = np.zeros((len(some), len(some)))
        covariance[np.ix_(some, some)] = np.linalg.inv(self._reduced()[np.ix_(some, some)])
        return covariance

    def _identified(self) -> Bool:
        """Columns of which something is left when those before them, and the groups, are known (Cholesky)."""
        left = self._reduced()
        whole = np.maximum(self.surface.curvature.diagonal(), np.finfo(float).tiny)
        found = np.zeros(len(whole), bool)
        for column in range(len(whole)):
            found[column] = left[column, column] > ALIASED * whole[column]
            if found[column]:
                left -= np.outer(left[:, column], left[column]) / left[column, column]
        return found

    def _surface(self, point: _Point) -> _Surface:
        data, groups, width = self.data, len(point.effects), self.data.design.width
        found = _Surface(
            0.0,
            np.zeros(width),
            np.zeros((width, width)),
            np.zeros(groups),
            np.zeros(groups),
            np.zeros((groups, width)),
        )
        for rows, columns in data.design.chunks():
            _add(found, columns, data.success[rows], data.group[rows], point)
        off = point.effects - data.usual
        found.likelihood -= self.prior * float(point.coefficients @ point.coefficients) / 2
        found.likelihood -= self.effect_prior * float(off @ off) / 2
        found.slope -= self.prior * point.coefficients
        found.curvature += self.prior * np.eye(width)
        found.effect_slope -= self.effect_prior * off
        found.effect_curvature += self.effect_prior
        return found


def _add(surface: _Surface, columns: F64, success: F64, group: I64, point: _Point) -> None:
    """What some participants add to the surface. The columns' memory is used up."""
    odds = np.clip(columns @ point.coefficients + point.effects[group], -STEEPEST, STEEPEST)
    chance = 1 / (1 + np.exp(-odds))
    missing = success - chance
    weight = chance * (1 - chance)
    surface.likelihood += float(success @ odds + np.log1p(-chance).sum())
    surface.slope += missing @ columns
    surface.effect_slope += totals(group, missing, len(surface.effect_slope))
    surface.effect_curvature += totals(group, weight, len(surface.effect_slope))
    first = np.flatnonzero(np.diff(group, prepend=-1))
    for start, end in itertools.pairwise([*first.tolist(), len(group)]):
        surface.cross[group[start]] += weight[start:end] @ columns[start:end]
    columns *= np.sqrt(weight)[:, None]
    surface.curvature += columns.T @ columns

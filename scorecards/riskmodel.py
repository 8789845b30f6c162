"""The risk model of scorecards: what is known of participants beforehand, as columns, and what the model says. Pure."""

import itertools
from dataclasses import dataclass

import numpy as np

from outcomes.columns import I32, Bool
from payouts.engine.days import month_name, month_of
from scorecards.covariates import coded, numbered
from scorecards.inputs import OBSTACLES, SCHOOLING, SEXES, Inputs, Names
from scorecards.logistic import F64, Rows, logistic, sums
from scorecards.rating import Band, Comparison, Rating, compare

MONTHS_LEAST = 12  # of followed start months
OUTCOMES_EACH = 10  # of a coefficient
PARTS = 10  # of the participants, by their chance, that calibration compares


@dataclass(frozen=True, slots=True)
class Model:
    """A comparison of a service's providers by one measure, with what is needed to judge the model itself."""

    comparison: Comparison
    columns: list[str]
    left_out: list[str]  # covariates that there are too few outcomes for
    rows: Rows  # in order of provider, which is a place in `ids`
    ids: I32  # of the providers
    months: int

    def rating(self, number: int) -> Rating:
        return self.comparison.rating(number)

    def band(self, rating: Rating) -> Band:
        return Band.TOO_FEW if self.months < MONTHS_LEAST else rating.band

    def chances(self) -> F64:
        """Of each participant, with the provider's own effect as far as it is known: what the model itself expects."""
        effects = np.clip(self.comparison.fit.effects, -30, 30)
        return logistic(self.comparison.scores + effects[self.rows.provider])


def fit_model(inputs: Inputs, names: Names, outcome: Bool, months: int) -> Model | None:
    """Compare the providers of these placements. None where all outcomes are alike, so that nothing can be said."""
    if not len(inputs) or outcome.all() or not outcome.any():
        return None
    ids, number = np.unique(inputs.provider, return_inverse=True)
    order = np.argsort(number, kind="stable")
    chosen, left_out = _affordable(_covariates(inputs, names), min(int(outcome.sum()), int((~outcome).sum())))
    labelled = [(name, column[order]) for name, column in chosen]
    columns = np.empty((len(inputs), len(labelled)))
    for place, (_, column) in enumerate(labelled):
        columns[:, place] = column
    rows = Rows(columns, outcome[order].astype(np.float64), number[order])
    return Model(compare(rows), [name for name, _ in labelled], left_out, rows, ids, months)


Labelled = tuple[str, F64]


def _affordable(covariates: list[list[Labelled]], rarer: int) -> tuple[list[Labelled], list[str]]:
    """The columns of as many covariates as there are outcomes for, of the rarer kind, and the names of the rest.

    Fewer than ten for a coefficient make it unreliable (Peduzzi et al., Journal of Clinical Epidemiology 1996).
    """
    sizes = np.cumsum([len(columns) for columns in covariates])
    count = max(1, int((sizes * OUTCOMES_EACH <= rarer).sum()))
    chosen = [column for columns in covariates[:count] for column in columns]
    return chosen, [columns[0][0].partition(" = ")[0] for columns in covariates[count:] if columns]


def _covariates(inputs: Inputs, names: Names) -> list[list[Labelled]]:
    """What is adjusted for, what matters most first."""
    year = month_name(month_of(inputs.starts_on)) // 100
    quarter = (month_name(month_of(inputs.starts_on)) % 100 - 1) // 3
    rate = _employment_rates(inputs.district, year, names)
    born = inputs.birth_year > 0
    age = (year - inputs.birth_year).astype(np.float64)
    years = [str(one) for one in range(int(year.min()), int(year.max()) + 1)]
    return [
        coded("tier", inputs.tier, names.tiers),
        numbered("months on assistance", inputs.months_on_assistance.astype(float), inputs.months_on_assistance >= 0),
        coded("schooling", inputs.schooling, ["not known", *SCHOOLING]),
        coded("obstacle", inputs.obstacle, ["not known", *OBSTACLES]),
        [*numbered("age", age, born), *numbered("age squared", np.square((age - 40) / 10), born)[:1]],
        numbered("employment rate of the district", rate, ~np.isnan(rate)),
        coded("sex", inputs.sex, ["not known", *SEXES]),
        coded("quarter of the start", quarter, ["Q1", "Q2", "Q3", "Q4"]),
        coded("year of the start", year - year.min(), years),
    ]


def _employment_rates(district: I32, year: I32, names: Names) -> F64:
    """By district and year; the newest one before, where the year's own is not known; else NaN."""
    first, last = int(year.min()), int(year.max())
    table = np.full((max(names.districts, default=0) + 1, last - first + 1), np.nan)
    for number, rates in names.employment_rates.items():
        for place in range(last - first + 1):
            known = [one for one in rates if one <= first + place]
            if known:
                table[number, place] = rates[max(known)]
    return np.asarray(table[district, year - first])


@dataclass(frozen=True, slots=True)
class Part:
    """Some participants whose chances are alike: how many, how many good outcomes the model expects, and how many
    were."""

    n: int
    expected: float
    observed: int


def calibration(model: Model) -> list[Part]:
    """The participants in parts of equal size, from the lowest chance to the highest."""
    chances = model.chances()
    order = np.argsort(chances, kind="stable")
    return [
        Part(len(some), float(chances[some].sum()), int(model.rows.outcome[some].sum()))
        for some in np.array_split(order, PARTS)
        if len(some)
    ]


def discrimination(model: Model) -> float:
    """How often, of one participant with a good outcome and one without, the first has the higher chance (AUC)."""
    chances = model.chances()
    _, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2  # mean rank of equals
    good = model.rows.outcome > 0
    wins = rank[place[good]].sum() - good.sum() * (good.sum() + 1) / 2
    return float(wins / (good.sum() * (~good).sum()))


def ratios_without(model: Model) -> F64:
    """Each provider's ratio if it had no part in the model that it is judged by: fitted on all others.

    One step of Newton's method away from the fit: the provider's part is taken out of information and gradient, as
    deletion diagnostics do (Pregibon, Annals of Statistics 1981); the average provider's effect follows likewise.
    """
    comparison, used = model.comparison, model.comparison.fit.used
    edges = comparison.edges
    at_own = model.chances()
    at_average = logistic(comparison.scores + comparison.effect)
    covariates = np.ascontiguousarray(model.rows.covariates[:, used])
    weights, rest = at_own * (1 - at_own), model.rows.outcome - at_own
    informations, gradients = [], []
    for start, end in itertools.pairwise(edges.tolist()):
        x, w = covariates[start:end], weights[start:end]
        whole, shared = w.sum(), w @ x
        informations.append((x * w[:, None]).T @ x - (np.outer(shared, shared) / whole if whole > 0 else 0))
        gradients.append(rest[start:end] @ x)
    information = sum(informations)
    beyond = sums(model.rows, model.rows.outcome - at_average)
    slopes = at_average * (1 - at_average)
    slope, shared_slope = slopes.sum(), slopes @ covariates
    ratios = np.ones(len(informations))
    for number, (start, end) in enumerate(itertools.pairwise(edges.tolist())):
        x, own = covariates[start:end], slopes[start:end]
        step = -np.linalg.lstsq(information - informations[number], gradients[number], rcond=None)[0]
        missing = (beyond.sum() - beyond[number]) - (shared_slope - own @ x) @ step
        effect = comparison.effect + missing / max(slope - own.sum(), 1e-9)
        expected = logistic(comparison.scores[start:end] + x @ step + effect).sum()
        ratios[number] = model.rows.outcome[start:end].sum() / expected if expected > 0 else 1.0
    return ratios

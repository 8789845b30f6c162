"""All that a period's scorecards say, from the inputs: measures by group, risk models and bands. Pure.

What is small is hidden here, once, so that pages, documents and files can't show it: where figures would stand, there
is None. Results are plain data, as they are stored.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from outcomes.columns import I32, Bool, Index
from scorecards.inputs import Inputs, Names
from scorecards.measures import ADJUSTED, MEASURES, Measure
from scorecards.rating import Band
from scorecards.riskmodel import Model, calibration, discrimination, fit_model, ratios_without
from scorecards.scope import Scope
from scorecards.suppression import hidden_tables
from scorecards.tabulation import Counted, Estimates, Grouping, count, groupings

Data = dict[str, Any]


@dataclass(slots=True)
class Assessed:
    """What was found: of each service what concerns all its providers, and a card for each provider and service."""

    services: dict[str, Data] = field(default_factory=dict)
    cards: dict[tuple[int, str], Data] = field(default_factory=dict)  # by provider's id and service's code


def assess(
    inputs: Inputs, names: Names, scope: Scope, progress: Callable[[int, int], None] = lambda done, total: None
) -> Assessed:
    """All scorecards. `progress` is told how many services are done, and how many there are."""
    assessed = Assessed()
    for place, service in enumerate(names.services):
        progress(place, len(names.services))
        mine = inputs.take(np.flatnonzero((inputs.service == place) & (inputs.referred_on >= scope.first_day)))
        if len(mine):
            _Service(mine, names, scope).assess(service.code, service.title, assessed)
    progress(len(names.services), len(names.services))
    return assessed


@dataclass(frozen=True, slots=True)
class Table:
    """A measure by provider and group; the sums stand last, in rows and columns. `hidden` cells are not shown."""

    cells: Estimates  # in order of row and column
    hidden: Bool
    labels: Sequence[str]

    def row(self, number: int) -> list[Data | None]:
        width = len(self.labels) + 1
        return [_shown(self.cells, number * width + place, self.hidden[number, place]) for place in range(width)]


class _Service:
    """The scorecards of one service."""

    def __init__(self, inputs: Inputs, names: Names, scope: Scope):
        self.inputs, self.names, self.scope = inputs, names, scope
        self.ids, self.provider = np.unique(inputs.provider, return_inverse=True)
        self.by_start = groupings(inputs, names, scope, inputs.starts_on)
        self.by_referral = groupings(inputs, names, scope, inputs.referred_on)
        self.masks: dict[object, list[Bool]] = {}  # of measures, and of the people whom several measures count

    def assess(self, code: str, title: str, assessed: Assessed) -> None:
        tables = {measure.code: list(self._tables(measure)) for measure in MEASURES.values()}
        everyone = len(self.ids)
        models = {measure.code: self._model(measure, tables[measure.code][0].hidden[:, -1]) for measure in ADJUSTED}
        assessed.services[code] = {
            "title": title,
            "providers": len(self.ids),
            "ids": self.ids.tolist(),
            **_groups(self.by_start, tables, everyone),
            "months": {measure.code: self.scope.months(measure.follow_up) for measure in MEASURES.values()},
            "models": {name: model for name, model in models.items() if model},
        }
        for number, provider in enumerate(self.ids.tolist()):
            ratings = {name: model["providers"][number] for name, model in models.items() if model}
            card = _groups(self.by_start, tables, number)
            watch = _watch_grades(card["measures"], assessed.services[code]["measures"], ratings)
            assessed.cards[provider, code] = {**card, "ratings": ratings, "watch_grades": watch}

    def _tables(self, measure: Measure) -> Iterator[Table]:
        """The measure by provider and each grouping."""
        groups = self.by_referral if measure.from_referral else self.by_start
        counted = count(measure, self.inputs, self.scope.cohorts(measure, self.inputs))
        for grouping, hidden in zip(groups, self._hidden(measure, counted, groups), strict=True):
            yield Table(_with_sums(counted, self.provider, grouping, len(self.ids)), hidden, grouping.labels)

    def _hidden(self, measure: Measure, counted: Counted, groups: list[Grouping]) -> list[Bool]:
        shapes = [(len(self.ids), len(grouping.labels)) for grouping in groups]
        people = [
            tuple(cells.reshape(shape) for cells in counted.people(_cell(self.provider, grouping), math.prod(shape)))
            for grouping, shape in zip(groups, shapes, strict=True)
        ]
        key = (measure.follow_up, measure.from_referral, measure.counted)
        if key not in self.masks:  # the same people have the same cells hidden, whatever is told of them
            self.masks[key] = hidden_tables([(number, 0 * number) for number, _ in people])
        before = self.masks[measure.within or key]
        self.masks[measure.code] = hidden_tables([(number, yes) for number, yes in people], before)
        return self.masks[measure.code]

    def _model(self, measure: Measure, hidden: Bool) -> Data | None:
        rows = self.scope.cohorts(measure, self.inputs) & measure.counted(self.inputs)
        inputs = self.inputs.take(np.flatnonzero(rows))
        outcome = measure.values(inputs).astype(bool)
        model = fit_model(inputs, self.names, outcome, self.scope.months(measure.follow_up))
        return _model_data(model, self.ids, hidden[:-1]) if model else None


def _cell(provider: Index, grouping: Grouping) -> Index:
    return np.asarray(provider * len(grouping.labels) + grouping.code)


def _with_sums(counted: Counted, provider: Index, grouping: Grouping, providers: int) -> Estimates:
    """The measure in each cell, with the sums as last row and column."""
    width, everyone = len(grouping.labels), np.zeros(len(provider), np.int64)
    parts = (
        (counted.estimate(_cell(provider, grouping), providers * width), (providers, width)),
        (counted.estimate(provider, providers), (providers, 1)),
        (counted.estimate(grouping.code, width), (1, width)),
        (counted.estimate(everyone, 1), (1, 1)),
    )

    def joined(name: str) -> np.ndarray:
        inner, right, below, corner = (getattr(found, name).reshape(shape) for found, shape in parts)
        return np.block([[inner, right], [below, corner]]).ravel()

    return Estimates(*(joined(name) for name in ("count", "total", "value", "low", "high")))


def _groups(groups: list[Grouping], tables: Mapping[str, list[Table]], row: int) -> Data:
    """A row of each table: the measures in all, and by each grouping."""
    return {
        "measures": {code: some[0].row(row)[-1] for code, some in tables.items()},
        "groups": {
            grouping.name: {
                code: dict(zip(some[place].labels, some[place].row(row), strict=False)) for code, some in tables.items()
            }
            for place, grouping in enumerate(groups)
        },
    }


def _shown(cells: Estimates, place: int, hidden: bool) -> Data | None:
    if hidden:
        return None
    figures = {name: _number(float(getattr(cells, name)[place])) for name in ("value", "low", "high")}
    return {"n": int(cells.count[place]), "total": int(cells.total[place]), **figures}


def _number(value: float, digits: int = 6) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None


def _model_data(model: Model, ids: I32, hidden: Bool) -> Data:
    fit = model.comparison.fit
    without = dict(zip(model.ids.tolist(), ratios_without(model).tolist(), strict=True))
    numbers = {provider: number for number, provider in enumerate(model.ids.tolist())}
    deviation = np.sqrt(fit.variances)
    return {
        "n": len(model.rows.outcome),
        "observed": int(model.rows.outcome.sum()),
        "months": model.months,
        "effect": _number(model.comparison.effect, 9),
        "over_dispersion": _number(model.comparison.over_dispersion),
        "between": _number(model.comparison.between),
        "has_prior": fit.prior,
        "discrimination": _number(discrimination(model), 3),
        "calibration": [[part.n, round(part.expected, 1), part.observed] for part in calibration(model)],
        "coefficients": [
            [name, _number(value, 9), _number(value - 1.96 * error), _number(value + 1.96 * error)]
            for name, value, error, used in zip(model.columns, fit.coefficients, deviation, fit.used, strict=True)
            if used
        ],
        "unused": [name for name, used in zip(model.columns, fit.used, strict=True) if not used],
        "left_out": model.left_out,
        "providers": [
            _rating_data(model, numbers.get(provider), without.get(provider, 1.0), is_hidden)
            for provider, is_hidden in zip(ids.tolist(), hidden.tolist(), strict=True)
        ],
    }


def _rating_data(model: Model, number: int | None, without: float, is_hidden: bool) -> Data:
    if number is None:
        return {"band": Band.TOO_FEW.value, "is_far": False, "is_hidden": True}
    rating = model.rating(number)
    band = model.band(rating)
    is_far = not rating.limits998[0] <= rating.ratio <= rating.limits998[1]
    if is_hidden:
        return {"band": band.value, "is_far": is_far, "is_hidden": True}
    pairs = {"interval": rating.interval, "limits95": rating.limits95, "limits998": rating.limits998}
    return {
        "band": band.value,
        "is_far": is_far,  # beyond the 99.8 % limits
        "is_hidden": False,
        "n": rating.n,
        "observed": rating.observed,
        "expected": _number(rating.expected),
        "variance": _number(rating.variance),
        "ratio": _number(rating.ratio),
        "shrunken": _number(rating.shrunken),
        "without": _number(without, 3),
        **{name: [_number(low), _number(high)] for name, (low, high) in pairs.items()},
    }


def _watch_grades(own: Data, everyone: Data, ratings: Mapping[str, Data]) -> bool:
    """Whether high grades are more common than among all, beyond chance, and jobs afterwards are not."""
    mine, others = own["high_grades"], everyone["high_grades"]
    if not mine or not others or mine["low"] is None or others["value"] is None:
        return False
    jobs = ratings.get("durable_job") or ratings.get("job_within_year") or {}
    return bool(mine["low"] > others["value"] and jobs.get("band") != Band.BETTER)

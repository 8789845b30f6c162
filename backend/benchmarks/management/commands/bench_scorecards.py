"""`./dev bench scorecards`: measures, risk models and bands as a multiple of reading what they are computed from."""

import json
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import statsmodels.api as sm
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone

from backend.benchmarks.loading import load
from backend.benchmarks.management.commands.bench_payouts import number
from backend.benchmarks.measuring import say
from outcomes.models import District
from scorecards.assessing import assess
from scorecards.inputs import Inputs, Names
from scorecards.logistic import fit
from scorecards.measures import MEASURES
from scorecards.models import EmploymentRate
from scorecards.reading import read_inputs
from scorecards.riskmodel import Model, fit_model
from scorecards.scope import Scope

READ_GATE, EQUAL_GATE = 3.5, 1e-6
SCOPE = Scope(date(2023, 1, 1), date(2025, 12, 31))
ROWS = 100_000  # of the comparison with statsmodels, which holds a column for each provider
DISTRICTS = 14
BACKGROUNDS = """
    INSERT INTO outcomes_participantbackground (
        participant_id, district_id, birth_year, months_on_assistance, sex, schooling, obstacle_group)
    SELECT id, 1 + mod(id * 7919, %(districts)s), 1960 + mod(id * 104729, 45), mod(id * 1299709, 120),
        (ARRAY['woman', 'man'])[(1 + mod(id * 15485863 / 3, 2))::int],
        (ARRAY['none', 'compulsory', 'upper_secondary', 'post_secondary'])[(1 + mod(id * 32452843 / 5, 4))::int],
        (ARRAY['unemployed', 'language', 'health', 'social', 'waiting', 'other'])[(1 + mod(id * 49979687 / 7, 6))::int]
    FROM (SELECT id::bigint FROM outcomes_participant) AS participant ORDER BY id"""


class Command(BaseCommand):
    help = "Measure scorecards: measures, risk models and bands against reading, and the fit against statsmodels."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--placements", default="1m", help="such as 100k or 1m")
        parser.add_argument("--repeat", type=int, default=3)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: object, placements: str, repeat: int, json: bool, **options: object) -> None:
        count = number(placements)
        load(count)
        add_backgrounds()
        moment = timezone.now()
        reading: list[float] = []
        assessing: list[float] = []
        for _ in range(repeat):
            (inputs, names), seconds = timed(read_inputs, SCOPE, moment)
            reading.append(seconds)
            assessed, seconds = timed(assess, inputs, names, SCOPE)
            assessing.append(seconds)
        ratios = [(read + rest) / read for read, rest in zip(reading, assessing, strict=True)]
        self.stdout.write(f"{count:,} placements, {len(assessed.cards)} scorecards")
        self.stdout.write(
            f"  read {say(reading)} s, measures, models and bands {say(assessing)} s, ratio {say(ratios)}"
        )
        times, difference = compare_with_statsmodels(inputs, names)
        self.stdout.write(
            f"  fit of {ROWS:,} rows: {say(times)} × as quick as statsmodels, differs by {difference:.1e}"
        )
        ratio = statistics.median(ratios)
        self._judge("read", ratio, READ_GATE)
        self._judge("difference from statsmodels", difference, EQUAL_GATE)
        if json:
            self.stdout.write(as_json(count, ratio, statistics.median(times), difference))

    def _judge(self, name: str, value: float, gate: float) -> None:
        self.stdout.write(f"{'kept  ' if value <= gate else 'BROKEN'} {name}: {value:.3g}, at most {gate}")


def as_json(placements: int, read: float, statsmodels: float, difference: float) -> str:
    ratios = {"read": round(read, 3), "statsmodels": round(statsmodels, 3)}
    return json.dumps(
        {"bench": "scorecards", "placements": placements, "ratios": ratios, "largest_difference": difference}
    )


def timed(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    result = work(*arguments)
    return result, time.perf_counter() - started


def add_backgrounds() -> None:
    with connections["owner"].cursor() as cursor:
        districts = [District(name=f"District {number}", jobbtorg="") for number in range(1, DISTRICTS + 1)]
        District.objects.using("owner").bulk_create(districts)
        EmploymentRate.objects.using("owner").bulk_create(
            EmploymentRate(district=district, year=2022, per_cent=60 + place)
            for place, district in enumerate(districts)
        )
        cursor.execute(BACKGROUNDS, {"districts": DISTRICTS})
        cursor.execute("VACUUM ANALYZE outcomes_participantbackground")


def compare_with_statsmodels(inputs: Inputs, names: Names) -> tuple[list[float], float]:
    """How many times as quick our fit is, and by how much its coefficients differ at most from those of statsmodels."""
    measure = MEASURES["job_within_year"]
    rows = SCOPE.cohorts(measure, inputs) & measure.counted(inputs)
    some = inputs.take(np.flatnonzero(rows)[:: max(1, int(rows.sum()) // ROWS)])
    model = fit_model(some, names, measure.values(some).astype(bool), 24)
    assert model is not None
    ours, seconds = timed(fit, model.rows)
    theirs, their_seconds = timed(_statsmodels_fit, model)
    used = ours.used
    return [their_seconds / seconds], float(np.abs(ours.coefficients[used] - theirs[: used.sum()]).max())


def _statsmodels_fit(model: Model) -> np.ndarray:
    mixed = np.isfinite(model.comparison.fit.effects)[model.rows.provider]
    provider = model.rows.provider[mixed]
    dummies = (provider[:, None] == np.unique(provider)).astype(np.float64)
    columns = np.hstack((model.rows.covariates[mixed][:, model.comparison.fit.used], dummies))
    found = sm.GLM(model.rows.outcome[mixed], columns, family=sm.families.Binomial()).fit(tol=1e-12)
    return np.asarray(found.params)

"""Measures: each counted over made-up placements whose answer is plain, with intervals checked against statsmodels."""

from datetime import date

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from outcomes.columns import FAR, to_day
from scorecards.assessing import assess
from scorecards.inputs import Inputs
from scorecards.measures import MEASURES
from scorecards.scope import Scope
from scorecards.tabulation import Estimates, count
from tests.scorecard_world import SCOPE, draw_inputs, make_inputs, make_names

START = to_day(date(2024, 1, 15))


def measured(code: str, inputs: Inputs, scope: Scope = SCOPE) -> tuple[int, int, float]:
    """Number counted, sum of values, and the value, of one measure over all placements."""
    found = estimates(code, inputs, scope)
    return int(found.count[0]), int(found.total[0]), float(found.value[0])


def estimates(code: str, inputs: Inputs, scope: Scope = SCOPE) -> Estimates:
    measure = MEASURES[code]
    counted = count(measure, inputs, scope.cohorts(measure, inputs))
    return counted.estimate(np.zeros(len(inputs), np.int64), 1)


@pytest.mark.parametrize(
    ("code", "columns", "expected"),
    [
        ("started", {"starts_on": [START, START, FAR, START]}, (4, 3, 0.75)),
        ("days_to_start", {"starts_on": [START, START + 3, FAR, START + 3]}, (3, 6, 2.0)),
        ("ended_as_planned", {"exit_reason": [1, 2, 4, 0]}, (4, 2, 0.5)),
        ("exit_to_work_or_studies", {"exit_reason": [1, 2, 3, 0]}, (4, 2, 0.5)),
        ("exit_reason_unknown", {"exit_reason": [7, 2, 3, 0]}, (3, 1, 1 / 3)),
        ("passed_course", {"courses": [0, 2, 1, 0]}, (4, 2, 0.5)),
        ("points", {"points": [0, 200, 100, 0]}, (4, 300, 75.0)),
        ("high_grades", {"courses": [0, 2, 1, 1], "high_grades": [0, 2, 0, 0]}, (3, 2, 0.5)),
        ("error_rate", {"facts": [0, 8, 2, 0], "errors": [0, 1, 0, 0]}, (2, 1, 0.1)),
        ("job_within_year", {"job_on": [START + 365, START + 367, FAR, START]}, (4, 2, 0.5)),
        ("days_to_job", {"job_on": [START + 10, START + 31, FAR, START + 400]}, (2, 41, 20.5)),
        ("durable_job", {"durable_on": [START + 300, FAR, FAR, FAR]}, (4, 1, 0.25)),
        ("work_2", {"status_2": [2, 1, 0, 2]}, (4, 2, 0.5)),
        ("studies_8", {"status_8": [2, 1, 0, 2]}, (4, 1, 0.25)),
        ("work_12", {"status_12": [2, 1, 0, 0]}, (4, 1, 0.25)),
        ("interrupted", {"is_interrupted": [True, False, False, False]}, (4, 1, 0.25)),
        ("attended_days", {"attended": [10, 20, 30, 0]}, (4, 60, 15.0)),
        ("cost_per_participant", {"cost": [100, 200, 300, 0]}, (4, 600, 150.0)),
        ("cost_per_durable_job", {"cost": [100, 200, 300, 0], "durable_on": [START, FAR, START, FAR]}, (4, 600, 300.0)),
    ],
)
def test_a_measure_counts_what_its_definition_says(
    code: str, columns: dict[str, list], expected: tuple[int, int, float]
) -> None:
    assert measured(code, make_inputs(4, **columns)) == pytest.approx(expected)


def test_every_measure_is_tested_and_says_what_it_is() -> None:
    assert all(measure.title and measure.definition and measure.source for measure in MEASURES.values())


@pytest.mark.parametrize(("until", "counts"), [(date(2026, 1, 30), 0), (date(2026, 1, 31), 1)])
def test_a_cohort_is_counted_once_its_follow_up_has_passed_for_the_whole_month(until: date, counts: int) -> None:
    """A durable job is known 24 months after the month of the start, January 2024."""
    assert measured("durable_job", make_inputs(1), Scope(SCOPE.first_month, until))[0] == counts


def test_shares_have_wilsons_interval_and_means_the_normal_one() -> None:
    share = estimates("passed_course", make_inputs(40, courses=np.arange(40) < 9))
    assert (share.low[0], share.high[0]) == pytest.approx(proportion_confint(9, 40, method="wilson"))
    points = np.random.default_rng(1).integers(0, 500, 40)
    mean = estimates("points", make_inputs(40, points=points))
    assert (mean.low[0], mean.high[0]) == pytest.approx(
        stats.norm.interval(0.95, points.mean(), stats.sem(points)), rel=1e-9
    )


def test_the_medians_interval_holds_the_median_95_times_of_100() -> None:
    rng, hits = np.random.default_rng(2), 0
    for _ in range(400):
        days = rng.exponential(100, 30).astype(int)
        found = estimates("days_to_job", make_inputs(30, job_on=START + days))
        hits += found.low[0] <= 100 * np.log(2) <= found.high[0]
    assert hits / 400 > 0.93


def test_the_inputs_survive_freezing_and_their_digest_sees_every_change() -> None:
    inputs = draw_inputs(np.random.default_rng(3))
    assert Inputs.thaw(inputs.freeze()).digest() == inputs.digest()
    for name in Inputs.names():
        column = getattr(inputs, name)
        changed = make_inputs(len(inputs), **{n: getattr(inputs, n) for n in Inputs.names()} | {name: column[::-1]})
        assert np.array_equal(column, column[::-1]) == (changed.digest() == inputs.digest()), name


def test_the_same_inputs_give_the_same_scorecards() -> None:
    inputs, names = draw_inputs(np.random.default_rng(4)), make_names(12)
    first, second = assess(inputs, names, SCOPE), assess(Inputs.thaw(inputs.freeze()), names, SCOPE)
    assert first == second
    assert {provider for provider, _ in first.cards} == set(range(1, 13))

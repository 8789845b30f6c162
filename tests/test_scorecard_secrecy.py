"""No figure of a few people can be had from all that the scorecards of a period say, however it is put together."""

from collections.abc import Iterator

import numpy as np
import pytest

from outcomes.columns import Bool
from scorecards.assessing import Assessed, assess
from scorecards.measures import MEASURES, Figure
from scorecards.suppression import SMALLEST
from tests.scorecard_world import SCOPE, draw_inputs, make_names
from tests.test_suppression import derivable

GROUPINGS = ("tier", "sex", "quarter", "district")
PROVIDERS = 12


@pytest.fixture(scope="module", params=range(2))
def assessed(request: pytest.FixtureRequest) -> Assessed:
    inputs = draw_inputs(np.random.default_rng(request.param), providers=PROVIDERS)
    return assess(inputs, make_names(PROVIDERS), SCOPE)


def cards(assessed: Assessed) -> list[dict]:
    """By provider, and last of all providers together: a row of each table."""
    return [
        *(assessed.cards[provider, "training"] for provider in range(1, PROVIDERS + 1)),
        assessed.services["training"],
    ]


def mask(assessed: Assessed, measure: str, grouping: str) -> Bool:
    """Which cells of a measure's table are hidden, with the sums as last row and column."""
    rows = [[*card["groups"][grouping][measure].values(), card["measures"][measure]] for card in cards(assessed)]
    return np.array([[cell is None for cell in row] for row in rows])


def cells(card: dict) -> Iterator[tuple[str, dict]]:
    for code, cell in card["measures"].items():
        yield code, cell
    for grouping in GROUPINGS:
        for code, labelled in card["groups"][grouping].items():
            for cell in labelled.values():
                yield code, cell


def test_no_shown_figure_is_of_a_few_people(assessed: Assessed) -> None:
    for card in cards(assessed):
        for code, cell in cells(card):
            told = [cell["n"]] if cell else []
            if cell and MEASURES[code].figure is Figure.SHARE:
                told += [cell["total"], cell["n"] - cell["total"]]
            assert not any(0 < people < SMALLEST for people in told), (code, cell)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_no_hidden_figure_follows_from_the_shown_ones(assessed: Assessed, measure: str) -> None:
    assert derivable(*(mask(assessed, measure, grouping) for grouping in GROUPINGS)) == []


def test_nor_do_numbers_of_people_follow_from_other_measures_of_the_same_people(assessed: Assessed) -> None:
    """What one measure hides another may show: together they show no number of people that is small."""
    for follow_up in {measure.follow_up for measure in MEASURES.values()}:
        same = [
            one.code
            for one in MEASURES.values()
            if one.follow_up == follow_up and one.counted.__name__ == "has_started"
        ]
        if same:
            masks = [np.logical_and.reduce([mask(assessed, code, grouping) for code in same]) for grouping in GROUPINGS]
            assert derivable(*masks) == []


def test_ratings_hide_what_the_measure_hides(assessed: Assessed) -> None:
    hidden = 0
    for card in cards(assessed)[:-1]:
        for code, rating in card["ratings"].items():
            assert rating["is_hidden"] == (card["measures"][code] is None)
            assert not rating["is_hidden"] or set(rating) == {"band", "is_far", "is_hidden"}
            hidden += rating["is_hidden"]
    assert hidden  # small providers were drawn

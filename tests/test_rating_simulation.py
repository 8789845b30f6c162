"""The proof of the rating: 500 drawn towns in which the truth is known (`tests.rating_town`).

The figures stand in docs/scorecards-method.md, which is tested against them.
"""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from scorecards.logistic import Rows
from scorecards.rating import Band, compare
from tests.rating_town import FAR, draw_town

REPETITIONS = 500
QUALITY = 0.45
PAGE = Path(__file__).parents[1] / "docs" / "scorecards-method.md"
KINDS = ("adjusted", "raw")

Shares = dict[str, float]


@cache
def simulated(quality: float) -> dict[str, Shares]:
    """By kind of rating, how often ordinary, hard-working and truly unusual providers got which band."""
    rng = np.random.default_rng(20261125)
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for _ in range(REPETITIONS):
        town = draw_town(rng, quality=quality)
        unadjusted = Rows(np.zeros((len(town.rows.outcome), 0)), town.rows.outcome, town.rows.provider)
        raw = replace(compare(unadjusted), over_dispersion=0.0)  # a raw rate knows nothing of what it leaves out
        for kind, comparison in zip(KINDS, (compare(town.rows), raw), strict=True):
            bands = np.array([comparison.band(provider).value for provider in comparison.providers])
            hard = town.ordinary & (town.intake < FAR)
            counted = {
                "ordinary": len(bands[town.ordinary]),
                "flagged": int((bands[town.ordinary] != Band.EXPECTED.value).sum()),
                "hard": len(bands[hard]),
                "hard worse": int((bands[hard] == Band.WORSE.value).sum()),
                "bad": int((town.quality < 0).sum()),
                "bad found": int((bands[town.quality < 0] == Band.WORSE.value).sum()),
                "worse": int((bands == Band.WORSE.value).sum()),
                "good": int((town.quality > 0).sum()),
                "good found": int((bands[town.quality > 0] == Band.BETTER.value).sum()),
            }
            seen[kind].update(counted)
    return {kind: _shares(counts) for kind, counts in seen.items()}


def _shares(counts: Counter[str]) -> Shares:
    pairs = {"false": ("flagged", "ordinary"), "hard": ("hard worse", "hard")}
    pairs |= {"bad": ("bad found", "bad"), "good": ("good found", "good"), "right": ("bad found", "worse")}
    return {name: counts[part] / counts[whole] for name, (part, whole) in pairs.items() if counts[whole]}


def test_adjusted_bands_hold_their_nominal_rate_where_nobody_is_unusual() -> None:
    """At most 5 of 100 ordinary providers lie outside, with three standard errors of 20,000 bands to spare."""
    assert simulated(0.0)["adjusted"]["false"] <= 0.05 + 3 * (0.05 * 0.95 / 20_000) ** 0.5
    assert simulated(0.0)["adjusted"]["false"] >= 0.02  # and the limits are no wider than they need to be
    assert simulated(0.0)["raw"]["false"] > 0.3


@pytest.mark.parametrize("quality", [0.0, QUALITY])
def test_hard_intakes_are_not_punished(quality: float) -> None:
    """An ordinary provider that takes those far from work is called worse no more often than chance allows."""
    assert simulated(quality)["adjusted"]["hard"] <= 0.025 + 0.005
    assert simulated(quality)["raw"]["hard"] > 0.4


def test_unusual_providers_are_found_though_their_intakes_hide_them() -> None:
    found = simulated(QUALITY)
    assert found["adjusted"]["false"] <= 0.05
    assert found["adjusted"]["bad"] > 0.25
    assert found["adjusted"]["good"] > 0.45
    assert found["adjusted"]["right"] > 0.8 > 4 * found["raw"]["right"]  # who is called worse is so


def test_the_page_on_the_method_gives_these_figures() -> None:
    rows = re.findall(r"^\| (adjusted|raw) \|(.+)\|$", PAGE.read_text(), re.MULTILINE)
    assert [kind for kind, _ in rows] == list(KINDS)
    for kind, cells in rows:
        said = [float(cell.strip().removesuffix(" %")) for cell in cells.split("|")]
        nobody, some = simulated(0.0)[kind], simulated(QUALITY)[kind]
        expected = [nobody["false"], nobody["hard"], some["false"], some["bad"], some["good"], some["right"]]
        assert said == pytest.approx([100 * share for share in expected], abs=0.06), kind

"""The effect analysis on simulated people with a known effect: it finds it, where a plain comparison is misled."""

import csv
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from backend.kernel.models import Role
from scorecards.covariates import Design
from scorecards.effect import HORIZONS, Effect, Prices, economy_of, estimate_effects
from scorecards.effect_file import effects_of_file
from scorecards.logistic import F64, Bool, logistic
from tests.small_world import make_user

EFFECT = 0.12  # of the participants' share, by construction
REPETITIONS = 300


def people(rng: np.random.Generator, count: int, effect: float) -> tuple[Design, Bool, F64, F64]:
    """Covariates, who takes part, the outcome, and the chance that each would have had without the service.

    Those far from work take part more often, so that a plain comparison says that the service does harm.
    """
    age, distance = rng.normal(size=count), rng.normal(size=count)
    language = (rng.random(count) < 0.3).astype(float)
    participant = rng.random(count) < logistic(-0.8 + 0.7 * distance + 0.5 * language)
    without = 0.15 + 0.6 * logistic(-0.9 * distance - 0.4 * age - 0.5 * language)
    outcome = (rng.random(count) < without + effect * participant).astype(float)
    columns = np.column_stack([age, distance, language])
    return Design(["age", "distance", "language"], columns), participant, outcome, without


def test_the_interval_covers_the_known_effect_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered, found, plain = 0, [], []
    for _ in range(REPETITIONS):
        design, participant, outcome, _ = people(rng, 1500, EFFECT)
        (effect,) = estimate_effects(design, participant, {2: outcome})
        covered += effect.low <= EFFECT <= effect.high
        found.append(effect.difference)
        plain.append(outcome[participant].mean() - outcome[~participant].mean())
    assert covered / REPETITIONS == pytest.approx(0.95, abs=0.03)
    assert float(np.mean(found)) == pytest.approx(EFFECT, abs=0.006)
    assert float(np.mean(plain)) < EFFECT / 2  # weighting takes this away


def test_no_effect_is_rarely_taken_for_one() -> None:
    rng = np.random.default_rng(8)
    flagged = 0
    for _ in range(REPETITIONS):
        design, participant, outcome, _ = people(rng, 1500, 0.0)
        (effect,) = estimate_effects(design, participant, {2: outcome})
        flagged += not effect.low <= 0 <= effect.high
    assert flagged / REPETITIONS <= 0.08


def test_weighting_balances_what_was_measured_and_says_what_limits_it() -> None:
    design, participant, outcome, _ = people(np.random.default_rng(9), 4000, EFFECT)
    (effect,) = estimate_effects(design, participant, {2: outcome})
    assert max(abs(one.before) for one in effect.balance) > 0.4
    assert max(abs(one.after) for one in effect.balance) < 0.05
    assert effect.limits == []
    apart = Design(["distance"], np.where(participant, 3.0, -3.0)[:, None] + design.columns[:, 1:2] / 2)
    (hopeless,) = estimate_effects(apart, participant, {2: outcome})
    assert {"few", "heavy"} & set(hopeless.limits)


def test_who_is_not_followed_yet_counts_at_no_horizon() -> None:
    design, participant, outcome, _ = people(np.random.default_rng(10), 800, EFFECT)
    later = outcome.copy()
    later[:300] = np.nan
    two, eight = estimate_effects(design, participant, {2: outcome, 8: later})
    assert two.participants + two.comparison == 800
    assert eight.participants + eight.comparison == 500
    assert estimate_effects(design, participant, {12: np.full(800, np.nan)}) == []


def an_effect(months: int, difference: float) -> Effect:
    return Effect(months, 100, 100, 0.5, 0.5 - difference, 0, 0, 90, 0.01, ())


def test_the_economy_is_the_area_under_the_effect() -> None:
    effects = [an_effect(months, difference) for months, difference in zip(HORIZONS, (0.1, 0.2, 0.2), strict=True)]
    economy = economy_of(effects, Prices(assistance=900_000, tax=500_000, cost=2_500_000))
    assert economy.months == pytest.approx(0.1 + 0.9 + 0.8)
    assert (economy.saved, economy.brought, economy.net) == (1_620_000, 900_000, 20_000)
    assert economy.months_to_pay == pytest.approx(25 / 14)
    assert economy_of(effects, Prices(0, 0, 1)).months_to_pay is None


def write(path: Path, count: int = 1200) -> Path:
    """A file as an evaluator has it: people of whom the last hundred are not followed for a year yet."""
    design, participant, outcome, _ = people(np.random.default_rng(11), count, EFFECT)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["participant", "self_support_2", "self_support_8", "self_support_12", *design.names])
        for place in range(count):
            said = str(int(outcome[place]))
            values = [f"{value:.3f}" for value in design.columns[place]]
            writer.writerow([int(participant[place]), said, said, said if place < count - 100 else "", *values])
    return path


def test_a_file_gives_the_effects_and_the_command_says_them_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "people.csv")
    effects = effects_of_file(path)
    assert [effect.months for effect in effects] == list(HORIZONS)
    assert effects[2].participants + effects[2].comparison == 1100
    call_command(
        "estimate_effect", str(path), "--assistance", "9000.00", "--tax", "5000.00", "--cost", "25000.00",
        "--language", "en",
    )  # fmt: skip
    told = capsys.readouterr().out
    for expected in ("2 months", "percentage points", "distance", "months of work", "What was not measured"):
        assert expected in told
    with pytest.raises(CommandError, match="assistance = x"):
        call_command("estimate_effect", str(path), "--assistance", "x", "--tax", "1.00", "--cost", "1.00")


@pytest.mark.django_db
def test_the_page_shows_the_result_and_keeps_what_was_typed(tmp_path: Path) -> None:
    client = Client()
    client.force_login(make_user(Role.PROCUREMENT))
    client.cookies["django_language"] = "en"
    prices = {"assistance": "9000", "tax": "5000", "cost": "25000"}
    with write(tmp_path / "people.csv").open("rb") as file:
        text = client.post("/effect/", {"file": file, **prices}).content.decode()
    assert "more self-support than without" in text
    assert "1.8" in text  # months of work that pay for it
    assert "What was not measured" in text
    wrong = SimpleUploadedFile("people.csv", b"participant;age\n1;20\n")
    text = client.post("/effect/", {"file": wrong, **prices}).content.decode()
    assert "The first row names the columns" in text
    assert 'value="25000' in text

"""The effect of a service from a file of participants and a comparison group, whoever made it. Pure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.kernel.errors import Breach, Rule, gettext_noop, refuse, rule
from scorecards.covariates import design_of
from scorecards.effect import HORIZONS, Effect, estimate_effects
from scorecards.files import Refusals, read_columns
from scorecards.logistic import F64

EFFECT_GROUP = rule("effect_group", gettext_noop("participant is 1, or 0 for somebody of the comparison group"))
EFFECT_OUTCOME = rule("effect_outcome", gettext_noop("self-support is 1, 0, or empty where it is not known yet"))
EFFECT_ONE_GROUP = rule(
    "effect_one_group", gettext_noop("both groups are needed, each with people of whom the outcome is known")
)
EFFECT_COVARIATES = rule(
    "effect_covariates", gettext_noop("without covariates the groups can't be made alike: add columns such as age")
)

GROUP = "participant"
OUTCOMES = {months: f"self_support_{months}" for months in HORIZONS}
VALUES = {"0": 0.0, "1": 1.0, "": float("nan")}


def effects_of_file(path: Path) -> list[Effect]:
    """The effect at 2, 8 and 12 months. Columns: participant, self_support_2, _8, _12, and covariates."""
    columns = read_columns(path, (GROUP, *OUTCOMES.values()))
    participant = _values(GROUP, columns.pop(GROUP), EFFECT_GROUP, {"0", "1"}) == 1
    outcomes = {
        months: _values(name, columns.pop(name), EFFECT_OUTCOME, set(VALUES)) for months, name in OUTCOMES.items()
    }
    if not columns:
        raise refuse(EFFECT_COVARIATES, field="header", value="")
    effects = estimate_effects(design_of(columns, len(participant)), participant, outcomes)
    if not effects:
        raise refuse(EFFECT_ONE_GROUP, field=GROUP, value=int(participant.sum()))
    return effects


def _values(name: str, texts: Sequence[str], broken: Rule, allowed: set[str]) -> F64:
    refusals = Refusals()
    for number, text in enumerate(texts, start=2):
        if text not in allowed:
            refusals.add(Breach(broken, f"row {number}.{name}", text))
    refusals.raise_if_any()
    return np.array([VALUES[text] for text in texts])

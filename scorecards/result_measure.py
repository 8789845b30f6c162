"""The weighted result measure of the national scheme (Arbetsförmedlingen, Rusta och matcha), to be recomputed.

Pure. Of a contract's participants in all tiers it is (first results + follow-up results), each times the weight of its
tier, divided by twice the number of participants: 1 if every participant reached both results in a tier of weight 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from backend.kernel.errors import Breach, gettext_noop, refuse, rule
from scorecards.files import Refusals, read_columns, whole_numbers
from scorecards.rating import FEWEST

WEIGHTS = rule(
    "measure_weights", gettext_noop("weights are written as A=1.0,B=1.2: each tier once, with a number above 0")
)
TIER_WEIGHT = rule("measure_tier", gettext_noop("the tier has no weight; there are weights for {known}"))
RESULTS_MOST = rule(
    "measure_results", gettext_noop("a tier has at most as many results of a kind as participants, {participants}")
)
TIER_TWICE = rule("measure_tier_twice", gettext_noop("the contract has this tier in an earlier row"))

COLUMNS = ("contract", "tier", "participants", "first_results", "followups")
_WEIGHT = re.compile(r"([^=,]+)=([0-9]+(?:\.[0-9]+)?)")


@dataclass(slots=True)
class Measured:
    """A contract's participants, and its results times their weights."""

    participants: int = 0
    weighted: Fraction = Fraction(0)
    tiers: set[str] = field(default_factory=set)

    @property
    def measure(self) -> Fraction | None:
        """The measure; none where there are too few participants to rate."""
        return self.weighted / (2 * self.participants) if self.participants >= FEWEST else None


def parse_weights(text: str) -> dict[str, Fraction]:
    """Tier weights written as `A=1.0,B=1.2`."""
    found = [_WEIGHT.fullmatch(part.strip()) for part in text.split(",")]
    weights = {match[1].strip(): Fraction(match[2]) for match in found if match}
    if len(weights) < len(found) or not all(weights.values()):
        raise refuse(WEIGHTS, field="weights", value=text)
    return weights


def measure_file(path: Path, weights: Mapping[str, Fraction]) -> dict[str, Measured]:
    """The measure of each contract in a file with the columns of COLUMNS, in order of first appearance."""
    columns = read_columns(path, COLUMNS)
    numbers = {name: whole_numbers(name, columns[name]) for name in COLUMNS[2:]}
    refusals = Refusals()
    measured: dict[str, Measured] = {}
    for place, (contract, tier) in enumerate(zip(columns["contract"], columns["tier"], strict=True)):
        one = measured.setdefault(contract, Measured())
        participants, first, followups = (numbers[name][place] for name in COLUMNS[2:])
        where = f"row {place + 2}"
        if tier not in weights:
            refusals.add(Breach(TIER_WEIGHT, f"{where}.tier", tier, {"known": ", ".join(weights)}))
            continue
        if tier in one.tiers:
            refusals.add(Breach(TIER_TWICE, f"{where}.tier", tier))
        for name, results in (("first_results", first), ("followups", followups)):
            if results > participants:
                refusals.add(Breach(RESULTS_MOST, f"{where}.{name}", results, {"participants": participants}))
        one.tiers.add(tier)
        one.participants += participants
        one.weighted += (first + followups) * weights[tier]
    refusals.raise_if_any()
    return measured

"""The weighted result measure by which the national scheme (Rusta och matcha) publishes providers' results.

measure = Σ over tiers of (first results + follow-up results) × the tier's weight ÷ (2 × participants)

How it is read here: participants are those of the contract in all tiers together, so that a contract whose every
participant reaches both results in a tier of weight 1 has the measure 1. A contract may stand in several rows of one
tier (such as months), which are added up. Weights belong to a release and are given with it. Exact, rounded once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.money import round_half_up
from scorecards.files import TextColumn
from scorecards.rating import PARTICIPANTS_LEAST

WEIGHT = rule("measure_weight", gettext_noop("weights are written as tier=number, such as A=1,B=1.5; none is below 0"))
WEIGHT_TWICE = rule("measure_weight_twice", gettext_noop("each tier has one weight"))
TIER_WITHOUT_WEIGHT = rule("measure_tier", gettext_noop("the tier has no weight; there are weights of {tiers}"))
COUNT = rule("measure_count", gettext_noop("this is a whole number from 0 on"))
NO_CONTRACT = rule("measure_contract", gettext_noop("each row names a contract"))

COLUMNS = ("contract", "tier", "participants", "first_results", "followups")


@dataclass(slots=True)
class ContractResult:
    """A contract's participants and weighted results."""

    participants: int = 0
    weighted: Fraction = Fraction(0)

    @property
    def is_rated(self) -> bool:
        return self.participants >= PARTICIPANTS_LEAST

    def measure(self) -> str:
        """The measure to three decimals, a half upwards; only for a contract that is rated."""
        exact = self.weighted / (2 * self.participants)
        thousandths = round_half_up(exact.numerator * 1000, exact.denominator)
        return f"{thousandths // 1000}.{thousandths % 1000:03}"


def parse_weights(text: str) -> dict[str, Fraction]:
    """The weights of tiers from `A=1,B=1.5`."""
    weights: dict[str, Fraction] = {}
    for part in text.split(","):
        tier, _, number = (piece.strip() for piece in part.partition("="))
        if tier in weights:
            raise refuse(WEIGHT_TWICE, field="weights", value=part)
        try:
            weights[tier] = Fraction(number)
        except (ValueError, ZeroDivisionError):
            raise refuse(WEIGHT, field="weights", value=part) from None
        if not tier or weights[tier] < 0:
            raise refuse(WEIGHT, field="weights", value=part)
    return weights


def contract_results(table: Mapping[str, TextColumn], weights: Mapping[str, Fraction]) -> dict[str, ContractResult]:
    """The contracts of a table with the columns of `COLUMNS`, in order of their first row."""
    results: dict[str, ContractResult] = {}
    participants, first, followups = (_counts(table[name]) for name in COLUMNS[2:])
    tiers = [_weight(table["tier"], tier, weights) for tier in table["tier"].texts]
    for row, (contract, tier) in enumerate(zip(table["contract"].code, table["tier"].code, strict=True)):
        name = table["contract"].texts[contract]
        if not name:
            raise refuse(NO_CONTRACT, field=f"contract, row {row + 2}", value=name)
        result = results.setdefault(name, ContractResult())
        result.participants += participants[row]
        result.weighted += (first[row] + followups[row]) * tiers[tier]
    return results


def _weight(column: TextColumn, tier: str, weights: Mapping[str, Fraction]) -> Fraction:
    if tier not in weights:
        row = column.first_row(column.texts.index(tier))
        raise refuse(TIER_WITHOUT_WEIGHT, field=f"tier, row {row}", value=tier, tiers=", ".join(weights))
    return weights[tier]


def _counts(column: TextColumn) -> list[int]:
    values = [int(text) if text.isascii() and text.isdigit() else -1 for text in column.texts]
    if -1 in values:
        index = values.index(-1)
        raise refuse(COUNT, field=f"{column.name}, row {column.first_row(index)}", value=column.texts[index])
    return [values[code] for code in column.code.tolist()]

"""Value added tax on what is paid, and what the state compensates a municipality for where there is none. Pure.

Sources of the figures:
- Tax of 25 per cent: mervärdesskattelagen (2023:200), chapter 9; before July 2023 mervärdesskattelagen (1994:200),
  chapter 7. Education and social care are exempt: chapter 10, before that chapter 3.
- Compensation: lagen (2005:807) om ersättning för viss mervärdesskatt för kommuner, regioner, kommunalförbund och
  samordningsförbund, and förordningen (2005:811), section 1: 6 per cent of the cost where education or care is bought
  from a private supplier; or, if it is shown that a part is for premises, 18 per cent of that part and 5 per cent of
  the rest.
- Rounding: tax is computed on the sum of all that bears one rate and rounded once, to the öre, half away from zero,
  as in an invoice (EN 16931, rules BR-CO-17 and BR-DEC-20).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.kernel.money import round_half_up

WHOLE = 10_000  # rates are counted in hundredths of a per cent


class Treatment(StrEnum):
    """How a contract's payments stand to VAT."""

    STANDARD = "standard"
    EDUCATION = "education"
    CARE = "care"
    OUTSIDE = "outside"  # no supply at all: the municipality's own work


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure that holds from a day until the next one does."""

    valid_from: date
    rate: int  # hundredths of a per cent


NO_TAX = (Dated(date.min, 0),)
TAX_RATES: Mapping[Treatment, tuple[Dated, ...]] = {
    Treatment.STANDARD: (Dated(date(1994, 7, 1), 2_500),),
    Treatment.EDUCATION: NO_TAX,
    Treatment.CARE: NO_TAX,
    Treatment.OUTSIDE: NO_TAX,
}
COMPENSATED = frozenset({Treatment.EDUCATION, Treatment.CARE})


@dataclass(frozen=True, slots=True)
class CompensationRates:
    """Per what is compensated, from a day on: the cost as a whole, or its part for premises and the rest."""

    valid_from: date
    whole: int
    premises: int
    rest: int


COMPENSATION_RATES = (CompensationRates(date(2006, 1, 1), 600, 1_800, 500),)


@dataclass(frozen=True, slots=True)
class Tax:
    """What bears one rate, in öre, and the tax on it."""

    rate: int
    base: int
    amount: int


def tax_rate(treatment: Treatment, day: date) -> int:
    """The rate on a day, in hundredths of a per cent. ValueError for days before the data begin."""
    for dated in reversed(TAX_RATES[treatment]):
        if dated.valid_from <= day:
            return dated.rate
    raise ValueError(f"there is no VAT rate of {day}")


def part_of(amount: int, rate: int) -> int:
    """A part of an amount in öre, rounded once, half away from zero: a credit is the charge with the other sign."""
    rounded = round_half_up(abs(amount) * rate, WHOLE)
    return rounded if amount >= 0 else -rounded


def taxes(treatment: Treatment, amounts: Iterable[tuple[date, int]]) -> list[Tax]:
    """The tax on amounts (day of the supply, öre without tax) that are paid together, one row per rate, in order."""
    bases: dict[int, int] = {}
    for day, amount in amounts:
        rate = tax_rate(treatment, day)
        bases[rate] = bases.get(rate, 0) + amount
    return [Tax(rate, base, part_of(base, rate)) for rate, base in sorted(bases.items())]


def compensation(treatment: Treatment, amount: int, premises_per_cent: int, day: date) -> int:
    """What the state compensates of an amount in öre that was paid without tax; 0 where the treatment gives nothing."""
    if treatment not in COMPENSATED:
        return 0
    rates = [dated for dated in COMPENSATION_RATES if dated.valid_from <= day]
    if not rates:
        raise ValueError(f"there is no compensation rate of {day}")
    if not premises_per_cent:
        return part_of(amount, rates[-1].whole)
    premises = part_of(amount, premises_per_cent * 100)
    return part_of(premises, rates[-1].premises) + part_of(amount - premises, rates[-1].rest)

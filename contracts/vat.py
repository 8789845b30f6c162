"""Value added tax on what is paid, and what the state compensates a municipality for where there is none. Pure.

Sources of the figures:
- Tax of 25 per cent: mervärdesskattelagen (2023:200), chapter 9; before July 2023 mervärdesskattelagen (1994:200),
  chapter 7. Education and social care are exempt: chapter 10, before that chapter 3.
- Compensation: lagen (2005:807) om ersättning för viss mervärdesskatt för kommuner, regioner, kommunalförbund och
  samordningsförbund, and förordningen (2005:811), section 1: 6 per cent of the cost where education is bought from a
  private supplier. (Or 18 per cent of a part that is shown to be for premises and 5 of the rest: contracts do not
  record that part.)
- Rounding: tax is computed on the sum of all that bears one rate and rounded once, to the öre, half away from zero,
  as in an invoice (EN 16931, rules BR-CO-17 and BR-DEC-20).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.kernel.money import round_half_up

WHOLE = 10_000  # rates are counted in hundredths of a per cent


class Treatment(StrEnum):
    """How a contract's payments stand to VAT, as contracts say it."""

    STANDARD = "standard"
    EXEMPT = "exempt"  # education
    NONE = "none"  # no supply at all: the municipality's own work


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure that holds from a day until the next one does."""

    valid_from: date
    rate: int  # hundredths of a per cent


NO_TAX = (Dated(date.min, 0),)
TAX_RATES: Mapping[Treatment, tuple[Dated, ...]] = {
    Treatment.STANDARD: (Dated(date(1994, 7, 1), 2_500),),
    Treatment.EXEMPT: NO_TAX,
    Treatment.NONE: NO_TAX,
}
COMPENSATION_RATES = (Dated(date(2006, 1, 1), 600),)


@dataclass(frozen=True, slots=True)
class Tax:
    """What bears one rate, in öre, and the tax on it."""

    rate: int
    base: int
    amount: int


def tax_rate(treatment: Treatment, day: date) -> int:
    """The rate on a day, in hundredths of a per cent. ValueError for days before the data begin."""
    return _rate_on(TAX_RATES[treatment], day)


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


def compensation(treatment: Treatment, amount: int, day: date) -> int:
    """What the state compensates of an amount in öre that was paid without tax; 0 where the treatment gives nothing."""
    return part_of(amount, _rate_on(COMPENSATION_RATES, day)) if treatment is Treatment.EXEMPT else 0


def _rate_on(rates: Sequence[Dated], day: date) -> int:
    for dated in reversed(rates):
        if dated.valid_from <= day:
            return dated.rate
    raise ValueError(f"there is no rate of {day}")

"""Tax and compensation: the rates of the law, rounded once per rate."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.models import ContractVersion
from contracts.vat import Tax, Treatment, compensation, part_of, tax_rate, taxes

DAY = date(2026, 3, 31)
ORE = st.integers(-(10**13), 10**13)


def test_training_is_exempt_and_other_work_bears_a_quarter() -> None:
    assert tax_rate(Treatment.STANDARD, DAY) == 2_500
    assert [tax_rate(each, DAY) for each in Treatment if each != Treatment.STANDARD] == [0, 0]


@pytest.mark.parametrize(
    ("base", "tax"),
    [(600_000, 150_000), (1, 0), (2, 1), (3, 1), (5, 1), (6, 2), (-2, -1), (-600_001, -150_000), (-600_002, -150_001)],
)
def test_tax_is_rounded_half_away_from_zero(base: int, tax: int) -> None:
    assert taxes(Treatment.STANDARD, [(DAY, base)]) == [Tax(2_500, base, tax)]


def test_contracts_say_what_there_are_rates_for() -> None:
    assert set(ContractVersion.Vat.values) == set(Treatment)


def test_tax_is_rounded_once_for_all_that_bears_a_rate() -> None:
    """Three lines of 2 öre bear 1.5 öre of tax together, and 3 if each were rounded by itself."""
    assert taxes(Treatment.STANDARD, [(DAY, 2)] * 3) == [Tax(2_500, 6, 2)]


def test_without_amounts_there_is_no_tax() -> None:
    assert taxes(Treatment.EXEMPT, []) == []


@given(st.lists(ORE, max_size=20), st.sampled_from(Treatment))
def test_bases_are_the_amounts_and_tax_is_within_half_an_ore(amounts: list[int], treatment: Treatment) -> None:
    found = taxes(treatment, [(DAY, amount) for amount in amounts])
    assert sum(tax.base for tax in found) == sum(amounts)
    for tax in found:
        assert abs(tax.amount - Fraction(tax.base * tax.rate, 10_000)) <= Fraction(1, 2)


@given(ORE, st.integers(0, 10_000))
def test_a_credit_is_the_charge_with_the_other_sign(amount: int, rate: int) -> None:
    assert part_of(-amount, rate) == -part_of(amount, rate)


def test_the_state_compensates_what_a_private_supplier_could_not_deduct() -> None:
    assert compensation(Treatment.EXEMPT, 1_000_000, DAY) == 60_000
    assert compensation(Treatment.EXEMPT, -1_000_000, DAY) == -60_000
    assert compensation(Treatment.STANDARD, 1_000_000, DAY) == 0
    assert compensation(Treatment.NONE, 1_000_000, DAY) == 0


def test_days_before_the_data_are_refused() -> None:
    with pytest.raises(ValueError, match="1994-06-30"):
        tax_rate(Treatment.STANDARD, date(1994, 6, 30))
    with pytest.raises(ValueError, match="2005-12-31"):
        compensation(Treatment.EXEMPT, 1, date(2005, 12, 31))

"""Money as whole öre, exactly. No float ever touches an amount."""

import re

from backend.kernel.errors import gettext_noop, refuse, rule

MONEY = rule(
    "money", gettext_noop('an amount in kronor is a text with exactly two decimals and no sign, such as "12000.00"')
)
MONEY_TOO_LARGE = rule("money_too_large", gettext_noop("an amount is at most {most} kronor"))

MOST_ORE = 10**13 - 1  # 100 billion kronor less an öre: far above any contract, far below 64 bits
_KRONOR = re.compile(r"[0-9]{1,18}\.[0-9]{2}", re.ASCII)
THIN_SPACE = "\u202f"


def parse_kronor(value: object, field: str) -> int:
    """Whole öre from a decimal string such as `"12000.00"`; anything else is refused with the field's name."""
    if not isinstance(value, str) or not _KRONOR.fullmatch(value):
        raise refuse(MONEY, field=field, value=value)
    ore = int(value.replace(".", ""))
    if ore > MOST_ORE:
        raise refuse(MONEY_TOO_LARGE, field=field, value=value, most=plain_kronor(MOST_ORE))
    return ore


def plain_kronor(ore: int) -> str:
    """Öre as a decimal string for files and JSON: -1500000 is `"-15000.00"`."""
    kronor, rest = divmod(abs(ore), 100)
    return f"{'-' if ore < 0 else ''}{kronor}.{rest:02d}"


def show_kronor(ore: int) -> str:
    """Öre as Swedish readers write it, with thin spaces: 1200000 is `12 000,00 kr`."""
    kronor, rest = divmod(abs(ore), 100)
    grouped = f"{kronor:,}".replace(",", THIN_SPACE)
    return f"{'−' if ore < 0 else ''}{grouped},{rest:02d}\u00a0kr"


def round_half_up(numerator: int, denominator: int) -> int:
    """The fraction rounded once to a whole number, a half upwards: 500.22 kr × 3/28 is 53.60 kr."""
    return (2 * numerator + denominator) // (2 * denominator)

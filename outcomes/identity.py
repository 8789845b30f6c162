"""Identity numbers of persons: personal, coordination and temporary numbers, and what makes one right. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum import luhn

from backend.kernel.errors import gettext_noop, refuse, rule

IDENTITY_NUMBER = rule(
    "identity_number",
    gettext_noop(
        "an identity number is written with the century, such as 19800101-1231; its last digit checks the others"
    ),
)

_NUMBER = re.compile(r"([0-9]{8})[-+ ]?([0-9]{4}|TF[0-9]{2})", re.ASCII)
COORDINATION_DAYS = 60  # are added to the day of birth


class IdentityKind(StrEnum):
    PERSONAL = "personal"
    COORDINATION = "coordination"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked number: twelve characters, without a hyphen."""

    kind: IdentityKind
    number: str

    def __str__(self) -> str:
        return f"{self.number[:8]}-{self.number[8:]}"

    def __repr__(self) -> str:
        return f"Identity({self.kind})"  # the number is for nobody's log


def read_identity(text: object, field: str) -> Identity:
    """The number that a text says: 19800101-1231, 19800161-1231 (coordination), 19800101-TF01 (temporary).

    What the text was is not repeated by the refusal.
    """
    match = _NUMBER.fullmatch(text.strip().upper()) if isinstance(text, str) else None
    kind = _kind(match[1], match[2]) if match else None
    if match is None or kind is None:
        raise refuse(IDENTITY_NUMBER, field=field, value="…")
    return Identity(kind, match[1] + match[2])


def _kind(born: str, ending: str) -> IdentityKind | None:
    """What kind of number this is; none if its date or check digit is wrong."""
    if not ending.isdigit():
        return IdentityKind.TEMPORARY if _is_day(born) else None
    if not luhn.is_valid(born[2:] + ending):
        return None
    if _is_day(born):
        return IdentityKind.PERSONAL
    day = int(born[6:]) - COORDINATION_DAYS
    return IdentityKind.COORDINATION if day > 0 and _is_day(f"{born[:6]}{day:02}") else None


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1875
    except ValueError:
        return False

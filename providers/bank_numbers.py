"""Numbers of accounts at banks: Bankgiro, Plusgiro and IBAN, with their check digits. Pure."""

import re
from enum import StrEnum

from stdnum import iban, luhn
from stdnum.exceptions import ValidationError

from backend.kernel.errors import gettext_noop, refuse, rule

ACCOUNT_NUMBER = rule(
    "account_number",
    gettext_noop(
        "a Bankgiro number has 7 or 8 digits, a Plusgiro number 2 to 8, an IBAN begins with its country; the check"
        " digits must be right"
    ),
)
ACCOUNT_BIC = rule(
    "account_bic", gettext_noop("an IBAN, and nothing else, goes with the bank's BIC of 8 or 11 characters")
)


class AccountKind(StrEnum):
    BANKGIRO = "bankgiro"
    PLUSGIRO = "plusgiro"
    IBAN = "iban"


LENGTHS = {AccountKind.BANKGIRO: (7, 8), AccountKind.PLUSGIRO: (2, 8)}  # digits, at least and at most
TAIL = {AccountKind.BANKGIRO: 4, AccountKind.PLUSGIRO: 1}  # digits after the hyphen
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


def read_account(kind: AccountKind, number: str, bic: str = "") -> tuple[str, str]:
    """The number and BIC without spaces and hyphens; DomainError unless lengths and check digits are right."""
    plain, bank = _plain(number), _plain(bic)
    if not (_is_iban(plain) if kind is AccountKind.IBAN else _is_giro(kind, plain)):
        raise refuse(ACCOUNT_NUMBER, field="number", value=number)
    if not (_BIC.fullmatch(bank) if kind is AccountKind.IBAN else not bank):
        raise refuse(ACCOUNT_BIC, field="bic", value=bic)
    return plain, bank


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _is_giro(kind: AccountKind, number: str) -> bool:
    least, most = LENGTHS[kind]
    return number.isascii() and number.isdigit() and least <= len(number) <= most and luhn.is_valid(number)


def _is_iban(number: str) -> bool:
    try:
        return bool(iban.validate(number))
    except ValidationError:
        return False


def show_account(kind: AccountKind, number: str) -> str:
    """The number as it is usually written: 5050-1055, 4 12 34-5 as 41234-5, an IBAN in groups of four."""
    if kind is AccountKind.IBAN:
        return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    return f"{number[: -TAIL[kind]]}-{number[-TAIL[kind] :]}"

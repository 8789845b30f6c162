"""The words for what stands in the register of providers."""

import re

from django.utils.translation import gettext, gettext_lazy

from providers.models import BankAccount

AUTHORISED = {True: gettext_lazy("authorised"), False: gettext_lazy("not authorised")}
AUTHORISED_TONES = {True: "good", False: "bad"}


def account_number(account: BankAccount) -> str:
    """An account's number as it is written: 5050-1055, 4 19 11-1, SE45 5000 …"""
    digits = account.number
    match account.scheme:
        case BankAccount.Scheme.BANKGIRO:
            return f"{digits[:-4]}-{digits[-4:]}"
        case BankAccount.Scheme.PLUSGIRO:
            return f"{digits[:-1]}-{digits[-1]}"
    return " ".join(re.findall(".{1,4}", digits))


def account_state(account: BankAccount) -> tuple[str, str]:
    """How a bank account stands, and the tone of the word."""
    if account.ended_at is not None:
        return gettext("out of use"), ""
    if account.confirmed_at is not None:
        return gettext("in use"), "good"
    return gettext("waits for a second officer"), "wait"

"""Bank accounts of providers: one officer enters them, another confirms them."""

import re
from datetime import datetime

from django.db import transaction
from stdnum import iban, luhn

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, User
from backend.kernel.permissions import require_role
from providers.models import BankAccount, Provider

GIRO_NUMBER = rule(
    "giro_number", gettext_noop("a {scheme} number has {least} to {most} digits, of which the last checks the others")
)
IBAN_NUMBER = rule(
    "iban_number", gettext_noop("an IBAN has a country, two digits that check the others, and an account")
)
BIC = rule(
    "bic", gettext_noop("the bank of an IBAN is named by its BIC, eight or eleven letters and digits, such as SWEDSESS")
)
ACCOUNT_CONFIRMED_ALREADY = rule(
    "account_confirmed", gettext_noop("this bank account is confirmed already, or no longer in use")
)
ACCOUNT_TWO_PEOPLE = rule("account_two_people", gettext_noop("whoever entered a bank account does not confirm it"))
ACCOUNT_ENDED = rule("account_ended", gettext_noop("this bank account is no longer in use"))

_GIRO_DIGITS = {BankAccount.Scheme.BANKGIRO: (7, 8), BankAccount.Scheme.PLUSGIRO: (2, 8)}
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


@transaction.atomic
def enter_account(
    *, provider: Provider, scheme: BankAccount.Scheme, number: str, bic: str = "", by: User, now: datetime
) -> BankAccount:
    """Enter a provider's bank account. The one in use stays so until this one is confirmed by somebody else."""
    require_role(by, *FINANCE)
    account = BankAccount.objects.create(
        provider=provider,
        scheme=scheme,
        number=checked_number(scheme, number),
        bic=_checked_bic(scheme, bic),
        entered_at=now,
        entered_by=by,
    )
    later = {"account": account.pk, "scheme": scheme, "last_digits": account.number[-4:]}
    record_event(by=by, action="enter_account", on=provider, now=now, later=later)
    return account


@transaction.atomic
def confirm_account(*, account: BankAccount, by: User, now: datetime) -> BankAccount:
    """Confirm a bank account that somebody else entered: from now on it is the one that is paid to."""
    require_role(by, *FINANCE)
    Provider.objects.select_for_update(no_key=True).get(pk=account.provider_id)  # one account after another
    account = BankAccount.objects.select_for_update().select_related("provider").get(pk=account.pk)
    if account.confirmed_at is not None or account.ended_at is not None:
        raise refuse(ACCOUNT_CONFIRMED_ALREADY, field="account", value=account.number)
    if account.entered_by_id == by.pk:
        raise refuse(ACCOUNT_TWO_PEOPLE, field="by", value=by.get_username())
    BankAccount.objects.filter(provider=account.provider_id, confirmed_at__isnull=False, ended_at=None).update(
        ended_at=now, ended_by=by
    )
    account.confirmed_at, account.confirmed_by = now, by
    account.save(update_fields=["confirmed_at", "confirmed_by"])
    record_event(by=by, action="confirm_account", on=account.provider, now=now, later={"account": account.pk})
    return account


@transaction.atomic
def end_account(*, account: BankAccount, by: User, now: datetime) -> BankAccount:
    """Take a bank account out of use. Nothing is paid to the provider until another one is confirmed."""
    require_role(by, *FINANCE)
    account = BankAccount.objects.select_for_update().select_related("provider").get(pk=account.pk)
    if account.ended_at is not None:
        raise refuse(ACCOUNT_ENDED, field="account", value=account.number)
    account.ended_at, account.ended_by = now, by
    account.save(update_fields=["ended_at", "ended_by"])
    record_event(by=by, action="end_account", on=account.provider, now=now, later={"account": account.pk})
    return account


def checked_number(scheme: BankAccount.Scheme, text: str) -> str:
    """An account number as digits only (of an IBAN also letters), its check digits tested."""
    compact = re.sub(r"[\s-]", "", text).upper()
    if scheme == BankAccount.Scheme.IBAN:
        if not iban.is_valid(compact):
            raise refuse(IBAN_NUMBER, field="number", value=text)
        return compact
    least, most = _GIRO_DIGITS[scheme]
    if not (compact.isascii() and compact.isdigit() and least <= len(compact) <= most and luhn.is_valid(compact)):
        raise refuse(GIRO_NUMBER, field="number", value=text, scheme=scheme.label, least=least, most=most)
    return compact


def _checked_bic(scheme: BankAccount.Scheme, text: str) -> str:
    compact = text.strip().upper()
    if scheme == BankAccount.Scheme.IBAN and not _BIC.fullmatch(compact):
        raise refuse(BIC, field="bic", value=text)
    return compact if scheme == BankAccount.Scheme.IBAN else ""

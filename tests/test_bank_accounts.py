"""A provider's bank accounts: right numbers, a second officer, and what the newest registration does to the others."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backend.kernel.errors import DomainError
from backend.kernel.models import FINANCE, Role
from providers.bank_numbers import AccountKind, read_account, show_account
from providers.models import AccountConfirmation, BankAccount, Provider
from providers.selectors import account_of, governing_accounts, last_confirmed
from providers.services import confirm_account, register_account
from tests.small_world import NOW, make_member, make_provider, make_user

IBAN = "SE45 5000 0000 0583 9825 7466"


@pytest.mark.parametrize(
    ("kind", "written", "bic", "number"),
    [
        (AccountKind.BANKGIRO, "5050-1055", "", "50501055"),
        (AccountKind.BANKGIRO, "123-4566", "", "1234566"),
        (AccountKind.PLUSGIRO, "28 65 43-4", "", "2865434"),
        (AccountKind.IBAN, IBAN, "essesess", "SE4550000000058398257466"),
    ],
)
def test_a_right_number_is_read(kind: AccountKind, written: str, bic: str, number: str) -> None:
    assert read_account(kind, written, bic) == (number, bic.upper())


@pytest.mark.parametrize(
    ("kind", "number", "bic"),
    [
        (AccountKind.BANKGIRO, "5050-1056", ""),
        (AccountKind.BANKGIRO, "505010", ""),
        (AccountKind.PLUSGIRO, "1", ""),
        (AccountKind.PLUSGIRO, "٢٨٦٥٤٣٤", ""),
        (AccountKind.IBAN, IBAN.replace("45", "46", 1), "ESSESESS"),
        (AccountKind.IBAN, IBAN, ""),
        (AccountKind.IBAN, IBAN, "ESSE"),
        (AccountKind.BANKGIRO, "5050-1055", "ESSESESS"),
    ],
)
def test_a_wrong_number_is_refused(kind: AccountKind, number: str, bic: str) -> None:
    with pytest.raises(DomainError):
        read_account(kind, number, bic)


def test_numbers_are_shown_as_they_are_written() -> None:
    assert show_account(AccountKind.BANKGIRO, "50501055") == "5050-1055"
    assert show_account(AccountKind.BANKGIRO, "1234566") == "123-4566"
    assert show_account(AccountKind.PLUSGIRO, "2865434") == "286543-4"
    assert show_account(AccountKind.IBAN, "SE4550000000058398257466") == IBAN


def register(provider: Provider, number: str = "5050-1055", days: int = 0) -> BankAccount:
    by, now = make_user(Role.PROCUREMENT), NOW + timedelta(days=days)
    return register_account(provider=provider, kind=AccountKind.BANKGIRO, number=number, by=by, now=now)


@pytest.mark.django_db
def test_the_newest_account_governs_and_is_confirmed_or_not() -> None:
    provider, officer = make_provider(), make_user(*FINANCE)
    first = register(provider)
    confirm_account(account=first, by=officer, now=NOW)
    confirm_account(account=first, by=officer, now=NOW + timedelta(days=1))
    assert (governing_accounts().get(), last_confirmed(first)) == (first, NOW + timedelta(days=1))
    second = register(provider, "123-4566", days=2)
    assert (governing_accounts().get(), last_confirmed(second)) == (second, None)
    with pytest.raises(DomainError, match="another account since"):
        confirm_account(account=first, by=officer, now=NOW)


@pytest.mark.django_db
def test_a_provider_registers_its_own_account_and_no_others() -> None:
    provider, other = make_provider(), make_provider()
    member = make_member(provider)
    account = register_account(provider=provider, kind=AccountKind.PLUSGIRO, number="286543-4", by=member, now=NOW)
    assert account_of(provider) == account
    with pytest.raises(DomainError, match="does not act for"):
        register_account(provider=other, kind=AccountKind.PLUSGIRO, number="286543-4", by=member, now=NOW)
    with pytest.raises(DomainError, match="needs the role"):
        confirm_account(account=account, by=member, now=NOW)


@pytest.mark.django_db
def test_the_database_too_wants_a_second_officer() -> None:
    account = register(make_provider())
    with pytest.raises(IntegrityError, match="does not confirm it"), transaction.atomic():
        AccountConfirmation.objects.create(account=account, confirmed_at=NOW, confirmed_by=account.registered_by)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"number": "5050-1055"}, {"bic": "ESSESESS"}, {"kind": "iban"}, {"kind": "cheque"}], ids=str
)
def test_the_database_refuses_what_is_no_account(wrong: dict[str, str]) -> None:
    by = make_user(Role.PROCUREMENT)
    values = {"kind": "bankgiro", "number": "50501055", "bic": ""} | wrong
    with pytest.raises(IntegrityError, match="providers_bankaccount_number"), transaction.atomic():
        BankAccount.objects.create(provider=make_provider(), registered_at=NOW, registered_by=by, **values)

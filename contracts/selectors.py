"""Questions to contracts and payment models."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Max

from contracts.models import Contract, ContractBudget, ContractSettlement, ContractTerms, PaymentModelVersion
from contracts.reading import read_model
from contracts.terms import PaymentModel

_MODELS: dict[str, PaymentModel] = {}  # by digest: a published document never changes, and reading one takes a while


def model_of(version: PaymentModelVersion) -> PaymentModel:
    """The payment model that a version published."""
    if version.digest not in _MODELS:
        _MODELS[version.digest] = read_model(version.document)
    return _MODELS[version.digest]


def terms_of(contracts: Iterable[int]) -> list[ContractTerms]:
    """All terms of these contracts, each with its version."""
    return list(ContractTerms.objects.filter(contract__in=contracts).select_related("version"))


def version_on(contract: Contract, day: date) -> PaymentModelVersion | None:
    """The version that a placement follows which is referred under the contract on a day."""
    terms = ContractTerms.objects.filter(contract=contract, period__contains=day).select_related("version").first()
    return terms.version if terms else None


def budgets_of(year: int) -> dict[int, int]:
    """By contract id, the öre that each contract may cost in a year, as last set."""
    newest = (
        ContractBudget.objects.filter(year=year)
        .values("contract")
        .annotate(newest=Max("number"))
        .values_list("contract", "newest")
    )
    numbers = dict(newest)
    rows = ContractBudget.objects.filter(year=year).values_list("contract", "number", "amount")
    return {contract: amount for contract, number, amount in rows if numbers[contract] == number}


def settlements_on(day: date) -> dict[int, ContractSettlement]:
    """By contract id, how each contract is paid and booked on a day; contracts without an agreement are not there."""
    rows = ContractSettlement.objects.filter(valid_from__lte=day).order_by("contract", "-agreed_at", "-pk")
    return {row.contract_id: row for row in rows.distinct("contract")}

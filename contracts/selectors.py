"""Questions to contracts and payment models."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count, Q, QuerySet

from backend.kernel.models import User
from contracts.models import (
    Contract,
    ContractTerms,
    ContractVersion,
    PaymentModelDraft,
    PaymentModelVersion,
)
from contracts.reading import read_model
from contracts.terms import PaymentModel

# What each contract says on the day `cutoff`, as `conditions_on` finds it.
CONDITIONS_SQL = """
    SELECT DISTINCT ON (contract_id) * FROM contracts_contractversion
    WHERE valid_from <= %(cutoff)s OR number = 1 ORDER BY contract_id, number DESC"""

_MODELS: dict[str, PaymentModel] = {}  # by digest: a published document never changes, and reading one takes a while


def model_of(version: PaymentModelVersion) -> PaymentModel:
    """The payment model that a version published."""
    if version.digest not in _MODELS:
        _MODELS[version.digest] = read_model(version.document)
    return _MODELS[version.digest]


def models_of(versions: Sequence[int]) -> list[PaymentModel]:
    """The payment models of published versions, by their ids, in the same order. Reads only what is not known yet."""
    digests = dict(PaymentModelVersion.objects.filter(pk__in=versions).values_list("pk", "digest"))
    unread = [pk for pk, digest in digests.items() if digest not in _MODELS]
    for version in PaymentModelVersion.objects.filter(pk__in=unread) if unread else ():
        model_of(version)
    return [_MODELS[digests[version]] for version in versions]


def terms_of(contracts: Iterable[int]) -> list[ContractTerms]:
    """All terms of these contracts, each with its version."""
    return list(ContractTerms.objects.filter(contract__in=contracts).select_related("version"))


def version_on(contract: Contract, day: date) -> PaymentModelVersion | None:
    """The version that a placement follows which is referred under the contract on a day."""
    terms = ContractTerms.objects.filter(contract=contract, period__contains=day).select_related("version").first()
    return terms.version if terms else None


def conditions_on(contract: Contract, day: date) -> ContractVersion:
    """What a contract says on a day: of the versions that had begun by then the newest, else the first."""
    begun = contract.versions.filter(valid_from__lte=day).order_by("-number").first()
    return begun or contract.versions.get(number=1)


def conditions_by_contract(day: date) -> dict[int, ContractVersion]:
    """By contract id, what each contract says on a day, as `conditions_on` finds it."""
    begun = ContractVersion.objects.filter(Q(valid_from__lte=day) | Q(number=1)).order_by("contract", "-number")
    return {version.contract_id: version for version in begun.distinct("contract")}


def contracts() -> QuerySet[Contract]:
    """All contracts by number, with what lists show of them."""
    return Contract.objects.select_related("provider", "service").order_by("number")


def published_versions() -> QuerySet[PaymentModelVersion]:
    """All published versions, by title and the newest first, each with how many contracts follow it."""
    versions = PaymentModelVersion.objects.select_related("published_by").order_by("title", "-number")
    return versions.annotate(contract_count=Count("terms__contract", distinct=True))


def proposals_for(reader: User) -> QuerySet[PaymentModelDraft]:
    """Drafts that somebody proposed and that this officer may publish."""
    waiting = PaymentModelDraft.objects.filter(proposed_at__isnull=False)
    return waiting.exclude(proposed_by=reader).exclude(saved_by=reader).order_by("proposed_at")


def contracts_that_end(day: date, horizon: date) -> QuerySet[Contract]:
    """Contracts that end from `day` through `horizon`, the first one first."""
    return contracts().filter(valid_through__range=(day, horizon)).order_by("valid_through", "number")

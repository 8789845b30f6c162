"""Questions to the register of providers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Max, QuerySet

from backend.kernel.models import User
from providers.models import Authorisation, BankAccount, Membership, Provider


def authorisations_of(providers: Iterable[int]) -> Mapping[int, list[Authorisation]]:
    """By provider id, its authorisation decisions, newest first."""
    decisions: defaultdict[int, list[Authorisation]] = defaultdict(list)
    for decision in Authorisation.objects.filter(provider__in=providers).order_by("-decided_at", "-pk"):
        decisions[decision.provider_id].append(decision)
    return decisions


def is_authorised(decisions: Sequence[Authorisation], day: date) -> bool:
    """Whether the newest decision that had begun to apply covers a day; `decisions` stand newest first."""
    governing = next((decision for decision in decisions if decision.valid_from <= day), None)
    return governing is not None and (governing.valid_through is None or governing.valid_through >= day)


def provider_of(user: User) -> Provider | None:
    """The provider that a person acts for now."""
    membership = Membership.objects.filter(user=user, ended_at=None).select_related("provider").first()
    return membership.provider if membership else None


def governing_accounts() -> QuerySet[BankAccount]:
    """The account of each provider that was registered last, confirmed or not."""
    return BankAccount.objects.order_by("provider", "-registered_at", "-pk").distinct("provider")


def account_of(provider: Provider) -> BankAccount | None:
    """Where a provider wants to be paid, confirmed or not."""
    return governing_accounts().filter(provider=provider).first()


def last_confirmed(account: BankAccount) -> datetime | None:
    """When an account was last confirmed, if ever."""
    return account.confirmations.aggregate(last=Max("confirmed_at"))["last"]

"""Questions to the register of providers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q

from backend.kernel.models import User
from providers.models import ApiClient, ApiSecret, Authorisation, Membership, Provider, secret_digest


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


def client_with_secret(client_id: str, secret: str, now: datetime) -> ApiClient | None:
    """The client that has this identifier and this secret, if both are valid."""
    secrets = ApiSecret.objects.filter(Q(valid_until=None) | Q(valid_until__gt=now), digest=secret_digest(secret))
    known = secrets.filter(client__application__client_id=client_id, client__revoked_at=None)
    found = known.select_related("client__application").first()
    return found.client if found else None

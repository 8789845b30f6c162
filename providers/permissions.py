"""Who may act for a provider, and who may see what providers hand in."""

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from providers.models import Membership, Provider

NOT_A_MEMBER = rule("not_a_member", gettext_noop("this person does not act for the provider {provider}"))

OFFICERS = frozenset({Role.PROCUREMENT, Role.AUDITOR})  # providers' documents are for nobody else of the municipality


def may_see_all(reader: User) -> bool:
    """Whether somebody sees the applications and deviations of every provider; a provider sees its own."""
    return not OFFICERS.isdisjoint(reader.roles)


def require_member(by: User, provider: Provider) -> None:
    """DomainError unless the person acts for the provider now."""
    if not Membership.objects.filter(user=by, provider=provider, ended_at=None).exists():
        raise refuse(NOT_A_MEMBER, field="by", value=by.get_username(), provider=provider.number)

"""Who may act for a provider."""

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import User
from providers.models import Membership, Provider

NOT_A_MEMBER = rule("not_a_member", gettext_noop("this person does not act for the provider {provider}"))


def require_member(by: User, provider: Provider) -> None:
    """DomainError unless the person acts for the provider now."""
    if not Membership.objects.filter(user=by, provider=provider, ended_at=None).exists():
        raise refuse(NOT_A_MEMBER, field="by", value=by.get_username(), provider=provider.number)

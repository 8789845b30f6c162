"""Who acts for a provider."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import Membership, Provider
from providers.selectors import provider_of

MEMBER_ROLE = rule("member_role", gettext_noop("only an account with the role provider acts for a provider"))
MEMBER_TWICE = rule("member_twice", gettext_noop("this person acts for a provider already, {provider}"))
MEMBER_ENDED = rule("member_ended", gettext_noop("this person no longer acts for the provider"))


@transaction.atomic
def admit_member(*, provider: Provider, user: User, by: User, now: datetime) -> Membership:
    """Let a person, or a system, act for a provider."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Role.PROVIDER not in user.roles:
        raise refuse(MEMBER_ROLE, field="user", value=user.get_username())
    if current := provider_of(user):
        raise refuse(MEMBER_TWICE, field="user", value=user.get_username(), provider=current.number)
    membership = Membership.objects.create(provider=provider, user=user, admitted_at=now, admitted_by=by)
    record_event(by=by, action="admit_member", on=provider, now=now, later={"user": user.get_username()})
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User, now: datetime) -> Membership:
    """A person no longer acts for a provider; what they did stays."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    membership = Membership.objects.select_for_update().select_related("user", "provider").get(pk=membership.pk)
    if membership.ended_at is not None:
        raise refuse(MEMBER_ENDED, field="membership", value=membership.user.get_username())
    membership.ended_at, membership.ended_by = now, by
    membership.save(update_fields=["ended_at", "ended_by"])
    user = membership.user.get_username()
    record_event(by=by, action="end_membership", on=membership.provider, now=now, later={"user": user})
    return membership

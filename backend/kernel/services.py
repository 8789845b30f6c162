"""What administrators do with accounts."""

from collections.abc import Collection
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role

ACCOUNT_TWICE = rule("account_twice", gettext_noop("another account has this user name"))
OWN_ACCOUNT = rule("own_account", gettext_noop("nobody changes the roles of their own account, or closes it"))
UNKNOWN_ROLE = rule("unknown_role", gettext_noop("the roles are {known}"))
ROLE_ALONE = rule("role_alone", gettext_noop("whoever has the role {role} has no other role beside it"))

ALONE = (Role.PROVIDER, Role.ADMINISTRATOR)  # who manages accounts sees no participants, and providers are no officers


@transaction.atomic
def create_account(
    *, username: str, first_name: str, last_name: str, email: str, roles: Collection[str], by: User, now: datetime
) -> User:
    """Make an account without a password: its owner sets one (`password_link`) or logs in through the city."""
    require_role(by, Role.ADMINISTRATOR)
    user = User(
        username=username,
        first_name=first_name,
        last_name=last_name,
        email=email,
        roles=_known(roles),
        date_joined=now,
    )
    user.set_unusable_password()
    with constraints_as({"kernel_user_username_key": ACCOUNT_TWICE}, "username"):
        user.save()
    record_event(by=by, action="create_account", on=user, now=now, later={"username": username, "roles": user.roles})
    return user


@transaction.atomic
def change_roles(*, user: User, roles: Collection[str], by: User, now: datetime) -> User:
    """Give an account other roles. They count from its next page on."""
    require_role(by, Role.ADMINISTRATOR)
    user = _locked(user, by)
    earlier, user.roles = user.roles, _known(roles)
    user.save(update_fields=["roles"])
    record_event(
        by=by, action="change_roles", on=user, now=now, earlier={"roles": earlier}, later={"roles": user.roles}
    )
    return user


@transaction.atomic
def set_active(*, user: User, is_active: bool, by: User, now: datetime) -> User:
    """Close an account, which ends its sessions, or open it again. Nothing that it did changes."""
    require_role(by, Role.ADMINISTRATOR)
    user = _locked(user, by)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        _end_sessions(user)
    record_event(by=by, action="open_account" if is_active else "close_account", on=user, now=now)
    return user


@transaction.atomic
def end_sessions(*, user: User, by: User, now: datetime) -> int:
    """Log an account out everywhere. Gives how many sessions there were."""
    require_role(by, Role.ADMINISTRATOR)
    count = _end_sessions(user)
    record_event(by=by, action="end_sessions", on=user, now=now, later={"sessions": count})
    return count


def _end_sessions(user: User) -> int:
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def password_link(*, user: User, by: User, now: datetime) -> str:
    """The address at which the account's owner sets a password, once and within some days. Whoever makes it sees it."""
    require_role(by, Role.ADMINISTRATOR)
    record_event(by=by, action="make_password_link", on=user, now=now)
    owner = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("set_password", args=[owner, default_token_generator.make_token(user)])


def _locked(user: User, by: User) -> User:
    if user.pk == by.pk:
        raise refuse(OWN_ACCOUNT, field="user", value=user.get_username())
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _known(roles: Collection[str]) -> list[str]:
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise refuse(UNKNOWN_ROLE, field="roles", value=", ".join(unknown), known=", ".join(Role.values))
    alone = next((role for role in ALONE if role in roles), None)
    if alone and len(set(roles)) > 1:
        raise refuse(ROLE_ALONE, field="roles", value=", ".join(sorted(roles)), role=alone.value)
    return [role for role in Role.values if role in roles]

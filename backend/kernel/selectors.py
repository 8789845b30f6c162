"""Questions to accounts and the audit trail."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backend.kernel.models import AuditEvent, Role, User

DORMANT_AFTER = timedelta(days=90)


def accounts() -> QuerySet[User]:
    """All accounts, each with whether it has a second factor and its number of sessions."""
    sessions = UserSession.objects.filter(user=OuterRef("pk")).order_by().values("user")
    return User.objects.order_by("username").annotate(
        has_second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk")).exclude(type="recovery_codes")),
        session_count=Coalesce(Subquery(sessions.annotate(count=Count("*")).values("count")), 0),
    )


def dormant(now: datetime) -> Q:
    """Open accounts that nobody has used for some time."""
    before = now - DORMANT_AFTER
    return Q(is_active=True) & (Q(last_login__lt=before) | Q(last_login=None, date_joined__lt=before))


def weak() -> Q:
    """Of `accounts()`: open ones of officers that a password alone opens."""
    return Q(is_active=True, has_second_factor=False) & ~Q(roles__contained_by=[Role.PROVIDER])


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exclude(type="recovery_codes").exists()


def events() -> QuerySet[AuditEvent]:
    """The audit trail, the newest first."""
    return AuditEvent.objects.select_related("by").order_by("-at", "-pk")


_WORDS: dict[str, Any] = {}


def name_events(words: Mapping[str, Any]) -> None:
    """Say how pages call the actions of events, and the kinds of objects (labels of models) that they are about."""
    _WORDS.update(words)


def event_word(code: str) -> str:
    """The word for an action or a kind of object; the code itself if no app gave one."""
    return str(_WORDS.get(code, code))


def action_choices() -> list[tuple[str, str]]:
    """The known actions, in the order of their words."""
    return sorted(((code, str(word)) for code, word in _WORDS.items() if "." not in code), key=lambda choice: choice[1])


def object_choices() -> list[tuple[str, str]]:
    """The known kinds of objects, likewise."""
    return sorted(((code, str(word)) for code, word in _WORDS.items() if "." in code), key=lambda choice: choice[1])


ObjectPage = Callable[[str], str]
_OBJECT_PAGES: dict[str, ObjectPage] = {}


def add_object_page(object_type: str, page: ObjectPage) -> None:
    """Say at which address the object of an event is shown, by its id."""
    _OBJECT_PAGES[object_type] = page


def object_page(event: AuditEvent) -> str | None:
    page = _OBJECT_PAGES.get(event.object_type)
    return page(event.object_id) if page and event.object_id else None

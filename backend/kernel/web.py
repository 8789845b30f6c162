"""What the pages of every app share: who may open them, what stands around them, and how a page is described."""

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.generic import View

from backend.kernel.language import THEME_COOKIE, THEMES
from backend.kernel.models import FINANCE, Role, User
from backend.kernel.slots import navigation

STAFF = frozenset({Role.HANDLER, Role.PROCUREMENT, *FINANCE, Role.AUDITOR})


class Page(View):
    """A page for the accounts with one of its roles. A page that declares none is closed to everybody."""

    roles: Collection[Role] = frozenset()
    section = ""  # the entry of the navigation that the page belongs to
    heading: Any = ""
    description: Any = ""  # what the page is for, in a sentence or two
    crumbs: Sequence[tuple[Any, Any]] = ()  # words and addresses of the pages above
    main_action: tuple[Any, Any] | None = None  # words and address of what is mostly done here

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not self.may_open():
            raise PermissionDenied(_why_not(self.reader.roles))
        return super().dispatch(request, *args, **kwargs)

    def may_open(self) -> bool:
        return not set(self.roles).isdisjoint(self.reader.roles)

    @property
    def reader(self) -> User:
        """Whoever reads the page; nobody comes here without a log-in."""
        assert isinstance(self.request.user, User)
        return self.request.user


class StaffPage(Page):
    """A page for the municipality's own officers."""

    roles = STAFF


class OwnPage(Page):
    """A page for everybody who is logged in: it shows nothing but what is theirs."""

    def may_open(self) -> bool:
        return True


class LivePage(Page):
    """A page about something that may be going on: while it is, a part fetches itself anew (`components/live.html`)."""

    @property
    def is_going_on(self) -> bool:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if "HX-Request" in request.headers and not self.is_going_on:
            response.headers["HX-Refresh"] = "true"  # htmx then loads the whole page
        return response


def _why_not(roles: list[str]) -> str:
    if not roles:
        return gettext("Your account has no role yet. Ask whoever manages accounts to give you one.")
    return gettext("Your role may not see this page. If you need it in your work, ask whoever manages accounts.")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what stands around every page."""
    user = getattr(request, "user", None)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": theme if theme in THEMES else "",
        "navigation": lambda section="": navigation(request, user, section) if isinstance(user, User) else [],
    }

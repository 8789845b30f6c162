"""Every page of the site with an address that can be opened, found from the URL conf so that a new one is covered."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backend.kernel.models import Role, User
from backend.kernel.web import Page
from outcomes.models import Participant, Placement
from payouts.models import Run

# The arguments of pages about one thing: that of the newest. Pages below it (`…/roles/`) have the same.
ARGUMENTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "accounts/<int:pk>/": lambda: {"pk": User.objects.latest("pk").pk},
    "participants/<int:pk>/": lambda: {"pk": Participant.objects.latest("pk").pk},
    "runs/<int:sequence>/": lambda: {"sequence": Run.objects.latest("sequence").sequence},
    "placements/<int:pk>/": lambda: {"pk": Placement.objects.latest("pk").pk},
    "participants/<int:pk>/protection/named/<int:named>/": lambda: {
        "pk": Participant.objects.latest("pk").pk,
        "named": 0,
    },
}


@dataclass(frozen=True, slots=True)
class Address:
    """A page of the site, and a role that may open it."""

    name: str
    route: str
    role: Role
    view: type[Page]

    def path(self) -> str:
        """Where it is, about the newest thing if it is about one. NoReverseMatch if `ARGUMENTS` lacks it."""
        about = max((route for route in ARGUMENTS if self.route.startswith(route)), key=len, default="")
        return reverse(self.name, kwargs=ARGUMENTS[about]() if about else None)


def pages(resolver: URLResolver | None = None, before: str = "", namespace: str = "") -> Iterator[Address]:
    """Every `Page` that somebody may open by GET."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, route, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif _is_page(pattern):
            view: type[Page] = pattern.callback.view_class  # type: ignore[attr-defined]
            role = next(role for role in Role if role in view.readers)
            yield Address(f"{namespace}{pattern.name}", route, role, view)


def _is_page(pattern: URLPattern) -> bool:
    view = getattr(pattern.callback, "view_class", None)
    return isinstance(view, type) and issubclass(view, Page) and bool(view.readers)

"""Every page of the site with an address that can be opened, found from the URL conf so that a new one is covered."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from outcomes.models import Placement
from payouts.models import Run

# The arguments of pages about one thing: that of the newest.
ARGUMENTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "payouts:run_detail": lambda: {"sequence": Run.objects.latest("sequence").sequence},
    "payouts:placement_detail": lambda: {"pk": Placement.objects.latest("pk").pk},
}


def pages(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each URL pattern by the name of its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        else:
            yield from pages(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def address(name: str) -> str:
    """Where a page is, about the newest thing if it is about one. NoReverseMatch if `ARGUMENTS` lacks it."""
    return reverse(name, kwargs=ARGUMENTS[name]() if name in ARGUMENTS else None)

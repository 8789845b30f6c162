"""What the pages of every app share: who may open them, the menu, and what waits on the home page.

Lower apps never import upper ones: each app adds its own entries and cards here when its addresses are loaded.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.generic import View

from backend.kernel.models import FINANCE, Role, User

Text = str | Promise
STAFF = frozenset({Role.HANDLER, Role.PROCUREMENT, *FINANCE, Role.AUDITOR})
EVERYBODY = frozenset(Role)
ROWS = 50  # of a list's page


class Page(View):
    """A page that only `readers` may open. Who names none lets nobody in."""

    readers: ClassVar[Collection[Role]] = ()

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not may_read(self.reader, self.readers):
            raise PermissionDenied(_why_not(self.reader.roles))
        return super().dispatch(request, *args, **kwargs)

    @property
    def reader(self) -> User:
        """Whoever reads the page; nobody comes here without a log-in."""
        assert isinstance(self.request.user, User)
        return self.request.user


class StaffPage(Page):
    """A page for the municipality's own officers."""

    readers = STAFF


class FilePage(Page):
    """A file to look at or to save, with the same rights as a page."""


def may_read(reader: User, readers: Collection[Role]) -> bool:
    return not set(readers).isdisjoint(reader.roles)


def _why_not(roles: list[str]) -> str:
    if roles:
        return gettext("This page is not for your role. The menu has what you may open.")
    return gettext("Your account has no role that may see this page. Ask whoever manages accounts to give you one.")


# --- the menu


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu."""

    label: Text
    name: str  # of the address
    readers: Collection[Role]
    place: int

    @property
    def url(self) -> str:
        return reverse(self.name)


_MENU: list[Entry] = []


def add_entries(*entries: Entry) -> None:
    """Add entries to the menu."""
    _MENU.extend(entries)


def menu_of(reader: User) -> list[Entry]:
    """The entries that somebody may open, in order."""
    return sorted((entry for entry in _MENU if may_read(reader, entry.readers)), key=lambda entry: entry.place)


def menu(request: HttpRequest) -> dict[str, object]:
    """Context processor: the reader's menu, which entry leads to where the reader is, and what site this is."""
    site: dict[str, object] = {"is_demonstration": settings.DEMONSTRATION, "asks_second_factor": settings.STAFF_MFA}
    if not isinstance(request.user, User):
        return site
    entries = menu_of(request.user)
    home = reverse("home")
    below = (entry.url for entry in entries if request.path.startswith(entry.url) and entry.url != home)
    here = home if request.path == home else max(below, key=len, default="")
    return site | {
        "menu": [{"label": entry.label, "url": entry.url, "is_here": entry.url == here} for entry in entries],
        "may_search": may_read(request.user, STAFF),
    }


# --- what waits


@dataclass(frozen=True, slots=True)
class Card:
    """Something that waits for the reader: how many, what money hangs on it (öre), since or until when, and where."""

    title: Text
    count: int
    url: str
    explanation: Text
    amount: int | None = None
    since: date | None = None
    until: date | None = None

    def urgency(self, today: date) -> tuple[bool, int, int]:
        """What it costs to wait: first what is overdue, then money times days, then how many."""
        days = max((today - self.since).days, 1) if self.since else 1
        return (self.until is not None and self.until <= today, (self.amount or 0) * days, self.count)


MakeCard = Callable[[User, date], Card | None]
_CARDS: list[tuple[Collection[Role], MakeCard]] = []


def card(*readers: Role) -> Callable[[MakeCard], MakeCard]:
    """Register a function that makes a card of the home page; it gives none where nothing waits."""

    def register(make: MakeCard) -> MakeCard:
        _CARDS.append((readers, make))
        return make

    return register


def cards_of(reader: User, today: date) -> list[Card]:
    """What waits for somebody, what costs most to wait first."""
    found = (make(reader, today) for readers, make in _CARDS if may_read(reader, readers))
    return sorted((one for one in found if one and one.count), key=lambda one: one.urgency(today), reverse=True)


# --- search


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a search found."""

    kind: Text
    name: str
    url: str
    detail: str = ""


Search = Callable[[User, str], Iterator[Hit]]
_SEARCHES: list[tuple[Collection[Role], Search]] = []
HITS_MOST = 20  # of a kind


def searches(*readers: Role) -> Callable[[Search], Search]:
    """Register a function that finds what a text names; it gives at most HITS_MOST."""

    def register(search: Search) -> Search:
        _SEARCHES.append((readers, search))
        return search

    return register


def find(reader: User, text: str) -> list[Hit]:
    """All that somebody may see and a text names."""
    return [hit for readers, search in _SEARCHES if may_read(reader, readers) for hit in search(reader, text)]

"""Places on the pages of the ground floor that the apps above fill, each from its own `slots.py` when it starts."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from backend.kernel.models import Role, User


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the main navigation. Pages whose `section` is the entry's are below it."""

    label: Any  # a text, translated when it is shown
    view_name: str
    section: str
    roles: frozenset[Role]
    position: int


@dataclass(frozen=True, slots=True)
class Card:
    """What awaits somebody on the home page: how many, how much, since or until when, and where to see to it."""

    title: str
    count: int
    address: str
    text: str = ""  # what is asked of the reader
    amount: int | None = None  # öre at stake, where known
    since: date | None = None  # the oldest waits since this day
    due: date | None = None  # the first falls due on this day
    ore_days: int = 0  # the amounts times the days that each has waited: what it costs to wait


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a search found."""

    kind: str
    name: str
    address: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """How pages call the object of an audit event, and where it is shown ("" for nowhere)."""

    name: str
    address: str = ""


Cards = Callable[[User, date], Iterable[Card]]  # for a reader, on a day
Search = Callable[[User, str], Iterable[Hit]]  # for a reader, what begins so
Names = Callable[[Collection[str]], Mapping[str, Named]]  # by the ids of audit events

NAVIGATION: list[Entry] = []
HOME: list[tuple[frozenset[Role], Cards]] = []
SEARCH: list[tuple[frozenset[Role], Search]] = []
OBJECTS: dict[str, Names] = {}  # by the label of a model, as audit events have it


def navigation(request: HttpRequest, reader: User, section: str) -> list[dict[str, object]]:
    """The reader's entries in order, each with what `aria-current` says of it."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        {
            "label": entry.label,
            "view_name": entry.view_name,
            "current": "page" if entry.view_name == here else "true" if entry.section == section else "",
        }
        for entry in sorted(NAVIGATION, key=lambda entry: entry.position)
        if not entry.roles.isdisjoint(reader.roles)
    ]


def cards_of(reader: User, today: date) -> list[Card]:
    """What awaits the reader: what is overdue first, then what costs most to wait for, then by deadline and age."""
    cards = [
        card
        for roles, cards in HOME
        if not roles.isdisjoint(reader.roles)
        for card in cards(reader, today)
        if card.count
    ]
    far = date.max

    def urgency(card: Card) -> tuple[bool, int, date, date]:
        overdue = card.due is not None and card.due < today
        return not overdue, -card.ore_days, card.due or far, card.since or far

    return sorted(cards, key=urgency)


def find(reader: User, beginning: str) -> list[Hit]:
    """What the reader may see whose number or name begins so."""
    return [hit for roles, search in SEARCH if not roles.isdisjoint(reader.roles) for hit in search(reader, beginning)]

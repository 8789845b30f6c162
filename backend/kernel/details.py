"""Pages about one thing: what it is, tables of what belongs to it, and what can be done with it.

Apps above may add sections of their own: a provider's page shows its contracts, which providers know nothing of.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.views.generic import DetailView
from django_tables2 import RequestConfig

from backend.kernel.models import Role, User
from backend.kernel.tables import Table
from backend.kernel.web import ROWS, Page, Text, may_read


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that can be done with the thing, by whoever has one of the roles."""

    label: Text
    url: str
    readers: Collection[Role]


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading, and what can be done with what it shows."""

    title: Text
    table: Table
    lead: Text = ""
    doings: Collection[Doing] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A word for something, and what it is; an address leads to more of it."""

    label: Text
    value: object
    url: str = ""
    is_wide: bool = False


MakeSection = Callable[[User, Any], Section | None]
_SECTIONS: dict[type[Model], list[MakeSection]] = {}


def section(model: type[Model]) -> Callable[[MakeSection], MakeSection]:
    """Register a function that makes a section of the page about a `model`; it gives none where nothing is to show."""

    def register(make: MakeSection) -> MakeSection:
        _SECTIONS.setdefault(model, []).append(make)
        return make

    return register


def sections_about(thing: Model, reader: User) -> list[Section]:
    """What apps have to show of a thing."""
    made = (make(reader, thing) for make in _SECTIONS.get(type(thing), ()))
    return [one for one in made if one]


class DetailPage(Page, DetailView):
    """A page about one thing. Subclasses say what stands on it."""

    template_name = "components/detail_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = [*self.sections(), *sections_about(self.object, self.reader)]
        for number, one in enumerate(sections, start=1):
            one.table.prefix = f"{number}-"
            RequestConfig(self.request, paginate={"per_page": ROWS}).configure(one.table)
        return super().get_context_data(
            heading=self.heading(),
            state=self.state(),
            crumbs=self.crumbs(),
            facts=self.facts(),
            sections=[(one, self._mine(one.doings)) for one in sections],
            doings=self._mine(self.doings()),
            **kwargs,
        )

    def _mine(self, doings: Collection[Doing]) -> list[Doing]:
        return [doing for doing in doings if may_read(self.reader, doing.readers)]

    def heading(self) -> Text:
        return str(self.object)

    def state(self) -> tuple[Text, str] | None:
        """The thing's state in a word, and its tone."""
        return None

    def crumbs(self) -> list[tuple[Text, str]]:
        """The way here: words and addresses."""
        return []

    def facts(self) -> list[Fact]:
        return []

    def sections(self) -> list[Section]:
        return []

    def doings(self) -> list[Doing]:
        return []

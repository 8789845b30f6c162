"""What waits at contracts and payment models, and what a search finds there."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.details import Doing, Section, section
from backend.kernel.models import Role, User
from backend.kernel.web import HITS_MOST, STAFF, Card, Hit, card, may_read, searches
from contracts.selectors import contracts, contracts_that_end, proposals_for
from contracts.tables import ContractsOfProvider
from providers.models import Provider

SOON = timedelta(days=180)


@section(Provider)
def contracts_of_provider(reader: User, provider: Provider) -> Section | None:
    """A provider's contracts on its page."""
    if not may_read(reader, STAFF):
        return None
    register = Doing(
        _("Register a contract"), f"{reverse('contracts:create')}?provider={provider.pk}", (Role.PROCUREMENT,)
    )
    return Section(_("Contracts"), ContractsOfProvider(contracts().filter(provider=provider)), doings=[register])


@card(Role.PROCUREMENT)
def models_to_publish(reader: User, today: date) -> Card | None:
    """Drafts that somebody else proposed."""
    waiting = list(proposals_for(reader))
    return Card(
        title=_("payment models to publish"),
        count=len(waiting),
        url=reverse("contracts:draft", args=[waiting[0].pk]) if waiting else "",
        explanation=_("Another officer proposed them; a second one publishes."),
        until=waiting[0].proposed_from if waiting else None,
    )


@card(Role.PROCUREMENT)
def contracts_end_soon(reader: User, today: date) -> Card | None:
    """Contracts that end within half a year."""
    ending = list(contracts_that_end(today, today + SOON))
    return Card(
        title=_("contracts end within six months"),
        count=len(ending),
        url=f"{reverse('contracts:list')}?in_force=true&sort=valid_through",
        explanation=_("After its last day a contract takes no referrals. Extend it, or procure anew."),
        until=ending[0].valid_through if ending else None,
    )


@searches(*STAFF)
def find_contracts(reader: User, text: str) -> Iterator[Hit]:
    named = Q(number__istartswith=text) | Q(diarienummer__icontains=text)
    for contract in contracts().filter(named)[:HITS_MOST]:
        yield Hit(
            _("contract"), contract.number, reverse("contracts:detail", args=[contract.pk]), contract.provider.name
        )

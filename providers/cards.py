"""What waits at the register of providers, and what a search finds there."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import FINANCE, Role, User
from backend.kernel.web import HITS_MOST, STAFF, Card, Hit, card, searches
from providers.models import Provider
from providers.selectors import lapsing_authorisations, unconfirmed_accounts

SOON = timedelta(days=90)


@card(*FINANCE)
def accounts_to_confirm(reader: User, today: date) -> Card | None:
    """Bank accounts that somebody else entered."""
    waiting = list(unconfirmed_accounts(reader))
    return Card(
        title=_("bank accounts to confirm"),
        count=len(waiting),
        url=reverse("providers:detail", args=[waiting[0].provider_id]) if waiting else "",
        explanation=_("Nothing is paid to these providers' new accounts before a second officer has confirmed them."),
        since=waiting[0].entered_at.date() if waiting else None,
    )


@card(Role.PROCUREMENT)
def authorisations_that_lapse(reader: User, today: date) -> Card | None:
    """Authorisations that end within three months."""
    lapsing = list(lapsing_authorisations(today, today + SOON))
    return Card(
        title=_("authorisations lapse soon"),
        count=len(lapsing),
        url=f"{reverse('providers:list')}?is_authorised=true&sort=authorised_through",
        explanation=_("Once one has lapsed, its contracts take no referrals and their lines are held."),
        until=lapsing[0].authorised_through if lapsing else None,  # type: ignore[attr-defined]  # annotated
    )


@searches(*STAFF)
def find_providers(reader: User, text: str) -> Iterator[Hit]:
    named = Q(name__icontains=text) | Q(number__istartswith=text) | Q(organisation_number__startswith=text)
    for provider in Provider.objects.filter(named).order_by("name")[:HITS_MOST]:
        yield Hit(_("provider"), str(provider), reverse("providers:detail", args=[provider.pk]))

"""What waits for decisions about facts, and what a provider has to report next."""

from datetime import date

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role, User
from backend.kernel.web import Card, card
from outcomes.waiting import asked_for_more, unreported_placements
from providers.selectors import provider_of


@card(Role.PROVIDER)
def more_to_answer(reader: User, today: date) -> Card | None:
    """Facts of the reader's provider about which a handler asked for more."""
    provider = provider_of(reader)
    if provider is None:
        return None
    asked = asked_for_more().filter(provider=provider)
    return Card(
        title=_("facts need more from you"),
        count=asked.count(),
        url=reverse("outcomes:asked"),
        explanation=_("A handler asked for more. They are not paid before you have answered."),
        since=asked.aggregate(first=Min("reported"))["first"],
    )


@card(Role.PROVIDER)
def month_to_report(reader: User, today: date) -> Card | None:
    """Placements of the reader's provider without a report of the month before."""
    provider = provider_of(reader)
    if provider is None:
        return None
    return Card(
        title=_("placements lack last month's report"),
        count=unreported_placements(provider, today).count(),
        url=reverse("outcomes:unreported"),
        explanation=_("Their payment model pays a month only with its report."),
    )

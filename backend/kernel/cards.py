"""What waits for administrators and auditors."""

from datetime import date

from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role, User
from backend.kernel.selectors import accounts, dormant, events, weak
from backend.kernel.web import Card, card


@card(Role.ADMINISTRATOR)
def accounts_without_second_factor(reader: User, today: date) -> Card:
    """Open accounts of officers that a password alone opens."""
    return Card(
        title=_("accounts have no second factor"),
        count=accounts().filter(weak()).count(),
        url=f"{reverse('account_list')}?weak=true",
        explanation=_("Their holders are led to set one up when they log in next. Close those that are not needed."),
    )


@card(Role.ADMINISTRATOR)
def dormant_accounts(reader: User, today: date) -> Card:
    """Open accounts that nobody uses."""
    return Card(
        title=_("accounts have not been used for 90 days"),
        count=accounts().filter(dormant(now())).count(),
        url=f"{reverse('account_list')}?dormant=true",
        explanation=_(
            "An account that nobody misses is a way in that nobody watches. Close those that are not needed."
        ),
    )


@card(Role.AUDITOR)
def looks_today(reader: User, today: date) -> Card:
    """What happened today."""
    return Card(
        title=_("events today"),
        count=events().filter(at__date=today).count(),
        url=f"{reverse('event_list')}?since={today}",
        explanation=_("Who did what, and who looked at whom."),
    )

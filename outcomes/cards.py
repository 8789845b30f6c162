"""What of placements is late, and what a provider has to answer and report next."""

from datetime import date

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.details import Doing, Section, section
from backend.kernel.models import Role, User
from backend.kernel.web import STAFF, Card, card, may_read
from contracts.models import Contract
from outcomes.deadlines import Deadline, late_placements
from outcomes.permissions import with_hidden
from outcomes.tables import PlacementsOf
from outcomes.waiting import asked_for_more, unreported_placements
from providers.selectors import provider_of

LATE = {
    Deadline.MEETING: _("placements have had no first meeting"),
    Deadline.PLAN: _("placements lack an approved activity plan"),
    Deadline.REVIEW: _("activity plans are to be reviewed"),
    Deadline.LIMIT: _("placements go on beyond 18 months"),
}


@section(Contract)
def placements_of_contract(reader: User, contract: Contract) -> Section | None:
    """A contract's placements on its page, the newest first."""
    if not may_read(reader, STAFF):
        return None
    placements = with_hidden(contract.placements.select_related("participant").order_by("-pk"), reader)
    every = Doing(
        _("All of them, with filters"), f"{reverse('outcomes:placement_list')}?contract={contract.number}", STAFF
    )
    return Section(_("Placements"), PlacementsOf(placements), doings=[every])


def _add_late_card(deadline: Deadline) -> None:
    @card(Role.HANDLER)
    def late(reader: User, today: date) -> Card:
        return Card(
            title=LATE[deadline],
            count=late_placements(deadline, today).count(),
            url=f"{reverse('outcomes:placement_list')}?late={deadline}",
            explanation=_("The city's own deadline for them has passed."),
        )


for _deadline in Deadline:
    _add_late_card(_deadline)


@card(Role.PROVIDER)
def more_to_answer(reader: User, today: date) -> Card | None:
    """Facts of the reader's provider about which a handler asked for more."""
    provider = provider_of(reader)
    if provider is None:
        return None
    asked = asked_for_more().filter(provider=provider)
    first = asked.order_by().aggregate(since=Min("reported"), until=Min("due_on"))
    return Card(
        title=_("facts need more from you"),
        count=asked.count(),
        url=reverse("outcomes:asked"),
        explanation=_("A handler asked for more. They are not paid before you have answered."),
        since=first["since"],
        until=first["until"],
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

"""Lists of what is asked of providers."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.lists import ListPage
from backend.kernel.models import Role
from outcomes.filters import NoFilter
from outcomes.models import Fact, Placement
from outcomes.permissions import with_hidden_participants
from outcomes.tables import OwnFactTable, UnreportedTable
from outcomes.waiting import asked_for_more, unreported_placements
from providers.models import Provider
from providers.selectors import provider_of


class ProviderPage(ListPage):
    """A list of what is the reader's own provider's."""

    readers = (Role.PROVIDER,)
    filterset_class = NoFilter

    @cached_property
    def provider(self) -> Provider:
        provider = provider_of(self.reader)
        if provider is None:
            raise PermissionDenied(gettext("Your account acts for no provider. Ask whoever manages accounts."))
        return provider


class AskedList(ProviderPage):
    """Facts of a provider about which a handler asked for more."""

    table_class = OwnFactTable
    heading = _("More is asked for")
    lead = _("Report a correction, or send what is missing. The fact is not paid before.")

    def get_queryset(self) -> QuerySet[Fact]:
        return with_hidden_participants(asked_for_more().filter(provider=self.provider), self.reader)


class UnreportedList(ProviderPage):
    """Placements of a provider without the report of the month before."""

    table_class = UnreportedTable
    heading = _("Last month's reports")
    lead = _("These placements were under way last month, and their payment model pays a month only with its report.")

    def get_queryset(self) -> QuerySet[Placement]:
        return unreported_placements(self.provider, localdate())

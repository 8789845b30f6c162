"""Tables of what waits."""

from typing import Any

import django_tables2 as tables
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, Table, label
from outcomes.columns import Kind
from outcomes.labels import KINDS, contents
from outcomes.models import Fact


class WaitingTable(Table):
    """Facts that wait. `is_hidden` of a row comes from `outcomes.permissions`."""

    label = _("Facts")
    reported = DayColumn(_("Reported"), orderable=True)
    placement = tables.Column(
        _("Placement"), accessor="placement__number", linkify=("payouts:placement_detail", [tables.A("placement_id")])
    )
    provider = tables.Column(_("Provider"), accessor="provider__name", orderable=True)
    kind = tables.Column(_("Kind"), orderable=True)
    from_day = DayColumn(_("Day"))
    contents = tables.Column(_("What is reported"), empty_values=())
    state = tables.Column(_("State"), empty_values=())

    class Meta(Table.Meta):
        empty_text = _("Nothing waits here.")

    def render_kind(self, record: Fact) -> str:
        return str(KINDS[Kind(record.kind)])

    def render_contents(self, record: Any) -> str:
        return contents(record, with_reasons=True, is_hidden=record.is_hidden)

    def render_state(self, record: Any) -> SafeString:
        return label(gettext("more is asked for") if record.is_asked else gettext("waits for verification"), "wait")


class OwnFactTable(WaitingTable):
    """What a provider sees of its own facts."""

    placement = tables.Column(_("Placement"), accessor="placement__number")
    external_id = tables.Column(_("Fact"))

    class Meta(WaitingTable.Meta):
        exclude = ("provider", "state")


class UnreportedTable(Table):
    """Placements without the report of a month."""

    label = _("Placements")
    number = tables.Column(_("Placement"), orderable=True)
    contract = tables.Column(_("Contract"), accessor="contract__number")
    starts_on = DayColumn(_("Started on"))

    class Meta(Table.Meta):
        empty_text = _("Every placement has its report.")

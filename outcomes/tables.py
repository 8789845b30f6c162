"""Tables of what is asked of providers."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, Table
from outcomes.columns import Kind
from outcomes.labels import KINDS, contents, reason_label
from outcomes.models import Fact


class OwnFactTable(Table):
    """What a provider sees of its own facts of which more is asked for. `is_hidden`: see `outcomes.permissions`."""

    label = _("Facts")
    external_id = tables.Column(_("Fact"))
    placement = tables.Column(_("Placement"), accessor="placement__number")
    kind = tables.Column(_("Kind"), orderable=True)
    from_day = DayColumn(_("Day"))
    contents = tables.Column(_("What is reported"), empty_values=())
    reported = DayColumn(_("Reported"), orderable=True)
    reason_code = tables.Column(_("Why more is asked for"))
    note = tables.Column(_("What is asked for"), attrs={"td": {"class": "name"}})
    due_on = DayColumn(_("Answer by"))

    class Meta(Table.Meta):
        empty_text = _("Nothing waits here.")

    def render_kind(self, record: Fact) -> str:
        return str(KINDS[Kind(record.kind)])

    def render_contents(self, record: Any) -> str:
        return contents(record, with_reasons=True, is_hidden=record.is_hidden)

    def render_reason_code(self, value: str) -> str:
        return reason_label(value)


class UnreportedTable(Table):
    """Placements without the report of a month."""

    label = _("Placements")
    number = tables.Column(_("Placement"), orderable=True)
    contract = tables.Column(_("Contract"), accessor="contract__number")
    starts_on = DayColumn(_("Started on"))

    class Meta(Table.Meta):
        empty_text = _("Every placement has its report.")

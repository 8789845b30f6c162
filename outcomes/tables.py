"""Tables of placements, participants and what is asked of providers."""

from datetime import date, timedelta
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel.tables import DayColumn, NumberColumn, Table, label
from outcomes.columns import Kind
from outcomes.labels import KINDS, PROTECTED, contents, reason_label
from outcomes.models import Fact, Participant, Placement


class PlacementTable(Table):
    """Placements. `is_hidden` of a row comes from `outcomes.permissions`."""

    label = _("Placements")
    number = tables.Column(_("Placement"), linkify=("payouts:placement_detail", [tables.A("pk")]), orderable=True)
    participant = tables.Column(_("Participant"))
    provider = tables.Column(
        _("Provider"),
        accessor="contract__provider__name",
        linkify=("providers:detail", [tables.A("contract__provider_id")]),
        orderable=True,
    )
    contract = tables.Column(
        _("Contract"),
        accessor="contract__number",
        linkify=("contracts:detail", [tables.A("contract_id")]),
        orderable=True,
    )
    first = DayColumn(
        pgettext_lazy("day", "From"), accessor="period__lower", order_by="period__startswith", orderable=True
    )
    last = DayColumn(_("Through"), accessor="period__upper")

    class Meta(Table.Meta):
        model = Placement
        fields = ("number", "participant", "provider", "contract")
        empty_text = _("No placement matches what you chose.")

    def render_participant(self, record: Any) -> SafeString | str:
        return label(PROTECTED, "bad") if record.is_hidden else record.participant.number

    def render_last(self, value: date) -> str:
        return self.value_last(value).isoformat()

    def value_last(self, value: date) -> date:
        return value - timedelta(days=1)  # a period ends before its upper bound


class PlacementsOf(PlacementTable):
    """The placements under one contract."""

    class Meta(PlacementTable.Meta):
        exclude = ("provider", "contract")
        empty_text = _("Nobody has been placed under the contract yet.")


class ParticipantTable(Table):
    """Participants. `is_hidden` of a row comes from `outcomes.permissions`."""

    label = _("Participants")
    number = tables.Column(_("Participant"), orderable=True)
    district = tables.Column(_("Home district"), accessor="background__district__name", default="–", orderable=True)
    placement_count = NumberColumn(_("Placements"))

    class Meta(Table.Meta):
        model = Participant
        fields = ("number",)
        empty_text = _("No participant matches what you chose.")

    def render_number(self, record: Any) -> SafeString | str:
        if record.is_hidden:
            return label(PROTECTED, "bad")
        return format_html('<a href="{}">{}</a>', reverse("outcomes:participant", args=[record.pk]), record.number)

    def value_number(self, record: Any) -> str:
        return str(PROTECTED) if record.is_hidden else record.number

    def render_district(self, value: str, record: Any) -> SafeString | str:
        return label(PROTECTED, "bad") if record.is_hidden else value

    def value_district(self, value: str, record: Any) -> str:
        return str(PROTECTED) if record.is_hidden else value


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

"""The tables of the pages about registers."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.money import show_kronor
from backend.kernel.tables import NONE, DayColumn, MomentColumn, NumberColumn, PersonColumn, StateColumn, Table, label
from outcomes.labels import PROTECTED
from outcomes.models import LegalGround, RegisterImport, RegisterRow
from outcomes.registers import Register

Outcome = RegisterRow.Outcome
TONES = {
    Outcome.VERIFIED: "good",
    Outcome.CONFIRMED: "good",
    Outcome.DIFFERS: "bad",
    Outcome.REFUSED: "bad",
    Outcome.UNMATCHED: "wait",
    Outcome.UNCLAIMED: "wait",
}


class ImportTable(Table):
    """Files that were taken in."""

    label = _("Imports")
    name = tables.Column(_("File"), linkify=("outcomes:register_import", [tables.A("pk")]))
    register = tables.Column(_("Register"))
    rows_read = NumberColumn(_("Rows read"))
    row_count = NumberColumn(_("Rows"))
    new_count = NumberColumn(_("New records"))
    unmatched_count = NumberColumn(_("Without a participant"))
    state = StateColumn(_("State"), words=dict(RegisterImport.State.choices), tones={"waiting": "wait", "done": "good"})
    imported_by = PersonColumn(_("Imported by"))
    imported_at = MomentColumn(_("Imported"), orderable=True)

    class Meta(Table.Meta):
        empty_text = _("No register's file has been taken in yet.")

    def render_register(self, record: RegisterImport) -> str:
        return record.get_register_display()


class GroundTable(Table):
    """Legal grounds of registers."""

    label = _("Legal grounds")
    register = tables.Column(_("Register"))
    ground = tables.Column(_("Legal ground"), default=_("closed"), empty_values=(None, ""))
    valid_from = DayColumn(_("From"))
    recorded_by = PersonColumn(_("Recorded by"))
    recorded_at = MomentColumn(_("Recorded"))

    class Meta(Table.Meta):
        empty_text = _("None has been recorded: the employment and income registers are closed.")

    def render_register(self, record: LegalGround) -> str:
        return record.get_register_display()


class RowTable(Table):
    """Records of registers. `is_hidden` of a row: the reader may not see who the participant is."""

    label = _("Records")
    participant = tables.Column(_("Participant"), accessor="participant__number", default=NONE)
    register = tables.Column(_("Register"))
    from_day = DayColumn(_("Day"), orderable=True)
    through_day = DayColumn(_("Through"))
    subject = tables.Column(_("Course or employer"), default=NONE)
    says = tables.Column(_("What it says"), empty_values=())
    outcome = tables.Column(_("What came of it"), empty_values=())
    fact = tables.Column(_("Fact"), accessor="fact__external_id", default=NONE)
    remark = tables.Column(_("Remark"), default="")
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        empty_text = _("No record matches what you chose.")

    def render_participant(self, record: Any) -> SafeString | str:
        return label(PROTECTED, "bad") if record.is_hidden else record.participant.number

    def render_register(self, record: RegisterRow) -> str:
        return record.get_register_display()

    def render_subject(self, value: str, record: Any) -> str:
        return str(PROTECTED) if record.is_hidden else value

    def render_says(self, record: RegisterRow) -> str:
        if record.register in (Register.INCOME, Register.ASSISTANCE):
            return show_kronor(record.quantity)
        if record.register == Register.GRADES:
            return f"{record.code}, {gettext('{points} points').format(points=max(record.quantity, 0))}"
        return gettext("{percent} % of full time").format(percent=record.quantity)

    def render_outcome(self, record: RegisterRow) -> SafeString:
        return label(record.get_outcome_display(), TONES.get(Outcome(record.outcome), ""))

    def render_doing(self, record: RegisterRow) -> SafeString | str:
        if record.outcome != Outcome.UNMATCHED:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("outcomes:match", args=[record.pk]), gettext("Match"))

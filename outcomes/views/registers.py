"""Pages of registers: files that are taken in, records that did not match, and jobs that nobody reported."""

from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.details import DetailPage, Fact, Section
from backend.kernel.lists import ListPage
from backend.kernel.models import Role, User
from backend.kernel.queue import send_on_commit
from backend.kernel.web import Text, may_read
from outcomes import tasks
from outcomes.filters import NoFilter
from outcomes.models import LegalGround, RegisterImport, RegisterRow
from outcomes.permissions import hidden_protections
from outcomes.register_forms import GroundForm, ImportForm, MatchForm, RowFilter
from outcomes.register_tables import GroundTable, ImportTable, RowTable
from outcomes.services import registers

HANDLERS: tuple[Role, ...] = (Role.HANDLER,)
READERS = (Role.HANDLER, Role.PROCUREMENT, Role.AUDITOR)
Outcome = RegisterRow.Outcome


def imports() -> QuerySet[RegisterImport]:
    """All imports, the newest first, with how many records were new, and how many are without a participant."""
    counted = RegisterImport.objects.defer("content").select_related("imported_by").order_by("-pk")
    return counted.annotate(
        new_count=Count("rows"), unmatched_count=Count("rows", filter=Q(rows__outcome=Outcome.UNMATCHED))
    )


def rows_for(reader: User) -> QuerySet[RegisterRow]:
    """Records, each with `is_hidden`: whether the reader may not see who the participant is."""
    hidden = hidden_protections(reader).filter(participant=OuterRef("participant"))
    rows = RegisterRow.objects.annotate(is_hidden=Exists(hidden))
    return rows.select_related("participant", "fact").order_by("-from_day", "-pk")


class ImportList(ListPage):
    """Files of registers."""

    readers = READERS
    table_class, filterset_class = ImportTable, NoFilter
    template_name = "outcomes/register_list.html"
    heading = _("Registers")
    lead = _("What registers say verifies what was reported, and finds jobs that nobody has reported.")

    def get_queryset(self) -> QuerySet[RegisterImport]:
        return imports()

    def main_action(self) -> tuple[str, Text] | None:
        return (reverse("outcomes:register_new"), _("Take a file in")) if may_read(self.reader, HANDLERS) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grounds = LegalGround.objects.select_related("recorded_by").order_by("-valid_from", "-pk")
        return super().get_context_data(
            grounds=GroundTable(grounds), may_open=may_read(self.reader, (Role.PROCUREMENT,)), **kwargs
        )


class TakeIn(FormPage):
    """A register's file is taken in."""

    readers = HANDLERS
    form_class = ImportForm
    heading, button = _("Take a register's file in"), _("Take it in")
    done = _("The file is taken in, and is being read.")
    lead = _("If any row can't be read nothing of the file is stored.")

    def back(self) -> str:
        return reverse("outcomes:registers")

    def act(self, form: forms.Form) -> str:
        file = form.cleaned_data["file"]
        source = registers.start_import(
            layout=form.cleaned_data["layout"], name=file.name, content=file.read(), by=self.reader, now=self.now
        )
        send_on_commit(tasks.read_register, source.pk)
        return reverse("outcomes:register_import", args=[source.pk])


class ImportDetail(DetailPage):
    """One file: how far it is read, and what came of each record."""

    readers = READERS
    template_name = "outcomes/register_import.html"

    def get_queryset(self) -> QuerySet[RegisterImport]:
        return imports()

    def heading(self) -> str:
        return self.object.name

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Registers"), reverse("outcomes:registers"))]

    def state(self) -> tuple[Text, str]:
        is_done = self.object.state == RegisterImport.State.DONE
        return self.object.get_state_display(), "good" if is_done else "wait"

    def facts(self) -> list[Fact]:
        source = self.object
        counts = source.rows.values_list("outcome").annotate(count=Count("*")).order_by("outcome")
        return [
            Fact(_("Register"), source.get_register_display()),
            Fact(_("Rows read"), f"{source.rows_read} / {source.row_count}"),
            Fact(_("New records"), str(source.new_count)),
            *(Fact(Outcome(outcome).label, count, "#section-1") for outcome, count in counts),
            Fact(_("SHA-256 of the file"), source.digest, is_wide=True),
        ]

    def sections(self) -> list[Section]:
        return [Section(_("Records"), RowTable(rows_for(self.reader).filter(source=self.object)))]


class RowList(ListPage):
    """Records of all registers, by what came of them."""

    readers = (Role.HANDLER, Role.AUDITOR)
    table_class, filterset_class = RowTable, RowFilter
    heading = _("Records of registers")
    lead = _("Records without a participant are matched by hand. A job that nobody reported may be worth a question.")

    def get_queryset(self) -> QuerySet[RegisterRow]:
        return rows_for(self.reader)


class RecordGround(FormPage):
    """A legal ground opens a register, or closes it."""

    readers = (Role.PROCUREMENT,)
    form_class = GroundForm
    heading, button, done = _("Record a legal ground"), _("Record it"), _("The legal ground is recorded.")

    def back(self) -> str:
        return reverse("outcomes:registers")

    def act(self, form: forms.Form) -> str:
        registers.record_ground(**form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class MatchRow(FormPage):
    """Say whose a record is. Its identity number is shown, and every look is written to the audit trail."""

    readers = HANDLERS
    form_class = MatchForm
    heading, button, done = _("Match a record"), _("Match"), _("The record is matched.")

    @cached_property
    def row(self) -> RegisterRow:
        return get_object_or_404(RegisterRow, pk=self.kwargs["pk"], participant=None)

    def back(self) -> str:
        return f"{reverse('outcomes:register_rows')}?outcome={Outcome.UNMATCHED}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = registers.reveal_row(row=self.row, by=self.reader, now=self.now)
        says = (self.row.get_register_display(), self.row.from_day.isoformat(), self.row.subject)
        lead = ", ".join(part for part in (f"{number[:8]}-{number[8:]}", *says) if part)
        return super().get_context_data(lead=lead, **kwargs)

    def act(self, form: forms.Form) -> str:
        registers.match_row(row=self.row, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()

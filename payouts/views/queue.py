"""The handlers' queue, and the verification of many facts at a time."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage
from backend.kernel.lists import ListPage
from backend.kernel.models import Role, User
from backend.kernel.web import may_read
from outcomes.models import Fact
from outcomes.permissions import with_hidden_participants
from outcomes.services import verify_in_bulk
from outcomes.waiting import waiting_facts, with_signatures
from payouts.filters import QueueFilter
from payouts.forms import ManyForm
from payouts.queue import Queue, rank
from payouts.queue_rows import QueueRows
from payouts.tables import QueueTable

HANDLERS = (Role.HANDLER,)


def queue_facts(reader: User) -> QuerySet[Fact]:
    """All facts that wait, as a reader may see them."""
    return with_signatures(with_hidden_participants(waiting_facts(), reader))


def queue_of(chosen: QueueFilter) -> Queue:
    """The queue that filters leave; where one of them can't be understood, all of it."""
    today = localdate()
    asked = chosen.form.cleaned_data if chosen.is_valid() else {}
    queue = rank(chosen.qs if asked else chosen.queryset, today)
    return queue.only(late=asked.get("late"), conflict=asked.get("conflict", ""), today=today)


class QueuePage(ListPage):
    """Facts that wait for a decision, what costs most to wait with first."""

    readers = (Role.HANDLER, Role.AUDITOR)
    template_name = "payouts/queue.html"
    table_class, filterset_class = QueueTable, QueueFilter
    heading = _("Facts that wait")
    lead = _(
        "Nothing is paid for a fact before a handler has verified it. What is overdue stands first, then what costs"
        " most to wait with: the money at stake, times the days, once more for each conflict. At stake is what would be"
        " owed more today if all that waits of the placement were verified."
    )

    def get_queryset(self) -> QuerySet[Fact]:
        return queue_facts(self.reader)

    def get_table_data(self) -> QueueRows:
        return QueueRows(queue_facts(self.reader), queue_of(self.filterset), localdate())

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"query": self.request.GET.urlencode()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_decide=may_read(self.reader, HANDLERS), **kwargs)


class VerifyMany(FormPage):
    """Verify many facts unseen, where their contracts allow it."""

    readers = HANDLERS
    template_name = "payouts/verify_many.html"
    form_class = ManyForm
    heading, button = _("Verify the chosen facts"), _("Verify all of them")
    lead = _("Each is verified in your name, as if you had opened it.")
    done = _("The facts are verified. What a second officer must stand behind waits for that signature.")

    @cached_property
    def chosen(self) -> list[int]:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return [int(number) for number in given.getlist("facts") if number.isdigit()]

    def get_initial(self) -> dict[str, Any]:
        return {"facts": self.chosen}

    def back(self) -> str:
        return reverse("payouts:queue")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        facts = queue_facts(self.reader)
        table = QueueTable(QueueRows(facts, rank(facts.filter(pk__in=self.chosen), localdate()), localdate()))
        table.columns.hide("many")
        return super().get_context_data(table=table, **kwargs)

    def act(self, form: forms.Form) -> str:
        verify_in_bulk(facts=[fact.pk for fact in form.cleaned_data["facts"]], by=self.reader, now=self.now)
        return self.back()

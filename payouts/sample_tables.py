"""The tables of the pages about samples, error rates and recoveries."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role, User
from backend.kernel.tables import NONE, DayColumn, MomentColumn, MoneyColumn, NumberColumn, PersonColumn, Table, label
from backend.kernel.web import may_read
from outcomes.columns import Kind
from outcomes.labels import KINDS, contents
from payouts.models import CounterVerification, RecoveryProposal, SampledFact
from payouts.sampling import Estimate

Cause = CounterVerification.Cause
CHECKERS = (Role.HANDLER,)
REASON_READERS = frozenset({Role.HANDLER, Role.PROCUREMENT, Role.AUDITOR})


def per_cent(share: float) -> str:
    """A share as 3,1 %; a dash where there is none."""
    return NONE if share != share else f"{number_format(100 * share, 1)}\u00a0%"


def interval(said: Estimate) -> str:
    """An estimate with its interval."""
    if said.rate != said.rate:
        return NONE
    return gettext("{rate} ({low} to {high})").format(
        rate=per_cent(float(said.rate)), low=per_cent(float(said.low)), high=per_cent(float(said.high))
    )


def cause_label(cause: str | None) -> SafeString:
    """What was found about a fact, or that it is to be checked."""
    if cause is None:
        return label(gettext("to be checked"), "wait")
    return label(Cause(cause).label, "good" if cause == Cause.RIGHT else "bad")


class SampleTable(Table):
    """All samples."""

    label = _("Samples")
    month = tables.DateColumn(
        format="Y-m", verbose_name=_("Month"), accessor="run__cutoff", linkify=("payouts:sample", [tables.A("pk")])
    )
    size = NumberColumn(_("Verified facts"))
    amount = MoneyColumn(_("What they brought"))
    drawn = NumberColumn(_("Drawn"))
    waiting = NumberColumn(_("To be checked"))
    wrong = NumberColumn(_("Wrong"))
    drawn_at = MomentColumn(_("Drawn on"))
    drawn_by = PersonColumn(_("Drawn by"), default=_("the calendar"))

    class Meta(Table.Meta):
        empty_text = _("No sample has been drawn yet. One can be drawn when a run is attested.")


class StratumTable(Table):
    """From what a sample was drawn."""

    label = _("Strata of the sample")
    provider = tables.Column(_("Provider"), accessor="contract__provider__name")
    contract = tables.Column(_("Contract"), accessor="contract__number")
    step = tables.Column(_("Step"), accessor="step__title", default=_("other facts"))
    size = NumberColumn(_("Verified facts"))
    amount = MoneyColumn(_("What they brought"))
    drawn = NumberColumn(_("Drawn"))

    class Meta(Table.Meta):
        pass


class FactTable(Table):
    """Sampled facts with what was found about each. `cause` and `is_hidden` of a row come from the selectors."""

    label = _("Sampled facts")
    fact = tables.Column(_("Fact"), accessor="fact__external_id")
    placement = tables.Column(_("Placement"), accessor="fact__placement__number")
    step = tables.Column(_("Step"), accessor="stratum__step__title", default=_("other facts"))
    kind = tables.Column(_("Kind"), accessor="fact__kind")
    from_day = DayColumn(_("Day"), accessor="fact__from_day")
    amount = MoneyColumn(_("Amount"))
    cause = tables.Column(_("What was found"), empty_values=())
    wrong_amount = MoneyColumn(_("Wrong part"))

    class Meta(Table.Meta):
        empty_text = _("No sampled fact was wrong.")

    def render_kind(self, record: SampledFact) -> str:
        return str(KINDS[Kind(record.fact.kind)])

    def render_cause(self, record: Any) -> SafeString:
        return cause_label(record.cause)


class SampledTable(FactTable):
    """The facts of a sample, with the way to check each."""

    provider = tables.Column(_("Provider"), accessor="stratum__contract__provider__name")
    contents = tables.Column(_("What is reported"), empty_values=())
    doing = tables.Column(_("To do"), empty_values=(), exclude_from_export=True)

    class Meta(Table.Meta):
        sequence = ("fact", "provider", "placement", "step", "kind", "from_day", "contents", "...", "doing")

    def __init__(self, rows: Any, *, reader: User):
        self.reader = reader
        super().__init__(rows)

    def render_contents(self, record: Any) -> str:
        with_reasons = not REASON_READERS.isdisjoint(self.reader.roles)
        return contents(record.fact, with_reasons=with_reasons, is_hidden=record.is_hidden)

    def render_doing(self, record: Any) -> SafeString | str:
        if not may_read(self.reader, CHECKERS) or record.is_own or record.is_hidden:
            return ""
        words = gettext("Check") if record.cause is None else gettext("Check again")
        return format_html('<a href="{}">{}</a>', reverse("payouts:counter_verify", args=[record.pk]), words)


class ResultTable(Table):
    """What was found about one sampled fact, the newest first."""

    label = _("Results")
    cause = tables.Column(_("What was found"))
    wrong_amount = MoneyColumn(_("Wrong part"))
    note = tables.Column(_("Note"), default=NONE)
    checked_by = PersonColumn(_("Checked by"))
    checked_at = MomentColumn(_("Checked"))

    class Meta(Table.Meta):
        pass

    def render_cause(self, record: CounterVerification) -> SafeString:
        return cause_label(record.cause)


class RateTable(Table):
    """Error rates, by month or by provider: rows have `name`, `url` and `rate`."""

    name = tables.Column("", attrs={"td": {"class": "name"}})
    size = NumberColumn(_("Verified facts"), accessor="rate__size")
    checked = NumberColumn(_("Checked"), accessor="rate__checked")
    wrong = NumberColumn(_("Wrong"), accessor="rate__wrong")
    in_facts = NumberColumn(_("Error rate in facts"), accessor="rate__in_facts")
    paid = MoneyColumn(_("What they brought"), accessor="rate__paid")
    in_kronor = NumberColumn(_("Error rate in kronor"), accessor="rate__in_kronor")

    class Meta(Table.Meta):
        empty_text = _("No sample has been wholly checked yet.")

    def __init__(self, rows: Any, *, heading: Any):
        self.label = heading
        super().__init__(rows)
        self.columns["name"].column.verbose_name = heading

    def render_name(self, record: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', record["url"], record["name"])

    def render_in_facts(self, value: Estimate) -> str:
        return interval(value)

    render_in_kronor = render_in_facts


class CauseTable(Table):
    """What went wrong, how often, and what that means for all facts."""

    label = _("Causes")
    code = tables.Column(_("Cause"))
    checked = NumberColumn(_("Found"))
    facts = NumberColumn(_("Facts in all, estimated"))
    found = MoneyColumn(_("Found, in kronor"))
    amount = MoneyColumn(_("Kronor in all, estimated"))

    class Meta(Table.Meta):
        empty_text = _("No fact was found wrong.")

    def render_code(self, value: str) -> str:
        return str(Cause(value).label)

    def render_facts(self, value: float) -> str:
        return str(round(value))

    def render_amount(self, value: float) -> str:
        return MoneyColumn.render(self.columns["amount"].column, round(value))

    render_found = render_amount


PROPOSAL_STATES = {
    "waiting": (_("waits for the provider's reply"), "wait"),
    "heard": (_("to be decided"), "wait"),
    "recover": (_("to be recovered"), "good"),
    "drop": (_("dropped"), ""),
}


def proposal_state(proposal: RecoveryProposal) -> tuple[Any, str]:
    """The state of a proposal in a word, and its tone."""
    return PROPOSAL_STATES[proposal.decision or ("heard" if proposal.replied_at else "waiting")]


class ProposalTable(Table):
    """Proposals to recover."""

    label = _("Proposed recoveries")
    contract = tables.Column(
        _("Contract"), accessor="contract__number", linkify=("payouts:recovery", [tables.A("pk")]), orderable=True
    )
    provider = tables.Column(_("Provider"), accessor="contract__provider__name", orderable=True)
    first = tables.DateColumn(format="Y-m", verbose_name=pgettext_lazy("day", "From"), accessor="period__lower")
    last = tables.Column(_("Through"), accessor="last_day")
    amount = MoneyColumn(_("Proposed"), orderable=True)
    answer_by = DayColumn(_("To be answered by"), orderable=True)
    state = tables.Column(_("State"), empty_values=())
    decided_amount = MoneyColumn(_("Decided"))

    class Meta(Table.Meta):
        empty_text = _("Nothing has been proposed.")

    def render_last(self, record: RecoveryProposal) -> str:
        return f"{record.last_day:%Y-%m}"

    def render_state(self, record: RecoveryProposal) -> SafeString:
        return label(*proposal_state(record))

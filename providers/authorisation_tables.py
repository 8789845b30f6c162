"""Tables of requirements, applications, decisions and authorisations."""

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, MomentColumn, NumberColumn, PersonColumn, StateColumn, Table, label
from providers.labels import (
    APPLICATION_STATES,
    APPLICATION_TONES,
    DEVIATION_STATES,
    DEVIATION_TONES,
    OUTCOME_TONES,
    PUBLIC_STATES,
    PUBLIC_TONES,
    SEVERITY_TONES,
    authorisation_state,
    proposal_state,
)
from providers.models import (
    Application,
    Assessment,
    Authorisation,
    Complaint,
    Deviation,
    Evidence,
    Proposal,
    Requirement,
)

BREAK = SafeString("<br>")
WRAPPED = {"td": {"class": "name"}}  # a column of texts that are longer than a line


class AuthorisationTable(Table):
    """What providers may deliver today, or may no longer."""

    label = _("Authorisations")
    provider = tables.Column(_("Provider"), accessor="provider__name", orderable=True)
    service = tables.Column(_("Service"), default=_("every service"), orderable=True)
    state = tables.Column(_("State"), accessor="pk")
    valid_from = DayColumn(_("From"), orderable=True)
    valid_through = DayColumn(_("Through"), default=_("until a new decision"), orderable=True)
    decision = tables.Column(_("Decision"), default=_("from before the register"))

    class Meta(Table.Meta):
        empty_text = _("No authorisation matches what you chose.")

    def render_state(self, record: Authorisation) -> SafeString:
        return label(*authorisation_state(record, localdate()))

    def render_decision(self, record: Authorisation) -> SafeString:
        assert record.decision
        proposal = record.decision.proposal
        address = reverse("providers:proposal", args=[proposal.pk])
        return format_html('<a href="{}">{}</a>', address, proposal.diarienummer)


class AuthorisationHistory(AuthorisationTable):
    """What was decided of one provider."""

    label = _("Authorisation decisions")
    provider = None
    state = tables.Column(_("Decided"), accessor="get_effect_display")
    decided_by = PersonColumn(_("Decided by"))
    decided_at = MomentColumn(_("Decided on"))

    class Meta(Table.Meta):
        empty_text = _("No decision has been made.")

    def render_state(self, value: str) -> str:  # type: ignore[override]
        return value


class CatalogueTable(Table):
    """Published catalogues."""

    label = _("Requirements")
    service = tables.Column(_("Service"), linkify=("providers:catalogue", [tables.A("pk")]), orderable=True)
    number = NumberColumn(_("Version"))
    requirement_count = NumberColumn(_("Requirements"))
    valid_from = DayColumn(_("Valid from"), orderable=True)
    published_by = PersonColumn(_("Published by"))
    published_at = MomentColumn(_("Published"))

    class Meta(Table.Meta):
        empty_text = _("No requirements have been published.")


class RequirementTable(Table):
    """What providers must meet."""

    label = _("Requirements")
    code = tables.Column(_("Code"))
    title = tables.Column(_("Requirement"), attrs=WRAPPED)
    evidence = tables.Column(_("Evidence"), attrs=WRAPPED)
    source = tables.Column(_("Source"), attrs=WRAPPED)

    class Meta(Table.Meta):
        empty_text = _("There is no requirement yet.")

    def render_title(self, record: Requirement) -> SafeString:
        return format_html("<strong>{}</strong><br>{}", record.title, record.text)


class DraftTable(RequirementTable):
    """Requirements that are not published yet."""

    doing = tables.Column(_("To do"), accessor="pk")

    class Meta(Table.Meta):
        empty_text = _("There is no requirement yet. Add the first one.")

    def render_doing(self, value: int) -> SafeString:
        return links(
            (reverse("providers:requirement_change", args=[value]), gettext("Change")),
            (reverse("providers:requirement_remove", args=[value]), gettext("Remove")),
        )


class ApplicationTable(Table):
    """Applications."""

    label = _("Applications")
    provider = tables.Column(
        _("Provider"), accessor="provider__name", linkify=("providers:application", [tables.A("pk")]), orderable=True
    )
    service = tables.Column(_("Service"), orderable=True)
    state = StateColumn(_("State"), words=APPLICATION_STATES, tones=APPLICATION_TONES, orderable=True)
    diarienummer = tables.Column(_("Registry number"), default="–")
    started_at = MomentColumn(_("Begun"), orderable=True)

    class Meta(Table.Meta):
        empty_text = _("No application matches what you chose.")


class AskedTable(Table):
    """Each requirement of an application, with what was handed in for it and what it was judged."""

    label = _("Requirements")
    requirement = tables.Column(_("Requirement"), accessor="pk", attrs=WRAPPED)
    evidence = tables.Column(_("Evidence"), accessor="pk", attrs=WRAPPED)
    outcome = tables.Column(_("Assessment"), accessor="pk", attrs=WRAPPED)
    doing = tables.Column(_("To do"), accessor="pk")

    class Meta(Table.Meta):
        pass

    def __init__(
        self,
        rows: Any,
        *,
        application: Application,
        evidence: Mapping[int, list[Evidence]],
        judged: Mapping[int, Assessment],
        step: tuple[str, str] | None,
    ):
        """`step`: the name of the address and the words of what the reader may do with each requirement now."""
        self.application, self.evidence, self.judged, self.step = application, evidence, judged, step
        super().__init__(rows, exclude=() if step else ("doing",))

    def render_requirement(self, record: Requirement) -> SafeString:
        return format_html("<strong>{}</strong><br>{}", record, record.text)

    def render_evidence(self, record: Requirement) -> SafeString:
        """What was handed in, or what is asked for."""
        found = self.evidence[record.pk]
        if not found:
            return format_html('<span class="quiet">{}: {}</span>', gettext("Asked for"), record.evidence)
        rows = ((reverse("providers:evidence", args=[one.pk]), one.name, filesizeformat(one.size)) for one in found)
        return format_html_join(BREAK, '<a href="{}">{}</a> ({})', rows)

    def render_outcome(self, record: Requirement) -> SafeString | str:
        judged = self.judged.get(record.pk)
        if judged is None:
            return "–"
        tone = OUTCOME_TONES[Assessment.Outcome(judged.outcome)]
        return format_html("{}<br>{}", label(judged.get_outcome_display(), tone), judged.note)

    def render_doing(self, record: Requirement) -> SafeString:
        assert self.step
        name, words = self.step
        return links((reverse(name, args=[self.application.pk, record.pk]), words))


class StepTable(Table):
    """What has happened to an application."""

    label = _("History")
    recorded_at = MomentColumn(_("When"))
    state = StateColumn(_("State"), words=APPLICATION_STATES, tones={})
    note = tables.Column(_("Message"), default="", attrs=WRAPPED)
    recorded_by = PersonColumn(_("By"))

    class Meta(Table.Meta):
        pass


class ProposalTable(Table):
    """Proposals and decisions."""

    label = _("Decisions")
    kind = tables.Column(_("Decision"), linkify=("providers:proposal", [tables.A("pk")]))
    state = tables.Column(_("State"), accessor="pk")
    service = tables.Column(_("Service"))
    diarienummer = tables.Column(_("Registry number"))
    proposed_by = PersonColumn(_("Proposed by"))
    proposed_at = MomentColumn(_("Proposed"))
    decided_by = PersonColumn(_("Decided by"), accessor="decision__decided_by", default="–")

    class Meta(Table.Meta):
        empty_text = _("No decision has been proposed.")

    def render_state(self, record: Proposal) -> SafeString:
        return label(*proposal_state(record))


class DeviationTable(Table):
    """Deviations."""

    label = _("Deviations")
    requirement = tables.Column(_("Requirement"), linkify=("providers:deviation", [tables.A("pk")]), attrs=WRAPPED)
    provider = tables.Column(_("Provider"), accessor="provider__name", orderable=True)
    severity = StateColumn(_("Severity"), words=dict(Deviation.Severity.choices), tones=SEVERITY_TONES, orderable=True)
    source = tables.Column(_("Seen at"))
    deadline = DayColumn(_("Deadline"), orderable=True)
    state = StateColumn(_("State"), words=DEVIATION_STATES, tones=DEVIATION_TONES, orderable=True)

    class Meta(Table.Meta):
        empty_text = _("No deviation matches what you chose.")


class DeviationStepTable(StepTable):
    """What has happened to a deviation."""

    state = StateColumn(_("State"), words=DEVIATION_STATES, tones={})
    deadline = DayColumn(_("Deadline"))

    class Meta(Table.Meta):
        pass


class VisitTable(Table):
    """Site visits."""

    label = _("Site visits")
    visited_on = DayColumn(_("Day"))
    service = tables.Column(_("Service"))
    is_announced = tables.BooleanColumn(verbose_name=_("Announced"), yesno="✓,–")
    findings = tables.Column(_("Findings"), attrs=WRAPPED)
    recorded_by = PersonColumn(_("Recorded by"))

    class Meta(Table.Meta):
        empty_text = _("No visit has been recorded.")


class ComplaintTable(Table):
    """Complaints."""

    label = _("Complaints")
    received_on = DayColumn(_("Received"))
    origin = tables.Column(_("From"))
    service = tables.Column(_("Service"))
    text = tables.Column(_("What it is about"), attrs=WRAPPED)
    outcome = tables.Column(_("What it led to"), empty_values=(), attrs=WRAPPED)

    class Meta(Table.Meta):
        empty_text = _("No complaint has been recorded.")

    def render_outcome(self, record: Complaint) -> SafeString | str:
        if record.settled_at is not None:
            return record.outcome
        return links((reverse("providers:complaint_settle", args=[record.pk]), gettext("Settle")))


class RegisterTable(Table):
    """The authorised providers, as anybody may see them; rows are those of `selectors.public_register`."""

    label = _("Authorised providers")
    name = tables.Column(_("Provider"))
    organisation_number = tables.Column(_("Organisation number"))
    service = tables.Column(_("Service"), default=_("every service"))
    state = StateColumn(_("State"), words=PUBLIC_STATES, tones=PUBLIC_TONES)
    valid_from = DayColumn(_("From"))
    valid_through = DayColumn(_("Through"), default=_("until a new decision"))

    class Meta(Table.Meta):
        empty_text = _("No provider is authorised today.")


def links(*pairs: tuple[str, str]) -> SafeString:
    return format_html_join(" · ", '<a href="{}">{}</a>', pairs)

"""Tables of scorecards and reviews."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import DayColumn, MomentColumn, NumberColumn, PersonColumn, StateColumn, Table, label
from scorecards.labels import BAND_TONES, BANDS, STATE_TONES, STATES, measure_title
from scorecards.measures import ADJUSTED, MEASURES
from scorecards.models import Review, ReviewThreshold, Scorecard, ScorecardRun
from scorecards.presenting import show
from scorecards.rating import Band

WRAPPED = {"td": {"class": "name"}}


class RunTable(Table):
    """Computations of scorecards."""

    label = _("Scorecards by period")
    period = tables.Column(
        _("Period"), accessor="first_month", linkify=("scorecards:run", [tables.A("pk")]), orderable=True
    )
    state = StateColumn(_("State"), words=STATES, tones=STATE_TONES)
    card_count = NumberColumn(_("Scorecards"))
    answer_count = NumberColumn(_("Providers that answered"))
    hearing_until = DayColumn(_("Answers by"), orderable=True)
    computed_at = MomentColumn(_("Computed"), orderable=True)
    finalised_at = MomentColumn(_("Final since"), orderable=True)
    started_by = PersonColumn(_("Asked for by"))

    class Meta(Table.Meta):
        model = ScorecardRun
        fields = (
            "period",
            "state",
            "card_count",
            "answer_count",
            "hearing_until",
            "computed_at",
            "finalised_at",
            "started_by",
        )
        empty_text = _("No scorecards match what you chose.")

    def render_period(self, record: ScorecardRun) -> str:
        return str(record)


class CardTable(Table):
    """The scorecards of a run."""

    label = _("Scorecards")
    provider = tables.Column(_("Provider"), accessor="provider__name", linkify=("scorecards:card", [tables.A("pk")]))
    service_title = tables.Column(_("Service"), attrs=WRAPPED)
    verdicts = tables.Column(_("Verdicts"), empty_values=(), orderable=False, attrs=WRAPPED)

    class Meta(Table.Meta):
        model = Scorecard
        fields = ("provider", "service_title", "verdicts")
        empty_text = _("There is no scorecard: nobody was referred in the period, or it is not computed yet.")

    def render_verdicts(self, record: Scorecard) -> SafeString:
        return verdicts(record)


class OwnCardTable(CardTable):
    """The scorecards of the provider that the reader acts for."""

    label = _("Our scorecards")
    provider = None
    period = tables.Column(_("Period"), accessor="run", linkify=("scorecards:card", [tables.A("pk")]))
    state = StateColumn(_("State"), accessor="run__state", words=STATES, tones=STATE_TONES)
    until = DayColumn(_("Answer by"), accessor="run__hearing_until")

    class Meta(Table.Meta):
        fields = ("period", "service_title", "state", "until", "verdicts")
        empty_text = _("There is no scorecard to see yet. They come here when the municipality opens a hearing.")


def verdicts(card: Scorecard) -> SafeString:
    """A card's bands in words, by measure."""
    ratings = card.result["ratings"]
    parts = [
        format_html("{}: {}", measure_title(one.code), band_label(ratings[one.code]["band"]))
        for one in ADJUSTED
        if one.code in ratings
    ]
    return SafeString(" · ".join(parts)) if parts else SafeString(_("nothing is adjusted"))


def band_label(band: str) -> SafeString:
    return label(BANDS[Band(band)], BAND_TONES.get(Band(band), ""))


class ReviewTable(Table):
    """Reviews."""

    label = _("Reviews")
    diarienummer = tables.Column(_("Registry number"), linkify=("scorecards:review", [tables.A("pk")]))
    provider = tables.Column(_("Provider"), accessor="scorecard__provider__name")
    service = tables.Column(_("Service"), accessor="scorecard__service_title")
    proposal = tables.Column(_("Proposal"))
    proposed_by = PersonColumn(_("Proposed by"))
    is_approved = StateColumn(
        _("Decision"),
        words={None: _("to be decided"), True: _("as proposed"), False: _("not as proposed")},
        tones={None: "wait", True: "good"},
        empty_values=(),
    )
    decided_by = PersonColumn(_("Decided by"))
    decided_at = MomentColumn(_("Decided"))

    class Meta(Table.Meta):
        model = Review
        fields = (
            "diarienummer",
            "provider",
            "service",
            "proposal",
            "proposed_by",
            "is_approved",
            "decided_by",
            "decided_at",
        )
        empty_text = _("No review matches what you chose.")


class ThresholdTable(Table):
    """Announced thresholds."""

    label = _("Announced thresholds")
    step = tables.Column(_("Step"))
    measure = tables.Column(_("Measure"))
    beyond = tables.Column(_("Below"))
    periods = NumberColumn(_("Periods in a row"))
    announced_on = DayColumn(_("Announced"))
    valid_from = DayColumn(_("For participants who start from"))
    set_by = PersonColumn(_("By"))

    class Meta(Table.Meta):
        model = ReviewThreshold
        fields = ("step", "measure", "beyond", "periods", "announced_on", "valid_from", "set_by")
        empty_text = _("No threshold has been announced, so no review can lead to withdrawal.")

    def render_measure(self, value: str) -> str:
        return measure_title(value)


class TargetTable(Table):
    """Targets of measures."""

    label = _("Targets")
    measure = tables.Column(_("Measure"))
    value = tables.Column(_("Target"), attrs={"td": {"class": "number"}, "th": {"class": "number"}})
    valid_from = DayColumn(_("From"))
    set_by = PersonColumn(_("Set by"))

    class Meta(Table.Meta):
        empty_text = _("No target is set.")

    def render_measure(self, value: str) -> str:
        return measure_title(value)

    def render_value(self, value: Any, record: Any) -> str:
        return show(MEASURES[record.measure], value)

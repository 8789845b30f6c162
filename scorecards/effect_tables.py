"""Tables of an effect analysis."""

import django_tables2 as tables
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backend.kernel.tables import NUMBER, NumberColumn, Table, label
from scorecards.effect import UNBALANCED, Balance, Effect
from scorecards.effect_words import percent, points, verdict


class EffectTable(Table):
    """Self-support at each horizon, with and without the service."""

    label = _("Effect")
    months = NumberColumn(_("Months after the end"))
    participants = NumberColumn(_("Participants"))
    comparison = NumberColumn(_("Comparison group"))
    share = tables.Column(_("Self-supporting"), attrs=NUMBER)
    without = tables.Column(_("Without the service"), attrs=NUMBER)
    difference = tables.Column(_("Difference, points"), attrs=NUMBER)
    low = tables.Column(_("95 % interval"), attrs=NUMBER)
    verdict = tables.Column(_("In words"), accessor="months")

    class Meta(Table.Meta):
        pass

    def render_share(self, value: float) -> str:
        return percent(value)

    render_without = render_share

    def render_difference(self, value: float) -> str:
        return points(value)

    def render_low(self, record: Effect) -> str:
        return f"{points(record.low)} … {points(record.high)}"

    def render_verdict(self, record: Effect) -> str:
        return verdict(record)


class BalanceTable(Table):
    """How alike the groups are."""

    label = _("Balance")
    name = tables.Column(_("Covariate"))
    before = tables.Column(_("Before weighting"), attrs=NUMBER)
    after = tables.Column(_("After weighting"), attrs=NUMBER)
    verdict = tables.Column(_("In words"), accessor="name")

    class Meta(Table.Meta):
        pass

    def render_before(self, value: float) -> str:
        return f"{'−' if value < 0 else '+'}{number_format(abs(value), 2)}"

    render_after = render_before

    def render_verdict(self, record: Balance) -> SafeString:
        if abs(record.after) > UNBALANCED:
            return label(_("still differs"), "bad")
        return label(_("alike"), "good")

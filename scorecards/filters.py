"""Filters of lists of scorecards."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from backend.kernel.filters import YesNoFilter
from scorecards.labels import STATES
from scorecards.models import Review, ReviewThreshold, ScorecardRun


class RunFilter(filters.FilterSet):
    """Scorecards by state."""

    state = filters.ChoiceFilter(
        "state", label=_("State"), choices=[(state.value, word) for state, word in STATES.items()], empty_label=_("all")
    )

    class Meta:
        model = ScorecardRun
        fields: list[str] = []


class ReviewFilter(filters.FilterSet):
    """Reviews that are to be decided, or are."""

    waits = YesNoFilter("decided_at", "isnull", label=_("To be decided"))

    class Meta:
        model = Review
        fields: list[str] = []


class ThresholdFilter(filters.FilterSet):
    """Thresholds by step."""

    step = filters.ChoiceFilter("step", label=_("Step"), choices=ReviewThreshold.Step.choices, empty_label=_("all"))

    class Meta:
        model = ReviewThreshold
        fields: list[str] = []

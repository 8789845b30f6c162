"""Forms of the pages about runs and placements. All of them ask by GET, so that an address says what is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from backend.kernel.filters import ALL, BeginningFilter, ChoiceFilter, ModelChoiceFilter
from backend.kernel.forms import DayField
from payouts.labels import RUN_STATES
from providers.models import Provider


class LineFilter(forms.Form):
    """Which of a run's lines to show."""

    provider = forms.ChoiceField(label=_("Provider"), required=False)
    step = forms.ChoiceField(label=_("Step"), required=False)

    def __init__(self, asked: object, *, providers: list[tuple[str, str]], steps: list[tuple[str, str]]):
        super().__init__(asked)  # type: ignore[arg-type]
        self.fields["provider"].choices = [("", ALL), *providers]  # type: ignore[attr-defined]
        self.fields["step"].choices = [("", ALL), *steps]  # type: ignore[attr-defined]


class RunFilter(FilterSet):
    """Which runs to list."""

    state = ChoiceFilter(label=_("State"), choices=list(RUN_STATES.items()))


class PlacementFilter(FilterSet):
    """Which placements to list."""

    number = BeginningFilter(label=_("Placement number"))
    participant = BeginningFilter(label=_("Participant"), field_name="participant__number")
    contract = BeginningFilter(label=_("Contract"), field_name="contract__number")
    provider = ModelChoiceFilter(
        label=_("Provider"), field_name="contract__provider", queryset=Provider.objects.order_by("name")
    )


class AskedDay(forms.Form):
    """The day as of which a placement is asked about."""

    as_of = DayField(label=_("As of"))

"""Forms of the pages about runs and placements. All of them ask by GET, so that an address says what is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField

ALL = ("", _("all"))


class LineFilter(forms.Form):
    """Which of a run's lines to show."""

    provider = forms.ChoiceField(label=_("Provider"), required=False)
    step = forms.ChoiceField(label=_("Step"), required=False)

    def __init__(self, asked: object, *, providers: list[tuple[str, str]], steps: list[tuple[str, str]]):
        super().__init__(asked)  # type: ignore[arg-type]
        self.fields["provider"].choices = [ALL, *providers]  # type: ignore[attr-defined]
        self.fields["step"].choices = [ALL, *steps]  # type: ignore[attr-defined]


class PlacementSearch(forms.Form):
    """Finds placements by number."""

    number = forms.CharField(
        label=_("Placement number"), help_text=_("The whole number or its beginning."), required=False, max_length=30
    )


class AskedDay(forms.Form):
    """The day as of which a placement is asked about."""

    as_of = DayField(label=_("As of"))

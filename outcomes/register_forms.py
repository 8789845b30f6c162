"""Forms and filters of registers."""

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from outcomes.models import RegisterRow
from outcomes.register_models import REGISTERS
from outcomes.registers import layouts
from outcomes.services.registers import NEEDS_GROUND

SIZE_MOST = 20 * 1024 * 1024  # bytes


class ImportForm(forms.Form):
    """A register's file."""

    layout = forms.ChoiceField(label=_("What file it is"))
    file = forms.FileField(label=_("File"), help_text=_("At most 20 MB. The same file twice does no harm."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = [(one.name, one.title) for one in layouts().values()]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > SIZE_MOST:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return file


class GroundForm(forms.Form):
    """A legal ground."""

    register = forms.ChoiceField(
        label=_("Register"), choices=[choice for choice in REGISTERS if choice[0] in NEEDS_GROUND]
    )
    ground = forms.CharField(
        label=_("Legal ground"),
        max_length=500,
        required=False,
        help_text=_("Law and section, or decision and its registry number. Empty: the register is closed."),
    )
    valid_from = DayField(label=_("Valid from"))


class MatchForm(forms.Form):
    """Whose a record is."""

    participant = forms.CharField(label=_("Participant"), max_length=20, help_text=_("The city's own number."))
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("It is written to the audit trail, with your name.")
    )


class RowFilter(filters.FilterSet):
    """Records by register and what came of them."""

    register = filters.ChoiceFilter(label=_("Register"), choices=REGISTERS, empty_label=_("all"))
    outcome = filters.ChoiceFilter(
        label=_("What came of it"), choices=RegisterRow.Outcome.choices, empty_label=_("all")
    )

    class Meta:
        model = RegisterRow
        fields: list[str] = []

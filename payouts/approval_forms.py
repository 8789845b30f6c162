"""Forms on which a run is started, answered for, signed, cancelled and exported."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from backend.kernel.periods import last_day
from payouts.models import Export, Signature
from payouts.services.examining import ANSWER_MOST
from payouts.services.holding import REASON_MOST

TEXT = forms.Textarea(attrs={"rows": 3})


class StartForm(forms.Form):
    """At the end of which month a run computes what is owed."""

    cutoff = DayField(label=_("A day of the month"))

    def clean_cutoff(self) -> Any:
        return last_day(self.cleaned_data["cutoff"])


class PreviewForm(forms.Form):
    """Through which month is looked ahead."""

    through = DayField(label=_("Through the month of"), initial=localdate)


class AnswerForm(forms.Form):
    """Why the money is right all the same, or what is done about it."""

    answer = forms.CharField(label=_("Answer"), max_length=ANSWER_MOST, widget=TEXT)
    is_of_all = forms.BooleanField(label=_("The same answer for all that this control found"), required=False)


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Why"), max_length=REASON_MOST, widget=TEXT)


class AttestForm(forms.Form):
    """Which parts are signed, as what, and that nothing disqualifies the signer. `seen`: what the page showed."""

    seen = forms.JSONField(widget=forms.HiddenInput)
    parts = forms.MultipleChoiceField(label=_("Responsibility codes"), widget=forms.CheckboxSelectMultiple)
    signature = forms.ChoiceField(label=_("Signature"), widget=forms.RadioSelect)
    has_no_conflict = forms.BooleanField(
        label=_("Nothing disqualifies me (jäv)"),
        help_text=_("Neither I nor anybody close to me gains or loses by what I sign."),
    )

    def __init__(
        self, *args: Any, parts: Sequence[tuple[str, str]], signatures: Sequence[Signature], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"].choices = parts  # type: ignore[attr-defined]
        self.fields["signature"].choices = [(one.value, one.label) for one in signatures]  # type: ignore[attr-defined]


class ExportForm(forms.Form):
    """Which file is made of a run."""

    kind = forms.ChoiceField(label=_("File"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, kinds: Sequence[Export.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]

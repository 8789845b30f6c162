"""Forms of scorecards, hearings and reviews."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from scorecards.labels import measure_title
from scorecards.measures import ADJUSTED, MEASURES
from scorecards.models import Review, ReviewThreshold, ScorecardArchive


def text_area(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, widget=forms.Textarea(attrs={"rows": 6}))


class PeriodForm(forms.Form):
    """Whose scorecards are computed."""

    first_month = DayField(label=_("Participants who started from the month of"))
    until = DayField(label=_("As known at the end of"))


class ReasonForm(forms.Form):
    """Why something is computed anew."""

    reason = forms.CharField(label=_("Why"), max_length=500)


class HearingForm(forms.Form):
    """Until when providers may answer."""

    until = DayField(label=_("Answers by"))


class AnswerForm(forms.Form):
    """A provider's answer."""

    text = text_area(_("Your answer"), _("It stands in the scorecard. Write nothing that tells who a participant is."))


class ProposalForm(forms.Form):
    """What an officer proposes."""

    diarienummer = forms.CharField(label=_("Registry number"), max_length=50)
    proposal = forms.ChoiceField(label=_("Proposal"), choices=Review.Proposal.choices)
    reasons = text_area(_("Reasons"))


class DecisionForm(forms.Form):
    """What a second officer decides."""

    is_approved = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("yes", _("as proposed")), ("no", _("not as proposed"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reasons = text_area(_("Reasons"))


class ThresholdForm(forms.Form):
    """When a review is due."""

    step = forms.TypedChoiceField(label=_("Step"), choices=ReviewThreshold.Step.choices, coerce=int)
    measure = forms.ChoiceField(label=_("Measure"))
    beyond = forms.ChoiceField(label=_("The ratio is below"), choices=ReviewThreshold.Limit.choices)
    periods = forms.IntegerField(label=_("in so many periods in a row"), min_value=1, max_value=10, initial=1)
    valid_from = DayField(label=_("For participants who start from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [(one.code, measure_title(one.code)) for one in ADJUSTED]  # type: ignore[attr-defined]


class TargetForm(forms.Form):
    """What a measure should come to."""

    measure = forms.ChoiceField(label=_("Measure"))
    value = forms.DecimalField(
        label=_("Target"), decimal_places=4, max_digits=14,
        help_text=_("A share from 0 to 1, such as 0.35; else days, points or öre."),
    )  # fmt: skip
    valid_from = DayField(label=_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = [(code, measure_title(code)) for code in MEASURES]  # type: ignore[attr-defined]


class ArchiveForm(forms.Form):
    """In which form all documents are wanted."""

    kind = forms.ChoiceField(label=_("Format"), choices=ScorecardArchive.Format.choices)

    @property
    def language(self) -> str:
        return get_language() or "sv"

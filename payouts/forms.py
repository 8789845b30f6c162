"""Forms of the pages about runs, placements and trials. What only asks does so by GET: the address says it all."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField, KronorField
from backend.kernel.language import reader_language
from contracts.wording import FORMS
from outcomes.columns import EXIT_REASONS, GRADES
from outcomes.columns import FORMS as FORM_CODES
from outcomes.facts import KIND_WORDS
from outcomes.labels import EXITS, KINDS
from outcomes.models import Fact
from outcomes.services.verification import ANSWER_WITHIN
from outcomes.verification_models import ASKING, REJECTING

ALL = ("", _("all"))


class RejectForm(forms.Form):
    """Why a fact is rejected."""

    reason_code = forms.ChoiceField(label=_("Why"), choices=[(code.value, code.label) for code in REJECTING])
    note = forms.CharField(label=_("Note to the provider"), max_length=500, required=False)


class AskForm(forms.Form):
    """What is asked for, and until when."""

    reason_code = forms.ChoiceField(label=_("Why"), choices=[(code.value, code.label) for code in ASKING])
    note = forms.CharField(label=_("What the provider is to send or explain"), max_length=500)
    due_on = DayField(label=_("Answer by"), initial=lambda: localdate() + ANSWER_WITHIN)


class UndoForm(forms.Form):
    """Why a verification is undone."""

    reason = forms.CharField(label=_("Why"), max_length=500)


class EvidenceForm(forms.Form):
    """A file."""

    content = forms.FileField(label=_("File"), help_text=_("PDF, DOCX, PNG or JPEG, at most 10 MB."))


class ManyForm(forms.Form):
    """Facts that were chosen."""

    facts = forms.ModelMultipleChoiceField(Fact.objects.all(), label=_("Facts"), widget=forms.MultipleHiddenInput)


class LineFilter(forms.Form):
    """Which of a run's lines to show."""

    provider = forms.ChoiceField(label=_("Provider"), required=False)
    step = forms.ChoiceField(label=_("Step"), required=False)

    def __init__(self, asked: object, *, providers: list[tuple[str, str]], steps: list[tuple[str, str]]):
        super().__init__(asked)  # type: ignore[arg-type]
        self.fields["provider"].choices = [ALL, *providers]  # type: ignore[attr-defined]
        self.fields["step"].choices = [ALL, *steps]  # type: ignore[attr-defined]


class AskedDay(forms.Form):
    """The day as of which a placement is asked about."""

    as_of = DayField(label=_("As of"))


def _employment_forms() -> list[tuple[str, str]]:
    words = FORMS[reader_language()]
    return [(code, words[code]) for code in FORM_CODES]


class ExampleForm(forms.Form):
    """One invented placement, on which a payment model is tried."""

    tier = forms.ChoiceField(label=_("Tier"))
    price = KronorField(label=_("Price of the placement"), required=False)
    starts_on = DayField(label=_("The participant starts"))
    attended_days = forms.IntegerField(label=_("attends so many days"), min_value=0, required=False)
    attended_through = DayField(label=_("through"), required=False)
    milestone = forms.CharField(label=_("reaches the milestone"), max_length=100, required=False)
    milestone_on = DayField(label=_("on"), required=False)
    course_on = DayField(label=_("gets a grade on"), required=False)
    grade = forms.ChoiceField(label=_("Grade"), choices=[(grade, grade) for grade in GRADES], initial="C")
    points = forms.IntegerField(label=_("Credit points"), min_value=0, max_value=10_000, required=False)
    exit_on = DayField(label=_("ends on"), required=False)
    job_from = DayField(label=_("has a job from"), required=False)
    job_through = DayField(label=_("through"), required=False)
    job_extent = forms.IntegerField(label=_("Per cent of full time"), min_value=0, max_value=100, initial=100)
    job_form = forms.ChoiceField(label=_("Form of employment"))
    earned = KronorField(label=_("has earned"), required=False)
    earned_on = DayField(label=_("by"), required=False)
    through = DayField(label=_("Asked as of the end of the month of"))

    def __init__(self, *args: Any, tiers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [(tier, tier) for tier in tiers]  # type: ignore[attr-defined]
        self.fields["job_form"].choices = _employment_forms()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for first, needed in (
            ("attended_days", "attended_through"),
            ("milestone", "milestone_on"),
            ("earned", "earned_on"),
        ):
            if said.get(first) and not said.get(needed) and needed not in self.errors:
                self.add_error(needed, _("This day is needed too."))
        return said


class PretendForm(forms.Form):
    """A fact that has not been reported: what would be, if it were verified."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(word, KINDS[kind]) for word, kind in KIND_WORDS.items()])
    first = DayField(label=_("Day, or first day"))
    last = DayField(label=_("Last day"), required=False)
    number = forms.DecimalField(
        label=_("Number"),
        required=False,
        min_value=0,
        help_text=_("Attended days, credit points, per cent of full time, or kronor."),
    )
    text = forms.CharField(
        label=_("Name"), required=False, max_length=100, help_text=_("Of the milestone, the course or the employer.")
    )
    grade = forms.ChoiceField(label=_("Grade"), choices=[(grade, grade) for grade in GRADES], required=False)
    form = forms.ChoiceField(label=_("Form of employment"), required=False)
    reason = forms.ChoiceField(
        label=_("Exit reason"), choices=[(code, EXITS[code]) for code in EXIT_REASONS], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].choices = _employment_forms()  # type: ignore[attr-defined]

    def document(self) -> dict[str, Any]:
        """The fact in the words of PAYMENT_MODELS.md section 3."""
        said = self.cleaned_data
        number, days = said["number"], {"from": said["first"], "through": said["last"]}
        whole = None if number is None else int(number)
        match said["kind"]:
            case "attendance":
                own = days | {"days": whole}
            case "interruption":
                own = days
            case "milestone":
                own = {"on": said["first"], "name": said["text"]}
            case "report":
                own = {"month": f"{said['first']:%Y-%m}"}
            case "grade":
                own = {"on": said["first"], "course": said["text"], "grade": said["grade"], "points": whole}
            case "exit":
                own = {"on": said["first"], "reason": said["reason"]}
            case "employment":
                own = days | {"employer": said["text"], "extent": whole, "form": said["form"]}
            case "studies":
                own = days | {"extent": whole}
            case _:
                own = {"on": said["first"], "amount": None if number is None else f"{number:.2f}"}
        return {"id": "pretended", "kind": said["kind"]} | {
            key: value for key, value in own.items() if value not in (None, "")
        }


class SimulationForm(forms.Form):
    """Over which months a draft is run, and in place of what."""

    instead_of = forms.ChoiceField(label=_("In place of"))
    first = DayField(label=_("From the month of"))
    last = DayField(label=_("Through the month of"))

    def __init__(self, *args: Any, models: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instead_of"].choices = models  # type: ignore[attr-defined]

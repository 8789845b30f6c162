"""Forms in which a payment model is built step by step, in officers' words; they make and read documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import KronorField
from backend.kernel.language import reader_language
from backend.kernel.money import plain_kronor
from contracts.library import codes, library_model
from contracts.terms import EmploymentForm, Grade, Trigger
from contracts.wording import FORMS

Document = Mapping[str, Any]
UNITS = [("D", _("days")), ("W", _("weeks")), ("M", _("months"))]
TRIGGERS = {
    Trigger.ATTENDANCE: _("attended days"),
    Trigger.MILESTONE: _("a milestone"),
    Trigger.GRADE: _("passed courses"),
    Trigger.PERIOD: _("each month"),
    Trigger.EMPLOYMENT: _("a job that lasts"),
    Trigger.EARNINGS: _("earnings"),
}


class DurationWidget(forms.MultiWidget):
    """A number, and days, weeks or months."""

    template_name = "components/duration.html"

    def __init__(self) -> None:
        number = forms.NumberInput(attrs={"min": 1, "max": 9999, "aria-label": _("how many")})
        super().__init__([number, forms.Select(choices=UNITS, attrs={"aria-label": _("unit")})])

    def decompress(self, value: str | None) -> list[Any]:
        return [int(value[1:-1]), value[-1]] if value else [None, "M"]


class DurationField(forms.MultiValueField):
    """A duration as P2M; empty for none."""

    widget = DurationWidget

    def __init__(self, **kwargs: Any) -> None:
        number = forms.IntegerField(min_value=1, max_value=9999, required=False)
        unit = forms.ChoiceField(choices=UNITS, required=False)
        super().__init__(fields=[number, unit], require_all_fields=False, **kwargs)

    def compress(self, values: Sequence[Any]) -> str | None:
        if values and values[0]:
            return f"P{values[0]}{values[1]}"
        if self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return None


class NewDraftForm(forms.Form):
    """Where a draft begins."""

    start = forms.ChoiceField(label=_("Begin with"))
    code = forms.SlugField(
        label=_("Code"), max_length=100, help_text=_("Short, and the same for all versions of one model.")
    )

    def __init__(self, *args: Any, versions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = [(f"library:{code}", library_model(code).title) for code in codes()]
        self.fields["start"].choices = [  # type: ignore[attr-defined]
            (_("Ready models"), ready),
            (_("Published versions"), list(versions)),
        ]


class HeadForm(forms.Form):
    """What a model is called, where it comes from, its tiers, and the most that a placement may cost."""

    title = forms.CharField(label=_("Title"), max_length=200)
    source = forms.CharField(
        label=_("Source"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The decision behind it."),
    )
    tiers = forms.CharField(
        label=_("Tiers"), required=False, help_text=_("In rising order, with commas between: A, B, C. Empty for one.")
    )
    per_placement = KronorField(label=_("The most for one placement"), required=False)

    @staticmethod
    def from_document(document: Document) -> dict[str, Any]:
        cap = document.get("caps", {}).get("per_placement")
        return {
            "title": document.get("title", document["code"]),
            "source": document.get("source", ""),
            "tiers": ", ".join(document.get("tiers", ())),
            "per_placement": int(cap.replace(".", "")) if cap else None,
        }

    def into_document(self, document: Document) -> dict[str, Any]:
        """The document with what was filled in. Amounts by tier follow tiers that only changed their names or order."""
        said = self.cleaned_data
        tiers = [tier.strip() for tier in said["tiers"].split(",") if tier.strip()]
        made = {**document, "title": said["title"], "source": said["source"]}
        made.pop("caps", None)
        made.pop("tiers", None)
        if tiers:
            made["tiers"] = tiers
        if said["per_placement"] is not None:
            made["caps"] = {"per_placement": plain_kronor(said["per_placement"])}
        made["steps"] = [_with_tiers(step, tiers) for step in document["steps"]]
        return made


def _with_tiers(step: Document, tiers: Sequence[str]) -> dict[str, Any]:
    """A step whose amounts are named by these tiers; a tier that is new gets the last amount."""
    amount = step.get("amount")
    if not isinstance(amount, Mapping):
        return dict(step)
    amounts = list(amount.values())
    if not tiers:
        return {**step, "amount": amounts[0]}
    named = {tier: amount.get(tier, amounts[min(place, len(amounts) - 1)]) for place, tier in enumerate(tiers)}
    return {**step, "amount": named}


class StepForm(forms.Form):
    """What all steps have; the subclasses add what their trigger asks for."""

    trigger: Trigger
    code = forms.SlugField(label=_("Code"), max_length=100)
    title = forms.CharField(label=_("What the step is called"), max_length=200)

    def __init__(self, *args: Any, document: Document, step: Document | None = None, **kwargs: Any) -> None:
        self.tiers: list[str] = list(document.get("tiers", ()))
        others = [each["code"] for each in document["steps"]]
        self.earlier = others[: others.index(step["code"])] if step else others
        super().__init__(*args, **kwargs)
        for tier in self.tiers or [""]:
            label = _("Amount on tier {tier}").format(tier=tier) if tier else _("Amount")
            self.fields[_amount_name(tier)] = KronorField(label=label, required=False)
        self.fields["share"] = forms.DecimalField(
            label=_("… or a share of the placement's price"),
            required=False,
            min_value=0,
            max_digits=15,
            decimal_places=6,
        )
        self.fields["requires"] = forms.MultipleChoiceField(
            label=_("Only if these steps are owed"),
            choices=[(code, code) for code in self.earlier],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        if self.trigger is not Trigger.PERIOD:
            self.fields["report_within"] = DurationField(
                label=_("Reported within"),
                required=False,
                help_text=_("Counted from the day that the step qualifies on."),
            )
        self.fields["extends_for_interruptions"] = forms.BooleanField(
            label=_("Windows grow by interrupted days"), required=False, initial=True
        )
        if not self.earlier:
            del self.fields["requires"]

    @classmethod
    def from_step(cls, step: Document, tiers: Sequence[str]) -> dict[str, Any]:
        """The step as the form shows it."""
        shown = {"title": step["code"], "extends_for_interruptions": True} | dict(step)
        amount = shown.pop("amount", None)
        for tier in tiers or [""]:
            text = amount.get(tier) if isinstance(amount, Mapping) else amount
            shown[_amount_name(tier)] = int(text.replace(".", "")) if text else None
        return shown | cls.own_initial(step)

    @classmethod
    def own_initial(cls, step: Document) -> dict[str, Any]:
        return {}

    def into_step(self) -> dict[str, Any]:
        """The step as a document."""
        said = self.cleaned_data
        made: dict[str, Any] = {"code": said["code"], "title": said["title"], "trigger": self.trigger.value}
        amounts = {tier: said[_amount_name(tier)] for tier in self.tiers or [""]}
        if any(amount is not None for amount in amounts.values()):
            written = {tier: plain_kronor(amount) for tier, amount in amounts.items() if amount is not None}
            made["amount"] = written if self.tiers else written[""]
        if said["share"] is not None:
            made["share"] = f"{said['share'].normalize():f}"
        if said.get("requires"):
            made["requires"] = said["requires"]
        if said.get("report_within"):
            made["report_within"] = said["report_within"]
        if not said["extends_for_interruptions"]:
            made["extends_for_interruptions"] = False
        return made | {key: value for key, value in self.own_values().items() if value not in (None, "", [])}

    def own_values(self) -> dict[str, Any]:
        """The trigger's own keys; empty ones are left out."""
        common = StepForm.base_fields
        skipped = {*common, "share", "requires", "report_within", "extends_for_interruptions"}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in skipped and name in type(self).base_fields
        }


def _amount_name(tier: str) -> str:
    return tier or "amount"


class AttendanceForm(StepForm):
    trigger = Trigger.ATTENDANCE
    days = forms.IntegerField(label=_("Attended days"), min_value=1)
    within = DurationField(label=_("Within, from the start"), required=False)


class MilestoneForm(StepForm):
    trigger = Trigger.MILESTONE
    name = forms.CharField(label=_("The milestone's name"), max_length=200)
    within = DurationField(label=_("Within, from the start"), required=False)


class GradeForm(StepForm):
    trigger = Trigger.GRADE
    passing = forms.MultipleChoiceField(
        label=_("Passing grades"),
        choices=[(grade.value, grade.value) for grade in Grade],
        widget=forms.CheckboxSelectMultiple,
        initial=["A", "B", "C", "D", "E"],
    )
    per = forms.ChoiceField(label=_("Paid per"), choices=[("occurrence", _("course")), ("point", _("credit point"))])
    once_per = forms.ChoiceField(
        label=_("Once per"), choices=[("course", _("course")), ("placement", _("placement: the first course only"))]
    )
    within = DurationField(label=_("Within, from the start"), required=False)

    @classmethod
    def own_initial(cls, step: Document) -> dict[str, Any]:
        return {"passing": step.get("pass")}

    def own_values(self) -> dict[str, Any]:
        values = super().own_values()
        return values | {"pass": values.pop("passing")}


class PeriodForm(StepForm):
    trigger = Trigger.PERIOD
    first_after_days = forms.IntegerField(label=_("Nothing until it has lasted (days)"), min_value=0, required=False)
    needs_report = forms.BooleanField(label=_("Each month needs an approved report"), required=False)
    prorate = forms.BooleanField(label=_("Part of a month pays its part"), required=False, initial=True)
    max_periods = forms.IntegerField(label=_("At most so many months"), min_value=1, required=False)

    def own_values(self) -> dict[str, Any]:
        return super().own_values()


class EmploymentStepForm(StepForm):
    trigger = Trigger.EMPLOYMENT
    starts_within = DurationField(label=_("The job begins within"))
    of = forms.ChoiceField(label=_("counted from"), choices=[("end", _("the exit")), ("start", _("the start"))])
    lasts = DurationField(label=_("It lasts"))
    may_start_before_end = forms.BooleanField(label=_("It may begin before the exit"), required=False, initial=True)
    cumulative = forms.BooleanField(label=_("Days are added up, also over breaks"), required=False)
    gap_days = forms.IntegerField(label=_("Breaks that do not count (days)"), min_value=0, required=False)
    extent_at_least = forms.IntegerField(
        label=_("At least so much of full time (%)"), min_value=0, max_value=100, required=False
    )
    forms_ = forms.MultipleChoiceField(
        label=_("Forms of employment that count"), widget=forms.CheckboxSelectMultiple, required=False
    )
    counts = forms.MultipleChoiceField(
        label=_("What counts"),
        choices=[("employment", _("employment")), ("studies", _("studies"))],
        widget=forms.CheckboxSelectMultiple,
        initial=["employment"],
    )
    bands = forms.CharField(
        label=_("Part pay by extent"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("A row for each band: from what per cent, and the share paid. 80: 1, and on the next row 50: 0.6."),
    )
    blocks_every = DurationField(label=_("Instead paid for each further"), required=False)
    blocks_max = forms.IntegerField(label=_("at most so many times"), min_value=1, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = FORMS[reader_language()]
        self.fields["forms_"].choices = [(form.value, words[form.value]) for form in EmploymentForm]  # type: ignore[attr-defined]
        if not self.is_bound and "forms_" not in self.initial:
            self.initial["forms_"] = [form.value for form in EmploymentForm]

    @classmethod
    def own_initial(cls, step: Document) -> dict[str, Any]:
        blocks = step.get("blocks", {})
        return {
            "forms_": step.get("forms", [form.value for form in EmploymentForm]),
            "counts": step.get("counts", ["employment"]),
            "may_start_before_end": step.get("may_start_before_end", True),
            "bands": "\n".join(f"{band['extent_at_least']}: {band['share']}" for band in step.get("bands", ())),
            "blocks_every": blocks.get("every"),
            "blocks_max": blocks.get("max"),
        }

    def clean_bands(self) -> list[dict[str, Any]]:
        return [self._band(row) for row in self.cleaned_data["bands"].splitlines() if row.strip()]

    def _band(self, row: str) -> dict[str, Any]:
        extent, colon, share = row.partition(":")
        if not colon or not extent.strip().isdigit():
            raise forms.ValidationError(
                gettext("“{row}” is no band. Write a per cent, a colon and a share.").format(row=row)
            )
        return {"extent_at_least": int(extent), "share": share.strip().replace(",", ".")}

    def own_values(self) -> dict[str, Any]:
        values = super().own_values()
        every, most = values.pop("blocks_every"), values.pop("blocks_max")
        if every or most:
            values["blocks"] = {"every": every, "max": most}
        return values | {"forms": values.pop("forms_")}


class EarningsForm(StepForm):
    trigger = Trigger.EARNINGS
    threshold = KronorField(label=_("Earned in all"))
    within = DurationField(label=_("Within, from the start"), required=False)

    @classmethod
    def own_initial(cls, step: Document) -> dict[str, Any]:
        return {"threshold": int(step["threshold"].replace(".", ""))} if "threshold" in step else {}

    def own_values(self) -> dict[str, Any]:
        values = super().own_values()
        return values | {"threshold": plain_kronor(values["threshold"])}


STEP_FORMS: dict[Trigger, type[StepForm]] = {
    form.trigger: form
    for form in (AttendanceForm, MilestoneForm, GradeForm, PeriodForm, EmploymentStepForm, EarningsForm)
}

"""Forms of requirements, applications and decisions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from providers.authorisation_models import TEXT_MOST, LegalBasis
from providers.models import Assessment, Complaint, Deviation, Proposal, Provider, Requirement, Service, SiteVisit


class TextField(forms.CharField):
    """A text of some lines."""

    def __init__(self, *, rows: int = 4, max_length: int = TEXT_MOST, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class RequirementForm(forms.Form):
    """A requirement of a service's next catalogue."""

    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Such as K01; requirements stand in its order."))
    title = forms.CharField(label=_("Title"), max_length=200)
    text = TextField(label=_("What is required"))
    evidence = TextField(
        label=_("Evidence"), rows=2, max_length=1000, help_text=_("The documents with which a provider shows it.")
    )
    source = TextField(
        label=_("Source"), rows=2, max_length=1000, help_text=_("The act, decision or document that asks for it.")
    )


class CatalogueForm(forms.Form):
    """From when the drafted requirements are valid."""

    valid_from = DayField(label=_("Valid from"))


class ApplicationForm(forms.Form):
    """Who applies for what."""

    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.order_by("name"))
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.filter(catalogues__isnull=False).distinct().order_by("title")
    )

    def __init__(self, *args: Any, provider: Provider | None, **kwargs: Any) -> None:
        """`provider`: the one that the reader acts for; officers choose one."""
        super().__init__(*args, **kwargs)
        if provider is not None:
            del self.fields["provider"]


class EvidenceForm(forms.Form):
    """A document."""

    file = forms.FileField(
        label=_("Document"), help_text=_("PDF, DOCX, PNG or JPEG of at most 10 megabytes, without scripts or macros.")
    )


class NoteForm(forms.Form):
    """What is said with a step."""

    note = TextField(label=_("Message"), required=False)


class ReasonForm(forms.Form):
    """Why."""

    note = TextField(label=_("Why"))


class RegistrationForm(forms.Form):
    """How an application is taken up."""

    diarienummer = forms.CharField(label=_("Registry number (diarienummer)"), max_length=50)
    legal_basis = forms.ChoiceField(
        label=_("Legal basis"),
        choices=LegalBasis.choices,
        help_text=_("It says what the decision is called and what the provider can do against it."),
    )


class AssessmentForm(forms.Form):
    """Whether a requirement is met."""

    outcome = forms.ChoiceField(
        label=_("The requirement is"), choices=Assessment.Outcome.choices, widget=forms.RadioSelect
    )
    note = TextField(label=_("Why"), help_text=_("The provider reads it in the decision."))


class HearingForm(forms.Form):
    """What every proposal says of its reasons and of the provider's answer."""

    reasons = TextField(label=_("Reasons"), rows=6, help_text=_("They stand in the decision."))
    answer_by = DayField(label=_("The provider may answer through"), required=False)
    urgency = forms.CharField(
        label=_("Why it is too urgent for an answer"),
        max_length=1000,
        required=False,
        help_text=_("Only if what burdens the provider can't wait for its answer."),
    )


class ProposalForm(HearingForm):
    """What to decide of an application."""

    kind = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (kind.value, kind.label)
            for kind in (Proposal.Kind.GRANTED, Proposal.Kind.CONDITIONS, Proposal.Kind.REFUSED)
        ],
        help_text=_("It follows from the assessment: refused if a requirement is not met, else granted."),
    )
    conditions = TextField(
        label=_("Conditions"), required=False, help_text=_("What the provider must do, and by when; one on each line.")
    )
    valid_from = DayField(label=_("From"))
    valid_through = DayField(label=_("Through"), required=False)

    field_order = ("kind", "reasons", "conditions", "valid_from", "valid_through")


class AnswerForm(forms.Form):
    """The provider's answer."""

    text = TextField(label=_("Your answer"), rows=8, help_text=_("It stands word for word in the decision."))


YES_NO = [("yes", _("yes")), ("no", _("no"))]


class YesNoField(forms.TypedChoiceField):
    """Yes or no."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=YES_NO, coerce=lambda answer: answer == "yes", widget=forms.RadioSelect, **kwargs)


class ServiceField(forms.ModelChoiceField):
    """A service."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Service"), queryset=Service.objects.order_by("title"), **kwargs)


class MeasureForm(HearingForm):
    """A measure against an authorised provider."""

    kind = forms.ChoiceField(
        label=_("Measure"),
        choices=[
            (kind.value, kind.label) for kind in (Proposal.Kind.SUSPENDED, Proposal.Kind.RESUMED, Proposal.Kind.REVOKED)
        ],
    )
    service = ServiceField()
    diarienummer = RegistrationForm.base_fields["diarienummer"]
    legal_basis = RegistrationForm.base_fields["legal_basis"]
    valid_from = DayField(label=_("From"))

    field_order = ("kind", "service", "diarienummer", "legal_basis", "valid_from")


class VisitForm(forms.Form):
    """A site visit."""

    service = ServiceField()
    visited_on = DayField(label=_("Day of the visit"))
    is_announced = YesNoField(label=_("Was it announced?"))
    findings = TextField(label=_("Findings"), rows=8)


class ComplaintForm(forms.Form):
    """A complaint."""

    service = ServiceField()
    origin = forms.ChoiceField(label=_("From"), choices=Complaint.Origin.choices)
    received_on = DayField(label=_("Received"))
    text = TextField(label=_("What it is about"), help_text=_("Without names: they belong to the case."))


class OutcomeForm(forms.Form):
    """What a complaint led to."""

    outcome = TextField(label=_("What it led to"))


class DeviationForm(forms.Form):
    """A deviation of one provider."""

    requirement = forms.ModelChoiceField(label=_("Requirement"), queryset=Requirement.objects.none())
    source = forms.ChoiceField(label=_("Seen at"), choices=Deviation.Source.choices)
    visit = forms.ModelChoiceField(label=_("Visit"), queryset=SiteVisit.objects.none(), required=False)
    severity = forms.ChoiceField(label=_("Severity"), choices=Deviation.Severity.choices)
    description = TextField(label=_("What was found"))
    action = TextField(label=_("What the provider must do"))
    deadline = DayField(label=_("Deadline"))

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = Requirement.objects.select_related("catalogue__service")
        self.fields["requirement"].queryset = asked.order_by(  # type: ignore[attr-defined]
            "catalogue__service__title", "-catalogue__number", "code"
        )
        self.fields["requirement"].label_from_instance = (  # type: ignore[attr-defined]
            lambda one: f"{one.catalogue}: {one}"
        )
        self.fields["visit"].queryset = provider.visits.order_by("-visited_on")  # type: ignore[attr-defined]


class ReopenForm(ReasonForm):
    """A new deadline."""

    deadline = DayField(label=_("New deadline"))


class CheckForm(forms.Form):
    """A check of a subcontractor."""

    passed = YesNoField(label=_("Does it meet what is asked of the provider?"))
    note = TextField(label=_("What was checked"), help_text=_("Tax, competence, and which requirements."))

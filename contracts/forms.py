"""Forms of contracts, services and courses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField, KronorField
from contracts.models import Contract, ContractVersion, PaymentModelVersion
from contracts.services import Conditions
from providers.models import Provider, Service


class ConditionsForm(forms.Form):
    """What a contract says besides its payment model."""

    valid_through = DayField(label=_("The contract ends"))
    route = forms.ChoiceField(label=_("Settled by"), choices=ContractVersion.Route.choices)
    vat = forms.ChoiceField(label=_("VAT"), choices=ContractVersion.Vat.choices)
    responsibility_code = forms.CharField(label=_("Responsibility (ansvar)"), max_length=20)
    account = forms.CharField(label=_("Account (konto)"), max_length=10, initial="4640")
    activity = forms.CharField(label=_("Activity (verksamhet)"), max_length=20, required=False)
    project = forms.CharField(label=_("Project (projekt)"), max_length=20, required=False)
    counterparty = forms.CharField(label=_("Counterparty (motpart)"), max_length=20, required=False)
    capacity = forms.IntegerField(
        label=_("Capacity"), min_value=0, required=False, help_text=_("Placements at a time.")
    )
    highest_value = KronorField(
        label=_("Highest value"), required=False, help_text=_("Over the contract's life; a contract under LOU has one.")
    )
    notice_days = forms.IntegerField(
        label=_("Days to answer"), min_value=0, max_value=365, initial=14, help_text=_("Before a clawback is set off.")
    )
    correct_within = forms.CharField(
        label=_("Corrected within"),
        max_length=10,
        initial="P120M",
        help_text=_("A duration such as P24M; at most P120M."),
    )
    due_days = forms.IntegerField(
        label=_("Days to payment"), min_value=0, max_value=365, initial=30, help_text=_("From attest to payment.")
    )
    return_within = forms.CharField(
        label=_("Return within"),
        max_length=10,
        required=False,
        help_text=_("A duration: who comes back within it goes on with the old placement."),
    )
    recovers_by_sample = forms.BooleanField(
        label=_("The error rate of a sample may be extrapolated to all that was paid"), required=False
    )

    def conditions(self) -> Conditions:
        """What was filled in."""
        return Conditions(**{name: self.cleaned_data[name] for name in ConditionsForm.base_fields})


class ContractForm(ConditionsForm):
    """A new contract."""

    number = forms.CharField(label=_("Contract number"), max_length=30)
    diarienummer = forms.CharField(label=_("Registry number (diarienummer)"), max_length=50)
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Provider.objects.order_by("name"))
    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.order_by("title"), required=False)
    legal_basis = forms.ChoiceField(label=_("Legal basis"), choices=Contract.LegalBasis.choices)
    valid_from = DayField(label=_("From"))

    field_order = ("number", "diarienummer", "provider", "service", "legal_basis", "valid_from")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("legal_basis") == Contract.LegalBasis.LOU and cleaned.get("highest_value") is None:
            self.add_error("highest_value", _("A contract under LOU states its highest value."))
        return cleaned


class AmendmentForm(ConditionsForm):
    """An amendment."""

    valid_from = DayField(label=_("The amendment counts from"))
    reason = forms.CharField(label=_("Why"), max_length=500)

    field_order = ("valid_from", "reason")


class TermsForm(forms.Form):
    """A payment model for a contract's placements."""

    version = forms.ModelChoiceField(
        label=_("Payment model"), queryset=PaymentModelVersion.objects.order_by("title", "-number")
    )
    first = DayField(label=_("For placements referred from"))
    last = DayField(label=_("Through"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].label_from_instance = (  # type: ignore[attr-defined]
            lambda version: f"{version.title} ({version.number})"
        )


class BudgetForm(forms.Form):
    """What a contract may cost in a year."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2199)
    amount = KronorField(label=_("Amount"))


class ServiceForm(forms.Form):
    """A service."""

    code = forms.SlugField(label=_("Code"), max_length=30)
    title = forms.CharField(label=_("Title"), max_length=200)


class CourseForm(forms.Form):
    """A course."""

    code = forms.CharField(label=_("Code"), max_length=100)
    title = forms.CharField(label=_("Title"), max_length=200)
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=10_000, required=False)

"""Forms and filters of samples and recoveries."""

from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import KronorField
from backend.kernel.money import show_kronor
from contracts.models import Contract
from payouts.models import CounterVerification, RecoveryProposal, Run
from payouts.sample_selectors import runs_to_sample
from payouts.services.sampling import LARGEST, USUAL_SIZE
from providers.models import Provider

Cause = CounterVerification.Cause


class DrawForm(forms.Form):
    """Of which run a sample is drawn, and how large it is."""

    run = forms.ModelChoiceField(label=_("Run"), queryset=Run.objects.none())
    size = forms.IntegerField(
        label=_("Facts to draw"),
        min_value=1,
        max_value=LARGEST,
        initial=USUAL_SIZE,
        help_text=_("About so many: at least two are drawn of each contract and step."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["run"]
        field.queryset = runs_to_sample()  # type: ignore[attr-defined]
        field.label_from_instance = lambda run: f"{run.cutoff:%Y-%m}"  # type: ignore[attr-defined]


class CounterForm(forms.Form):
    """What a sampled fact turned out to be."""

    cause = forms.ChoiceField(label=_("What the evidence shows"), choices=Cause.choices, widget=forms.RadioSelect)
    wrong_amount = KronorField(label=_("Wrong part of the amount"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, amount: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amount = amount
        self.fields["wrong_amount"].help_text = gettext(
            "Of {amount}. Leave it empty if all of it was wrong, or nothing."
        ).format(amount=show_kronor(amount))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("wrong_amount") is None:
            cleaned["wrong_amount"] = 0 if cleaned.get("cause") == Cause.RIGHT else self.amount
        return cleaned


class RateForm(forms.Form):
    """Whose error rates are shown."""

    provider = forms.ModelChoiceField(
        label=_("Provider"), queryset=Provider.objects.order_by("name"), required=False, empty_label=_("all")
    )


class ProposeForm(forms.Form):
    """For which contract and months a recovery is proposed."""

    contract = forms.ModelChoiceField(
        label=_("Contract"),
        queryset=Contract.objects.filter(versions__recovers_by_sample=True)
        .select_related("provider")
        .distinct()
        .order_by("number"),
        help_text=_("Only contracts that allow it."),
    )
    first = forms.ChoiceField(label=_("From the month of"))
    last = forms.ChoiceField(label=_("Through the month of"))

    def __init__(self, *args: Any, months: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            self.fields[name].choices = [(month, f"{month:%Y-%m}") for month in months]  # type: ignore[attr-defined]
        self.fields["contract"].label_from_instance = (  # type: ignore[attr-defined]
            lambda contract: f"{contract.number}, {contract.provider.name}"
        )

    def clean_first(self) -> date:
        return date.fromisoformat(self.cleaned_data["first"])

    def clean_last(self) -> date:
        return date.fromisoformat(self.cleaned_data["last"])


class ReplyForm(forms.Form):
    """What a provider says to a proposal."""

    reply = forms.CharField(label=_("Your reply"), widget=forms.Textarea(attrs={"rows": 8}))


class DecisionForm(forms.Form):
    """What is decided about a proposal."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=RecoveryProposal.Decision.choices, widget=forms.RadioSelect
    )
    amount = KronorField(label=_("Amount"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, proposed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = proposed
        self.fields["amount"].help_text = gettext(
            "At most {amount}, which is what counts if it is left empty; nothing if the proposal is dropped."
        ).format(amount=show_kronor(proposed))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("amount") is None:
            is_dropped = cleaned.get("decision") == RecoveryProposal.Decision.DROP
            cleaned["amount"] = 0 if is_dropped else self.proposed
        return cleaned


class ProposalFilter(filters.FilterSet):
    """Proposals by provider and whether they are decided."""

    provider = filters.ModelChoiceFilter(
        "contract__provider",
        label=_("Provider"),
        queryset=Provider.objects.filter(contracts__recovery_proposals__isnull=False).distinct().order_by("name"),
        empty_label=_("all"),
    )
    decision = filters.ChoiceFilter(
        label=_("State"),
        choices=[("open", _("not decided")), *RecoveryProposal.Decision.choices],
        method="in_state",
        empty_label=_("all"),
    )

    class Meta:
        model = RecoveryProposal
        fields: list[str] = []

    def in_state(self, proposals: Any, name: str, value: str) -> Any:
        return proposals.filter(decision="" if value == "open" else value)

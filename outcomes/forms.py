"""Forms of the pages about participants and placements."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField, KronorField
from backend.kernel.models import Role, User
from contracts.models import Contract
from outcomes.automatic import AUTOMATIC, rule_label
from outcomes.labels import KINDS
from outcomes.models import District, FollowUp, ParticipantBackground, Protection
from outcomes.services import Background


class VerificationTermsForm(forms.Form):
    """What a contract says of verification."""

    valid_from = DayField(label=_("From"))
    reason = forms.CharField(label=_("Why"), max_length=500)
    decide_within = forms.IntegerField(
        label=_("Days to decide"),
        min_value=1,
        max_value=366,
        help_text=_("From the report. What is not decided then is overdue, and rises in the queue."),
    )
    second_officer_from = KronorField(
        label=_("Two officers from"),
        required=False,
        help_text=_("What would be owed more through a verification. Leave it empty if one officer is enough."),
    )
    bulk_kinds = forms.MultipleChoiceField(
        label=_("Kinds that may be verified many at a time"),
        choices=[(kind.value, word) for kind, word in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    rules = forms.MultipleChoiceField(
        label=_("Rules that verify by themselves"),
        choices=lambda: [(code, rule_label(code)) for code in AUTOMATIC],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("A rule leaves to officers what has a conflict, and what two of them must stand behind."),
    )
    same_step_within = forms.IntegerField(
        label=_("Days to the same step elsewhere"),
        min_value=0,
        max_value=366,
        help_text=_("The same kind of step paid for the participant elsewhere, within so many days, is a conflict."),
    )


class ReasonForm(forms.Form):
    """Why a person is looked up; it stands in the audit trail."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("It is written to the audit trail, with your name.")
    )


class FindForm(ReasonForm):
    """Whom to look up. Sent by POST alone, so that no number stands in an address."""

    number = forms.CharField(
        label=_("Identity number"),
        max_length=20,
        help_text=_("With the century, such as 19800101-1231."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 16}),
    )
    field_order = ("number", "reason")


class IdentityForm(forms.Form):
    """An identity number, from a day on."""

    number = forms.CharField(
        label=_("Identity number"),
        max_length=20,
        help_text=_("With the century, such as 19800101-1231."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 16}),
    )
    valid_from = DayField(label=_("Valid from"))


class ProtectionForm(forms.Form):
    """What kind of protection."""

    kind = forms.ChoiceField(label=_("Kind of protection"), choices=Protection.Kind.choices, widget=forms.RadioSelect)


class HandlerForm(forms.Form):
    """Another handler to be named."""

    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True, roles__contains=[Role.HANDLER]).order_by("username"), label=_("Handler")
    )


class BackgroundForm(forms.Form):
    """What risk adjustment needs to know of a participant."""

    district = forms.ModelChoiceField(District.objects.order_by("name"), label=_("Home district"))
    birth_year = forms.IntegerField(label=_("Year of birth"))
    sex = forms.ChoiceField(label=_("Sex"), choices=ParticipantBackground.Sex.choices)
    schooling = forms.ChoiceField(label=_("Schooling"), choices=ParticipantBackground.Schooling.choices)
    obstacle_group = forms.ChoiceField(
        label=_("Why without income"), choices=ParticipantBackground.ObstacleGroup.choices
    )
    months_on_assistance = forms.IntegerField(label=_("Months on assistance"), min_value=0, max_value=600)

    def background(self) -> Background:
        """What was filled in."""
        values = {name: self.cleaned_data[name] for name in BackgroundForm.base_fields}
        return Background(**values | {"district": values["district"].pk})


class ParticipantForm(BackgroundForm):
    """A new participant."""

    number = forms.CharField(
        label=_("Participant number"), max_length=20, help_text=_("The city's own, never the personal number.")
    )
    field_order = ("number",)


class ChooseContractForm(forms.Form):
    """A contract, and the day of the referral."""

    contract = forms.ModelChoiceField(Contract.objects.none(), label=_("Contract"))
    referred_on = DayField(label=_("Referred on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contract"]
        field.queryset = Contract.objects.select_related("provider").order_by("provider__name", "number")
        field.label_from_instance = lambda contract: f"{contract.provider.name}, {contract.number}"


class TierForm(forms.Form):
    """What a placement's pay depends on, under a payment model with these tiers."""

    tier = forms.TypedChoiceField(label=_("Tier"), coerce=int)
    price = KronorField(
        label=_("Price"), required=False, help_text=_("Where the payment model pays parts of an agreed price.")
    )
    starts_on = DayField(label=_("Starts on"), required=False)

    def __init__(self, *args: Any, tiers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(enumerate(tiers))  # type: ignore[attr-defined]


class ReferralForm(TierForm):
    """A new placement."""

    number = forms.CharField(label=_("Placement number"), max_length=30)
    field_order = ("number",)


class AttributesForm(TierForm):
    """A placement's attributes anew; without a first day the participant did not come."""

    referred_on = DayField(label=_("Referred on"))
    field_order = ("referred_on", "starts_on")


class ReturnForm(forms.Form):
    """The first day after a return."""

    on = DayField(label=_("First day back"))


class FollowUpForm(forms.Form):
    """What was done, and when."""

    kind = forms.ChoiceField(label=_("What was done"), choices=FollowUp.Kind.choices, widget=forms.RadioSelect)
    happened_on = DayField(label=_("On"))

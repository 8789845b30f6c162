"""Forms of the pages about participants."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField, KronorField
from backend.kernel.models import Role, User
from outcomes.automatic import AUTOMATIC, rule_label
from outcomes.labels import KINDS
from outcomes.models import Protection


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

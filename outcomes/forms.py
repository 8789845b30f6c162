"""Forms of the pages about participants."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from backend.kernel.models import Role, User
from outcomes.models import Protection


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

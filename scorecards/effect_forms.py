"""The form of the effect analysis."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import KronorField


class EffectForm(forms.Form):
    """A file of participants and a comparison group, and what a month of work is worth."""

    file = forms.FileField(
        label=_("Participants and comparison group"),
        help_text=_(
            "CSV or XLSX with the columns participant, self_support_2, self_support_8, self_support_12 and covariates,"
            " without names. It is read and not stored."
        ),
    )
    assistance = KronorField(label=_("Assistance that a month of self-support saves"))
    tax = KronorField(label=_("Municipal tax that a month of work brings"))
    cost = KronorField(label=_("Cost of a participant"))

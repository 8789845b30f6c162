"""Forms of the register of providers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.kernel.forms import DayField
from backend.kernel.models import Role, User
from providers.models import BankAccount, Provider, TaxFact


class ContactForm(forms.Form):
    """A provider's name and contact."""

    name = forms.CharField(label=_("Name"), max_length=200)
    contact_name = forms.CharField(label=_("Contact"), max_length=200, required=False)
    contact_email = forms.EmailField(label=_("E-mail"), required=False)
    contact_phone = forms.CharField(label=_("Telephone"), max_length=50, required=False)


class ProviderForm(ContactForm):
    """A new provider."""

    number = forms.CharField(
        label=_("Number"), max_length=10, help_text=_("L and at least four digits, such as L0001.")
    )
    organisation_number = forms.CharField(
        label=_("Organisation number"), max_length=20, help_text=_("Such as 556012-5790.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Provider.Kind.choices)

    field_order = ("number", "name", "organisation_number", "kind")


class TaxFactForm(forms.Form):
    """What the tax agency says."""

    kind = forms.ChoiceField(label=_("What"), choices=TaxFact.Kind.choices)
    holds = forms.TypedChoiceField(
        label=_("Answer"), choices=[("yes", _("yes")), ("no", _("no"))], coerce=lambda answer: answer == "yes"
    )
    valid_from = DayField(label=_("From"))


class AccountForm(forms.Form):
    """A bank account."""

    scheme = forms.ChoiceField(label=_("Kind"), choices=BankAccount.Scheme.choices)
    number = forms.CharField(label=_("Number"), max_length=50)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False, help_text=_("Only with an IBAN."))


class GroupCompanyForm(forms.Form):
    """A company of a provider's group."""

    name = forms.CharField(label=_("Name"), max_length=200)
    organisation_number = forms.CharField(
        label=_("Organisation number"), max_length=20, help_text=_("Such as 556012-5790.")
    )
    belongs = forms.TypedChoiceField(
        label=_("Belongs to the provider's group"),
        choices=[("yes", _("yes")), ("no", _("no longer"))],
        coerce=lambda answer: answer == "yes",
    )


class SubcontractorForm(forms.Form):
    """A subcontractor."""

    name = forms.CharField(label=_("Name"), max_length=200)
    organisation_number = forms.CharField(
        label=_("Organisation number"), max_length=20, help_text=_("Such as 556012-5790.")
    )
    valid_from = DayField(label=_("From"))


class MemberForm(forms.Form):
    """An account that is to act for a provider."""

    user = forms.ModelChoiceField(
        label=_("Account"),
        queryset=User.objects.none(),
        help_text=_("An account with the role provider that acts for nobody yet."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        free = User.objects.filter(roles__contains=[Role.PROVIDER], is_active=True).exclude(
            memberships__ended_at=None, memberships__isnull=False
        )
        self.fields["user"].queryset = free.order_by("username")  # type: ignore[attr-defined]

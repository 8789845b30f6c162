"""Forms of the ground floor, and what all forms share."""

import re
from datetime import date
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.money import plain_kronor

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
WRITE_A_DAY = _("Write the day as year, month and day, such as 2026-03-31.")


class DayField(forms.DateField):
    """A day as 2026-11-22. A text field: a browser's own date field follows the browser's language."""

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            **kwargs,
            help_text=_("Such as 2026-03-31."),
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"inputmode": "numeric", "size": 10}),
            error_messages={"required": WRITE_A_DAY, "invalid": WRITE_A_DAY},
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not FIRST_DAY <= day < LAST_DAY:
            raise forms.ValidationError(WRITE_A_DAY)
        return day


class KronorField(forms.DecimalField):
    """An amount in kronor, written with a decimal comma or point and spaces if wanted; cleaned to whole öre."""

    def __init__(self, **kwargs: Any) -> None:
        amount = forms.TextInput(attrs={"inputmode": "decimal", "size": 14})
        usual: dict[str, Any] = {"min_value": 0, "max_digits": 13, "decimal_places": 2, "widget": amount}
        super().__init__(**usual | kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s\u202f\u00a0]|kr$", "", value).replace(",", ".")
        return super().to_python(value)

    def clean(self, value: Any) -> int | None:
        kronor = super().clean(value)
        return None if kronor is None else int(kronor.scaleb(2))

    def prepare_value(self, value: Any) -> Any:
        return plain_kronor(value).replace(".", ",") if isinstance(value, int) else value


class LoginForm(AllauthLoginForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, missing in (
            ("login", _("User name"), _("Write your user name.")),
            ("password", _("Password"), _("Write your password.")),
        ):
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.error_messages["required"] = missing
            field.widget.attrs.pop("placeholder", None)


class AccountForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[AbstractUser.username_validator],
        help_text=_("As in the city's log-in, if it has one."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class RolesForm(forms.Form):
    """The roles of an account."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class SearchForm(forms.Form):
    """What is searched for."""

    q = forms.CharField(label=_("Search for"), max_length=100, required=False)

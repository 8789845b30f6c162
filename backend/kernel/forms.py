"""Forms of the ground floor, and what all forms share."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
WRITE_A_DAY = _("Write the day as year, month and day, such as 2026-03-31.")


class DayField(forms.DateField):
    """A day as 2026-11-22. A text field: a browser's own date field follows the browser's language."""

    def __init__(self, *, label: Any = None, required: bool = True, help_text: Any = None, **more: Any) -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=_("Year, month and day, such as 2026-03-31.") if help_text is None else help_text,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"inputmode": "numeric", "size": 10}),
            error_messages={"required": WRITE_A_DAY, "invalid": WRITE_A_DAY},
            **more,
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not FIRST_DAY <= day < LAST_DAY:
            raise forms.ValidationError(WRITE_A_DAY)
        return day


class Confirmation(forms.Form):
    """Asks for nothing but the click."""


class LoginForm(AuthenticationForm):
    """User name and password; a refusal does not tell which of them was wrong."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "The user name or the password is wrong. Check that you wrote them correctly; capital letters matter."
        ),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = _("User name")
        self.fields["username"].error_messages["required"] = _("Write your user name.")
        self.fields["password"].error_messages["required"] = _("Write your password.")

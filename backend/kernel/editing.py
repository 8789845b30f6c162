"""Pages that do something: a form whose answer is a service. What was typed is kept, and a refusal stands beside the
field that it is about."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from backend.kernel.errors import Breach, DomainError
from backend.kernel.forms import Confirmation
from backend.kernel.web import Page


class FormPage(Page, FormView):
    """A form that a service carries out. A subclass names the form, the words of the button, and `perform`."""

    template_name = "kernel/form_page.html"
    button: Any = _("Save")
    done: Any = _("Saved.")  # what the next page says
    cancel_address = ""
    # fields of the service by the form's own names, where they differ
    field_names: Mapping[str, str] = {}

    def perform(self, values: dict[str, Any]) -> Any:
        """Carry it out, by a service. DomainError if that refuses."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.performed = self.perform(form.cleaned_data)
        except DomainError as error:
            show_breaches(form, error, self.field_names)
            return self.form_invalid(form)
        messages.success(self.request, str(self.done))
        return HttpResponseRedirect(self.get_success_url())


class ConfirmPage(FormPage):
    """Asks once more before something that can't be undone by a click. `consequences` says what will happen."""

    template_name = "kernel/confirm_page.html"
    form_class = Confirmation
    consequences: Any = ()
    is_dangerous = False


def show_breaches(form: Any, error: DomainError, field_names: Mapping[str, str]) -> None:
    """Put each broken rule beside the form's field that it is about, or on top if it is about none."""
    for breach in error.breaches:
        name = _name_in_form(breach, form, field_names)
        form.add_error(name, capfirst(gettext(breach.rule.text).format(**breach.details)) if name else _whole(breach))


def _name_in_form(breach: Breach, form: Any, field_names: Mapping[str, str]) -> str | None:
    last = re.sub(r"\[.*\]$", "", breach.field.rpartition(".")[2])
    names = (breach.field, last)
    return next((found for name in names if (found := field_names.get(name, name)) in form.fields), None)


def _whole(breach: Breach) -> str:
    return capfirst(breach.say(gettext))

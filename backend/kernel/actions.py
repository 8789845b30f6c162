"""Pages that do something: a form, or a confirmation, and a service behind it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.generic import FormView

from backend.kernel.errors import Breach, DomainError
from backend.kernel.web import Page, Text

SHOWN = 80  # characters of a refused value


class FormPage(Page, FormView):
    """A form whose content goes to a service. What the service refuses stands beside the field that it is about."""

    template_name = "components/form_page.html"
    heading: ClassVar[Text] = ""
    lead: ClassVar[Text] = ""
    button: ClassVar[Text] = ""
    done: Text = ""  # what is said when it is done, if anything
    is_grave = False  # it can't be undone: the button says so by its look

    def act(self, form: forms.Form) -> str:
        """Do it, by a service; gives the address to go on to."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            address = self.act(form)
        except DomainError as refused:
            show_refusal(form, refused)
            return self.form_invalid(form)
        if self.done:
            messages.success(self.request, str(self.done))
        return HttpResponseRedirect(address)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {"heading": self.heading, "lead": self.lead, "button": self.button, "is_grave": self.is_grave}
        return super().get_context_data(back=self.back(), **(context | kwargs))

    def back(self) -> str:
        """The address to go to if nothing is to be done after all."""
        raise NotImplementedError

    @property
    def now(self) -> Any:
        """The moment that services write."""
        return now()


class ConfirmPage(FormPage):
    """Asks once more before something is done that has consequences; there is nothing to fill in."""

    form_class = forms.Form


def show_refusal(form: forms.Form, refused: DomainError) -> None:
    """Each breach beside the field that it is about, or on top of the form."""
    for breach in refused.breaches:
        name = breach.field.rpartition(".")[2]
        form.add_error(name if name in form.fields else None, say_breach(breach))


def say_breach(breach: Breach) -> str:
    """What was refused and what the rule asks, as a sentence."""
    asked = gettext(breach.rule.text).format(**breach.details)
    asked = asked[:1].upper() + asked[1:] + "."
    value = "" if breach.value is None else str(breach.value)
    return gettext("“{value}”: {asked}").format(value=value[:SHOWN], asked=asked) if value else asked

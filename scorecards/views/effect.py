"""The page of the effect analysis: a file in, its result below the form; nothing is stored."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.actions import FormPage, show_refusal
from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from scorecards.effect import Effect, Prices, economy_of
from scorecards.effect_file import effects_of_file
from scorecards.effect_forms import EffectForm
from scorecards.effect_tables import BalanceTable, EffectTable
from scorecards.effect_words import limits_of


class EffectPage(FormPage):
    """Whether a service made a difference, from a file with a comparison group."""

    readers = (Role.PROCUREMENT, Role.AUDITOR)
    form_class = EffectForm
    template_name = "scorecards/effect.html"
    heading, button = _("Effect analysis"), _("Compare")
    lead = _(
        "Compares participants with a comparison group that is weighted to be like them, at 2, 8 and 12 months after"
        " the end, and says what the difference is worth to the municipality."
    )

    def back(self) -> str:
        return reverse("home")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            effects = effects_of(form.cleaned_data["file"])
        except DomainError as refused:
            show_refusal(form, refused)
            return self.form_invalid(form)
        prices = Prices(**{name: form.cleaned_data[name] for name in ("assistance", "tax", "cost")})
        return self.render_to_response(self.get_context_data(form=form, **shown(effects, prices)))


def effects_of(upload: UploadedFile) -> list[Effect]:
    """The effects of a file that was sent."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(upload.read())
        file.flush()
        return effects_of_file(Path(file.name))


def shown(effects: list[Effect], prices: Prices) -> dict[str, Any]:
    return {
        "effects": EffectTable(effects),
        "balance": BalanceTable(effects[0].balance),
        "economy": economy_of(effects, prices),
        "limits": limits_of(effects),
    }

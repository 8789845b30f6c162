"""Addresses of scorecards and the effect analysis."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.web import Entry, add_entries
from scorecards.views.effect import EffectPage

app_name = "scorecards"
add_entries(Entry(_("Effect"), "scorecards:effect", (Role.PROCUREMENT, Role.AUDITOR), 70))

urlpatterns = [path("effect/", EffectPage.as_view(), name="effect")]

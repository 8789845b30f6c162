"""Drafts of payment models, run over the past."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Simulation(models.Model):
    """A draft run over the past, as an officer asked for it; its result is kept for the page that shows it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be computed")
        DONE = "done", _("done")
        REFUSED = "refused", _("could not be computed")

    document = models.JSONField()  # the model, as it stood then
    instead_of = models.CharField(max_length=100)
    first = models.DateField()
    last = models.DateField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    refusal = models.TextField(default="", blank=True)
    result = models.JSONField(null=True)  # sums by run, provider, tier and step, in öre

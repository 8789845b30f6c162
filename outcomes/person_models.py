"""Who participants are, and whom the law protects: tables of their own, which retention may purge alone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import paired
from outcomes.identity import IdentityKind


class ParticipantIdentity(models.Model):
    """An identity number of a participant, from a day on: encrypted, and found through a keyed hash.

    A change of keys writes the four columns anew; nothing else of a row ever changes.
    """

    class Kind(models.TextChoices):
        PERSONAL = IdentityKind.PERSONAL, _("personal number")
        COORDINATION = IdentityKind.COORDINATION, _("coordination number")
        TEMPORARY = IdentityKind.TEMPORARY, _("temporary number")

    participant = models.ForeignKey("outcomes.Participant", models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    valid_from = models.DateField()
    number = models.BinaryField()  # encrypted
    key = models.CharField(max_length=20)  # the id of the key that it is encrypted with
    digest = models.BinaryField()
    digest_key = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest_key", "digest"], name="outcomes_identity_number")]

    @property
    def about(self) -> str:
        """What the encrypted number is bound to: it can't be moved to another participant."""
        return f"participant {self.participant_id}"


class Protection(models.Model):
    """That a participant's data are protected, until it is lifted. Only named handlers see who it is."""

    class Kind(models.TextChoices):
        MARKED = "marked", _("marked as secret (sekretessmarkering)")
        REGISTERED = "registered", _("protected registration (skyddad folkbokföring)")
        FICTITIOUS = "fictitious", _("fictitious personal data (fingerade personuppgifter)")

    participant = models.ForeignKey("outcomes.Participant", models.PROTECT, related_name="protections")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"], condition=models.Q(lifted_at__isnull=True), name="outcomes_protection_one"
            ),
            models.CheckConstraint(condition=paired("lifted_at", "lifted_by"), name="outcomes_protection_lifted"),
        ]


class NamedHandler(models.Model):
    """A handler who may see who a protected participant is, until that is ended."""

    protection = models.ForeignKey(Protection, models.PROTECT, related_name="handlers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["protection", "user"],
                condition=models.Q(ended_at__isnull=True),
                name="outcomes_named_handler_once",
            ),
            models.CheckConstraint(condition=paired("ended_at", "ended_by"), name="outcomes_named_handler_ended"),
        ]

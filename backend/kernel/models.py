"""Tables that every app stands on: people who sign in, the audit trail, and the mark of history tables."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class LocalDay(models.Func):
    """The Swedish day of a moment, in SQL."""

    template = "(%(expressions)s AT TIME ZONE 'Europe/Stockholm')::date"
    output_field = models.DateField()


class AppendOnly(models.Model):
    """History: rows are added and never change; `kernel.history.append_only` in the migration enforces it."""

    class Meta:
        abstract = True


def paired(first: str, second: str) -> models.Q:
    """Both columns are set, or neither."""
    return models.Q(**{f"{first}__isnull": True, f"{second}__isnull": True}) | models.Q(
        **{f"{first}__isnull": False, f"{second}__isnull": False}
    )


class Role(models.TextChoices):
    """What a person may do; DESIGN.md section 1."""

    PROCUREMENT = "procurement", _("procurement officer")
    HANDLER = "handler", _("handler")
    EXAMINER = "examiner", _("finance examiner")
    DECIDER = "decider", _("finance decider")
    PROVIDER = "provider", _("provider")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


FINANCE = (Role.EXAMINER, Role.DECIDER)


class User(AbstractUser):
    """A person (or a provider's system) that signs in, with any number of roles."""

    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices), default=list, blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(roles__contained_by=Role.values), name="kernel_user_known_roles"),
        ]


class AuditEvent(AppendOnly):
    """Who did what to which object, with what stood there earlier and later."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: a rule decided
    action = models.CharField(max_length=50)
    object_type = models.CharField(max_length=50)
    object_id = models.CharField(max_length=50)
    earlier = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    later = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["object_type", "object_id"])]

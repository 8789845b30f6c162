"""Files from registers, what each row says of whom, and the legal grounds without which some registers are closed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from outcomes.registers import Register

REGISTERS = [
    (Register.GRADES.value, _("grade register")),
    (Register.EMPLOYMENT.value, _("employment register")),
    (Register.INCOME.value, _("income register")),
    (Register.ASSISTANCE.value, _("economic assistance")),
    (Register.CERTIFICATES.value, _("employers' certificates")),
]


class LegalGround(AppendOnly):
    """Why the municipality may use a register from a day on; of those that had begun on a day the newest counts."""

    register = models.CharField(max_length=20, choices=REGISTERS)
    ground = models.CharField(max_length=500, blank=True)  # empty: none any more
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class RegisterImport(models.Model):
    """A register's file as it came. A worker reads it; a file that comes again is the same import."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be read")
        DONE = "done", _("done")

    register = models.CharField(max_length=20, choices=REGISTERS)
    layout = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # SHA-256 of the content
    key = models.CharField(max_length=20)  # of the ring that the content is encrypted with
    content = models.BinaryField()  # encrypted, since it names people; let go when it is read
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    row_count = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layout", "digest"], name="outcomes_register_file_once")]


class RegisterRow(models.Model):
    """One record of a register, and what came of it. The same record in a later file is not read again."""

    class Outcome(models.TextChoices):
        UNMATCHED = "unmatched", _("nobody has this number")
        VERIFIED = "verified", _("verified a fact")
        CONFIRMED = "confirmed", _("confirms a verified fact")
        DIFFERS = "differs", _("says something else than a fact")
        REFUSED = "refused", _("could not verify the fact")
        UNCLAIMED = "unclaimed", _("a job that nobody has reported")
        NOTHING = "nothing", _("nothing is reported of it")
        STORED = "stored", _("stored")

    source = models.ForeignKey(RegisterImport, models.PROTECT, related_name="rows")
    register = models.CharField(max_length=20, choices=REGISTERS)
    digest = models.BinaryField()  # keyed hash of the whole record
    number_key = models.CharField(max_length=20)
    number = models.BinaryField()  # encrypted identity number
    participant = models.ForeignKey("outcomes.Participant", models.PROTECT, null=True, related_name="register_rows")
    from_day = models.DateField()
    through_day = models.DateField(null=True)
    subject = models.CharField(max_length=200, default="", blank=True)
    quantity = models.BigIntegerField()
    code = models.CharField(max_length=20, default="", blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    fact = models.ForeignKey("outcomes.Fact", models.PROTECT, null=True, related_name="register_rows")
    remark = models.CharField(max_length=500, default="", blank=True)
    matched_at = models.DateTimeField(null=True)  # by hand
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    match_reason = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "digest"], name="outcomes_register_row_once"),
            models.CheckConstraint(condition=paired("matched_at", "matched_by"), name="outcomes_register_row_matched"),
        ]
        indexes = [models.Index(fields=["participant", "register", "from_day"], name="outcomes_register_row_of")]

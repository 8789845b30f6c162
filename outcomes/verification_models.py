"""What verification stands on: evidence, what each contract says of deciding, and reminders of what was asked for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly
from backend.kernel.uploads import KINDS
from contracts.models import Contract
from outcomes.columns import Kind


class Evidence(AppendOnly):
    """A file that a fact is verified against. Its digest finds the same document where it is used twice."""

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey("outcomes.Fact", models.PROTECT, related_name="evidence")
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100, choices=[(kind, name) for name, kind in KINDS.items()])
    size = models.PositiveIntegerField()  # bytes
    digest = models.CharField(max_length=64)  # SHA-256 of the content
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "digest"], name="outcomes_evidence_once")]
        indexes = [models.Index(fields=["digest"], name="outcomes_evidence_digest")]

    def __str__(self) -> str:
        return self.name


class VerificationTerms(AppendOnly):
    """How facts of a contract are decided; of the versions that had begun on a day, the newest counts."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="verification_terms")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    reason = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decide_within = models.PositiveSmallIntegerField()  # days from a report to its decision
    same_step_within = models.PositiveSmallIntegerField()  # days around a fact in which the same was paid elsewhere
    second_officer_from = models.BigIntegerField(null=True)  # öre; null: one officer is always enough
    bulk_kinds = ArrayField(models.PositiveSmallIntegerField())  # numbers of Kind
    rules = ArrayField(models.CharField(max_length=50))  # codes of `outcomes.rules` that verify by themselves

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="outcomes_verificationterms_number"),
            models.CheckConstraint(condition=Q(decide_within__gte=1), name="outcomes_verificationterms_decide_within"),
            models.CheckConstraint(
                condition=Q(second_officer_from__isnull=True) | Q(second_officer_from__gt=0),
                name="outcomes_verificationterms_second_officer",
            ),
            models.CheckConstraint(
                condition=Q(bulk_kinds__contained_by=[kind.value for kind in Kind]),
                name="outcomes_verificationterms_bulk_kinds",
            ),
        ]


class Reminder(AppendOnly):
    """That a provider was reminded of what was asked for; once for each time that more was asked."""

    decision = models.OneToOneField("outcomes.VerificationDecision", models.PROTECT, related_name="reminder")
    sent_at = models.DateTimeField()


class Reason(models.TextChoices):
    """Why a fact is rejected, or more is asked for."""

    EVIDENCE_MISSING = "evidence_missing", _("evidence is missing")
    EVIDENCE_UNCLEAR = "evidence_unclear", _("the evidence is unclear")
    EVIDENCE_DIFFERS = "evidence_differs", _("the evidence says something else")
    CONTENT_UNCLEAR = "content_unclear", _("it is unclear what is reported")
    WRONG_CONTENT = "wrong_content", _("what is reported is wrong")
    REPORTED_TWICE = "reported_twice", _("it is reported already")
    CLAIMED_ELSEWHERE = "claimed_elsewhere", _("it belongs to another placement")
    OUTSIDE_CONTRACT = "outside_contract", _("the contract does not pay for it")
    NOT_ANSWERED = "not_answered", _("what was asked for did not come")


ASKING = (Reason.EVIDENCE_MISSING, Reason.EVIDENCE_UNCLEAR, Reason.EVIDENCE_DIFFERS, Reason.CONTENT_UNCLEAR)
REJECTING = tuple(reason for reason in Reason if reason not in (Reason.EVIDENCE_UNCLEAR, Reason.CONTENT_UNCLEAR))

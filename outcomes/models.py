"""Participants, placements, facts and their verification.

Columns of the large tables stand in order of size, so that rows are packed without gaps.
"""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, LocalDay
from contracts.models import Contract
from outcomes.columns import Kind
from outcomes.person_models import NamedHandler, ParticipantIdentity, Protection
from outcomes.register_models import LegalGround, RegisterImport, RegisterRow
from outcomes.verification_models import Evidence, Reason, Reminder, VerificationTerms
from providers.models import Provider

__all__ = [
    "ChangedPlacement",
    "District",
    "Evidence",
    "Fact",
    "FollowUp",
    "LegalGround",
    "NamedHandler",
    "Participant",
    "ParticipantBackground",
    "ParticipantIdentity",
    "Placement",
    "PlacementVersion",
    "Protection",
    "Reason",
    "RegisterImport",
    "RegisterRow",
    "Reminder",
    "Subject",
    "VerificationDecision",
    "VerificationTerms",
]

KINDS = [(kind.value, kind.name.lower()) for kind in Kind]
SUBJECT_KINDS = [
    (Kind.INTERRUPTION.value, _("reason of an interruption")),
    (Kind.MILESTONE.value, _("milestone")),
    (Kind.GRADE.value, _("course")),
    (Kind.EMPLOYMENT.value, _("employer")),
]


class District(models.Model):
    """A district of the city and the job centre that serves it."""

    name = models.CharField(max_length=100, unique=True)
    jobbtorg = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """A person, known here by number only; identity stands in tables of its own."""

    number = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.number


class ParticipantBackground(models.Model):
    """What risk adjustment needs to know of a participant, and nothing more; retention may purge it alone."""

    class Sex(models.TextChoices):
        WOMAN = "woman", _("woman")
        MAN = "man", _("man")

    class Schooling(models.TextChoices):
        NONE = "none", _("no finished schooling")
        COMPULSORY = "compulsory", _("compulsory school")
        UPPER_SECONDARY = "upper_secondary", _("upper secondary school")
        POST_SECONDARY = "post_secondary", _("post-secondary education")

    class ObstacleGroup(models.TextChoices):
        """Obstacle codes in classes; single codes are not stored."""

        UNEMPLOYED = "unemployed", _("unemployed")
        LANGUAGE = "language", _("studies Swedish")
        HEALTH = "health", _("illness or reduced capacity")
        SOCIAL = "social", _("social reasons")
        WAITING = "waiting", _("waits for other income")
        OTHER = "other", _("other")

    participant = models.OneToOneField(Participant, models.PROTECT, primary_key=True, related_name="background")
    district = models.ForeignKey(District, models.PROTECT, related_name="+")
    birth_year = models.PositiveSmallIntegerField()
    months_on_assistance = models.PositiveSmallIntegerField()
    sex = models.CharField(max_length=10, choices=Sex.choices)
    schooling = models.CharField(max_length=20, choices=Schooling.choices)
    obstacle_group = models.CharField(max_length=20, choices=ObstacleGroup.choices)


class Placement(models.Model):
    """One participant with one provider under one contract, from the referral through the exit."""

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="placements", db_index=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="placements", db_index=False)
    number = models.CharField(max_length=30, unique=True)
    period = DateRangeField()
    updated_at = models.DateTimeField(db_default=Now())  # when its versions, or decisions about its facts, last changed

    class Meta:
        indexes = [models.Index(fields=["contract", "updated_at"], name="outcomes_placement_updated")]
        constraints = [
            models.UniqueConstraint(fields=["contract", "id"], name="outcomes_placement_contract"),
            ExclusionConstraint(
                name="outcomes_placement_no_overlap",
                expressions=[
                    ("participant", RangeOperators.EQUAL),
                    ("contract", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="outcomes_placement_some_days"),
        ]

    def __str__(self) -> str:
        return self.number


class PlacementVersion(AppendOnly):
    """What a placement's pay depends on, as known from `recorded_at`; the newest row counts."""

    price = models.BigIntegerField(null=True)  # öre
    recorded_at = models.DateTimeField()
    # the database ties (placement, contract) to the placement by one foreign key
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="versions", db_constraint=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    referred_on = models.DateField()
    starts_on = models.DateField(null=True)  # null: did not come
    tier = models.PositiveSmallIntegerField()  # index into the model's tiers

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gte=0), name="outcomes_version_price"),
        ]


class Subject(AppendOnly):
    """A milestone's name, a course, an employer or the reason of an interruption, so that facts hold a number."""

    kind = models.PositiveSmallIntegerField(choices=SUBJECT_KINDS)
    text = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="outcomes_subject_text")]

    def __str__(self) -> str:
        return self.text


class Fact(AppendOnly):
    """What is reported of a placement (PAYMENT_MODELS.md section 3). `outcomes.columns` says what the numbers mean.

    What its keys refer to is checked set-wise, once per statement (migration 0002), and can't be deleted: row by row
    the checks would cost more than all else.
    """

    id = models.BigAutoField(primary_key=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", db_index=False, db_constraint=False
    )
    # attended days; points, -1 for none given; öre earned; extent in per cent
    quantity = models.BigIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="facts", db_constraint=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    reported = models.DateField()
    first_reported = models.DateField()  # of the first fact in a chain of corrections
    verified = models.DateField(null=True)
    from_day = models.DateField()
    through_day = models.DateField(null=True)  # null: the spell or interruption goes on
    subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.PositiveSmallIntegerField(choices=KINDS)
    detail = models.PositiveSmallIntegerField(default=0)  # grade, employment form or exit reason
    withdrawn = models.BooleanField(default=False)
    external_id = models.CharField(max_length=100)  # the provider's own

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="outcomes_fact_external_id"),
            models.CheckConstraint(
                condition=Q(verified__isnull=True, verified_at__isnull=True)
                | Q(verified__isnull=False, verified_at__isnull=False),
                name="outcomes_fact_verified",
            ),
            models.CheckConstraint(condition=Q(verified=LocalDay("verified_at")), name="outcomes_fact_verified_day"),
            models.CheckConstraint(
                condition=Q(withdrawn=False) | Q(replaces__isnull=False), name="outcomes_fact_withdrawn_replaces"
            ),
            models.CheckConstraint(
                condition=Q(through_day__isnull=True) | Q(through_day__gte=F("from_day")), name="outcomes_fact_days"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="outcomes_fact_kind"),
        ]
        indexes = [
            models.Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="outcomes_fact_replaces"),
        ]


class VerificationDecision(AppendOnly):
    """What an officer or a rule decided about a fact. One decision per fact is final: verified or rejected.

    Its keys are checked as those of facts are.
    """

    class Decision(models.TextChoices):
        VERIFIED = "verified", _("verified")
        REJECTED = "rejected", _("rejected")
        MORE_ASKED = "more_asked", _("more is asked for")
        SIGNED = "signed", _("signed by the first of two officers")

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="decisions", db_constraint=False)
    # the fact whose place the verified one takes: only one can
    replaces = models.ForeignKey(Fact, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    decision = models.CharField(max_length=10, choices=Decision.choices)
    rule = models.CharField(max_length=50, null=True)
    reason_code = models.CharField(max_length=30, default="", blank=True)
    due_on = models.DateField(null=True)  # the last day to answer, where more is asked for
    note = models.CharField(max_length=500, default="", db_default="", blank=True)  # to the provider

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact"], condition=Q(decision__in=["verified", "rejected"]), name="outcomes_decision_one_final"
            ),
            models.UniqueConstraint(
                fields=["fact"], condition=Q(decision="signed"), name="outcomes_decision_one_first_officer"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(decision="more_asked"), name="outcomes_decision_due_if_asked"
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(replaces__isnull=False), name="outcomes_decision_one_correction"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, rule__isnull=False)
                | Q(decided_by__isnull=False, rule__isnull=True),
                name="outcomes_decision_officer_or_rule",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | Q(decision="verified"), name="outcomes_decision_replaces_verified"
            ),
        ]
        indexes = [
            models.Index(fields=["fact"], condition=Q(decision="rejected"), name="outcomes_decision_rejected"),
            models.Index(fields=["fact"], condition=Q(decision="more_asked"), name="outcomes_decision_more_asked"),
        ]


class FollowUp(AppendOnly):
    """What the city itself has done with a placement: its meeting, its activity plan and the plan's reviews.

    No pay hangs on it; the deadlines stand in `outcomes.deadlines`.
    """

    class Kind(models.TextChoices):
        MEETING = "meeting", _("first meeting held")
        PLAN = "plan", _("activity plan drawn up")
        APPROVAL = "approval", _("activity plan approved by the home district")
        REVIEW = "review", _("activity plan reviewed")

    recorded_at = models.DateTimeField()
    # the index of the constraint begins with the placement
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="follow_ups", db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", db_index=False)  # that approved
    happened_on = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "kind", "happened_on"], name="outcomes_followup_once_a_day"),
            models.CheckConstraint(
                condition=Q(kind="approval", district__isnull=False) | ~Q(kind="approval") & Q(district__isnull=True),
                name="outcomes_followup_district",
            ),
        ]


class ChangedPlacement(models.Model):
    """A mark that a placement's versions or verified facts changed. A run deletes the marks that it saw."""

    id = models.BigAutoField(primary_key=True)
    placement_id = models.IntegerField()  # without a foreign key: marks are written in bulk and soon gone

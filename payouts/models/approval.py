"""What stands between a computed run and its money: holds and attests."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from contracts.models import Contract, ModelStep
from outcomes.models import Placement
from payouts.models.runs import Run


class Hold(models.Model):
    """Why a line, or all lines of a contract, is not paid for the time being. Released once, never removed."""

    # either all four columns of a line's key, or a contract
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+", db_constraint=False)
    step = models.ForeignKey(
        ModelStep, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    occurrence = models.IntegerField(null=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="holds", db_constraint=False)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="holds")
    reason_code = models.CharField(max_length=30)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=50, null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    contract__isnull=True,
                    placement__isnull=False,
                    step__isnull=False,
                    occurrence__isnull=False,
                    run__isnull=False,
                )
                | Q(
                    contract__isnull=False,
                    placement__isnull=True,
                    step__isnull=True,
                    occurrence__isnull=True,
                    run__isnull=True,
                ),
                name="payouts_hold_line_or_contract",
            ),
            models.CheckConstraint(
                condition=Q(placed_by__isnull=True, rule__isnull=False) | Q(placed_by__isnull=False, rule__isnull=True),
                name="payouts_hold_officer_or_rule",
            ),
            models.CheckConstraint(condition=paired("released_at", "released_by"), name="payouts_hold_released"),
        ]


class Attest(AppendOnly):
    """A signature under a run's digest. Two people sign: one examines, the other decides."""

    class Signature(models.TextChoices):
        EXAMINER = "examiner", _("granskningsattest")
        DECIDER = "decider", _("beslutsattest")

    run = models.ForeignKey(Run, models.PROTECT, related_name="attests")
    signature = models.CharField(max_length=10, choices=Signature.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "signature"], name="payouts_attest_signature"),
            models.UniqueConstraint(fields=["run", "by"], name="payouts_attest_two_people"),
        ]

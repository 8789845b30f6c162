"""When what is owed is paid: notices of clawbacks, statements, and which line stands in which."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.kernel.models import AppendOnly
from contracts.models import Contract, ContractVersion, ModelStep
from outcomes.models import Placement
from payouts.models.runs import Run


class ClawbackNotice(AppendOnly):
    """A provider was told what a run takes back under a contract, and until when it may answer."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="notices")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="notices")
    line_count = models.PositiveIntegerField()
    amount = models.BigIntegerField()  # öre, below 0
    given_at = models.DateTimeField()
    answer_by = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "contract"], name="payouts_notice_once"),
            models.CheckConstraint(condition=Q(amount__lt=0), name="payouts_notice_amount"),
        ]


class Objection(AppendOnly):
    """The provider's answer to a notice: what is taken back of one placement, or of all, is wrong."""

    notice = models.ForeignKey(ClawbackNotice, models.PROTECT, related_name="objections")
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, related_name="+")  # null: all of the notice
    text = models.CharField(max_length=2000)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class ObjectionDecision(AppendOnly):
    """What an officer decided about an objection: upheld, it keeps the money held until an officer releases it."""

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="decision")
    is_upheld = models.BooleanField()
    reason = models.CharField(max_length=2000)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class Statement(AppendOnly):
    """The lines of a contract that are paid together after a run was attested, in öre.

    A balance below 0 is carried to the contract's next statement.
    """

    number = models.CharField(max_length=20, unique=True)
    run = models.ForeignKey(Run, models.PROTECT, related_name="statements")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="statements")
    conditions = models.ForeignKey(ContractVersion, models.PROTECT, related_name="+")
    line_count = models.PositiveIntegerField()
    net = models.BigIntegerField()  # its lines
    tax = models.BigIntegerField()
    carried_in = models.BigIntegerField()  # what the statement before left, 0 or below
    payable = models.BigIntegerField()
    carried_out = models.BigIntegerField()  # what is left to the next one, 0 or below
    due_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "run"], name="payouts_statement_once"),
            models.CheckConstraint(
                condition=Q(net=F("payable") + F("carried_out") - F("carried_in") - F("tax")),
                name="payouts_statement_sum",
            ),
            models.CheckConstraint(
                condition=Q(payable__gte=0, carried_out=0) | Q(payable=0, carried_out__lt=0),
                name="payouts_statement_payable",
            ),
            models.CheckConstraint(condition=Q(carried_in__lte=0), name="payouts_statement_carried"),
        ]

    def __str__(self) -> str:
        return self.number


class StatementTax(AppendOnly):
    """What of a statement bears one rate of VAT, and the tax, in öre."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="taxes")
    rate = models.PositiveSmallIntegerField()  # hundredths of a per cent
    base = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "rate"], name="payouts_statementtax_rate")]


class Allocation(AppendOnly):
    """The statement in which a ledger line stands: one.

    That the line exists and belongs there is checked set-wise, once per statement of SQL.
    """

    pk = models.CompositePrimaryKey("placement_id", "step_id", "occurrence", "run_id")  # the line's key
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    step = models.ForeignKey(ModelStep, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    occurrence = models.IntegerField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="allocations", db_constraint=False)

"""How money leaves: the payer, payment orders and what the bank says of them, suppliers' invoices, exported files.

Where a `_by` column is null, somebody did it on the command line.
"""

import re

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, paired
from payouts.models.runs import Run
from payouts.models.statements import Statement
from payouts.states import LIVE, PaymentState
from providers.models import BankAccount


class Payer(AppendOnly):
    """The municipality as the bank and the books know it. On a day the newest row that had begun by then governs."""

    valid_from = models.DateField()
    name = models.CharField(max_length=70)
    organisation_number = models.CharField(max_length=10)  # digits
    agreement = models.CharField(max_length=35)  # customer number at the bank
    account_scheme = models.CharField(max_length=10, choices=BankAccount.Scheme.choices)
    account_number = models.CharField(max_length=34)
    bic = models.CharField(max_length=11)
    payable_account = models.CharField(max_length=10)  # what is owed to suppliers
    internal_account = models.CharField(max_length=10)  # what is owed in-house
    tax_account = models.CharField(max_length=10)  # incoming VAT
    accrued_account = models.CharField(max_length=10)  # owed at the end of a year, and in no statement yet
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")


class PaymentBatch(AppendOnly):
    """Payments that are ordered in one message. It always gives the same bytes."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField()  # from 1, in the run
    payer = models.ForeignKey(Payer, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="payouts_batch_number")]

    @classmethod
    def with_message(cls, message_id: str) -> "PaymentBatch | None":
        """The batch that was sent with a message id, if there is one."""
        found = re.fullmatch(r"UTFALL-([0-9]{4,9})-([0-9]{2,4})", message_id)
        return cls.objects.filter(run__sequence=found[1], number=found[2]).first() if found else None


class Payment(models.Model):
    """An attempt to pay a statement. All but its state is fixed, and the state only rises."""

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="payments")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="payments")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+")
    payee = models.CharField(max_length=200)
    amount = models.BigIntegerField()  # öre
    pay_on = models.DateField()
    end_to_end_id = models.CharField(max_length=35, unique=True)
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in PaymentState])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(PaymentState)), name="payouts_payment_state"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payouts_payment_amount"),
            models.UniqueConstraint(
                fields=["statement"], condition=Q(state__in=sorted(LIVE)), name="payouts_payment_one_live"
            ),
        ]


class BankFile(AppendOnly):
    """A message from the bank that was read, once."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of its bytes
    kind = models.CharField(max_length=10)
    message_id = models.CharField(max_length=35)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")


class BankReport(models.Model):
    """What a message says of one payment, or, unmatched, of none that we know of. Handled by an officer then."""

    class Mismatch(models.TextChoices):
        UNKNOWN = "unknown", _("no payment has this id")
        AMOUNT = "amount", _("the payment is of another amount")
        PAID_AGAIN = "paid_again", _("the statement was paid anew meanwhile")

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="reports")
    position = models.PositiveIntegerField()  # from 1, in the message
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="reports")
    mismatch = models.CharField(max_length=10, choices=Mismatch.choices, blank=True)  # empty: matched
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in PaymentState])
    end_to_end_id = models.CharField(max_length=35, blank=True)
    amount = models.BigIntegerField(null=True)  # öre, where money was booked
    booked_on = models.DateField(null=True)
    reason_code = models.CharField(max_length=35, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    handling = models.CharField(max_length=500, default="", blank=True)
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "position", "payment"], name="payouts_report_once"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, mismatch="") | Q(payment__isnull=True) & ~Q(mismatch=""),
                name="payouts_report_matched",
            ),
            models.CheckConstraint(condition=paired("handled_at", "handled_by"), name="payouts_report_handled"),
        ]


class SupplierInvoice(AppendOnly):
    """A supplier's invoice: the statement that it settles, or why it settles none."""

    class Mismatch(models.TextChoices):
        UNKNOWN = "unknown", _("there is no statement with this number")
        ROUTE = "route", _("the statement is not paid on an invoice")
        SUPPLIER = "supplier", _("the statement is another supplier's")
        AMOUNT = "amount", _("the statement is of another amount")
        SETTLED = "settled", _("the statement has its invoice already")

    number = models.CharField(max_length=100)
    supplier_number = models.CharField(max_length=10)  # organisation number, digits
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()  # öre, with tax
    issued_on = models.DateField()
    due_on = models.DateField(null=True)
    statement = models.OneToOneField(Statement, models.PROTECT, null=True, related_name="invoice")
    mismatch = models.CharField(max_length=10, choices=Mismatch.choices, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier_number", "number"], name="payouts_invoice_once"),
            models.CheckConstraint(
                condition=Q(statement__isnull=False, mismatch="") | Q(statement__isnull=True) & ~Q(mismatch=""),
                name="payouts_invoice_matched",
            ),
        ]


class Export(AppendOnly):
    """A file that was made of a run."""

    class Kind(models.TextChoices):
        PAIN001 = "pain001", _("payment orders (pain.001)")
        SIE = "sie", _("vouchers (SIE 4I)")
        XLSX = "xlsx", _("workbook")
        CSV = "csv", _("lines (CSV)")

    run = models.ForeignKey(Run, models.PROTECT, related_name="exports")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    batch = models.ForeignKey(PaymentBatch, models.PROTECT, null=True, related_name="exports")
    copy = models.PositiveSmallIntegerField()  # 0 the original; then the number of the copy
    row_count = models.PositiveIntegerField()
    total = models.BigIntegerField()  # öre
    digest = models.CharField(max_length=64)  # SHA-256 of its bytes
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

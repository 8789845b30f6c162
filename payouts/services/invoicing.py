"""Suppliers' invoices are matched with statements, to the öre; what does not fit is kept with the reason."""

from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, User
from backend.kernel.permissions import require_role
from contracts.models import ContractVersion
from payouts.files.ubl import Invoice, organisation_digits, read_invoice
from payouts.models import Statement, SupplierInvoice
from payouts.services.moving import wait_for_turn
from payouts.services.paying import settle_run

INVOICE_TWICE = rule("invoice_twice", gettext_noop("this supplier's invoice with this number is registered otherwise"))

INVOICE_LOCK = 741_857
Mismatch = SupplierInvoice.Mismatch


def receive_invoice(*, content: bytes, by: User | None, now: datetime) -> SupplierInvoice:
    """Register an e-invoice in Peppol BIS Billing 3; `by` is None on the command line."""
    return register_invoice(invoice=read_invoice(content), by=by, now=now)


@transaction.atomic
def register_invoice(*, invoice: Invoice, by: User | None, now: datetime) -> SupplierInvoice:
    """Register a supplier's invoice and match it with the statement that it refers to. Again, it changes nothing."""
    if by is not None:
        require_role(by, *FINANCE)
    wait_for_turn(INVOICE_LOCK)
    statement = Statement.objects.filter(number=invoice.reference).first()
    known = SupplierInvoice.objects.filter(supplier_number=invoice.supplier_number, number=invoice.number).first()
    if known:
        if _content(known) != _content(invoice):
            raise refuse(INVOICE_TWICE, field="number", value=invoice.number)
        return known
    mismatch = _mismatch(invoice, statement)
    registered = SupplierInvoice.objects.create(
        number=invoice.number,
        supplier_number=invoice.supplier_number,
        reference=invoice.reference,
        amount=invoice.amount,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        statement=None if mismatch else statement,
        mismatch=mismatch,
        received_at=now,
        received_by=by,
    )
    later = {"reference": invoice.reference, "amount": invoice.amount, "mismatch": mismatch}
    record_event(by=by, action="register_invoice", on=registered, now=now, later=later)
    if statement and not mismatch:
        settle_run(statement.run, by, now)
    return registered


def _content(invoice: Invoice | SupplierInvoice) -> tuple[str, int, date, date | None]:
    return invoice.reference, invoice.amount, invoice.issued_on, invoice.due_on


def _mismatch(invoice: Invoice, statement: Statement | None) -> str:
    if statement is None:
        return Mismatch.UNKNOWN
    if statement.conditions.route != ContractVersion.Route.E_INVOICE:
        return Mismatch.ROUTE
    if organisation_digits(statement.contract.provider.organisation_number) != invoice.supplier_number:
        return Mismatch.SUPPLIER
    if statement.payable != invoice.amount:
        return Mismatch.AMOUNT
    return Mismatch.SETTLED if SupplierInvoice.objects.filter(statement=statement).exists() else ""

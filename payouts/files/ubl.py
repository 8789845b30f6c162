"""A supplier's e-invoice in Peppol BIS Billing 3 (UBL 2.1): what of it is matched with a statement. Pure.

Strict about what is read: the profile, an invoice and no credit note, kronor, one statement number as order reference.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from backend.kernel.errors import gettext_noop, refuse, rule
from payouts.files.xml import Element, read_xml, text_at

NOT_AN_INVOICE = rule("invoice_file", gettext_noop("this is no invoice in Peppol BIS Billing 3 (UBL)"))
INVOICE_VALUE = rule("invoice_value", gettext_noop("this value of the invoice is missing or can't be read"))
INVOICE_SUM = rule("invoice_sum", gettext_noop("what is to be paid is not the sum with tax, {sum}"))

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
PROFILE = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
INVOICE = "380"
TEXT_MOST = 100


@dataclass(frozen=True, slots=True)
class Invoice:
    """What an invoice says; amounts in öre. `reference` is the statement's number, given as the order reference."""

    number: str
    supplier_number: str  # the supplier's organisation number, ten digits
    reference: str
    amount: int
    issued_on: date
    due_on: date | None


def read_invoice(content: bytes) -> Invoice:
    root = read_xml(content)
    if root.tag != f"{{{UBL}}}Invoice" or text_at(root, "CustomizationID") != PROFILE:
        raise refuse(NOT_AN_INVOICE, field="file", value=str(etree.QName(root).localname))
    if text_at(root, "InvoiceTypeCode") != INVOICE:
        raise refuse(NOT_AN_INVOICE, field="InvoiceTypeCode", value=text_at(root, "InvoiceTypeCode"))
    total = _ore(root, "LegalMonetaryTotal/TaxInclusiveAmount")
    payable = _ore(root, "LegalMonetaryTotal/PayableAmount")
    if payable != total:  # nothing is prepaid, and nothing rounded
        raise refuse(INVOICE_SUM, field="PayableAmount", value=payable, sum=total)
    due = text_at(root, "DueDate")
    return Invoice(
        number=_text(root, "ID"),
        supplier_number=organisation_digits(_text(root, "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID")),
        reference=_text(root, "OrderReference/ID"),
        amount=payable,
        issued_on=_day(root, "IssueDate"),
        due_on=_day(root, "DueDate") if due else None,
    )


def organisation_digits(number: str) -> str:
    """An organisation number as ten digits: 556000-0001 is 5560000001."""
    return "".join(sign for sign in number if sign.isdigit())[-10:]


def _text(root: Element, path: str) -> str:
    value = text_at(root, path)
    if not 0 < len(value) <= TEXT_MOST:
        raise refuse(INVOICE_VALUE, field=path, value=value)
    return value


def _ore(root: Element, path: str) -> int:
    element = root.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    currency = element.get("currencyID") if element is not None else None
    try:
        ore = Decimal(_text(root, path)) * 100
    except InvalidOperation as error:
        raise refuse(INVOICE_VALUE, field=path, value=text_at(root, path)) from error
    if currency != "SEK" or not ore.is_finite() or ore != int(ore) or not 0 <= ore < 10**15:
        raise refuse(INVOICE_VALUE, field=path, value=f"{text_at(root, path)} {currency}")
    return int(ore)


def _day(root: Element, path: str) -> date:
    try:
        return date.fromisoformat(_text(root, path))
    except ValueError as error:
        raise refuse(INVOICE_VALUE, field=path, value=text_at(root, path)) from error

"""Suppliers of the demonstration send their invoices for statements, in Peppol BIS Billing 3. Pure."""

from datetime import date
from typing import Any

from lxml import etree

from payouts.files.ubl import INVOICE, PROFILE, UBL

AGGREGATE = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
BASIC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def invoice(
    number: str, supplier: str, supplier_number: str, reference: str, amount: str, on: date, due: date
) -> bytes:
    """An invoice of `amount` kronor for the statement with the number `reference`."""
    root = etree.Element(f"{{{UBL}}}Invoice", nsmap={None: UBL, "cac": AGGREGATE, "cbc": BASIC})
    for name, text in (
        ("CustomizationID", PROFILE),
        ("ID", number),
        ("IssueDate", on.isoformat()),
        ("DueDate", due.isoformat()),
        ("InvoiceTypeCode", INVOICE),
        ("DocumentCurrencyCode", "SEK"),
    ):
        _basic(root, name, text)
    _basic(_aggregate(root, "OrderReference"), "ID", reference)
    entity = _aggregate(_aggregate(_aggregate(root, "AccountingSupplierParty"), "Party"), "PartyLegalEntity")
    _basic(entity, "RegistrationName", supplier)
    _basic(entity, "CompanyID", supplier_number)
    total = _aggregate(root, "LegalMonetaryTotal")
    for name in ("TaxInclusiveAmount", "PayableAmount"):
        _basic(total, name, amount).set("currencyID", "SEK")
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _aggregate(parent: Any, name: str) -> Any:
    return etree.SubElement(parent, f"{{{AGGREGATE}}}{name}")


def _basic(parent: Any, name: str, text: str) -> Any:
    child = etree.SubElement(parent, f"{{{BASIC}}}{name}")
    child.text = text
    return child

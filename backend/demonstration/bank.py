"""A small bank for the demonstration: it reads payment orders and answers them, as pain.002 and camt.054. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lxml import etree

from payouts.files.xml import all_at, read_xml, text_at

REPORT = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
NOTIFICATION = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


@dataclass(frozen=True, slots=True)
class Ordered:
    """A payment as the bank got it."""

    end_to_end_id: str
    amount: str  # kronor
    payment_id: str
    on: date


@dataclass(frozen=True, slots=True)
class Received:
    """An order that the bank got."""

    message_id: str
    payments: list[Ordered]


def receive(order: bytes) -> Received:
    """What a pain.001 message asks for."""
    message = read_xml(order)[0]
    payments = [
        Ordered(
            end_to_end_id=text_at(transfer, "PmtId/EndToEndId"),
            amount=text_at(transfer, "Amt/InstdAmt"),
            payment_id=text_at(block, "PmtInfId"),
            on=date.fromisoformat(text_at(block, "ReqdExctnDt/Dt")),
        )
        for block in all_at(message, "PmtInf")
        for transfer in all_at(block, "CdtTrfTxInf")
    ]
    return Received(text_at(message, "GrpHdr/MsgId"), payments)


def report(received: Received, at: datetime, rejected: Mapping[str, tuple[str, str]]) -> bytes:
    """A pain.002: each payment is accepted, or rejected (by its id) with a reason's code and words."""
    root, message = _message(REPORT, "CstmrPmtStsRpt", f"R-{received.message_id}", at)
    group = _add(message, "OrgnlGrpInfAndSts")
    _add(group, "OrgnlMsgId", received.message_id)
    _add(group, "OrgnlMsgNmId", "pain.001.001.09")
    _add(group, "GrpSts", "PART" if rejected else "ACCP")
    for payment_id in dict.fromkeys(payment.payment_id for payment in received.payments):
        block = _add(message, "OrgnlPmtInfAndSts")
        _add(block, "OrgnlPmtInfId", payment_id)
        for payment in (each for each in received.payments if each.payment_id == payment_id):
            transaction = _add(block, "TxInfAndSts")
            _add(transaction, "OrgnlEndToEndId", payment.end_to_end_id)
            reason = rejected.get(payment.end_to_end_id)
            _add(transaction, "TxSts", "RJCT" if reason else "ACCP")
            if reason:
                told = _add(transaction, "StsRsnInf")
                _add(_add(told, "Rsn"), "Cd", reason[0])
                _add(told, "AddtlInf", reason[1])
    return _bytes(root)


def notify(payments: Iterable[Ordered], message_id: str, at: datetime, *, returned: bool = False) -> bytes:
    """A camt.054: these payments were booked, or came back."""
    root, message = _message(NOTIFICATION, "BkToCstmrDbtCdtNtfctn", message_id, at)
    notification = _add(message, "Ntfctn")
    _add(notification, "Id", message_id)
    _add(_add(_add(_add(notification, "Acct"), "Id"), "Othr"), "Id", "1")
    for payment in payments:
        entry = _add(notification, "Ntry")
        _add(entry, "Amt", payment.amount).set("Ccy", "SEK")
        _add(entry, "CdtDbtInd", "CRDT" if returned else "DBIT")
        _add(_add(entry, "Sts"), "Cd", "BOOK")
        _add(_add(entry, "BookgDt"), "Dt", payment.on.isoformat())
        details = _add(_add(entry, "NtryDtls"), "TxDtls")
        _add(_add(details, "Refs"), "EndToEndId", payment.end_to_end_id)
        _add(details, "Amt", payment.amount).set("Ccy", "SEK")
        _add(details, "CdtDbtInd", "CRDT" if returned else "DBIT")
        if returned:
            _add(_add(_add(details, "RtrInf"), "Rsn"), "Cd", "AC04")
    return _bytes(root)


def _message(namespace: str, name: str, message_id: str, at: datetime) -> tuple[Any, Any]:
    root = etree.Element("Document", nsmap={None: namespace})
    message = _add(root, name)
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", at.isoformat(timespec="seconds"))
    return root, message


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, name)
    child.text = text
    return child


def _bytes(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))

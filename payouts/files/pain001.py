"""Payment orders as ISO 20022 pain.001.001.09, in Swedish common usage: Bankgiro, Plusgiro and IBAN. Pure.

What is paid to a giro names the clearing (SESBA 9900 for Bankgiro, 9960 for Plusgiro) in place of a bank; a Bankgiro
number has the scheme BGNR, a Plusgiro number the scheme BBAN. The same order always gives the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from lxml import etree

from backend.kernel.calendar import LOCAL_TIME
from backend.kernel.money import plain_kronor

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_MOST = 70
CURRENCY = "SEK"


class Scheme(StrEnum):
    """What an account's number is, as the register of providers says it."""

    BANKGIRO = "bankgiro"
    PLUSGIRO = "plusgiro"
    IBAN = "iban"


CLEARING = {Scheme.BANKGIRO: "9900", Scheme.PLUSGIRO: "9960"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a bank: its number without spaces and hyphens; the BIC where the bank is named."""

    scheme: Scheme
    number: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment: öre to whom, on which day at the earliest, and what it is for."""

    end_to_end_id: str
    amount: int
    payee: str
    account: Account
    on: date
    reference: str


@dataclass(frozen=True, slots=True)
class Order:
    """All that one message asks the bank to pay. `agreement`: the payer's customer number at the bank."""

    message_id: str
    made_at: datetime
    payer: str
    organisation_number: str
    agreement: str
    account: Account
    transfers: Sequence[Transfer]


def write_order(order: Order) -> bytes:
    """The message as UTF-8."""
    root = etree.Element("Document", nsmap={None: NAMESPACE})
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", order.message_id)
    _add(header, "CreDtTm", order.made_at.astimezone(LOCAL_TIME).isoformat(timespec="seconds"))
    _totals(header, order.transfers)
    _party(_add(header, "InitgPty"), order.payer, order.agreement, "BANK")
    in_order = sorted(order.transfers, key=lambda transfer: (transfer.on, transfer.end_to_end_id))
    for number, (day, some) in enumerate(groupby(in_order, key=lambda transfer: transfer.on), start=1):
        _payments(initiation, order, f"{order.message_id}-{number}", day, list(some))
    etree.indent(root)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _payments(initiation: Any, order: Order, payment_id: str, day: date, transfers: Sequence[Transfer]) -> None:
    block = _add(initiation, "PmtInf")
    _add(block, "PmtInfId", payment_id)
    _add(block, "PmtMtd", "TRF")
    _totals(block, transfers)
    _add(_add(_add(block, "PmtTpInf"), "SvcLvl"), "Cd", "NURG")
    _add(_add(block, "ReqdExctnDt"), "Dt", day.isoformat())
    _party(_add(block, "Dbtr"), order.payer, order.organisation_number, "COID")
    _account(_add(block, "DbtrAcct"), order.account)
    _add(_add(_add(block, "DbtrAgt"), "FinInstnId"), "BICFI", order.account.bic)
    for transfer in transfers:
        _transfer(_add(block, "CdtTrfTxInf"), transfer)


def _transfer(block: Any, transfer: Transfer) -> None:
    identity = _add(block, "PmtId")
    _add(identity, "InstrId", transfer.end_to_end_id)
    _add(identity, "EndToEndId", transfer.end_to_end_id)
    _add(_add(block, "Amt"), "InstdAmt", plain_kronor(transfer.amount)).set("Ccy", CURRENCY)
    bank = _add(_add(block, "CdtrAgt"), "FinInstnId")
    if transfer.account.scheme is Scheme.IBAN:
        _add(bank, "BICFI", transfer.account.bic)
    else:
        clearing = _add(bank, "ClrSysMmbId")
        _add(_add(clearing, "ClrSysId"), "Cd", "SESBA")
        _add(clearing, "MmbId", CLEARING[transfer.account.scheme])
    payee = _add(block, "Cdtr")
    _add(payee, "Nm", transfer.payee[:NAME_MOST])
    _add(_add(payee, "PstlAdr"), "Ctry", "SE")
    _account(_add(block, "CdtrAcct"), transfer.account)
    _add(_add(block, "RmtInf"), "Ustrd", transfer.reference)


def _totals(block: Any, transfers: Sequence[Transfer]) -> None:
    _add(block, "NbOfTxs", str(len(transfers)))
    _add(block, "CtrlSum", plain_kronor(sum(transfer.amount for transfer in transfers)))


def _party(block: Any, name: str, number: str, scheme: str) -> None:
    _add(block, "Nm", name[:NAME_MOST])
    other = _add(_add(_add(block, "Id"), "OrgId"), "Othr")
    _add(other, "Id", number)
    _add(_add(other, "SchmeNm"), "Cd", scheme)


def _account(block: Any, account: Account) -> None:
    identity = _add(block, "Id")
    if account.scheme is Scheme.IBAN:
        _add(identity, "IBAN", account.number)
        return
    other = _add(identity, "Othr")
    _add(other, "Id", account.number)
    scheme = _add(other, "SchmeNm")
    if account.scheme is Scheme.BANKGIRO:
        _add(scheme, "Prtry", "BGNR")
    else:
        _add(scheme, "Cd", "BBAN")


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, name)
    child.text = text
    return child

"""What the bank says of payments: pain.002 (status report) and camt.054 (what was booked). Pure.

Read without regard to the version of the message: the elements that are needed have been the same since version 2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from backend.kernel.errors import gettext_noop, refuse, rule
from payouts.files.xml import Element, all_at, read_xml, text_at
from payouts.states import PaymentState

NOT_AN_ANSWER = rule("bank_file", gettext_noop("this is neither a pain.002 nor a camt.054 message"))
ANSWER_VALUE = rule("bank_value", gettext_noop("an amount, a day or an id in the bank's file can't be read"))

_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.054)\.001\.\d\d")
REPORT, NOTIFICATION = "pain.002", "camt.054"
# what is neither accepted nor refused yet (RCVD, PDNG, PART) changes nothing
STATUSES = dict.fromkeys(
    ("ACTC", "ACCP", "ACSP", "ACWC", "ACFC", "ACSC", "ACCC"), PaymentState.ACCEPTED
) | dict.fromkeys(("RJCT", "CANC"), PaymentState.REJECTED)
NOT_PROVIDED = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one payment, by its id; without one, of all payments of the message with `message_id`.

    `amount` (öre) and `booked_on` are told where money was booked.
    """

    state: PaymentState
    end_to_end_id: str = ""
    message_id: str = ""
    amount: int | None = None
    booked_on: date | None = None
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BankMessage:
    """A message: `pain.002` or `camt.054`, its own id, and its answers in order."""

    kind: str
    message_id: str
    answers: list[Answer]


def read_bank_message(content: bytes) -> BankMessage:
    """DomainError if the file is no such message, or a value in it can't be read."""
    root = read_xml(content)
    found = _MESSAGE.fullmatch(etree.QName(root).namespace or "")
    if found is None or not len(root):
        raise refuse(NOT_AN_ANSWER, field="file", value=root.tag)
    kind, message = found[1], root[0]
    answers = _reported(message) if kind == REPORT else _booked(message)
    return BankMessage(kind, _id(message, "GrpHdr/MsgId"), list(answers))


def _reported(message: Element) -> Iterator[Answer]:
    group = message.find("{*}OrgnlGrpInfAndSts")
    if group is None:
        raise refuse(ANSWER_VALUE, field="OrgnlGrpInfAndSts", value="")
    whole = STATUSES.get(text_at(group, "GrpSts"))
    blocks = all_at(message, "OrgnlPmtInfAndSts")
    if whole and not any(all_at(block, "TxInfAndSts") for block in blocks):
        code, reason = _reason(group)
        yield Answer(whole, message_id=_id(group, "OrgnlMsgId"), reason_code=code, reason=reason)
    for block in blocks:
        for transaction in all_at(block, "TxInfAndSts"):
            state = STATUSES.get(text_at(transaction, "TxSts") or text_at(block, "PmtInfSts"))
            if state:
                code, reason = _reason(transaction)
                yield Answer(state, _id(transaction, "OrgnlEndToEndId"), reason_code=code, reason=reason)


def _reason(element: Element) -> tuple[str, str]:
    """The reason's code, and what is added in words."""
    code = text_at(element, "StsRsnInf/Rsn/Cd") or text_at(element, "StsRsnInf/Rsn/Prtry")
    said = [(each.text or "").strip() for each in all_at(element, "StsRsnInf/AddtlInf")]
    return code[:35], " ".join(said)[:200]


def _booked(message: Element) -> Iterator[Answer]:
    for entry in all_at(message, "Ntfctn/Ntry"):
        if (text_at(entry, "Sts/Cd") or text_at(entry, "Sts")) != "BOOK":
            continue
        booked_on = _day(text_at(entry, "BookgDt/Dt") or text_at(entry, "BookgDt/DtTm")[:10])
        for details in all_at(entry, "NtryDtls/TxDtls") or [entry]:
            yield _booking(entry, details, booked_on)


def _booking(entry: Element, details: Element, booked_on: date) -> Answer:
    """Money that left is paid; money that came back, by a return or a reversal, is returned."""
    direction = text_at(details, "CdtDbtInd") or text_at(entry, "CdtDbtInd")
    is_returned = direction == "CRDT" or text_at(entry, "RvslInd") == "true"
    amount = text_at(details, "AmtDtls/TxAmt/Amt") or text_at(details, "Amt") or text_at(entry, "Amt")
    identity = text_at(details, "Refs/EndToEndId")
    return Answer(
        PaymentState.RETURNED if is_returned else PaymentState.PAID,
        end_to_end_id="" if identity == NOT_PROVIDED else identity[:35],
        amount=_ore(amount),
        booked_on=booked_on,
        reason_code=text_at(details, "RtrInf/Rsn/Cd")[:35],
        reason=text_at(details, "RtrInf/AddtlInf")[:200],
    )


def _id(element: Element, path: str) -> str:
    value = text_at(element, path)
    if not 0 < len(value) <= 35:
        raise refuse(ANSWER_VALUE, field=path, value=value)
    return value


def _ore(text: str) -> int:
    try:
        ore = Decimal(text) * 100
    except InvalidOperation as error:
        raise refuse(ANSWER_VALUE, field="Amt", value=text) from error
    if not ore.is_finite() or ore != int(ore) or not 0 <= ore < 10**15:
        raise refuse(ANSWER_VALUE, field="Amt", value=text)
    return int(ore)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise refuse(ANSWER_VALUE, field="BookgDt", value=text) from error

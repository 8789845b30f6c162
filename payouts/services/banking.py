"""The bank's messages bring each payment to what became of it, in whatever order and however often they are read."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import FINANCE, User
from backend.kernel.permissions import require_role
from payouts.files.bank_answers import Answer, read_bank_message
from payouts.models import BankFile, BankReport, Payment, PaymentBatch, Run
from payouts.services.moving import wait_for_turn
from payouts.services.paying import settle_run
from payouts.states import LIVE, PAYMENT_RANK, PaymentState

HANDLING = rule("report_handling", gettext_noop("what was done about it is said in 1 to {most} characters"))
HANDLED_ALREADY = rule("report_handled", gettext_noop("this entry is matched, or handled already"))

BANK_LOCK = 741_856
HANDLING_MOST = 500
Mismatch = BankReport.Mismatch


@dataclass(frozen=True, slots=True)
class Imported:
    """A message that was read. `is_new` is false if it was read before: then nothing changed."""

    file: BankFile
    is_new: bool
    matched: int
    unmatched: int


@transaction.atomic
def import_bank_file(*, name: str, content: bytes, by: User | None, now: datetime) -> Imported:
    """Read a pain.002 or camt.054 message; `by` is None on the command line.

    A payment's state is the highest that any message has told. What fits no payment is kept for an officer.
    """
    if by is not None:
        require_role(by, *FINANCE)
    wait_for_turn(BANK_LOCK)
    digest = hashlib.sha256(content).hexdigest()
    if known := BankFile.objects.filter(digest=digest).first():
        return Imported(known, False, 0, 0)
    message = read_bank_message(content)
    file = BankFile.objects.create(
        name=name[:200],
        digest=digest,
        kind=message.kind,
        message_id=message.message_id,
        received_at=now,
        received_by=by,
    )
    reports = list(_reports(file, message.answers))
    BankReport.objects.bulk_create(reports)
    matched = [report for report in reports if report.payment]
    _raise_payments(matched)
    for run in Run.objects.filter(statements__payments__reports__file=file).distinct().order_by("sequence"):
        settle_run(run, by, now)
    later = {"digest": digest, "matched": len(matched), "unmatched": len(reports) - len(matched)}
    record_event(by=by, action="import_bank_file", on=file, now=now, later=later)
    return Imported(file, True, len(matched), len(reports) - len(matched))


def _reports(file: BankFile, answers: Sequence[Answer]) -> Iterator[BankReport]:
    known = _payments(answers)
    for position, answer in enumerate(answers, start=1):
        key = answer.end_to_end_id or answer.message_id
        for payment in known.get(key, []) if key else []:
            yield _report(file, position, answer, payment, _mismatch(answer, payment))
        if not key or key not in known:
            yield _report(file, position, answer, None, Mismatch.UNKNOWN)


def _payments(answers: Sequence[Answer]) -> Mapping[str, list[Payment]]:
    """The payments that answers are about, by their own ids and by those of their messages; locked."""
    payments = Payment.objects.select_for_update().order_by("pk")
    ids = {answer.end_to_end_id for answer in answers if answer.end_to_end_id}
    known = {payment.end_to_end_id: [payment] for payment in payments.filter(end_to_end_id__in=ids)}
    for message_id in {answer.message_id for answer in answers if not answer.end_to_end_id}:
        if batch := PaymentBatch.with_message(message_id):
            known[message_id] = list(payments.filter(batch=batch))
    return known


def _mismatch(answer: Answer, payment: Payment) -> str:
    if answer.amount is not None and answer.amount != payment.amount:
        return Mismatch.AMOUNT
    if answer.state == PaymentState.PAID and payment.state == PaymentState.REJECTED:
        others = Payment.objects.filter(statement=payment.statement_id, state__in=LIVE)
        return Mismatch.PAID_AGAIN if others.exists() else ""
    return ""


def _report(file: BankFile, position: int, answer: Answer, payment: Payment | None, mismatch: str) -> BankReport:
    return BankReport(
        file=file,
        position=position,
        payment=None if mismatch else payment,
        mismatch=mismatch,
        state=answer.state,
        end_to_end_id=answer.end_to_end_id or (payment.end_to_end_id if payment else ""),
        amount=answer.amount,
        booked_on=answer.booked_on,
        reason_code=answer.reason_code,
        reason=answer.reason,
    )


def _raise_payments(reports: Sequence[BankReport]) -> None:
    """The highest state that is told counts."""
    for report in reports:
        payment = report.payment
        if payment and PAYMENT_RANK[PaymentState(report.state)] > PAYMENT_RANK[PaymentState(payment.state)]:
            payment.state = report.state
            payment.save(update_fields=["state"])


@transaction.atomic
def handle_report(*, report: BankReport, handling: str, by: User, now: datetime) -> BankReport:
    """Note what was done about an entry that fits no payment."""
    require_role(by, *FINANCE)
    if not 0 < len(handling.strip()) <= HANDLING_MOST:
        raise refuse(HANDLING, field="handling", value=handling, most=HANDLING_MOST)
    report = BankReport.objects.select_for_update().get(pk=report.pk)
    if report.payment_id is not None or report.handled_at is not None:
        raise refuse(HANDLED_ALREADY, field="report", value=report.pk)
    report.handling, report.handled_at, report.handled_by = handling, now, by
    report.save(update_fields=["handling", "handled_at", "handled_by"])
    record_event(by=by, action="handle_report", on=report, now=now, later={"handling": handling})
    return report

"""What is paid here is ordered at the bank, once; a run is settled when nothing of it is left to pay."""

from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from payouts.models import Payer, Payment, PaymentBatch, Run
from payouts.payables import Payable, payables_of, payer_on, unsettled_statements
from payouts.services.moving import lock_run, move_run
from payouts.states import PaymentState, RunState
from providers.models import BankAccount
from providers.services import checked_bic, checked_number

NO_PAYER = rule("payer_missing", gettext_noop("nobody has recorded as whom the municipality pays on {day}"))
NOTHING_TO_PAY = rule("nothing_to_pay", gettext_noop("nothing of this run can be paid to an account now"))
NO_BATCH = rule("batch_unknown", gettext_noop("the run has no payment batch with this number"))
PAYER_NUMBER = rule("payer_number", gettext_noop("an organisation number has ten digits"))


@transaction.atomic
def record_payer(
    *,
    valid_from: date,
    name: str,
    organisation_number: str,
    agreement: str,
    account_scheme: BankAccount.Scheme,
    account_number: str,
    bic: str,
    payable_account: str,
    internal_account: str,
    tax_account: str,
    accrued_account: str,
    by: User,
    now: datetime,
) -> Payer:
    """Record as whom the municipality pays from a day on: at the bank, and in the books."""
    require_role(by, Role.ADMINISTRATOR)
    number, bic = checked_number(account_scheme, account_number), checked_bic(bic)
    digits = organisation_number.replace("-", "")
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit():
        raise refuse(PAYER_NUMBER, field="organisation_number", value=organisation_number)
    payer = Payer.objects.create(
        valid_from=valid_from,
        name=name,
        organisation_number=digits,
        agreement=agreement,
        account_scheme=account_scheme,
        account_number=number,
        bic=bic,
        payable_account=payable_account,
        internal_account=internal_account,
        tax_account=tax_account,
        accrued_account=accrued_account,
        recorded_at=now,
        recorded_by=by,
    )
    record_event(by=by, action="record_payer", on=payer, now=now, later={"valid_from": valid_from, "number": number})
    return payer


def governing_payer(now: datetime) -> Payer:
    """DomainError if nobody has recorded as whom the municipality pays."""
    day = local_day(now)
    payer = payer_on(day)
    if payer is None:
        raise refuse(NO_PAYER, field="payer", value=None, day=day)
    return payer


def order_payments(run: Run, number: int | None, by: User | None, now: datetime) -> PaymentBatch:
    """The batch of a locked run with a number; without one a new batch of all that can be paid, or else the newest."""
    if number is not None:
        batch = run.batches.filter(number=number).first()
        if batch is None:
            raise refuse(NO_BATCH, field="batch", value=number)
        return batch
    payable = [each for each in payables_of(run) if each.why_not is None]
    newest = run.batches.order_by("number").last()
    if not payable and newest is None:
        raise refuse(NOTHING_TO_PAY, field="run", value=run.sequence)
    if not payable and newest is not None:
        return newest
    batch = PaymentBatch.objects.create(
        run=run, number=newest.number + 1 if newest else 1, payer=governing_payer(now), made_at=now, made_by=by
    )
    Payment.objects.bulk_create(_payment(batch, each, local_day(now)) for each in payable)
    later = {"batch": batch.number, "payments": len(payable), "total": sum(each.statement.payable for each in payable)}
    record_event(by=by, action="order_payments", on=run, now=now, later=later)
    return batch


def _payment(batch: PaymentBatch, payable: Payable, today: date) -> Payment:
    statement = payable.statement
    return Payment(
        batch=batch,
        statement=statement,
        account=payable.account,
        payee=statement.contract.provider.name,
        amount=statement.payable,
        pay_on=max(statement.due_on, today),
        end_to_end_id=f"{statement.number}-{payable.attempt}",
        state=PaymentState.SENT,
    )


def settle_run(run: Run, by: User | None, now: datetime) -> Run:
    """Bring an exported run to settled once nothing of it is left to pay, and back if a payment came back."""
    run = lock_run(run)
    is_settled = not unsettled_statements(run).exists()
    if run.state in (RunState.EXPORTED, RunState.SETTLED) and is_settled is not (run.state == RunState.SETTLED):
        move_run(run, RunState.SETTLED if is_settled else RunState.EXPORTED)
        record_event(by=by, action="settle_run" if is_settled else "unsettle_run", on=run, now=now)
    return run

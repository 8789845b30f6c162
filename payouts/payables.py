"""Questions to statements and payments: what can be paid, why something can't, and what is not settled yet."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from contracts.models import ContractVersion
from payouts.models import BankReport, Export, Hold, Payer, Payment, Run, Statement, SupplierInvoice
from payouts.states import LIVE, PaymentState
from providers.models import BankAccount

Route = ContractVersion.Route


class WhyNot(StrEnum):
    """Why a statement that is paid directly is not ordered yet."""

    HELD = "held"  # its contract or provider is
    NO_ACCOUNT = "no_account"  # that a second officer confirmed
    SENT_BACK = "sent_back"  # the bank did, and no account was confirmed since


@dataclass(frozen=True, slots=True)
class Payable:
    """A statement that is to be paid by us and has no live payment; `why_not` is empty if it can be ordered now."""

    statement: Statement  # with contract and provider
    account: BankAccount | None
    attempt: int  # from 1
    why_not: WhyNot | None


def payables_of(run: Run) -> list[Payable]:
    """What is still to be ordered of a run's statements, in order of their numbers."""
    live = Payment.objects.filter(statement=OuterRef("pk"), state__in=LIVE)
    statements = run.statements.filter(~Exists(live), conditions__route=Route.DIRECT, payable__gt=0)
    waiting = list(statements.select_related("contract__provider").order_by("number"))
    providers = {statement.contract.provider_id for statement in waiting}
    usable = BankAccount.objects.filter(provider__in=providers, confirmed_at__isnull=False, ended_at=None)
    accounts = {account.provider_id: account for account in usable}
    attempts = Payment.objects.filter(statement__in=waiting)
    sent_back = _sent_back(waiting)
    held = _held(waiting)
    found = []
    for statement in waiting:
        account = accounts.get(statement.contract.provider_id)
        why = _why_not(account, sent_back.get(statement.pk), statement.pk in held)
        attempt = sum(payment.statement_id == statement.pk for payment in attempts) + 1
        found.append(Payable(statement, account, attempt, why))
    return found


def _why_not(account: BankAccount | None, sent_back: datetime | None, is_held: bool) -> WhyNot | None:
    if is_held:
        return WhyNot.HELD
    if account is None or account.confirmed_at is None:
        return WhyNot.NO_ACCOUNT
    return WhyNot.SENT_BACK if sent_back and account.confirmed_at <= sent_back else None


def _sent_back(statements: list[Statement]) -> dict[int, datetime]:
    """By statement, when the bank's last refusal of a payment was read."""
    reports = BankReport.objects.filter(
        payment__statement__in=statements, state__in=[PaymentState.REJECTED, PaymentState.RETURNED]
    )
    return dict(reports.values_list("payment__statement").annotate(Max("file__received_at")))


def _held(statements: list[Statement]) -> set[int]:
    """Statements whose contract or provider is held, which was done after they were made."""
    holds = Hold.objects.filter(released_at=None)
    contracts = set(holds.filter(contract__isnull=False).values_list("contract", flat=True))
    providers = set(holds.filter(provider__isnull=False).values_list("provider", flat=True))
    return {
        statement.pk
        for statement in statements
        if statement.contract_id in contracts or statement.contract.provider_id in providers
    }


def unsettled_statements(run: Run) -> QuerySet[Statement]:
    """Statements with something to pay that is not paid, invoiced or booked yet, by their route."""
    paid = Payment.objects.filter(statement=OuterRef("pk"), state=PaymentState.PAID)
    invoiced = SupplierInvoice.objects.filter(statement=OuterRef("pk"))
    booked = Export.objects.filter(run=OuterRef("run"), kind=Export.Kind.SIE)
    return run.statements.filter(
        Q(conditions__route=Route.DIRECT) & ~Exists(paid)
        | Q(conditions__route=Route.E_INVOICE) & ~Exists(invoiced)
        | Q(conditions__route=Route.INTERNAL) & ~Exists(booked),
        payable__gt=0,
    ).order_by("number")


def unmatched_reports() -> QuerySet[BankReport]:
    """What the bank told of payments that we do not know, and nobody has handled yet; the oldest first."""
    return BankReport.objects.filter(payment=None, handled_at=None).select_related("file").order_by("pk")


def payer_on(day: date) -> Payer | None:
    """How the bank and the books know the municipality on a day."""
    return Payer.objects.filter(valid_from__lte=day).order_by("-recorded_at", "-pk").first()

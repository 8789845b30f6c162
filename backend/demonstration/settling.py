"""After each month: two officers sign, what is paid leaves, and a month later bank and suppliers have answered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.demonstration.bank import Received, notify, receive, report
from backend.demonstration.months import ANSWERED, ATTESTED, EXAMINED, EXPORTED
from backend.demonstration.playing import Play
from backend.demonstration.register import checked
from backend.demonstration.suppliers import invoice
from backend.kernel.calendar import local_day
from backend.kernel.money import plain_kronor
from contracts.models import ContractVersion
from payouts.models import Export, Payment, Run, Signature
from payouts.parts import parts_of
from payouts.payables import payables_of
from payouts.services import (
    allocate_run,
    answer_findings,
    attest_run,
    examine_run,
    export_run,
    import_bank_file,
    receive_invoice,
)
from providers.models import BankAccount
from providers.services import confirm_account, enter_account

ANSWER = "Granskat mot avtal och uppgifter: beloppet stämmer."
REFUSED_MONTH = 10  # in which the bank refuses a payment
REFUSAL = ("AC04", "Kontot är avslutat")


@dataclass(slots=True)
class Settling:
    """The officers' work after a run, and what has been ordered of the newest exported one."""

    play: Play
    ordered: list[tuple[Run, Received]] = field(default_factory=list)  # what the bank has not answered yet

    def attest(self, month: int, run: Run) -> None:
        """Two other finance officers stand behind the run, once what the controls found is answered."""
        (examiner,), (decider,) = self.play.registered.doing("examines"), self.play.registered.doing("decides")
        examined, attested = self.play.months.after(month, EXAMINED), self.play.months.after(month, ATTESTED)
        examine_run(run=run, by=examiner, now=examined)
        parts = parts_of(run)
        if asked := [finding.pk for part in parts.values() for finding in part.unanswered]:
            answer_findings(findings=asked, answer=ANSWER, by=examiner, now=examined)
        seals = {code: part.seal for code, part in parts.items()}
        for signature, by, now in ((Signature.EXAMINER, examiner, examined), (Signature.DECIDER, decider, attested)):
            attest_run(
                run=run, signature=signature, seals=seals, has_no_conflict=True, by=by, now=now, second_factor_at=now
            )
        allocate_run(run=run, by=decider, now=attested)

    def export(self, month: int, run: Run) -> None:
        """Vouchers go to the books, and orders to the bank."""
        now = self.play.months.after(month, EXPORTED)
        self._export(run, Export.Kind.SIE, now)
        if any(payable.why_not is None for payable in payables_of(run)):
            self._order(run, now)

    def _order(self, run: Run, now: datetime) -> None:
        self.ordered.append((run, receive(self._export(run, Export.Kind.PAIN001, now))))

    def _export(self, run: Run, kind: Export.Kind, now: datetime) -> bytes:
        (decider,) = self.play.registered.doing("decides")
        return export_run(run=run, kind=kind, by=decider, now=now).content

    def answer(self, month: int, run: Run) -> None:
        """The bank and the suppliers answer on the last day of the month after."""
        now = self.play.months.closing(month + 1, ANSWERED)
        self._invoice(run, now)
        while self.ordered and self.ordered[0][0] == run:
            _, received = self.ordered.pop(0)
            self._answer(month, run, received, now)

    def _answer(self, month: int, run: Run, received: Received, now: datetime) -> None:
        refused = {}
        if month == REFUSED_MONTH and received.message_id.endswith("-01"):
            refused = {received.payments[0].end_to_end_id: REFUSAL}
        paid = [payment for payment in received.payments if payment.end_to_end_id not in refused]
        self._read(report(received, now, refused), f"pain002-{received.message_id}.xml", now)
        self._read(notify(paid, f"N-{received.message_id}", now), f"camt054-{received.message_id}.xml", now)
        for end_to_end_id in refused:
            self._pay_anew(run, end_to_end_id, now)

    def _pay_anew(self, run: Run, end_to_end_id: str, now: datetime) -> None:
        """The provider has another account, a second officer confirms it, and the statement is ordered once more."""
        (starter,), (decider,) = self.play.registered.doing("starts"), self.play.registered.doing("decides")
        provider = Payment.objects.get(end_to_end_id=end_to_end_id).statement.contract.provider
        later = now + timedelta(minutes=10)
        account = enter_account(
            provider=provider, scheme=BankAccount.Scheme.BANKGIRO, number=checked("7000000"), by=starter, now=later
        )
        confirm_account(account=account, by=decider, now=later)
        self._order(run, later)
        self.ordered.insert(0, self.ordered.pop())

    def _invoice(self, run: Run, now: datetime) -> None:
        (examiner,) = self.play.registered.doing("examines")
        statements = run.statements.filter(conditions__route=ContractVersion.Route.E_INVOICE, payable__gt=0)
        for statement in statements.select_related("contract__provider"):
            provider = statement.contract.provider
            content = invoice(
                number=f"F-{statement.number}",
                supplier=provider.name,
                supplier_number=provider.organisation_number,
                reference=statement.number,
                amount=plain_kronor(statement.payable),
                on=local_day(now),
                due=statement.due_on,
            )
            receive_invoice(content=content, by=examiner, now=now)

    def _read(self, content: bytes, name: str, now: datetime) -> None:
        (examiner,) = self.play.registered.doing("examines")
        import_bank_file(name=name, content=content, by=examiner, now=now)

"""From statements to money: orders, copies, the bank's answers, invoices, vouchers, and a run that is settled."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import DatabaseError, transaction
from openpyxl import load_workbook

from backend.demonstration.bank import notify, receive, report
from backend.kernel.models import Role, User
from contracts.models import ContractVersion
from contracts.services import set_budget
from payouts.files.ubl import Invoice, read_invoice
from payouts.models import BankReport, Export, Hold, Payment, Run, Statement, SupplierInvoice
from payouts.payables import WhyNot, payables_of, unmatched_reports
from payouts.services import (
    export_run,
    handle_report,
    import_bank_file,
    place_hold,
    receive_invoice,
    register_invoice,
    release_holds,
)
from payouts.services.exporting import Exported
from payouts.states import LIVE, PAYMENT_RANK, PaymentState, RunState
from providers.models import Provider
from providers.services import confirm_account, end_account
from tests.invoices import INVOICE
from tests.run_steps import DAY, assert_ledger_is_clean, queue, refusal
from tests.town import Town, attendance, noon, person

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
FEBRUARY, MARCH = date(2025, 2, 28), date(2025, 3, 31)
AT = noon(date(2025, 3, 3))
START_PART = 600_000
Route, Vat, Kind = ContractVersion.Route, ContractVersion.Vat, Export.Kind
SECOND_DAY = date(2025, 1, 2)


@pytest.fixture
def town() -> Town:
    """A provider that is paid directly for two start parts."""
    town = Town()
    town.record_payer()
    for number in ("P1", "P2"):
        earn(town, number)
    return town


def earn(town: Town, number: str, through: date = date(2025, 2, 12)) -> None:
    town.refer(number, START - 5 * DAY, START)
    town.tell(through, attendance(f"a-{number}", number, START, through, 20))


def export(run: Run, kind: Export.Kind = Kind.PAIN001, now: object = AT, **more: object) -> Exported:
    return export_run(run=run, kind=kind, by=None, now=now, **more)  # type: ignore[arg-type]


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.state


def states() -> list[str]:
    return list(Payment.objects.order_by("end_to_end_id").values_list("state", flat=True))


def read(content: bytes, now: object = AT, name: str = "answer.xml") -> tuple[bool, int, int]:
    imported = import_bank_file(name=name, content=content, by=None, now=now)  # type: ignore[arg-type]
    return imported.is_new, imported.matched, imported.unmatched


# --- orders


def test_what_is_paid_here_is_ordered_once_and_a_second_export_is_a_copy(town: Town) -> None:
    other = Town(number=2)
    earn(other, "P3")
    run = town.pay(FEBRUARY)
    first = export(run)
    assert (first.name, first.export.copy) == ("utfall-0001-pain001-01.xml", 0)
    assert (first.export.row_count, first.export.total) == (2, 3 * START_PART)
    assert state(run) == RunState.EXPORTED
    copy = export(run, now=AT + timedelta(days=3))
    assert (copy.name, copy.export.copy, copy.content) == ("utfall-0001-pain001-01-kopia-1.xml", 1, first.content)
    assert list(Payment.objects.order_by("end_to_end_id").values_list("end_to_end_id", "amount", "state")) == [
        ("U0001-0001-1", 2 * START_PART, "sent"),
        ("U0001-0002-1", START_PART, "sent"),
    ]
    assert_ledger_is_clean()


def test_nothing_is_paid_before_the_run_is_attested(town: Town) -> None:
    run = town.compute(FEBRUARY)
    assert refusal(lambda: export(run)) == "allocate_attested"
    assert refusal(lambda: export(run, Kind.SIE)) == "allocate_attested"
    assert not Export.objects.exists()


def test_only_what_is_paid_here_reaches_the_bank(town: Town) -> None:
    invoiced = Town(number=2, terms={"route": Route.E_INVOICE})
    internal = Town(number=3, kind=Provider.Kind.IN_HOUSE)
    earn(invoiced, "P3")
    earn(internal, "P4")
    run = town.pay(FEBRUARY)
    made = export(run)
    assert (made.export.row_count, made.export.total) == (1, 2 * START_PART)
    assert run.statements.count() == 3
    assert_ledger_is_clean()


def test_an_account_that_nobody_confirmed_waits_for_its_own_batch(town: Town) -> None:
    other = Town(number=2)
    earn(other, "P3")
    run = town.pay(FEBRUARY)
    end_account(account=other.papers, by=other.decider, now=AT)
    account = other.open_account(AT.date(), "123-4566", confirmed=False)
    first = export(run)
    assert first.export.row_count == 1
    (waiting,) = payables_of(run)
    assert (waiting.statement.contract, waiting.why_not) == (other.contract, WhyNot.NO_ACCOUNT)
    assert export(run).content == first.content
    confirm_account(account=account, by=other.decider, now=AT)
    second = export(run)
    assert (second.name, second.export.total) == ("utfall-0001-pain001-02.xml", START_PART)
    assert export(run, batch=1).content == first.content
    assert refusal(lambda: export(run, batch=3)) == "batch_unknown"
    assert_ledger_is_clean()


def test_a_hold_after_the_statement_keeps_the_money_here(town: Town) -> None:
    run = town.allocate(town.pay(FEBRUARY))
    place_hold(target=town.provider, reason="under inquiry", by=town.handler, now=AT)
    assert [each.why_not for each in payables_of(run)] == [WhyNot.HELD]
    assert refusal(lambda: export(run)) == "nothing_to_pay"


def test_without_a_payer_nothing_leaves() -> None:
    town = Town()
    earn(town, "P1")
    run = town.pay(FEBRUARY)
    assert refusal(lambda: export(run)) == "payer_missing"
    assert state(run) == RunState.ATTESTED


def test_who_may_export_what(town: Town) -> None:
    run = town.pay(FEBRUARY)
    auditor = person("revisor", Role.AUDITOR)

    def make(kind: Export.Kind, by: User) -> Exported:
        return export_run(run=run, kind=kind, by=by, now=AT)

    assert refusal(lambda: make(Kind.PAIN001, auditor)) == "role_needed"
    assert refusal(lambda: make(Kind.CSV, town.reporter)) == "role_needed"
    assert make(Kind.CSV, auditor).export.made_by == auditor
    assert make(Kind.PAIN001, town.decider).export.made_by == town.decider


# --- the bank's answers


def answers(run: Run, *, rejected: bool = False) -> dict[str, bytes]:
    """What the bank may say of a run's newest order."""
    received = receive(export(run).content)
    reasons = {received.payments[0].end_to_end_id: ("AC04", "Kontot är avslutat")} if rejected else {}
    return {
        "report": report(received, AT, reasons),
        "paid": notify(received.payments, f"N-{received.message_id}", AT),
        "back": notify(received.payments[:1], f"B-{received.message_id}", AT, returned=True),
    }


def test_each_answer_brings_payments_on_and_the_run_is_settled(town: Town) -> None:
    run = town.pay(FEBRUARY)
    said = answers(run)
    assert read(said["report"]) == (True, 1, 0)
    assert (states(), state(run)) == (["accepted"], RunState.EXPORTED)
    assert read(said["paid"]) == (True, 1, 0)
    assert (states(), state(run)) == (["paid"], RunState.SETTLED)
    assert_ledger_is_clean()


def test_answers_may_come_twice_and_in_any_order(town: Town) -> None:
    other = Town(number=2)
    earn(other, "P3")
    run = town.pay(FEBRUARY)
    said = answers(run)
    for number, order in enumerate(permutations(["report", "paid", "back"])):
        with transaction.atomic():
            for name in (*order, *order):
                read(said[name])
            ended = (states(), state(run), BankReport.objects.filter(payment=None).count())
            transaction.set_rollback(True)
        assert ended == (["returned", "paid"], RunState.EXPORTED, 0), number
    assert_ledger_is_clean()


def test_what_the_bank_refused_is_paid_anew_once_the_account_is_confirmed_anew(town: Town) -> None:
    run = town.pay(FEBRUARY)
    first = export(run)
    read(answers(run, rejected=True)["report"])
    rejected = BankReport.objects.get()
    assert (states(), rejected.reason_code, rejected.reason) == (["rejected"], "AC04", "Kontot är avslutat")
    assert [each.why_not for each in payables_of(run)] == [WhyNot.SENT_BACK]
    assert export(run).content == first.content
    town.open_account(date(2025, 3, 4), "123-4566")
    again = export(run, now=AT + DAY)
    assert b"U0001-0001-2" in again.content
    assert b"1234566" in again.content
    assert states() == ["rejected", "sent"]
    read(notify(receive(again.content).payments, "N-2", AT), AT + 2 * DAY)
    assert (states(), state(run)) == (["rejected", "paid"], RunState.SETTLED)
    assert_ledger_is_clean()


def test_the_same_account_confirmed_anew_will_do(town: Town) -> None:
    run = town.pay(FEBRUARY)
    read(answers(run, rejected=True)["report"])
    town.open_account(AT.date())
    assert [each.why_not for each in payables_of(run)] == [WhyNot.SENT_BACK]  # not after the refusal
    town.open_account(AT.date() + DAY)
    assert [each.why_not for each in payables_of(run)] == [None]


def test_money_that_comes_back_unsettles_the_run(town: Town) -> None:
    run = town.pay(FEBRUARY)
    said = answers(run)
    read(said["paid"])
    assert state(run) == RunState.SETTLED
    read(said["back"])
    assert (states(), state(run)) == (["returned"], RunState.EXPORTED)
    assert_ledger_is_clean()


def test_what_fits_no_payment_waits_for_an_officer(town: Town) -> None:
    run = town.pay(FEBRUARY)
    received = receive(export(run).content)
    (payment,) = received.payments
    strange = replace(payment, end_to_end_id="SOMETHING ELSE")
    wrong = replace(payment, amount="1.00")
    assert read(notify([strange, wrong], "N-1", AT)) == (True, 0, 2)
    assert (states(), state(run)) == (["sent"], RunState.EXPORTED)
    unknown, amount = unmatched_reports()
    assert (unknown.mismatch, unknown.amount) == (BankReport.Mismatch.UNKNOWN, 2 * START_PART)
    assert (amount.mismatch, amount.end_to_end_id) == (BankReport.Mismatch.AMOUNT, payment.end_to_end_id)
    assert refusal(lambda: handle_report(report=unknown, handling="", by=town.decider, now=AT)) == "report_handling"
    handle_report(report=unknown, handling="Another office's payment.", by=town.decider, now=AT)
    assert refusal(lambda: handle_report(report=unknown, handling="x", by=town.decider, now=AT)) == "report_handled"
    assert list(unmatched_reports()) == [amount]
    assert_ledger_is_clean()


def test_a_payment_that_was_refused_and_paid_anew_is_not_taken_for_paid_twice(town: Town) -> None:
    run = town.pay(FEBRUARY)
    said = answers(run, rejected=True)
    read(said["report"])
    town.open_account(AT.date() + DAY)
    export(run, now=AT + DAY)
    assert read(said["paid"], AT + DAY) == (True, 0, 1)
    assert (states(), unmatched_reports().get().mismatch) == (["rejected", "sent"], BankReport.Mismatch.PAID_AGAIN)
    assert_ledger_is_clean()


def test_a_refusal_of_the_whole_message_is_of_each_payment(town: Town) -> None:
    other = Town(number=2)
    earn(other, "P3")
    run = town.pay(FEBRUARY)
    whole = re.sub(rb"<OrgnlPmtInfAndSts>.*</OrgnlPmtInfAndSts>", b"", answers(run)["report"]).replace(b"ACCP", b"RJCT")
    assert read(whole) == (True, 2, 0)
    assert states() == ["rejected", "rejected"]


def test_the_database_lets_a_payment_rise_only_and_pay_once(town: Town) -> None:
    run = town.pay(FEBRUARY)
    export(run)
    payment = Payment.objects.get()
    for earlier in PaymentState:
        for later in PaymentState:
            with transaction.atomic():
                Payment.objects.filter(pk=payment.pk).update(state=later)
                rises = PAYMENT_RANK[earlier] >= PAYMENT_RANK[later]
                if rises:
                    Payment.objects.filter(pk=payment.pk).update(state=earlier)
                else:
                    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
                        Payment.objects.filter(pk=payment.pk).update(state=earlier)
                transaction.set_rollback(True)
    values = {field.attname: getattr(payment, field.attname) for field in Payment._meta.concrete_fields}
    values |= {"id": None, "end_to_end_id": "other"}
    assert payment.state in LIVE
    with pytest.raises(DatabaseError, match="payouts_payment_one_live"), transaction.atomic():
        Payment.objects.create(**values)
    with pytest.raises(DatabaseError, match="confirmed account"), transaction.atomic():
        Payment.objects.create(**(values | {"amount": 1}))


# --- invoices


@pytest.fixture
def invoiced(town: Town) -> Statement:
    """A statement that is paid on the supplier's invoice."""
    town.amend(SECOND_DAY, route=Route.E_INVOICE)
    run = town.pay(FEBRUARY)
    export(run, Kind.SIE)
    return run.statements.get()


def invoice(statement: Statement, **changes: object) -> Invoice:
    values: dict[str, object] = {
        "number": "F-1", "supplier_number": "5599990016", "reference": statement.number,
        "amount": statement.payable, "issued_on": MARCH, "due_on": None,
    }  # fmt: skip
    return Invoice(**(values | changes))  # type: ignore[arg-type]  # named by hand in each case


def test_an_invoice_is_matched_to_the_ore_and_settles_the_run(invoiced: Statement) -> None:
    amount = f"{Decimal(invoiced.payable) / 100:.2f}".encode()
    content = INVOICE.replace(b"6000.00", amount)
    registered = receive_invoice(content=content, by=None, now=AT)
    assert (registered.statement, registered.mismatch) == (invoiced, "")
    assert state(invoiced.run) == RunState.SETTLED
    assert receive_invoice(content=content, by=None, now=AT) == registered
    assert_ledger_is_clean()


@pytest.mark.parametrize(
    ("changes", "mismatch"),
    [
        ({"reference": "U9"}, "unknown"),
        ({"amount": 2 * START_PART - 1}, "amount"),
        ({"supplier_number": "5599990024"}, "supplier"),
    ],
)
def test_an_invoice_that_does_not_fit_is_kept_with_the_reason(
    invoiced: Statement, changes: dict[str, object], mismatch: str
) -> None:
    registered = register_invoice(invoice=invoice(invoiced, **changes), by=None, now=AT)
    assert (registered.statement, registered.mismatch) == (None, mismatch)
    assert state(invoiced.run) == RunState.EXPORTED
    assert_ledger_is_clean()


def test_a_statement_has_one_invoice_and_a_number_one_content(invoiced: Statement) -> None:
    register_invoice(invoice=invoice(invoiced), by=None, now=AT)
    second = register_invoice(invoice=invoice(invoiced, number="F-2"), by=None, now=AT)
    assert second.mismatch == "settled"
    assert refusal(lambda: register_invoice(invoice=invoice(invoiced, amount=1), by=None, now=AT)) == "invoice_twice"


def test_what_is_paid_directly_takes_no_invoice(town: Town) -> None:
    statement = town.allocate(town.pay(FEBRUARY)).statements.get()
    assert register_invoice(invoice=invoice(statement), by=None, now=AT).mismatch == "route"
    assert SupplierInvoice.objects.get().statement is None
    assert read_invoice(INVOICE).number == "F-1001"


# --- vouchers and tables

Row = tuple[str, str, str]


def booked(content: bytes) -> list[tuple[str, list[Row]]]:
    """The vouchers of a SIE file: day, and rows of account, objects and amount."""
    text = content.decode("cp437")
    vouchers = re.findall(r'#VER "U" "" (\d+) ".*?"\r\n\{\r\n(.*?)\}\r\n', text, re.DOTALL)
    rows = [re.findall(r"#TRANS (\d+) \{(.*?)\} (\S+)", said) for _, said in vouchers]
    return list(zip([day for day, _ in vouchers], rows, strict=True))


def test_costs_are_booked_in_the_months_in_which_they_qualified(town: Town) -> None:
    town.amend(SECOND_DAY, vat=Vat.STANDARD, activity="610", project="P7", counterparty="871")
    earn(town, "P3", date(2025, 2, 4))
    run = town.pay(MARCH)
    made = export(run, Kind.SIE, noon(date(2025, 4, 2)))
    objects = '1 "1000" 6 "P7" 20 "610" 21 "871"'
    assert booked(made.content) == [
        ("20250228", [("4632", objects, "18000.00"), ("2510", '21 "871"', "-18000.00")]),
        ("20250331", [("1641", objects, "4500.00"), ("2510", '21 "871"', "-4500.00")]),
    ]
    assert made.export.total == 2_250_000
    assert state(run) == RunState.EXPORTED
    assert export(run, Kind.SIE, noon(date(2025, 5, 2))).content == made.content
    assert_ledger_is_clean()


def test_an_internal_voucher_settles_without_paying() -> None:
    town = Town(kind=Provider.Kind.IN_HOUSE)
    town.record_payer()
    for number in ("P1", "P2"):
        earn(town, number)
    run = town.pay(FEBRUARY)
    assert refusal(lambda: export(run)) == "nothing_to_pay"
    made = export(run, Kind.SIE)
    assert [rows[1][0] for _, rows in booked(made.content)] == ["2520"]
    assert state(run) == RunState.SETTLED
    assert_ledger_is_clean()


def test_what_the_year_owes_and_has_not_paid_is_accrued_and_taken_back(town: Town) -> None:
    set_budget(contract=town.contract, year=2025, amount=START_PART, by=town.procurement, now=noon(START))
    december, january = date(2025, 12, 31), date(2026, 1, 31)
    run = town.pay(december)
    made = export(run, Kind.SIE, noon(date(2026, 1, 5)))
    assert [(day, rows[0][2], rows[1][0]) for day, rows in booked(made.content)] == [
        ("20250228", "6000.00", "2510"),
        ("20251231", "6000.00", "2990"),
        ("20260101", "-6000.00", "2990"),
    ]
    set_budget(contract=town.contract, year=2025, amount=2 * START_PART, by=town.procurement, now=noon(january))
    release_holds(holds=[Hold.objects.get().pk], reason="raised", by=town.decider, now=noon(january))
    late = export(town.pay(january), Kind.SIE, noon(date(2026, 2, 5)))
    assert [(day, rows[0][2]) for day, rows in booked(late.content)] == [("20260131", "6000.00")]
    assert export(run, Kind.SIE, noon(date(2026, 3, 5))).content == made.content


def test_tables_come_to_what_the_run_comes_to(town: Town) -> None:
    set_budget(contract=town.contract, year=2025, amount=START_PART, by=town.procurement, now=noon(START))
    run = town.compute(FEBRUARY)
    computed = export(run, Kind.CSV)
    assert computed.export.total == run.total
    assert state(run) == RunState.COMPUTED
    town.allocate(town.attest(run))
    rows = export(run, Kind.CSV).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    amounts = [Decimal(row.split(";")[-1].replace(",", ".")) for row in rows[1:]]
    assert sum(amounts) == Decimal(run.total) / 100
    assert [row.split(";")[:2] for row in rows[1:]] == [["U0001-0001", ""], ["", "avtalets budget för året är slut"]]
    workbook = load_workbook(io.BytesIO(export(run, Kind.XLSX).content))
    lines, statements, taxes = workbook.worksheets
    assert sum(row[-1] for row in lines.iter_rows(2, values_only=True)) == run.total / 100
    (statement,) = statements.iter_rows(2, values_only=True)
    assert (statement[0], statement[9]) == ("U0001-0001", 6000)
    (tax,) = taxes.iter_rows(2, values_only=True)
    assert tax[-4:] == (0, 6000, 0, 360)  # six per cent of what is exempt is compensated


def test_a_run_without_lines_has_no_tables(town: Town) -> None:
    assert refusal(lambda: export(queue(town, FEBRUARY), Kind.CSV)) == "export_computed"

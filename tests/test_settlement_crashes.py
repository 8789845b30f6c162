"""Money leaves once: examination, attest, statements, export and import killed at each step, and done at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from backend.demonstration.bank import notify, receive, report
from backend.devtools.processes import start
from backend.kernel.errors import DomainError
from payouts.models import Allocation, Attest, BankFile, BankReport, Export, Payment, PaymentBatch, Run, Statement
from payouts.services import examine_run, export_run, import_bank_file
from payouts.services.exporting import Exported
from payouts.states import RunState
from providers.services import end_account
from tests.run_steps import assert_ledger_is_clean
from tests.test_run_crashes import ROOT, environment
from tests.test_settlement import earn
from tests.town import Town, noon

pytestmark = pytest.mark.django_db(transaction=True)

FEBRUARY = date(2025, 2, 28)
AT = noon(date(2025, 3, 3))
PATIENCE = 60  # seconds


@pytest.fixture
def town() -> Town:
    """Two providers that are paid directly, one start part each."""
    town, other = Town(), Town(number=2)
    for number, each in enumerate((town, other), start=1):
        earn(each, f"P{number}")
    town.record_payer()
    return town


def kill_at(where: str, *command: object) -> None:
    """Begin in a process of its own, which is killed before a statement of SQL that begins so."""
    words = [sys.executable, "-m", "tests.stopping_command", where, *map(str, command)]
    process = start(words, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"stopped\n"
    process.kill()
    process.wait()


def export(run: Run, kind: Export.Kind = Export.Kind.PAIN001) -> Exported:
    return export_run(run=run, kind=kind, by=None, now=AT)


# --- statements and orders

EXPORT_STEPS = [
    'INSERT INTO "payouts_statement"',
    "INSERT INTO payouts_allocation",
    'INSERT INTO "payouts_payment"',
    'INSERT INTO "payouts_export"',
    'UPDATE "payouts_run" SET "sequence"',  # exported
]


@pytest.mark.parametrize("step", EXPORT_STEPS)
def test_killed_an_export_leaves_nothing_and_the_next_pays_once(town: Town, tmp_path: Path, step: str) -> None:
    run, file = town.pay(FEBRUARY), tmp_path / "order.xml"
    kill_at(step, "export", run.sequence, "pain001", "-o", file)
    for model in (Statement, Allocation, PaymentBatch, Payment, Export):
        assert not model.objects.exists()
    assert not file.exists()
    assert_ledger_is_clean()
    first, second = export(run), export(run)
    assert first.content == second.content
    assert (Payment.objects.count(), Statement.objects.count()) == (2, 2)
    assert_ledger_is_clean()


def test_killed_before_the_file_is_written_the_same_order_is_written_again(town: Town, tmp_path: Path) -> None:
    run, file = town.pay(FEBRUARY), tmp_path / "order.xml"
    kill_at("done", "export", run.sequence, "pain001", "-o", file)
    assert not file.exists()
    logged = Export.objects.get()
    again = export(run)
    assert (again.export.copy, again.export.digest) == (1, logged.digest)
    assert Payment.objects.count() == 2
    assert_ledger_is_clean()


def test_exported_by_several_at_once_each_is_paid_once(town: Town) -> None:
    run = town.pay(FEBRUARY)

    def work() -> bytes:
        try:
            return export(run).content
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        contents = {done.result() for done in [pool.submit(work) for _ in range(4)]}
    assert len(contents) == 1
    assert Payment.objects.count() == 2
    assert sorted(Export.objects.values_list("copy", flat=True)) == [0, 1, 2, 3]
    assert_ledger_is_clean()


# --- the bank's messages

IMPORT_STEPS = [
    'INSERT INTO "payouts_bankreport"',
    'UPDATE "payouts_payment"',
    'UPDATE "payouts_run" SET "sequence"',  # settled
]


@pytest.fixture
def answers(town: Town, tmp_path: Path) -> list[Path]:
    """A report and what was booked, of the payments of a run."""
    received = receive(export(town.pay(FEBRUARY)).content)
    contents = [report(received, AT, {}), notify(received.payments, "N-1", AT)]
    files = [tmp_path / f"{number}.xml" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    return files


@pytest.mark.parametrize("step", IMPORT_STEPS)
def test_killed_an_import_leaves_nothing_and_the_next_settles(answers: list[Path], step: str) -> None:
    _, booked = answers
    kill_at(step, "import_bank", booked)
    assert not BankFile.objects.exists()
    assert set(Payment.objects.values_list("state", flat=True)) == {"sent"}
    assert_ledger_is_clean()
    import_bank_file(name="n", content=booked.read_bytes(), by=None, now=AT)
    assert Run.objects.get().state == RunState.SETTLED
    assert_ledger_is_clean()


def test_the_same_messages_read_by_several_at_once_count_once(answers: list[Path]) -> None:
    contents = [file.read_bytes() for file in answers]

    def work(content: bytes) -> bool:
        try:
            return import_bank_file(name="n", content=content, by=None, now=AT).is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        new = [done.result() for done in [pool.submit(work, content) for content in contents * 3]]
    assert (sum(new), BankFile.objects.count(), BankReport.objects.count()) == (2, 2, 4)
    assert Run.objects.get().state == RunState.SETTLED
    assert_ledger_is_clean()


# --- signatures


def test_killed_a_signature_is_not_given(town: Town) -> None:
    run = town.examine(town.compute(FEBRUARY))
    kill_at('INSERT INTO "kernel_auditevent"', "sign", run.sequence, town.examiner.username)
    assert not Attest.objects.exists()
    run.refresh_from_db()
    assert run.state == RunState.EXAMINING
    town.attest_examined(run)
    assert_ledger_is_clean()


def test_killed_an_examination_is_begun_anew(town: Town) -> None:
    end_account(account=town.papers, by=town.decider, now=AT)
    run = town.compute(FEBRUARY)
    kill_at('INSERT INTO "kernel_auditevent"', "examine", run.sequence, town.examiner.username)
    run.refresh_from_db()
    assert (run.state, run.findings.count()) == (RunState.COMPUTED, 0)
    town.attest(run)
    run.refresh_from_db()
    assert run.state == RunState.ATTESTED
    assert_ledger_is_clean()


def test_examined_by_several_at_once_each_finding_stands_once(town: Town) -> None:
    end_account(account=town.papers, by=town.decider, now=AT)
    run, examiner = town.compute(FEBRUARY), town.examiner

    def work() -> None:
        try:
            examine_run(run=run, by=examiner, now=AT)
        except DomainError:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for _ in range(3)]:
            done.result()
    assert run.findings.count() == 1
    assert_ledger_is_clean()

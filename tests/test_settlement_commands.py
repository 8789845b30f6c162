"""`list_runs`, `export` and `import_bank`: what others rely on."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.demonstration.bank import notify, receive
from payouts.models import Run
from payouts.states import RunState
from tests.run_steps import DAY, assert_ledger_is_clean
from tests.test_settlement import earn
from tests.town import Town, noon

pytestmark = pytest.mark.django_db(transaction=True)

FEBRUARY, MARCH = date(2025, 2, 28), date(2025, 3, 31)


@pytest.fixture
def run() -> Run:
    """An attested run with one start part; a run of the next month is computed."""
    town = Town()
    town.record_payer()
    earn(town, "P1")
    run = town.pay(FEBRUARY)
    town.compute(MARCH)
    return run


def output(capsys: pytest.CaptureFixture[str], *command: object) -> str:
    call_command(*map(str, command))
    return capsys.readouterr().out


def test_runs_are_listed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(output(capsys, "list_runs", "--json"))
    assert listed == [
        {"id": 1, "month": "2025-02", "state": "attested", "total": "6000.00"},
        {"id": 2, "month": "2025-03", "state": "computed", "total": "0.00"},
    ]
    assert json.loads(output(capsys, "list_runs", "--state", "computed", "--json")) == listed[1:]
    assert json.loads(output(capsys, "list_runs", "--state", "settled", "--json")) == []
    assert "2025-02  attesterad" in output(capsys, "list_runs")
    with pytest.raises(CommandError):
        output(capsys, "list_runs", "--state", "done")


def test_a_run_is_exported_and_the_banks_answer_read(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order, again, answer = tmp_path / "order.xml", tmp_path / "again.xml", tmp_path / "answer.xml"
    told = json.loads(output(capsys, "export", 1, "pain001", "-o", order, "--json"))
    assert (told["rows"], told["total"], told["copy"], told["file"]) == (1, "6000.00", 0, str(order))
    assert "(kopia 1): 1, 6" in output(capsys, "export", 1, "pain001", "-o", again)
    assert order.read_bytes() == again.read_bytes()
    answer.write_bytes(notify(receive(order.read_bytes()).payments, "N-1", noon(MARCH)))
    assert json.loads(output(capsys, "import_bank", answer, "--json")) == [
        {"file": str(answer), "kind": "camt.054", "new": True, "matched": 1, "unmatched": 0}
    ]
    assert "inget ändrades" in output(capsys, "import_bank", answer)
    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    assert_ledger_is_clean()


@pytest.mark.parametrize("kind", ["sie", "xlsx", "csv"])
def test_every_kind_of_file_is_written(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    file = tmp_path / f"run.{kind}"
    told = json.loads(output(capsys, "export", 1, kind, "-o", file, "--json"))
    assert told["total"] == "6000.00"
    assert file.stat().st_size > 100
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_goes_wrong_is_said_and_nothing_is_written(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.xml"
    with pytest.raises(CommandError, match="run = 9"):
        output(capsys, "export", 9, "pain001", "-o", wrong)
    with pytest.raises(CommandError, match="computed"):
        output(capsys, "export", 2, "sie", "-o", wrong)
    assert not wrong.exists()
    with pytest.raises(CommandError, match=r"wrong\.xml"):
        output(capsys, "import_bank", wrong)
    wrong.write_bytes(b"<Document/>")
    with pytest.raises(CommandError, match=r"wrong\.xml: file = Document"):
        output(capsys, "import_bank", wrong)


def test_a_file_that_was_read_is_kept_though_the_next_is_wrong(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order, answer, wrong = tmp_path / "order.xml", tmp_path / "answer.xml", tmp_path / "wrong.xml"
    output(capsys, "export", 1, "pain001", "-o", order)
    answer.write_bytes(notify(receive(order.read_bytes()).payments, "N-1", noon(MARCH + DAY)))
    wrong.write_bytes(b"")
    with pytest.raises(CommandError, match=r"wrong\.xml"):
        output(capsys, "import_bank", answer, wrong)
    run.refresh_from_db()
    assert run.state == RunState.SETTLED

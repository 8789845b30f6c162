"""The command `run_cases`: our cases and the public ones pass; a failure says what was expected and what came."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[1]
OWN = ROOT / "tests" / "cases"
PUBLIC = ROOT.parent / "shared" / "cases"

RIGHT = """
title = "A plan"
through = "2026-02"
[model]
code = "m"
[[model.steps]]
code = "plan"
trigger = "milestone"
name = "plan"
amount = "500.00"
[placement]
referred_on = 2026-01-08
starts_on = 2026-01-12
[[fact]]
id = "plan"
kind = "milestone"
name = "plan"
on = 2026-02-10
reported = 2026-02-10
verified = 2026-02-11
[[line]]
run = "2026-02"
step = "plan"
occurrence = ""
amount = "500.00"
[[why]]
as_of = 2026-01-31
step = "plan"
status = "waiting"
check = "milestone"
"""

Outcome = tuple[list[str], int]
RunCases = Callable[..., Outcome]


@pytest.fixture
def run_cases(capsys: pytest.CaptureFixture[str]) -> RunCases:
    """Runs the command; gives its lines and its exit code."""

    def run(*paths: Path) -> Outcome:
        code = 0
        try:
            call_command("run_cases", *map(str, paths))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return capsys.readouterr().out.splitlines(), code

    return run


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., Path]:
    """A case file: the right case with some text replaced."""

    def write(old: str = "", new: str = "", *, name: str = "case.toml") -> Path:
        path = tmp_path / name
        assert old in RIGHT
        path.write_text(RIGHT.replace(old, new) if old else RIGHT)
        return path

    return write


def test_our_own_cases_pass(run_cases: RunCases) -> None:
    assert run_cases(OWN) == ([f"{len(list(OWN.rglob('*.toml')))} passed, 0 failed"], 0)


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public cases do not stand beside this checkout")
def test_the_public_cases_pass(run_cases: RunCases) -> None:
    assert run_cases(PUBLIC) == ([f"{len(list(PUBLIC.rglob('*.toml')))} passed, 0 failed"], 0)


def test_it_needs_no_environment_and_no_database(case: Callable[..., Path]) -> None:
    command = [sys.executable, "manage.py", "run_cases", str(case().parent)]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("1 passed, 0 failed\n", "", 0)


def test_files_and_folders_within_folders_are_run(
    case: Callable[..., Path], run_cases: RunCases, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    case(name="inner/first.toml")
    case(name="second.toml")
    (tmp_path / "notes.txt").write_text("no case")
    assert run_cases(tmp_path) == (["2 passed, 0 failed"], 0)
    assert run_cases(tmp_path / "inner", tmp_path / "second.toml") == (["2 passed, 0 failed"], 0)


def test_no_case_at_all_is_no_success(run_cases: RunCases, tmp_path: Path) -> None:
    assert run_cases(tmp_path) == (["0 passed, 0 failed"], 1)


def test_a_wrong_line_is_told_with_what_came(case: Callable[..., Path], run_cases: RunCases) -> None:
    wrong = case('occurrence = ""\namount = "500.00"', 'occurrence = ""\namount = "600.00"')
    assert run_cases(wrong) == (
        [
            f"{wrong}: expected, but not found: 2026-02 plan - 600.00",
            f"{wrong}: found, but not expected: 2026-02 plan - 500.00",
            "0 passed, 1 failed",
        ],
        1,
    )


def test_a_wrong_status_and_a_check_that_does_not_fail_are_told(case: Callable[..., Path], run_cases: RunCases) -> None:
    wrong = case('status = "waiting"\ncheck = "milestone"', 'status = "owed"\ncheck = "within"')
    assert run_cases(wrong) == (
        [
            f"{wrong}: plan as of 2026-01-31: expected owed, but it is waiting",
            f"{wrong}: plan as of 2026-01-31: expected the check within to fail, but these fail: milestone",
            "0 passed, 1 failed",
        ],
        1,
    )


def test_one_that_fails_does_not_stop_the_others(
    case: Callable[..., Path], run_cases: RunCases, tmp_path: Path
) -> None:
    case('amount = "500.00"\n[[why]]', 'amount = "1.00"\n[[why]]', name="a.toml")
    case(name="b.toml")
    lines, code = run_cases(tmp_path)
    assert (lines[-1], code) == ("1 passed, 1 failed", 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "A plan"', "title =", "file = case.toml: the case file cannot be read as TOML: Invalid value"),
        ('kind = "milestone"', 'kind = "goal"', "fact[1].kind = goal: only these are known: attendance, "),
        ("on = 2026-02-10\n", 'on = "soon"\n', "fact[1].on = soon: a date from 1970-01-01"),
        ("through = ", "though = ", "though = 2026-02: the key though is unknown here"),
        ('amount = "500.00"\n[placement]', "amount = 500.0\n[placement]", "model.steps.plan.amount = 500.0: an amount"),
        ("verified = 2026-02-11", "verified = 2026-02-09", "fact[1].verified = 2026-02-09: a fact cannot be verified"),
        ("on = 2026-02-10", "on = 2026-02-20", "fact plan.on = 2026-02-20: nothing can be verified before it has"),
        ('step = "plan"\nstatus', 'step = "goal"\nstatus', "why[1].step = goal: only these are known: plan"),
    ],
)
def test_bad_input_names_field_value_and_rule(
    case: Callable[..., Path], run_cases: RunCases, old: str, new: str, told: str
) -> None:
    path = case(old, new)
    lines, code = run_cases(path)
    assert (lines[-1], code) == ("0 passed, 1 failed", 1)
    assert any(line.startswith(f"{path}: {told}") for line in lines), lines


def test_a_file_that_is_not_there_fails(run_cases: RunCases, tmp_path: Path) -> None:
    lines, code = run_cases(tmp_path / "missing.toml")
    assert lines[0].startswith(f"{tmp_path / 'missing.toml'}: file = missing.toml: the case file cannot be read")
    assert (lines[-1], code) == ("0 passed, 1 failed", 1)

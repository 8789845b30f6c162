"""The plain reader against cases worked out by hand: our own, and the public ones where they stand beside us."""

import tomllib
from pathlib import Path

import pytest

from tests.plain_reader import ledger, status, to_ore

OWN_CASES = Path(__file__).parent / "cases"
PUBLIC_CASES = Path(__file__).parents[2] / "shared" / "cases"
FILES = sorted(OWN_CASES.rglob("*.toml")) + sorted(PUBLIC_CASES.rglob("*.toml"))


def test_there_are_cases_of_our_own():
    assert len(list(OWN_CASES.rglob("*.toml"))) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_reader_agrees(path: Path):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    expected = [{**line, "amount": to_ore(line["amount"])} for line in case.get("line", [])]
    assert ledger(case) == expected
    for why in case.get("why", []):
        assert (why, status(case, why["step"], why["as_of"])) == (why, why["status"])

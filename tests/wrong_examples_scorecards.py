"""Wrong examples of the rules of scorecards; `tests.wrong_examples` gathers them."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from scorecards.files import read_table
from scorecards.national import COLUMNS, contract_results, parse_weights
from scorecards.rating_table import NEEDED, rate_table

Examples = dict[str, Callable[[], object]]

RESULTS = "contract,tier,participants,first_results,followups\n"


def rating(table: str) -> Callable[[], object]:
    """An example that rates the providers of a table."""
    return lambda: rate_table(read_table(_file(table), NEEDED))


def measuring(row: str) -> Callable[[], object]:
    """An example that computes the national measure of one row."""
    return lambda: contract_results(read_table(_file(RESULTS + row), COLUMNS), parse_weights("A=1"))


def _file(table: str) -> Path:
    path = Path(tempfile.mkdtemp()) / "table.csv"
    path.write_text(table)
    return path


SCORECARD_FILES: Examples = {
    "file_unreadable": lambda: read_table(Path("none.csv"), NEEDED),
    "file_no_rows": rating("provider,outcome\n"),
    "file_column": rating("provider\nA\n"),
    "file_column_name": rating("provider,outcome,outcome\nA,1,1\n"),
    "file_row": rating("provider,outcome\nA\n"),
    "rating_provider": rating("provider,outcome\nA,1\n,0\n"),
    "rating_outcome": rating("provider,outcome\nA,yes\n"),
    "rating_one_outcome": rating("provider,outcome\nA,1\nB,1\n"),
    "rating_levels": rating("provider,outcome,name\n" + "".join(f"A,{row % 2},N{row}\n" for row in range(300))),
    "measure_weight": lambda: parse_weights("A:1"),
    "measure_weight_twice": lambda: parse_weights("A=1,A=2"),
    "measure_tier": measuring("K-1,B,20,1,1\n"),
    "measure_count": measuring("K-1,A,many,1,1\n"),
    "measure_contract": measuring(",A,20,1,1\n"),
}

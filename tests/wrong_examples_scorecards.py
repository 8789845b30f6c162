"""Wrong examples of the rules of scorecards; `tests.wrong_examples` gathers them."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from scorecards.effect_file import effects_of_file
from scorecards.files import read_columns
from scorecards.rating_file import rate_file
from scorecards.result_measure import measure_file, parse_weights

FOLLOWED = "participant;self_support_2;self_support_8;self_support_12"
MEASURED = "contract;tier;participants;first_results;followups\n"


def with_file(read: Callable[[Path], object], text: str) -> object:
    """Read a file with a text; it has the same name each time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text)
        return read(path)


def rating(text: str) -> Callable[[], object]:
    return lambda: with_file(rate_file, text)


def measure(text: str) -> Callable[[], object]:
    weights = parse_weights("A=1.0,B=1.2")
    return lambda: with_file(lambda path: measure_file(path, weights), MEASURED + text)


def effect(text: str) -> Callable[[], object]:
    return lambda: with_file(effects_of_file, FOLLOWED + ";age\n" + text)


SCORECARDS: dict[str, Callable[[], object]] = {
    "table_file": lambda: read_columns(Path("no such file.csv"), ["provider"]),
    "table_columns": rating("provider;result\nA;1\n"),
    "table_column_twice": rating("provider;outcome;age;age\nA;1;20;20\n"),
    "table_empty": rating("provider;outcome\n"),
    "table_row": rating("provider;outcome\nA;1\nB\n"),
    "cell_whole": measure("K1;A;twenty;1;1\n"),
    "rating_outcome": rating("provider;outcome\nA;yes\n"),
    "rating_provider": rating("provider;outcome\n;1\n"),
    "covariate_values": rating("provider;outcome;name\n" + "".join(f"A;1;name {n}\n" for n in range(101))),
    "covariate_number": rating("provider;outcome;age\nA;1;20\nA;0;inf\n"),
    "effect_group": effect("2;1;1;1;20\n"),
    "effect_outcome": effect("1;yes;1;1;20\n"),
    "effect_one_group": effect("1;1;1;1;20\n"),
    "effect_covariates": lambda: with_file(effects_of_file, FOLLOWED + "\n1;1;1;1\n0;1;1;1\n"),
    "measure_weights": lambda: parse_weights("A=1.0,B"),
    "measure_tier": measure("K1;C;20;1;1\n"),
    "measure_results": measure("K1;A;20;21;1\n"),
    "measure_tier_twice": measure("K1;A;20;1;1\nK1;A;20;1;1\n"),
}

"""`rate_providers`: from whatever table, a plain CSV comes out, or a refusal that names field, value and rule."""

import csv
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from scorecards.rating_table import HEADER

Rows = list[dict[str, str]]


def run(table: str | bytes, tmp_path: Path) -> tuple[Rows, str]:
    source, output, said = tmp_path / "table.csv", tmp_path / "out.csv", StringIO()
    source.write_bytes(table.encode() if isinstance(table, str) else table)
    call_command("rate_providers", str(source), "-o", str(output), stdout=said)
    assert output.read_bytes().startswith(b",".join(name.encode() for name in HEADER) + b"\n")
    with output.open(newline="") as file:
        return list(csv.DictReader(file)), said.getvalue()


def participants(count: int = 600, providers: int = 6) -> list[tuple[str, int, str, str]]:
    """Provider, outcome, a number and a word."""
    rng = np.random.default_rng(1)
    number, word, provider = rng.normal(40, 9, count), rng.integers(0, 3, count), rng.integers(0, providers, count)
    chance = 1 / (1 + np.exp(0.05 * (number - 40) + 0.4 * word))
    return [
        (f"P{provider[row]}", int(rng.random() < chance[row]), f"{number[row]:.1f}", "abc"[word[row]])
        for row in range(count)
    ]


def comma(rows: list[tuple[str, int, str, str]]) -> str:
    return "\n".join(["provider,outcome,age,group", *(",".join(map(str, row)) for row in rows)]) + "\n"


def test_columns_and_figures(tmp_path: Path) -> None:
    rows, said = run(comma(participants()), tmp_path)
    assert [row["provider"] for row in rows] == ["P0", "P1", "P2", "P3", "P4", "P5"]
    assert sum(int(row["n"]) for row in rows) == 600
    observed = sum(int(row["observed"]) for row in rows)
    assert sum(float(row["expected"]) for row in rows) == pytest.approx(observed, abs=1e-4)
    for row in rows:
        assert float(row["ratio"]) == pytest.approx(int(row["observed"]) / float(row["expected"]), rel=1e-5)
        assert float(row["ratio_low"]) < float(row["ratio"]) < float(row["ratio_high"])
        assert float(row["limit998_low"]) < float(row["limit95_low"]) < 1
        assert 1 < float(row["limit95_high"]) < float(row["limit998_high"])
        assert row["band"] in {"better", "expected", "worse", "too_few"}
    assert said.startswith("6 providers: ")
    assert "Not adjusted" not in said


def test_semicolons_decimal_commas_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain, _ = run(comma(participants()), tmp_path)
    swedish = comma(participants()).replace(",", ";").replace(".", ",").replace("\n", "\r\n")
    assert run(b"\xef\xbb\xbf" + swedish.encode(), tmp_path)[0] == plain


def test_order_of_columns_and_rows_and_case_of_their_names_change_nothing(tmp_path: Path) -> None:
    plain, _ = run(comma(participants()), tmp_path)
    turned = ["group,Outcome,age,PROVIDER"]
    turned += [f"{group},{outcome}.0,{age},{name}" for name, outcome, age, group in reversed(participants())]
    for ours, theirs in zip(run("\n".join(turned), tmp_path)[0], plain, strict=True):
        assert (ours["provider"], ours["n"], ours["band"]) == (theirs["provider"], theirs["n"], theirs["band"])
        assert float(ours["expected"]) == pytest.approx(float(theirs["expected"]), abs=2e-5)


def test_workbooks_are_read_too(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(["provider", "outcome", "age", "group"])
    for name, outcome, age, group in participants():
        workbook.active.append([name, outcome, float(age), group])
    workbook.save(tmp_path / "book.xlsx")
    plain, _ = run(comma(participants()), tmp_path)
    assert run((tmp_path / "book.xlsx").read_bytes(), tmp_path)[0] == plain


def test_without_covariates_all_participants_are_taken_to_be_alike(tmp_path: Path) -> None:
    rows, _ = run("provider,outcome\n" + "A,1\nA,0\n" * 20 + "B,1\nB,0\nB,0\n" * 20, tmp_path)
    assert [row["expected"] for row in rows] == ["16.000000", "24.000000"]


def test_missing_values_are_a_category(tmp_path: Path) -> None:
    rows = [
        (p, o, "" if i % 7 == 0 else age, "NA" if i % 11 == 0 else g) for i, (p, o, age, g) in enumerate(participants())
    ]
    found, said = run(comma(rows), tmp_path)
    assert len(found) == 6
    assert "Not adjusted" not in said


def test_what_does_not_vary_is_said_to_be_left_out(tmp_path: Path) -> None:
    table = comma(participants()).splitlines()
    wider = [table[0] + ",city,place,size"]
    wider += [f"{line},Stockholm,{'north' if line < 'P3' else 'south'},{int(line[1]) // 2}" for line in table[1:]]
    plain, _ = run(comma(participants()), tmp_path)
    found, said = run("\n".join(wider), tmp_path)
    assert found == plain
    assert "Not adjusted for city: it is the same for all." in said
    assert "Not adjusted for place = " in said
    assert "Not adjusted for size: it follows from the provider" in said


def test_a_covariate_that_tells_the_outcome_does_not_break_the_model(tmp_path: Path) -> None:
    table = comma(participants()).splitlines()
    wider = [table[0] + ",certain", *(f"{line},{'yes' if line.split(',')[1] == '1' else 'no'}" for line in table[1:])]
    found, said = run("\n".join(wider), tmp_path)
    assert "held near 0" in said
    assert all(0.5 < float(row["ratio"]) < 2 for row in found)


def test_providers_with_no_successes_and_few_participants(tmp_path: Path) -> None:
    table = comma(participants()) + "Q,0,40.0,a\n" * 40 + "R,1,40.0,a\n" * 17
    rows = {row["provider"]: row for row in run(table, tmp_path)[0]}
    assert (rows["Q"]["ratio"], rows["Q"]["ratio_low"], rows["Q"]["band"]) == ("0.000000", "0.000000", "worse")
    assert rows["R"]["band"] == "too_few"


def test_one_provider_only(tmp_path: Path) -> None:
    (row,), _ = run(comma(participants(providers=1)), tmp_path)
    assert (row["ratio"], row["shrunken"], row["band"]) == ("1.000000", "1.000000", "expected")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("provider,result\nA,1\n", "column = outcome"),
        ("provider,outcome\nA,1\nB,2\n", "outcome, row 3 = 2"),
        ("provider,outcome\nA,1\nB,\n", "outcome, row 3 = "),
        ("provider,outcome\nA,1\n,0\n", "provider, row 3 = "),
        ("provider,outcome\nA,1\nB,1\n", "outcome = 1"),
        ("provider,outcome,x,x\nA,1,2,2\n", "column 4 = x"),
        ("provider,outcome,x\nA,1,2\nB,0\n", "row 3 = 2"),
        ("provider,outcome\n", "file = "),
        ("", "column = provider"),
        ("provider,outcome,id\n" + "".join(f"A,{row % 2},k{row}\n" for row in range(201)), "id = 201"),
    ],
)
def test_faults_are_named(table: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=said):
        run(table, tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command("rate_providers", str(tmp_path / "nowhere.csv"), "-o", str(tmp_path / "out.csv"))

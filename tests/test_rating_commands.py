"""The commands `rate_providers` and `result_measure`, on tables that anybody may have made."""

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from scorecards.files import three_decimals
from scorecards.rating_file import HEADER, rate_file
from scorecards.result_measure import measure_file, parse_weights

Write = Callable[[str], Path]


@pytest.fixture
def table(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "in.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def participants(delimiter: str = ",") -> str:
    """Six providers of 50 participants; work comes to the young, and the last provider takes the old."""
    rng = np.random.default_rng(4)
    rows = ["provider,outcome,age,schooling"]
    for provider in range(6):
        for age in rng.integers(20, 40, 50) + (20 if provider == 5 else 0):
            outcome = int(rng.random() < 1 / (1 + np.exp(0.12 * (age - 35))))
            rows.append(f"P{provider},{outcome},{age},{rng.choice(['none', 'some'])}")
    return "\n".join(rows).replace(",", delimiter) + "\n"


def rated(path: Path, out: Path) -> list[dict[str, str]]:
    call_command("rate_providers", str(path), "-o", str(out))
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_each_provider_gets_a_row_of_figures(table: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = rated(table(participants()), tmp_path / "out.csv")
    assert list(rows[0]) == list(HEADER)
    assert [row["provider"] for row in rows] == [f"P{number}" for number in range(6)]
    assert {row["n"] for row in rows} == {"50"}
    observed, expected = (sum(float(row[name]) for row in rows) for name in ("observed", "expected"))
    assert expected == pytest.approx(observed, abs=1e-4)
    last = rows[5]
    assert float(last["expected"]) < 0.5 * float(rows[0]["expected"])  # its participants are older
    assert float(last["ratio"]) == pytest.approx(int(last["observed"]) / float(last["expected"]), abs=1e-5)
    for row in rows:
        assert float(row["ratio_low"]) <= float(row["ratio"]) <= float(row["ratio_high"])
        assert float(row["limit998_low"]) < float(row["limit95_low"]) < 1 < float(row["limit95_high"])
        assert row["band"] == "expected"
    assert "adjusted for age, schooling = " in capsys.readouterr().out


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_whatever_separates_the_cells(delimiter: str, table: Write) -> None:
    assert rate_file(table(participants(delimiter))).ratings == rate_file(table(participants())).ratings


def test_the_order_of_rows_and_the_scale_of_numbers_change_nothing(table: Write) -> None:
    header, *rows = participants().splitlines()
    turned = [header, *reversed(rows)]
    in_months = [header, *(",".join([p, y, str(12 * int(age)), s]) for p, y, age, s in (r.split(",") for r in rows))]
    plain = rate_file(table("\n".join([header, *rows]))).ratings
    for other in (turned, in_months):
        for one, two in zip(plain, rate_file(table("\n".join(other))).ratings, strict=True):
            assert (one.ratio, one.expected) == pytest.approx((two.ratio, two.expected))


def test_decimal_commas_missing_values_and_what_says_nothing(table: Write) -> None:
    header, *rows = participants(";").splitlines()
    lines = [f"{header};share;city;number"]
    for place, row in enumerate(rows):
        share = "" if place % 10 == 0 else f"0,{place % 7}"
        lines.append(f"{row};{share};Stockholm;{row.split(';')[0][1:]}")
    found = rate_file(table("\n".join(lines)))
    assert "share" in found.covariates
    assert "share missing" in found.covariates
    assert found.unused == ["number"]  # said by the provider; a city that all share has no column at all


def test_a_covariate_that_separates_is_told_of(
    table: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, *rows = participants().splitlines()
    lines = [f"{header},got_work", *(f"{row},{'yes' if row.split(',')[1] == '1' else 'no'}" for row in rows)]
    rows_out = rated(table("\n".join(lines)), tmp_path / "out.csv")
    assert "weak prior" in capsys.readouterr().out
    assert all(np.isfinite(float(row["expected"])) for row in rows_out)


@pytest.mark.parametrize(
    ("outcomes", "band"), [([0] * 20, "expected"), ([1] * 20, "expected"), ([1], "too_few"), ([0, 1] * 9, "expected")]
)
def test_one_provider(outcomes: list[int], band: str, table: Write, tmp_path: Path) -> None:
    (row,) = rated(table("provider,outcome\n" + "".join(f"A,{y}\n" for y in outcomes)), tmp_path / "out.csv")
    assert (row["band"], row["ratio"]) == (band, "1.000000")


def test_a_refusal_names_row_value_and_rule(table: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    path = table("provider,outcome\nA,1\nA,maybe\n")
    with pytest.raises(CommandError, match=r"row 3.outcome = maybe: "):
        call_command("rate_providers", str(path), "-o", str(out))
    assert not out.exists()
    with pytest.raises(CommandError, match="No such file"):
        call_command("rate_providers", str(table(participants())), "-o", str(tmp_path / "none" / "out.csv"))


def test_many_wrong_rows_give_a_message_that_can_be_read(table: Write, tmp_path: Path) -> None:
    path = table("provider,outcome\n" + "A,x\n" * 1000)
    with pytest.raises(CommandError) as refused:
        call_command("rate_providers", str(path), "-o", str(tmp_path / "out.csv"))
    assert len(str(refused.value).splitlines()) == 20


# --- the national measure

COLUMNS = "contract,tier,participants,first_results,followups\n"


def test_the_measure_weighs_results_by_tier_over_all_participants(
    table: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(COLUMNS + "K1,A,20,10,5\nK1,B,10,4,2\nK2,A,17,17,17\nK3,C,18,0,0\nK4,A,40,33,0\n")
    call_command("result_measure", str(path), "--weights", "A=1.0,B=1.5,C=2")
    assert capsys.readouterr().out.splitlines() == [
        "K1\t0.400",  # (15 × 1.0 + 6 × 1.5) ÷ (2 × 30)
        "K2\tnot rated: 17 participants, and at least 18 are needed",
        "K3\t0.000",
        "K4\t0.413",  # 0.4125 rounded half up
    ]


def test_the_measure_is_exact(table: Write) -> None:
    path = table(COLUMNS + "K,A,18,1,1\nK,B,0,0,0\n")
    assert measure_file(path, parse_weights("A=0.1, B=7"))["K"].measure == Fraction(2, 10) / 36


@pytest.mark.parametrize(
    ("exact", "said"), [(Fraction(1, 2000), "0.001"), (Fraction(4999, 10_000_000), "0.000"), (Fraction(5, 4), "1.250")]
)
def test_three_decimals_half_up(exact: Fraction, said: str) -> None:
    assert three_decimals(exact) == said


@pytest.mark.parametrize("weights", ["", "A", "A=0", "A=1,A=2", "A=-1", "A=1;B=2", "A=1,"])
def test_weights_that_are_none(weights: str, table: Write) -> None:
    with pytest.raises(CommandError, match="weights = "):
        call_command("result_measure", str(table(COLUMNS)), "--weights", weights)

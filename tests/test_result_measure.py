"""`result_measure`: the national scheme's figure, exactly as its formula says."""

from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

TABLE = """\
contract,tier,participants,first_results,followups
K-1,A,40,20,10
K-1,B,30,12,6
K-1,C,30,6,3
K-2,A,10,5,5
K-2,C,8,4,3
K-3,B,17,9,9
"""


def run(table: str, tmp_path: Path, weights: str = "A=1,B=1.25,C=1.6") -> list[str]:
    source, said = tmp_path / "table.csv", StringIO()
    source.write_text(table)
    call_command("result_measure", str(source), "--weights", weights, stdout=said)
    return said.getvalue().splitlines()


def test_results_are_weighted_and_divided_by_twice_the_participants_of_all_tiers(tmp_path: Path) -> None:
    # K-1: (30 × 1 + 18 × 1.25 + 9 × 1.6) ÷ 200 = 0.3345; K-2: (10 + 7 × 1.6) ÷ 36 = 0.58888…
    assert run(TABLE, tmp_path) == [
        "K-1: 0.335",
        "K-2: 0.589",
        "K-3: not rated (17 participants; at least 18 are needed)",
    ]


def test_rows_of_a_contract_and_tier_are_added_up(tmp_path: Path) -> None:
    halved = "contract;tier;participants;first_results;followups\nK;A;9;4;2\nK;A;9;5;1\n"
    assert run(halved, tmp_path) == ["K: 0.333"]


def test_a_half_is_rounded_upwards_whatever_floats_would_say(tmp_path: Path) -> None:
    # 1 × 2.01 ÷ (2 × 201) = 0.005 exactly; 0.0045 and 0.0055 lie on halves
    header = "contract,tier,participants,first_results,followups\n"
    assert run(f"{header}K,A,100,1,0\n", tmp_path, "A=0.9") == ["K: 0.005"]
    assert run(f"{header}K,A,100,1,0\n", tmp_path, "A=1.1") == ["K: 0.006"]
    assert Fraction("0.9") / 200 == Fraction("0.0045")


@pytest.mark.parametrize(
    ("table", "weights", "said"),
    [
        (TABLE, "A=1,B=1", "tier, row 4 = C"),
        (TABLE, "A=1,B=x,C=1", "weights = B=x"),
        (TABLE, "A=1,B=-1,C=1", "weights = B=-1"),
        (TABLE, "A=1,A=2", "weights = A=2"),
        (TABLE.replace(",40,", ",40.5,"), "A=1,B=1,C=1", "participants, row 2 = 40.5"),
        (TABLE.replace("12,6", "12,-6"), "A=1,B=1,C=1", "followups, row 3 = -6"),
        (TABLE.replace("K-3", ""), "A=1,B=1,C=1", "contract, row 7 = "),
        (TABLE.replace("followups", "later"), "A=1,B=1,C=1", "column = followups"),
    ],
)
def test_faults_are_named(table: str, weights: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=said):
        run(table, tmp_path, weights)

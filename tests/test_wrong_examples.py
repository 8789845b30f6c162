"""Every validation rule has one wrong example, and the example breaks that rule and says so in words."""

import importlib
from pathlib import Path

import pytest

from backend.kernel.errors import RULES, DomainError
from tests.wrong_examples import COMMITTED, EXAMPLES, PURE, STORED

ROOT = Path(__file__).parents[1]
APPS = ("backend", "providers", "contracts", "outcomes", "payouts", "scorecards")


def import_all_rules() -> None:
    """Rules register themselves where they stand, so every module that has one must have been imported."""
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if " = rule(" in path.read_text():
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def test_every_rule_has_a_wrong_example() -> None:
    import_all_rules()
    assert sorted(RULES) == sorted(EXAMPLES)


@pytest.mark.parametrize("code", sorted(PURE))
def test_the_example_breaks_its_rule(code: str) -> None:
    assert_breaks(code)


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(STORED))
def test_the_stored_example_breaks_its_rule(code: str) -> None:
    assert_breaks(code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", sorted(COMMITTED))
def test_the_committed_example_breaks_its_rule(code: str) -> None:
    assert_breaks(code)


def assert_breaks(code: str) -> None:
    with pytest.raises(DomainError) as refused:
        EXAMPLES[code]()
    assert {breach.rule.code for breach in refused.value.breaches} == {code}
    for breach in refused.value.breaches:
        assert breach.say().startswith(f"{breach.field} = ")

"""Every validation rule has one wrong example, and the example breaks that rule and says so in words."""

import importlib
import pkgutil

import pytest

from backend.kernel.errors import RULES, DomainError
from tests.wrong_examples import EXAMPLES

APPS = ("backend", "providers", "contracts", "outcomes", "payouts", "scorecards")
NOT_IMPORTED = ("backend.wsgi", "backend.worker")  # they start things when they are imported


def import_all() -> None:
    """Rules register themselves where they stand, so every module must have been imported."""
    for app in APPS:
        for module in pkgutil.walk_packages([app], prefix=f"{app}."):
            if module.name not in NOT_IMPORTED and ".migrations" not in module.name:
                importlib.import_module(module.name)


def test_every_rule_has_a_wrong_example() -> None:
    import_all()
    assert sorted(RULES) == sorted(EXAMPLES)


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_the_example_breaks_its_rule(code: str) -> None:
    with pytest.raises(DomainError) as refused:
        EXAMPLES[code]()
    assert {breach.rule.code for breach in refused.value.breaches} == {code}
    for breach in refused.value.breaches:
        assert breach.say().startswith(f"{breach.field} = ")

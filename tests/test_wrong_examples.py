"""Every validation rule has one wrong example, and the example breaks that rule and says so in words."""

import pytest
from django.db import connections

from backend.kernel.errors import RULES, DomainError
from tests.conftest import TestDatabase
from tests.validation_page import PAGE, import_all_rules, make_page
from tests.wrong_examples import COMMITTED, EXAMPLES, PURE, STORED


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


@pytest.mark.django_db(transaction=True)
def test_the_page_of_all_rules_is_current() -> None:
    page = make_page(TestDatabase(connections["default"].settings_dict["NAME"]).renew)
    assert PAGE.read_text() == page, "./dev manage validation_rules --write writes the page"


def assert_breaks(code: str) -> None:
    with pytest.raises(DomainError) as refused:
        EXAMPLES[code]()
    assert {breach.rule.code for breach in refused.value.breaches} == {code}
    for breach in refused.value.breaches:
        assert breach.say().startswith(f"{breach.field} = ")

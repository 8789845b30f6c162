"""The page docs/validation-rules.md: every validation rule in Swedish and English, and what a wrong example is told."""

import importlib
import re
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext, override

from backend.kernel.errors import RULES, DomainError, Rule
from tests.wrong_examples import COMMITTED, EXAMPLES, PURE

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation-rules.md"
APPS = ("backend", "providers", "contracts", "outcomes", "payouts", "scorecards")

HEAD = """\
# Validation rules

What breaks one of these rules is refused, on pages, on the command line and in code alike, and nothing of it is stored.
The refusal names the field, the value and the rule; the last column is what a wrong example of the tests is told.
`./dev manage validation_rules --write` writes this page.

| code | in Swedish | in English | for example |
|---|---|---|---|
"""

# What differs each time that an example is made: numbers drawn from a sequence, and a temporary folder.
VARYING = {
    r"\b(P|F|C|D|s|model|user|fact |facts = |Provider |Tjänst )[1-9]\d*\b": r"\g<1>1",
    r"\bL\d{4}\b": "L0001",
    r"\((\d+, )+": "(1, ",
    r"\(1, \d+\)": "(1, 1)",
    r"\bcomplaint = \d+": "complaint = 1",
    re.escape(tempfile.gettempdir()) + r"/\w+/": "",
}


def import_all_rules() -> None:
    """Rules register themselves where they stand, so every module that has one must have been imported."""
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if " = rule(" in path.read_text():
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def make_page(renew: Callable[[], None]) -> str:
    """The page as it should be. `renew` empties the database, after examples that commit."""
    import_all_rules()
    return HEAD + "".join(_row(RULES[code], _message(code, renew)) for code in sorted(RULES))


def _row(rule: Rule, message: str) -> str:
    with override("sv"):
        swedish = gettext(rule.text)
    return "| " + " | ".join([f"`{rule.code}`", *map(_cell, (swedish, rule.text, message))]) + " |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _message(code: str, renew: Callable[[], None]) -> str:
    """What the example is told first."""
    undone: AbstractContextManager[object] = (
        nullcontext() if code in PURE or code in COMMITTED else transaction.atomic()
    )
    try:
        with undone:
            EXAMPLES[code]()
    except DomainError as error:
        message = str(error).splitlines()[0]
    if code in COMMITTED:
        renew()
    for varying, settled in VARYING.items():
        message = re.sub(varying, settled, message)
    return message

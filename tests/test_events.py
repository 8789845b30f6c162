"""The audit trail calls everything by a word: each action and each kind of object that the code records."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from backend.kernel.selectors import event_word

ROOT = Path(__file__).parents[1]
APPS = ("backend/kernel", "providers", "contracts", "outcomes", "payouts")
SOURCES = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")]
ACTIONS = {code for source in SOURCES for code in re.findall(r'\baction="(\w+)"', source)} - {"store_true"}
COMPOSED = {"attest_examiner", "attest_decider", "open_account", "close_account", "verified", "rejected", "more_asked"}


@pytest.mark.parametrize("action", sorted(ACTIONS | COMPOSED))
def test_every_action_has_a_word(action: str) -> None:
    assert event_word(action) != action


def test_words_for_objects_name_models_that_exist() -> None:
    labels = {model._meta.label_lower for model in apps.get_models()}
    named = {code for source in SOURCES for code in re.findall(r'"(\w+\.\w+)": _\(', source)}
    assert named
    assert named <= labels

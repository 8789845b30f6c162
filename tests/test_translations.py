"""The Swedish catalogue says every text of the code, and the check names what it does not."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management import CommandError, call_command

from backend.kernel.management.commands import check_translations
from backend.kernel.translations import faults, read_catalogue, texts_in_code, write_catalogue

CODE = """
gettext_lazy("run {number}")
pgettext_lazy("state of a run", "attested")
rule("x", gettext_noop("is refused"))
"""
PAGE = """{% load i18n %}
<p>{% translate "Log in" %}</p>
    {% blocktranslate with day=day %}On {{ day }}{% endblocktranslate %}
  {% if x %}{% endif %}"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "payouts").mkdir()
    (tmp_path / "payouts" / "labels.py").write_text(CODE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    return tmp_path


def test_every_text_is_translated() -> None:
    call_command("check_translations")


def test_texts_are_found_in_python_and_in_templates(root: Path) -> None:
    found = {(message.context, message.id) for message in texts_in_code(root) if message.id}
    assert found == {
        (None, "run {number}"),
        ("state of a run", "attested"),
        (None, "is refused"),
        (None, "Log in"),
        (None, "On %(day)s"),
    }


def test_each_fault_is_named(root: Path) -> None:
    translated = Catalog(locale="sv")
    translated.add("run {number}", "körning {nummer}")
    translated.add("Log in", "Logga in", flags=["fuzzy"])
    translated.add("is refused", "")
    translated.add("old", "gammal")
    translated.add("On %(day)s", "Den %(day)s")
    named = [fault.split(": ")[0] for fault in faults(translated, texts_in_code(root))]
    assert sorted(named) == ["fuzzy", "missing", "missing", "obsolete", "placeholders differ"]


def test_writing_keeps_translations_and_drops_what_is_obsolete(root: Path) -> None:
    translated = Catalog(locale="sv")
    translated.add("Log in", "Logga in")
    translated.add("old", "gammal")
    path = root / "django.po"
    write_catalogue(path, translated, texts_in_code(root))
    written = read_catalogue(path)
    assert written["Log in"].string == "Logga in"
    assert "old" not in written
    first = path.read_bytes()
    write_catalogue(path, written, texts_in_code(root))
    assert path.read_bytes() == first


def test_the_command_fails_and_counts(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = root / "django.po"
    write_catalogue(path, Catalog(locale="sv"), texts_in_code(root))
    monkeypatch.setattr(check_translations, "CATALOGUE", path)
    monkeypatch.setattr(settings, "BASE_DIR", root)
    with pytest.raises(CommandError, match="5 faults"):
        call_command("check_translations", write=True)
    assert "missing: 'Log in' (templates/page.html)" in capsys.readouterr().err

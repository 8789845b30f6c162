"""The texts that are to be translated, as they stand in the code, and whether a catalogue says them all.

Pure but for reading files; gettext's own programs are not needed.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

Text = str | list[str] | tuple[str, ...] | None  # several where a number decides the form
SOURCES = ("backend", "providers", "contracts", "outcomes", "payouts", "scorecards", "templates")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext_lazy": ((1, "c"), 2),
    "ngettext_lazy": (1, 2),
}
NO_LINE = 0  # line numbers would change the catalogue with every change of the code
_PLACEHOLDER = re.compile(r"\{(\w+)\}|%\((\w+)\)[sd]")


def texts_in_code(root: Path) -> Catalog:
    """Every text marked for translation in Python and in templates, with the files that it stands in."""
    catalog = Catalog()
    for path in _files(root):
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            source = f"({templatize(source)}\n)"  # the brackets keep the text's indentation from meaning anything
        for _line, text, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            catalog.add(text, locations=[(path.relative_to(root).as_posix(), NO_LINE)], context=context)
    return catalog


def _files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        yield from sorted((root / name).rglob("*.py"))
        yield from sorted((root / name).rglob("*.html"))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def write_catalogue(path: Path, translated: Catalog, texts: Catalog) -> None:
    """Write the catalogue of exactly these texts, with the translations that it has."""
    made = translated.creation_date  # a day of its own would change with every writing
    renewed = Catalog(
        locale="sv", project="Utfall", version="-", msgid_bugs_address="-", last_translator="-", language_team="-",
        fuzzy=False, header_comment="# The Swedish texts of Utfall.", creation_date=made, revision_date=made,
    )  # fmt: skip
    for message in _messages(texts):
        known = translated.get(message.id, message.context)
        string = known.string if known else None
        renewed.add(message.id, string, locations=message.locations, context=message.context)
    with path.open("wb") as file:
        write_po(file, renewed, sort_output=True, include_lineno=False, width=120)


def faults(translated: Catalog, texts: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue: a text that is missing or obsolete, uncertain, or with other placeholders."""
    for message in _messages(texts):
        found = translated.get(message.id, message.context)
        if found is None or not _all_said(found):
            yield f"missing: {message.id!r} ({message.locations[0][0]})"
    for message in _messages(translated):
        if texts.get(message.id, message.context) is None:
            yield f"obsolete: {message.id!r}"
        elif message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        elif _all_said(message) and not _placeholders_agree(message):
            yield f"placeholders differ: {message.id!r} and {message.string!r}"


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _all_said(message: Message) -> bool:
    return bool(message.string) and all(_forms(message.string))


def _placeholders_agree(message: Message) -> bool:
    return _placeholders(message.id) == _placeholders(message.string)


def _placeholders(text: Text) -> set[tuple[str, str]]:
    return {name for form in _forms(text) for name in _PLACEHOLDER.findall(form)}

"""Compile the translations: gettext's own tools are not needed."""

from pathlib import Path

from backend.devtools.state import REPOSITORY


def compile_translations(root: Path = REPOSITORY / "backend" / "locale") -> None:
    """Write each django.mo that is older than its django.po."""
    for source in root.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalog = read_po(text, abort_invalid=True)
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("wb") as binary:
        write_mo(binary, catalog)
    unfinished.rename(target)


if __name__ == "__main__":
    compile_translations()

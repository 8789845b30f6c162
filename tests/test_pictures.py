"""The pictures of the pages are there, light, and all of them are shown somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
SHOWN = {(page.parent / found).resolve() for page in PAGES for found in re.findall(r"\((\S+\.png)\)", page.read_text())}
COMMAND = (ROOT / "backend/demonstration/management/commands/screenshots.py").read_text()


def test_what_is_shown_is_there_and_what_is_there_is_shown() -> None:
    assert PICTURES
    assert set(PICTURES) == SHOWN


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_a_picture_is_a_light_png_that_the_command_takes(picture: Path) -> None:
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 150_000
    assert f'Picture("{picture.stem}"' in COMMAND

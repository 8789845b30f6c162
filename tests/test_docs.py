"""The pages under docs/ name what exists: commands, variables, words, dependencies, and each other."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from backend.devtools.commands import COMMANDS, LOCK
from payouts.services.computing import ATTEMPTS_MOST

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
OPERATIONS = (DOCS / "operations.md").read_text()
APPS = ("backend", "providers", "contracts", "outcomes", "payouts", "scorecards")
SET_BY_OTHERS = {"DJANGO_SETTINGS_MODULE"}


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of the page's tables."""
    for line in page.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.replace(r"\|", "/").strip("|").split("|")]


def first_words(page: str) -> set[str]:
    """The first word of each table row that begins with code."""
    return {match[1] for cells in rows(page) if (match := re.match(r"`(?:\./dev )?([\w./-]+)", cells[0]))}


def anchors(page: Path) -> set[str]:
    """The anchors that the page's headings give."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- commands


def own_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if str(app).partition(".")[0] in APPS)


@pytest.mark.parametrize("name", own_commands())
def test_every_management_command_is_documented(name: str) -> None:
    assert name in first_words(OPERATIONS)


@pytest.mark.parametrize("name", [*COMMANDS, LOCK[0]])
def test_every_command_of_dev_is_documented(name: str) -> None:
    assert f"| `./dev {name}` |" in OPERATIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_command_that_does_not_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"(?:`|^)\./dev ([a-z]+)", text, re.MULTILINE)) <= {*COMMANDS, LOCK[0]}
    assert set(re.findall(r"(?:manage\.py|\./dev manage) ([a-z]\w*)", text)) <= set(get_commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_that_a_page_shows_can_be_read_and_imports_what_exists(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        compile(block, page.name, "exec")
        exec("\n".join(line for line in block.splitlines() if line.startswith(("from ", "import "))), {})


# --- environment variables


def variables_of_the_code() -> set[str]:
    settings = (ROOT / "backend" / "settings.py").read_text()
    devtools = "".join(path.read_text() for path in (ROOT / "backend" / "devtools").glob("*.py"))
    named = set(re.findall(r'(?:environ\.get|env_\w+)\("([A-Z_]+)"', settings + devtools))
    return named | set(re.findall(r"\$\{([A-Z]+):-python3\}", (ROOT / "dev").read_text()))


@pytest.mark.parametrize("name", sorted(variables_of_the_code() - SET_BY_OTHERS))
def test_every_variable_is_documented(name: str) -> None:
    assert re.search(rf"`{name}[`=]", OPERATIONS)


def test_the_table_of_settings_has_no_other_variables() -> None:
    listed = {name for name in first_words(OPERATIONS) if name.isupper()}
    settings = (ROOT / "backend" / "settings.py").read_text()
    assert listed == set(re.findall(r'(?:environ\.get|env_\w+)\("([A-Z_]+)"', settings))
    head = settings.split('"""')[1]
    assert listed == set(re.findall(r"^([A-Z_]+) {2,}", head, re.MULTILINE))


# --- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= set(re.findall(r"\]\(([\w-]+\.md)\)", index))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    folders = "|".join([*APPS, "tests", "docs"])
    for name in re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text()):
        assert (ROOT / name).exists(), name


# --- glossary


GLOSSARY = [cells for cells in rows((DOCS / "glossary.md").read_text()) if cells[0] != "English"]


@pytest.mark.parametrize("name", [cells[2].strip("`") for cells in GLOSSARY if cells[2] != "–"])
def test_each_word_has_its_name_in_the_code(name: str) -> None:
    parts = name.split(".")
    split = next(n for n in range(len(parts), 0, -1) if is_module(parts[:n]))
    found: object = importlib.import_module(".".join(parts[:split]))
    for part in parts[split:]:
        assert hasattr(found, part), name
        found = getattr(found, part)


def is_module(parts: list[str]) -> bool:
    path = ROOT / Path(*parts)
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize("cells", GLOSSARY, ids=lambda cells: cells[0])
def test_each_word_is_explained_in_both_languages(cells: list[str]) -> None:
    assert len(cells) == 4
    assert all(cells)


# --- what the pages say in figures and lists


def test_every_dependency_says_why_it_is_there() -> None:
    wanted = re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    listed = [cells[0] for cells in rows((DOCS / "decisions.md").read_text()) if cells[0] != "package"]
    assert listed == wanted


def test_the_page_knows_how_many_attempts_a_run_has() -> None:
    assert ATTEMPTS_MOST == 5
    assert re.search(r"After\s+five\s+attempts", OPERATIONS)


def test_the_readme_draws_every_app() -> None:
    picture = (ROOT / "README.md").read_text().partition("## The house")[2]
    assert all(f" {app}" in picture for app in (*APPS[1:], "backend.kernel"))


def test_the_changelog_has_the_form_that_it_names() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"

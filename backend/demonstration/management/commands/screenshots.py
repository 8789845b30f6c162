"""`screenshots`: the pictures of README.md and docs/, taken of a running demonstration with Chromium."""

import os
import shutil
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.demonstration.cast import PASSWORD

PICTURES = settings.BASE_DIR / "docs" / "pictures"
DESK, PHONE = (1280, 800), (390, 844)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as somebody sees it."""

    name: str
    username: str
    path: str
    size: tuple[int, int] = DESK
    scheme: str = "light"


def pictures() -> list[Picture]:
    """The pictures that the pages of docs/ show; the placement is one whose ledger tells much."""
    from backend.demonstration.summary import summarise  # asks the database
    from outcomes.models import Fact
    from providers.models import Proposal

    summary = summarise()
    if summary.shown is None or summary.last is None:
        raise CommandError("There is no demonstration; ./dev demo builds one.")
    decided = Proposal.objects.exclude(decision=None).exclude(conditions="").latest("pk")
    conflict = Fact.objects.get(external_id="P900001-arbete-2")
    placement = f"/placements/{summary.shown.pk}/"
    return [
        Picture("home", "hanna.handlaggare", "/", (1280, 320)),
        Picture("queue", "hanna.handlaggare", "/facts/waiting/?state=decide"),
        Picture("fact", "hanna.handlaggare", f"/facts/{conflict.pk}/?state=decide", (1280, 1000)),
        Picture("run", "elsa.ekonom", f"/runs/{summary.last.sequence}/"),
        Picture("placement", "hanna.handlaggare", f"{placement}?as_of={summary.last.cutoff}#why"),
        Picture("authorisations", "petra.upphandlare", "/authorisations/"),
        Picture("application", "petra.upphandlare", f"/applications/{decided.application_id}/"),
        Picture("decision", "petra.upphandlare", f"/decisions/{decided.pk}/"),
        Picture("placement-phone", "hanna.handlaggare", f"{placement}?as_of={summary.last.cutoff}#why", PHONE, "dark"),
    ]


class Command(BaseCommand):
    help = "Take the pictures of README.md and docs/ of a running demonstration (./dev demo), with Chromium."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base", default="http://127.0.0.1:8000", help="where the demonstration runs")

    def handle(self, *, base: str, **options: Any) -> None:
        from playwright.sync_api import sync_playwright  # not there where the system is installed

        wanted = pictures()
        chromium = shutil.which("chromium")
        if chromium is None:
            raise CommandError("Chromium is missing (Debian: apt-get install chromium).")
        PICTURES.mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
            for picture in wanted:
                path = PICTURES / f"{picture.name}.png"
                take(browser, base, picture, path)
                self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {path.stat().st_size // 1024} kB")


def take(browser: Any, base: str, picture: Picture, path: Path) -> None:
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=picture.scheme)
    page = context.new_page()
    page.goto(f"{base}/login/")
    page.get_by_label("Användarnamn").fill(picture.username)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    page.wait_for_url(f"{base}/")
    page.goto(base + picture.path)
    page.screenshot(path=path)
    context.close()
    shrink(path)


def shrink(path: Path) -> None:
    """Few colours are enough for a page, and a third of the bytes."""
    from PIL import Image

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)

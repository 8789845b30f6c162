"""Check that the Swedish catalogue says every text of the code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.kernel.translations import faults, read_catalogue, texts_in_code, write_catalogue

CATALOGUE = settings.LOCALE_PATHS[0] / "sv" / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    help = "Name each text that is missing, obsolete, uncertain or has other placeholders in the Swedish catalogue."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="first bring the catalogue's texts up to date")

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        texts = texts_in_code(settings.BASE_DIR)
        if write:
            write_catalogue(CATALOGUE, read_catalogue(CATALOGUE), texts)
        found = list(faults(read_catalogue(CATALOGUE), texts))
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(f"{len(found)} faults in the Swedish catalogue.")

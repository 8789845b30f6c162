"""`import_bank FILE…`: the bank's messages (pain.002, camt.054) bring each payment to what became of it."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from payouts.services import import_bank_file
from payouts.services.banking import Imported


class Command(BaseCommand):
    help = "Read messages from the bank, each whole or not at all. A message that was read before changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="a JSON list with an object per file")

    def handle(self, *, files: Sequence[Path], **options: Any) -> None:
        told = []
        for path in files:
            try:
                content = path.read_bytes()
                imported = import_bank_file(name=path.name, content=content, by=None, now=timezone.now())
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from error
            except DomainError as error:
                raise CommandError(f"{path}: {error.say(gettext)}") from error
            told.append(as_dict(path, imported))
            if not options["json"]:
                self.stdout.write(in_words(path, imported))
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))


def as_dict(path: Path, imported: Imported) -> dict[str, object]:
    return {
        "file": str(path),
        "kind": imported.file.kind,
        "new": imported.is_new,
        "matched": imported.matched,
        "unmatched": imported.unmatched,
    }


def in_words(path: Path, imported: Imported) -> str:
    if not imported.is_new:
        return gettext("{path}: read before; nothing changed").format(path=path)
    told = gettext("{path}: {kind}, {matched} matched, {unmatched} without a payment")
    return told.format(path=path, kind=imported.file.kind, matched=imported.matched, unmatched=imported.unmatched)

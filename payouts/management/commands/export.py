"""`export RUN pain001|sie|xlsx|csv -o FILE`: a run's payment orders, vouchers or tables as a file."""

import json
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext

from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.money import plain_kronor, show_kronor
from payouts.models import Export, Run
from payouts.services import export_run

NO_RUN = rule("no_run", gettext_noop("there is no run with this number"))


class Command(BaseCommand):
    help = "Write a file of a run: payment orders and vouchers of an attested one, tables of a computed one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, metavar="RUN", help="the run's number")
        parser.add_argument("kind", choices=Export.Kind.values)
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
        parser.add_argument("--batch", type=int, metavar="N", help="this batch of payments again, not the newest")
        parser.add_argument("--json", action="store_true", help="what was written, as one JSON object")

    def handle(self, *, run: int, kind: str, output: Path, batch: int | None, **options: Any) -> None:
        try:
            exported = export_run(
                run=run_numbered(run), kind=Export.Kind(kind), batch=batch, by=None, now=timezone.now()
            )
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error
        write_whole(output, exported.content)
        export = exported.export
        if options["json"]:
            told = {
                "run": run,
                "kind": kind,
                "file": str(output),
                "rows": export.row_count,
                "total": plain_kronor(export.total),
                "copy": export.copy,
                "sha256": export.digest,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            copy = gettext(" (copy {number})").format(number=export.copy) if export.copy else ""
            self.stdout.write(f"{output}{copy}: {export.row_count}, {show_kronor(export.total)}")


def run_numbered(number: int) -> Run:
    """The run with this number in the sequence; DomainError if there is none."""
    run = Run.objects.filter(sequence=number).first()
    if run is None:
        raise refuse(NO_RUN, field="run", value=number)
    return run


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: nobody sends half of it to the bank."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}", delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)

"""`run_cases PATH…`: case files (PAYMENT_MODELS.md section 7) through the engine that pays. Needs no database."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from backend.kernel.errors import DomainError
from payouts.engine.cases import case_failures, read_case_file


class Command(BaseCommand):
    help = "Run case files, or all that stand in folders; exit code 1 if one fails or there is none."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a case file, or a folder of them")

    def handle(self, *, paths: Sequence[Path], **options: Any) -> None:
        passed = failed = 0
        for path in case_files(paths):
            failures = failures_of(path)
            for failure in failures:
                self.stdout.write(f"{path}: {failure}")
            passed, failed = passed + (not failures), failed + bool(failures)
        self.stdout.write(f"{passed} passed, {failed} failed")
        if failed or not passed:
            sys.exit(1)  # a CommandError would write after the closing line


def case_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named, and those anywhere in the folders named, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.toml"))
        else:
            yield path


def failures_of(path: Path) -> list[str]:
    """What came out otherwise than expected, or every breach that keeps the case from running."""
    try:
        return case_failures(read_case_file(path))
    except DomainError as error:
        return [breach.say() for breach in error.breaches]

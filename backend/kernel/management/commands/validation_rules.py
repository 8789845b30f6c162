"""`validation_rules [--write]`: the page of all validation rules, for developers: it needs the tests' examples."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Test whether docs/validation-rules.md is what the rules and their wrong examples say, or write it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the page")

    def handle(self, *, write: bool, **options: Any) -> None:
        from tests.validation_page import PAGE, make_page  # not there where the system is installed

        with scratch_database() as database:
            page = make_page(database.renew)
        if write:
            PAGE.write_text(page)
        elif not PAGE.exists() or PAGE.read_text() != page:
            raise CommandError("docs/validation-rules.md is stale; validation_rules --write writes it.")


@contextmanager
def scratch_database() -> Iterator[Any]:
    """An empty, migrated database in place of the real one."""
    from tests.conftest import TestDatabase

    database = TestDatabase("utfall_validation_rules")
    try:
        database.make_template()
        database.renew()
        yield database
    finally:
        database.drop()

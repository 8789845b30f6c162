"""`check_ledger`: every invariant over the whole database."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import psycopg
from django.core.management.base import BaseCommand

from payouts.computation import new_connection
from payouts.invariants import INVARIANTS, Failing, find_failing


class Command(BaseCommand):
    help = "Test every invariant of ledger, runs and facts over the whole database; exit code 1 if one fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write one JSON object instead of sentences")

    def handle(self, *, json: bool, **options: Any) -> None:
        failing = check()
        self.stdout.write(as_json(failing) if json else in_words(failing))
        if failing:
            sys.exit(1)


def check() -> list[Failing]:
    """All that fails, in one state of the database."""
    with new_connection() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return list(find_failing(connection))


def as_json(failing: list[Failing]) -> str:
    return json.dumps({"invariants": list(INVARIANTS), "failing": [asdict(one) for one in failing]}, ensure_ascii=False)


def in_words(failing: list[Failing]) -> str:
    told = [f"{one.name}: {one.what}, {one.where}, expected {one.expected}, found {one.found}" for one in failing]
    breaches = "1 breach" if len(failing) == 1 else f"{len(failing)} breaches"
    return "\n".join([*told, f"{len(INVARIANTS)} invariants tested, {breaches} found"])

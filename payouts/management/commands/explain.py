"""`explain PLACEMENT`: why, and why not, each step of a placement is owed, in sentences."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext, override

from backend.kernel.calendar import local_day
from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from contracts.wording import Language
from outcomes.models import Placement
from payouts.explaining import explain_text

NO_PLACEMENT = rule("no_placement", gettext_noop("there is no placement with this number"))


class Command(BaseCommand):
    help = "Say why, and why not, each step of a placement is owed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("placement", metavar="PLACEMENT", help="the placement's number")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="cut-off and knowledge day; default today"
        )
        parser.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, placement: str, as_of: date | None, language: Language, **options: Any) -> None:
        day = as_of or local_day(timezone.now())
        with override(language):
            try:
                found = placement_numbered(placement)
            except DomainError as error:
                raise CommandError(error.say(gettext)) from error
            self.stdout.write(f"{found.number}, {day}")
            for sentence in explain_text(found, day, language):
                self.stdout.write(sentence)


def placement_numbered(number: str) -> Placement:
    """The placement with this number; DomainError if there is none."""
    placement = Placement.objects.filter(number=number).first()
    if placement is None:
        raise refuse(NO_PLACEMENT, field="placement", value=number)
    return placement

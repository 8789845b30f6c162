"""`model check|show|diff|publish`: payment models on the command line. Only `publish` needs the database."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.models import User
from contracts.comparison import differences, in_words
from contracts.library import library_model
from contracts.reading import check_publishable, read_model_file
from contracts.sentences import sentences
from contracts.services import publish_model
from contracts.terms import PaymentModel
from contracts.wording import Language

UNKNOWN_USER = rule("unknown_user", gettext_noop("there is no user with this name"))


class Command(BaseCommand):
    help = "Check, show, compare and publish payment models. MODEL is a .toml or .json file, or a code of the library."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        doings = parser.add_subparsers(dest="doing", required=True)
        check = doings.add_parser("check", help="name every breach; exit code 1 if there is one")
        check.add_argument("models", nargs="+", metavar="MODEL")
        show = doings.add_parser("show", help="tell models in sentences")
        show.add_argument("models", nargs="+", metavar="MODEL")
        diff = doings.add_parser("diff", help="tell what differs between two models")
        diff.add_argument("models", nargs=2, metavar="MODEL")
        publish = doings.add_parser("publish", help="publish models as the next versions of their codes: all or none")
        publish.add_argument("models", nargs="+", metavar="MODEL")
        publish.add_argument("--valid-from", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
        publish.add_argument("--by", required=True, metavar="USERNAME", help="the procurement officer who publishes")
        for doing in (check, show, diff, publish):
            doing.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, doing: str, models: list[str], language: Language, **options: Any) -> None:
        with override(language):
            try:
                match doing:
                    case "check":
                        self.check_models(models)
                    case "show":
                        self.write_lines("\n".join(sentences(read(name), language)) + "\n" for name in models)
                    case "diff":
                        old, new = models
                        self.write_lines(in_words(differences(read(old), read(new)), language))
                    case "publish":
                        self.publish(models, by=options["by"], valid_from=options["valid_from"])
            except DomainError as error:
                raise CommandError(error.say(gettext)) from error

    def check_models(self, names: list[str]) -> None:
        refused = 0
        for name in names:
            try:
                model = read(name)
            except DomainError as error:
                refused += 1
                self.write_lines(f"{name}: {breach.say(gettext)}" for breach in error.breaches)
            else:
                self.stdout.write(f"{name}: OK")
                self.write_lines(f"{name}: {line}" for line in before_publishing(model))
        if refused:
            raise CommandError(gettext("Refused: %(refused)s of %(all)s.") % {"refused": refused, "all": len(names)})

    def publish(self, names: list[str], *, by: str, valid_from: date) -> None:
        officer = user_named(by)
        models = [read(name) for name in names]
        with transaction.atomic():
            versions = [
                publish_model(model=model, valid_from=valid_from, by=officer, now=timezone.now()) for model in models
            ]
        for version in versions:
            self.stdout.write(
                gettext("%(code)s is published as version %(number)s, valid from %(valid_from)s.")
                % {"code": version.code, "number": version.number, "valid_from": version.valid_from}
            )

    def write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def read(name: str) -> PaymentModel:
    """The model in a file, or with a code of the library: codes have no suffix."""
    return read_model_file(name) if Path(name).suffix else library_model(name)


def user_named(username: str) -> User:
    """The user with this name; DomainError if there is none."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise refuse(UNKNOWN_USER, field="by", value=username)
    return user


def before_publishing(model: PaymentModel) -> list[str]:
    """What a model that reads well still lacks before it can be published."""
    try:
        check_publishable(model)
    except DomainError as error:
        return [breach.say(gettext) for breach in error.breaches]
    return []

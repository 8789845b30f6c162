"""`api_credentials`: a provider's access to the API, as on the provider's page."""

from argparse import ArgumentParser
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext

from backend.kernel.errors import DomainError
from backend.kernel.models import User
from providers.models import ApiClient, Provider, Scope
from providers.services import Issued, issue_credentials, revoke_credentials, rotate_secret

M = TypeVar("M", bound=Model)


class Command(BaseCommand):
    help = "Issue, renew and revoke the credentials with which a provider's system uses the API, and list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        issue = actions.add_parser("issue", help="give a system access")
        issue.add_argument("provider", metavar="PROVIDER", help="the provider's number, such as L0001")
        issue.add_argument("name", metavar="NAME", help="what the system is called")
        issue.add_argument("--scopes", nargs="+", choices=Scope.values, default=Scope.values)
        rotate = actions.add_parser("rotate", help="issue another secret; the earlier ones stay valid for some days")
        rotate.add_argument("client", metavar="CLIENT")
        rotate.add_argument("--grace-days", type=int, default=7)
        revoke = actions.add_parser("revoke", help="end a system's access at once")
        revoke.add_argument("client", metavar="CLIENT")
        for action in (issue, rotate, revoke):
            action.add_argument("--by", required=True, metavar="USERNAME", help="the officer who decides it")
        actions.add_parser("list", help="all clients")

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "list":
            self._list()
            return
        decided: dict[str, Any] = {"by": _find(User, username=options["by"]), "now": timezone.now()}
        try:
            if action == "issue":
                provider = _find(Provider, number=options["provider"])
                self._show(
                    issue_credentials(provider=provider, name=options["name"], scopes=options["scopes"], **decided)
                )
                return
            client = _find(ApiClient, application__client_id=options["client"])
            if action == "rotate":
                self._show(rotate_secret(client=client, grace_days=options["grace_days"], **decided))
            else:
                revoke_credentials(client=client, **decided)
        except DomainError as error:
            raise CommandError(error.say(gettext)) from error

    def _list(self) -> None:
        for client in ApiClient.objects.select_related("application", "membership__provider").order_by("issued_at"):
            state = f"revoked {client.revoked_at:%Y-%m-%d}" if client.revoked_at else " ".join(client.scopes)
            provider = client.membership.provider
            self.stdout.write(f"{client}  {provider.number}  {client.application.name}  {state}")

    def _show(self, issued: Issued) -> None:
        self.stdout.write(f"client_id {issued.client_id}\nclient_secret {issued.secret}")
        self.stderr.write("The secret is shown this once. Hand it over in a safe way.")


def _find(model: type[M], **which: str) -> M:
    found = model._default_manager.filter(**which).first()
    if found is None:
        raise CommandError(f"{', '.join(which.values())}: there is no such {model._meta.verbose_name}")
    return found

"""Credentials of providers' systems for the API: issued, renewed without downtime, and revoked at once."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from oauth2_provider.models import AccessToken, Application

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import ApiClient, ApiSecret, Provider, Scope, secret_digest
from providers.services.members import admit_member, end_membership

UNKNOWN_SCOPE = rule("unknown_scope", gettext_noop("the scopes are {known}; at least one is needed"))
CLIENT_REVOKED = rule("client_revoked", gettext_noop("these credentials are revoked; issue new ones"))
GRACE_DAYS = rule("grace_days", gettext_noop("the earlier secrets stay valid for 0 to {most} days"))

GRACE_DAYS_MOST = 90
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Issued:
    """A client with its new secret, which is shown now and never again: only its hash is kept."""

    client: ApiClient
    client_id: str
    secret: str


@transaction.atomic
def issue_credentials(*, provider: Provider, name: str, scopes: Collection[str], by: User, now: datetime) -> Issued:
    """Give a system of a provider access to the API, under an account of its own."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    if not scopes or not set(scopes) <= set(Scope.values):
        raise refuse(UNKNOWN_SCOPE, field="scopes", value=", ".join(scopes), known=", ".join(Scope.values))
    application = Application(
        name=name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    application.save()
    user = User(username=f"api-{application.client_id}", first_name=name[:150], roles=[Role.PROVIDER], date_joined=now)
    user.set_unusable_password()
    user.save()
    client = ApiClient.objects.create(
        application=application,
        membership=admit_member(provider=provider, user=user, by=by, now=now),
        scopes=[scope for scope in Scope.values if scope in scopes],
        issued_at=now,
        issued_by=by,
    )
    later = {"provider": provider.number, "name": name, "scopes": client.scopes}
    record_event(by=by, action="issue_credentials", on=client, now=now, later=later)
    return Issued(client, application.client_id, _new_secret(client, by, now))


@transaction.atomic
def rotate_secret(*, client: ApiClient, grace_days: int, by: User, now: datetime) -> Issued:
    """Issue another secret. The earlier ones stay valid for some days, in which the system takes the new one up."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    client = _locked(client)
    if not 0 <= grace_days <= GRACE_DAYS_MOST:
        raise refuse(GRACE_DAYS, field="grace_days", value=grace_days, most=GRACE_DAYS_MOST)
    until = now + timedelta(days=grace_days)
    client.secrets.filter(Q(valid_until=None) | Q(valid_until__gt=until)).update(valid_until=until)
    record_event(by=by, action="rotate_secret", on=client, now=now, later={"earlier_valid_until": until})
    return Issued(client, client.application.client_id, _new_secret(client, by, now))


@transaction.atomic
def revoke_credentials(*, client: ApiClient, by: User, now: datetime) -> ApiClient:
    """End a system's access at once, with all its secrets and tokens. What it reported stays."""
    require_role(by, Role.PROCUREMENT, Role.ADMINISTRATOR)
    client = _locked(client)
    client.revoked_at, client.revoked_by = now, by
    client.save(update_fields=["revoked_at", "revoked_by"])
    end_membership(membership=client.membership, by=by, now=now)
    AccessToken.objects.filter(application=client.application).delete()
    record_event(by=by, action="revoke_credentials", on=client, now=now)
    return client


def _locked(client: ApiClient) -> ApiClient:
    client = ApiClient.objects.select_for_update(no_key=True, of=("self",)).get(pk=client.pk)
    if client.revoked_at is not None:
        raise refuse(CLIENT_REVOKED, field="client", value=client.application.name)
    return client


def _new_secret(client: ApiClient, by: User, now: datetime) -> str:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    ApiSecret.objects.create(client=client, digest=secret_digest(secret), issued_at=now, issued_by=by)
    return secret

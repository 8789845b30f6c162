"""Decisions that authorise providers."""

from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import Authorisation, Provider

AUTHORISATION_DAYS = rule("authorisation_days", gettext_noop("an authorisation ends on or after its first day"))


@transaction.atomic
def authorise_provider(
    *, provider: Provider, valid_from: date, valid_through: date | None, by: User, now: datetime
) -> Authorisation:
    """Enter a decision from before the register: the provider is authorised for every service.

    From `valid_from` on it takes the place of earlier decisions. New ones come from applications (`decide`).
    """
    require_role(by, Role.PROCUREMENT)
    if valid_through is not None and valid_through < valid_from:
        raise refuse(AUTHORISATION_DAYS, field="valid_through", value=valid_through)
    authorisation = Authorisation.objects.create(
        provider=provider,
        effect=Authorisation.Effect.AUTHORISED,
        valid_from=valid_from,
        valid_through=valid_through,
        decided_by=by,
        decided_at=now,
    )
    record_event(
        by=by,
        action="authorise",
        on=provider,
        now=now,
        later={"authorisation": authorisation.pk, "valid_from": valid_from, "valid_through": valid_through},
    )
    return authorisation

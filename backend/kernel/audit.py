"""The audit trail: every service writes what it did, in the transaction in which it does it."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Model

from backend.kernel.models import AuditEvent, User

Values = Mapping[str, object]  # texts, numbers, dates


def record_event(
    *,
    by: User | None,
    action: str,
    on: Model,
    now: datetime,
    earlier: Values | None = None,
    later: Values | None = None,
) -> AuditEvent:
    """Note that `by` (None: a rule) did `action` on a row, with the values that changed."""
    return AuditEvent.objects.create(
        at=now,
        by=by,
        action=action,
        object_type=on._meta.label_lower,
        object_id=str(on.pk),
        earlier=earlier,
        later=later,
    )


def record_bulk_event(*, by: User | None, action: str, on: type[Model], now: datetime, later: Values) -> AuditEvent:
    """Note an action on many rows of a table at once; the rows themselves say by whom and when each came about."""
    return AuditEvent.objects.create(
        at=now, by=by, action=action, object_type=on._meta.label_lower, object_id="", later=later
    )

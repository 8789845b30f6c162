"""What follows on decisions: providers are reminded of what was asked for, and a verification is undone."""

from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from backend.kernel.audit import record_bulk_event, record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.columns import Kind
from outcomes.models import Fact, Reminder
from outcomes.reports import FactReport
from outcomes.services.reporting import report_facts
from outcomes.waiting import open_questions

NOT_VERIFIED = rule("not_verified", gettext_noop("only a verified fact is undone; a waiting one is rejected"))
UNDO_REASON = rule("undo_reason", gettext_noop("whoever undoes a verification says why"))

BEFORE = timedelta(days=3)  # a reminder comes so long before the last day to answer


@transaction.atomic
def remind_providers(*, now: datetime) -> int:
    """Remind of everything that must be answered within three days, once. Gives how many facts it is about."""
    due = open_questions().filter(due_on__lte=local_day(now) + BEFORE, reminder=None).select_related("fact__provider")
    asked = list(due.order_by("fact__provider", "pk"))
    Reminder.objects.bulk_create([Reminder(decision=decision, sent_at=now) for decision in asked])
    for provider, decisions in groupby(asked, key=lambda decision: decision.fact.provider):
        later = {"provider": provider.number, "facts": [decision.fact_id for decision in decisions]}
        record_bulk_event(by=None, action="remind", on=Fact, now=now, later=later)
    return len(asked)


@transaction.atomic
def undo_verification(*, fact: Fact, reason: str, by: User, now: datetime) -> int:
    """Report that a verified fact is withdrawn. It counts until somebody else has verified the withdrawal.

    Gives the id of the withdrawing fact.
    """
    require_role(by, Role.HANDLER)
    if fact.verified is None or fact.withdrawn:
        raise refuse(NOT_VERIFIED, field="fact", value=fact.external_id)
    if not reason.strip():
        raise refuse(UNDO_REASON, field="reason", value=reason)
    withdrawal = FactReport(
        external_id=f"undo-{fact.pk}-{fact.corrections.count() + 1}",
        placement=fact.placement.number,
        kind=Kind(fact.kind),
        from_day=fact.from_day,
        through_day=fact.through_day,
        replaces=fact.external_id,
        withdrawn=True,
    )
    (pk,) = report_facts(provider=fact.provider, reports=[withdrawal], by=by, now=now).ids
    record_event(by=by, action="undo_verification", on=fact, now=now, later={"reason": reason, "withdrawal": pk})
    return pk

"""A participant comes back within the time that the contract sets: the old placement goes on."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.periods import add, parse_duration
from backend.kernel.permissions import require_role
from contracts.selectors import conditions_on
from outcomes.automatic import RETURN_WITHIN
from outcomes.columns import Kind
from outcomes.locks import shared_verification_lock
from outcomes.models import Placement
from outcomes.reports import FactReport
from outcomes.services.reporting import report_facts
from outcomes.services.verification import verify_facts

NOT_ENDED = rule("not_ended", gettext_noop("nobody returns to a placement that has not ended"))
NO_RETURN = rule(
    "no_return", gettext_noop("the contract lets nobody return to an ended placement; a return is a new placement")
)
RETURN_BEFORE_EXIT = rule("return_before_exit", gettext_noop("a return comes after the placement's last day, {day}"))
RETURN_AHEAD = rule("return_ahead", gettext_noop("a return is not dated after today, {today}"))
RETURN_TOO_LATE = rule(
    "return_too_late",
    gettext_noop("the contract lets participants return through {day}; later ones are new placements"),
)

AWAY = "avbrott mellan avslut och återkomst"  # the reason of the interruption: data, in the city's language


@transaction.atomic
def return_participant(*, placement: Placement, on: date, by: User, now: datetime | None = None) -> None:
    """Reopen an ended placement (PAYMENT_MODELS.md section 3): its exit is withdrawn, the time between interrupted.

    The contract's terms decide, not the handler, so the rule verifies what is recorded; DomainError if they don't
    allow it, or if the reopened placement breaks a rule with what else is known.
    """
    require_role(by, Role.HANDLER)
    moment = shared_verification_lock(now)
    placement = Placement.objects.select_for_update(no_key=True).get(pk=placement.pk)
    last = _last_day(placement, on, local_day(moment))
    reports = list(_reports(placement, last, on))
    reported = report_facts(provider=placement.contract.provider, reports=reports, by=by, now=moment)
    verify_facts(facts=reported.ids, rule=RETURN_WITHIN, now=moment)
    record_event(by=by, action="return", on=placement, now=moment, earlier={"ended": last}, later={"returned": on})


def _last_day(placement: Placement, on: date, today: date) -> date:
    """The day on which the placement ended, if the participant may return to it on another."""
    if placement.period.upper is None:
        raise refuse(NOT_ENDED, field="on", value=on)
    last: date = placement.period.upper - timedelta(days=1)
    within = conditions_on(placement.contract, last).return_within
    if not within:
        raise refuse(NO_RETURN, field="on", value=on)
    latest = add(last, parse_duration(within, "return_within"))
    if on <= last:
        raise refuse(RETURN_BEFORE_EXIT, field="on", value=on, day=last)
    if on > today:
        raise refuse(RETURN_AHEAD, field="on", value=on, today=today)
    if on > latest:
        raise refuse(RETURN_TOO_LATE, field="on", value=on, day=latest)
    return last


def _reports(placement: Placement, last: date, on: date) -> Iterator[FactReport]:
    """That the exits are withdrawn that stand, and the days away."""
    exits = placement.facts.filter(kind=Kind.EXIT, withdrawn=False, verified__isnull=False)
    for name in exits.exclude(corrections__verified__isnull=False).values_list("external_id", flat=True):
        yield FactReport(f"{name}/{on}", placement.number, Kind.EXIT, last, last, replaces=name, withdrawn=True)
    first, through = last + timedelta(days=1), on - timedelta(days=1)
    if first <= through:
        yield FactReport(f"{placement.number}/{on}", placement.number, Kind.INTERRUPTION, first, through, subject=AWAY)

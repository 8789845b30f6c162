"""Following up authorised providers: site visits, complaints, and deviations until they are closed."""

from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import (
    Complaint,
    Deviation,
    DeviationStep,
    Provider,
    Requirement,
    Service,
    SiteVisit,
    Subcontractor,
    SubcontractorCheck,
)
from providers.permissions import require_member
from providers.services.assessing import require_note
from providers.states import DEVIATION_TRANSITIONS, DeviationState

VISIT_AHEAD = rule("visit_ahead", gettext_noop("what is recorded has happened, today at the latest"))
COMPLAINT_SETTLED = rule("complaint_settled", gettext_noop("this complaint is settled already"))
DEVIATION_STATE = rule(
    "deviation_state", gettext_noop("a deviation that is {state} can't become {wanted}; it can become: {known}")
)
DEADLINE_AHEAD = rule("deadline_ahead", gettext_noop("the deadline is today or later"))
DEVIATION_ELSEWHERE = rule(
    "deviation_elsewhere", gettext_noop("the visit or complaint is about another provider than the deviation")
)


@transaction.atomic
def record_visit(
    *,
    provider: Provider,
    service: Service,
    visited_on: date,
    is_announced: bool,
    findings: str,
    by: User,
    now: datetime,
) -> SiteVisit:
    """Record a visit to a provider and what was found."""
    require_role(by, Role.PROCUREMENT)
    require_note(findings, "findings")
    _check_past(visited_on, "visited_on", now)
    visit = SiteVisit.objects.create(
        provider=provider,
        service=service,
        visited_on=visited_on,
        is_announced=is_announced,
        findings=findings,
        recorded_at=now,
        recorded_by=by,
    )
    record_event(by=by, action="record_visit", on=provider, now=now, later={"visited_on": visited_on})
    return visit


@transaction.atomic
def record_complaint(
    *,
    provider: Provider,
    service: Service,
    origin: Complaint.Origin,
    received_on: date,
    text: str,
    by: User,
    now: datetime,
) -> Complaint:
    """Record a complaint of a provider, without the name of whoever complains."""
    require_role(by, Role.PROCUREMENT, Role.HANDLER)
    require_note(text, "text")
    _check_past(received_on, "received_on", now)
    complaint = Complaint.objects.create(
        provider=provider,
        service=service,
        origin=origin,
        received_on=received_on,
        text=text,
        recorded_at=now,
        recorded_by=by,
    )
    later = {"complaint": complaint.pk, "origin": origin}
    record_event(by=by, action="record_complaint", on=provider, now=now, later=later)
    return complaint


@transaction.atomic
def settle_complaint(*, complaint: Complaint, outcome: str, by: User, now: datetime) -> Complaint:
    """Say what a complaint led to; a deviation is recorded apart."""
    require_role(by, Role.PROCUREMENT)
    complaint = Complaint.objects.select_for_update(of=("self",)).select_related("provider").get(pk=complaint.pk)
    if complaint.settled_at is not None:
        raise refuse(COMPLAINT_SETTLED, field="complaint", value=complaint.pk)
    require_note(outcome, "outcome")
    complaint.outcome, complaint.settled_at, complaint.settled_by = outcome, now, by
    complaint.save(update_fields=["outcome", "settled_at", "settled_by"])
    record_event(by=by, action="settle_complaint", on=complaint.provider, now=now, later={"complaint": complaint.pk})
    return complaint


@transaction.atomic
def record_deviation(
    *,
    provider: Provider,
    requirement: Requirement,
    source: Deviation.Source,
    severity: Deviation.Severity,
    description: str,
    action: str,
    deadline: date,
    visit: SiteVisit | None = None,
    complaint: Complaint | None = None,
    by: User,
    now: datetime,
) -> Deviation:
    """Record that a requirement is not met, what the provider must do, and by when."""
    require_role(by, Role.PROCUREMENT)
    if any(seen is not None and seen.provider_id != provider.pk for seen in (visit, complaint)):
        raise refuse(DEVIATION_ELSEWHERE, field="provider", value=provider.number)
    require_note(description, "description")
    require_note(action, "action")
    deviation = Deviation(
        provider=provider,
        requirement=requirement,
        visit=visit,
        complaint=complaint,
        source=source,
        severity=severity,
        description=description,
        action=action,
        found_at=now,
        found_by=by,
        deadline=deadline,
        state=DeviationState.OPEN,
    )
    _check_deadline(deadline, now)
    deviation.save()
    _note_step(deviation, action, by, now)
    later = {"requirement": requirement.code, "severity": severity, "deadline": deadline}
    record_event(by=by, action="record_deviation", on=deviation, now=now, later=later)
    return deviation


@transaction.atomic
def answer_deviation(*, deviation: Deviation, note: str, by: User, now: datetime) -> Deviation:
    """The provider says what it has done."""
    require_member(by, deviation.provider)
    return _move(deviation, DeviationState.ANSWERED, note=note, by=by, now=now)


@transaction.atomic
def reopen_deviation(*, deviation: Deviation, note: str, deadline: date, by: User, now: datetime) -> Deviation:
    """What was done is not enough: the provider gets a new deadline."""
    require_role(by, Role.PROCUREMENT)
    _check_deadline(deadline, now)
    return _move(deviation, DeviationState.OPEN, note=note, deadline=deadline, by=by, now=now)


@transaction.atomic
def close_deviation(*, deviation: Deviation, note: str, by: User, now: datetime) -> Deviation:
    """The requirement is met again, or the deviation led to a decision."""
    require_role(by, Role.PROCUREMENT)
    return _move(deviation, DeviationState.CLOSED, note=note, by=by, now=now)


@transaction.atomic
def check_subcontractor(
    *, subcontractor: Subcontractor, passed: bool, note: str, by: User, now: datetime
) -> SubcontractorCheck:
    """Record whether a subcontractor meets what is asked of the provider: tax, competence, the requirements."""
    require_role(by, Role.PROCUREMENT)
    require_note(note, "note")
    check = SubcontractorCheck.objects.create(
        subcontractor=subcontractor, passed=passed, note=note, checked_at=now, checked_by=by
    )
    later = {"name": subcontractor.name, "passed": passed}
    record_event(by=by, action="check_subcontractor", on=subcontractor.provider, now=now, later=later)
    return check


def _move(
    deviation: Deviation, wanted: DeviationState, *, note: str, deadline: date | None = None, by: User, now: datetime
) -> Deviation:
    found = Deviation.objects.select_for_update(of=("self",)).select_related("provider", "requirement")
    deviation = found.get(pk=deviation.pk)
    state = DeviationState(deviation.state)
    if wanted not in DEVIATION_TRANSITIONS[state]:
        known = ", ".join(sorted(DEVIATION_TRANSITIONS[state])) or "–"
        raise refuse(DEVIATION_STATE, field="deviation", value=str(deviation), state=state, wanted=wanted, known=known)
    require_note(note, "note")
    deviation.state, deviation.deadline = wanted, deadline or deviation.deadline
    deviation.save(update_fields=["state", "deadline"])
    _note_step(deviation, note, by, now)
    earlier, later = {"state": state}, {"state": wanted, "deadline": deviation.deadline}
    record_event(by=by, action="move_deviation", on=deviation, now=now, earlier=earlier, later=later)
    return deviation


def _note_step(deviation: Deviation, note: str, by: User, now: datetime) -> None:
    DeviationStep.objects.create(
        deviation=deviation,
        state=deviation.state,
        note=note,
        deadline=deviation.deadline,
        recorded_at=now,
        recorded_by=by,
    )


def _check_deadline(deadline: date, now: datetime) -> None:
    if deadline < local_day(now):
        raise refuse(DEADLINE_AHEAD, field="deadline", value=deadline)


def _check_past(day: date, field: str, now: datetime) -> None:
    if day > local_day(now):
        raise refuse(VISIT_AHEAD, field=field, value=day)

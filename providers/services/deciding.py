"""Decisions: one officer proposes, the provider answers where it is burdened, a second officer decides."""

import hashlib
from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.decision_document import write_decision
from providers.models import (
    Application,
    Assessment,
    Authorisation,
    Decision,
    Proposal,
    ProposalAnswer,
    ProposalReturn,
    Provider,
    Service,
)
from providers.permissions import require_member
from providers.selectors import assessments_of, authorisation_on, decisions_on, is_open
from providers.services.applying import locked, move
from providers.services.assessing import require_note
from providers.states import ApplicationState

Kind, Outcome = Proposal.Kind, Assessment.Outcome
BURDENING = frozenset({Kind.CONDITIONS, Kind.REFUSED, Kind.SUSPENDED, Kind.REVOKED})

EFFECTS = {Kind.SUSPENDED: Authorisation.Effect.SUSPENDED, Kind.REVOKED: Authorisation.Effect.REVOKED}

NOT_ALL_ASSESSED = rule("not_all_assessed", gettext_noop("these requirements are not assessed yet: {codes}"))
OUTCOME_DIFFERS = rule(
    "outcome_differs", gettext_noop("the assessment leads to another decision: {expected}; assess anew or propose that")
)
CONDITIONS_NEEDED = rule(
    "conditions_needed", gettext_noop("conditions are named if, and only if, it is granted with conditions")
)
PROPOSAL_DAYS = rule("proposal_days", gettext_noop("the last day is the first one or later"))
HEARING_NEEDED = rule(
    "hearing_needed",
    gettext_noop("what burdens the provider is communicated first: name its last day to answer, or why it is urgent"),
)
ANSWER_DAYS = rule("answer_days", gettext_noop("the provider's last day to answer lies ahead"))
NOTHING_TO_MEASURE = rule(
    "nothing_to_measure", gettext_noop("on that day the provider's authorisation is not such that it can be {kind}")
)
PROPOSED_ALREADY = rule("proposed_already", gettext_noop("another decision on this is proposed already"))
PROPOSAL_CLOSED = rule("proposal_closed", gettext_noop("this proposal is decided, or sent back"))
OWN_DECISION = rule("own_decision", gettext_noop("whoever proposed a decision does not decide it"))
ANSWERED_ALREADY = rule("answered_already", gettext_noop("the provider has answered already"))
ANSWER_AWAITED = rule("answer_awaited", gettext_noop("the provider may answer through {day}"))


@transaction.atomic
def propose_decision(
    *,
    application: Application,
    kind: Proposal.Kind,
    reasons: str,
    conditions: str = "",
    valid_from: date,
    valid_through: date | None = None,
    answer_by: date | None = None,
    urgency: str = "",
    by: User,
    now: datetime,
) -> Proposal:
    """Propose what to decide of an application; it follows from the assessment of each requirement."""
    require_role(by, Role.PROCUREMENT)
    application = locked(application)
    expected = expected_kind(application)
    if kind != expected:
        raise refuse(OUTCOME_DIFFERS, field="kind", value=kind, expected=expected)
    proposal = _propose(
        Proposal(
            provider=application.provider,
            service=application.service,
            application=application,
            kind=kind,
            diarienummer=application.diarienummer,
            legal_basis=application.legal_basis,
            reasons=reasons,
            conditions=conditions,
            valid_from=valid_from,
            valid_through=valid_through,
            answer_by=answer_by,
            urgency=urgency,
            proposed_at=now,
            proposed_by=by,
        )
    )
    move(application, ApplicationState.PROPOSED, note="", by=by, now=now)
    return proposal


@transaction.atomic
def propose_measure(
    *,
    provider: Provider,
    service: Service,
    kind: Proposal.Kind,
    diarienummer: str,
    legal_basis: str,
    reasons: str,
    valid_from: date,
    answer_by: date | None = None,
    urgency: str = "",
    by: User,
    now: datetime,
) -> Proposal:
    """Propose to suspend or revoke an authorisation, or to lift its suspension."""
    require_role(by, Role.PROCUREMENT)
    _lock(provider)
    proposal = Proposal(
        provider=provider,
        service=service,
        kind=kind,
        diarienummer=diarienummer,
        legal_basis=legal_basis,
        reasons=reasons,
        valid_from=valid_from,
        answer_by=answer_by,
        urgency=urgency,
        proposed_at=now,
        proposed_by=by,
    )
    _require_measurable(proposal, valid_from)
    if Proposal.objects.filter(is_open(), provider=provider, service=service).exists():
        raise refuse(PROPOSED_ALREADY, field="service", value=service.title)
    return _propose(proposal)


@transaction.atomic
def answer_proposal(*, proposal: Proposal, text: str, by: User, now: datetime) -> ProposalAnswer:
    """The provider says what it thinks of a proposal that burdens it; once, and before it is decided."""
    proposal = _open_proposal(proposal)
    require_member(by, proposal.provider)
    require_note(text, "text")
    if hasattr(proposal, "answer"):
        raise refuse(ANSWERED_ALREADY, field="text", value="")
    answer = ProposalAnswer.objects.create(proposal=proposal, text=text, answered_at=now, answered_by=by)
    record_event(by=by, action="answer_proposal", on=proposal, now=now)
    return answer


@transaction.atomic
def return_proposal(*, proposal: Proposal, reason: str, by: User, now: datetime) -> ProposalReturn:
    """The second officer sends a proposal back; an application is then assessed on."""
    proposal = _open_proposal(proposal)
    require_role(by, Role.PROCUREMENT)
    require_note(reason, "reason")
    returned = ProposalReturn.objects.create(proposal=proposal, reason=reason, returned_at=now, returned_by=by)
    record_event(by=by, action="return_proposal", on=proposal, now=now, later={"reason": reason})
    if proposal.application:
        move(locked(proposal.application), ApplicationState.ASSESSING, note=reason, by=by, now=now)
    return returned


@transaction.atomic
def decide(*, proposal: Proposal, by: User, now: datetime) -> Decision:
    """The second officer decides what was proposed. The document is written now, and what it grants applies."""
    require_role(by, Role.PROCUREMENT)
    proposal = _open_proposal(proposal)
    if proposal.proposed_by_id == by.pk:
        raise refuse(OWN_DECISION, field="by", value=by.get_username())
    if proposal.answer_by and not hasattr(proposal, "answer") and local_day(now) <= proposal.answer_by:
        raise refuse(ANSWER_AWAITED, field="proposal", value="", day=proposal.answer_by)
    first = max(proposal.valid_from, local_day(now))  # nothing is decided for days that have passed
    if proposal.application is None:
        _require_measurable(proposal, first)
    _check_days(first, proposal.valid_through)
    document = write_decision(proposal, first=first, decided_by=by, day=local_day(now))
    decision = Decision.objects.create(
        proposal=proposal,
        proposed_by=proposal.proposed_by,
        decided_at=now,
        decided_by=by,
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
    )
    _apply(decision, first, now)
    if proposal.application:
        move(locked(proposal.application), ApplicationState.DECIDED, note="", by=by, now=now)
    later = {"kind": proposal.kind, "diarienummer": proposal.diarienummer, "digest": decision.digest}
    record_event(by=by, action="decide", on=proposal, now=now, later=later)
    return decision


def expected_kind(application: Application) -> Proposal.Kind:
    """What an assessment leads to. DomainError while a requirement is not assessed."""
    found = assessments_of(application)
    missing = [each.code for each in application.catalogue.requirements.order_by("code") if each.pk not in found]
    if missing:
        raise refuse(NOT_ALL_ASSESSED, field="application", value=str(application), codes=", ".join(missing))
    outcomes = {assessment.outcome for assessment in found.values()}
    if Outcome.NOT_MET in outcomes:
        return Kind.REFUSED
    return Kind.CONDITIONS if Outcome.CONDITION in outcomes else Kind.GRANTED


def _require_measurable(proposal: Proposal, day: date) -> None:
    """DomainError unless what governs on a day can be suspended or revoked, or its suspension lifted."""
    governing = authorisation_on(proposal.provider, proposal.service, day)
    is_suspended = governing is not None and governing.effect == Authorisation.Effect.SUSPENDED
    applies = governing is not None and governing.authorises(day)
    possible = {
        Kind.SUSPENDED: applies,
        Kind.RESUMED: is_suspended and _resumed_through(proposal) >= day,
        Kind.REVOKED: applies or is_suspended,
    }
    if not possible.get(Kind(proposal.kind), False):
        raise refuse(NOTHING_TO_MEASURE, field="kind", value=proposal.provider.number, kind=proposal.kind)


def _resumed_through(proposal: Proposal) -> date:
    """Until when it applies again once its suspension is lifted: as long as it was to last before."""
    earlier = decisions_on(proposal.provider, proposal.service).filter(effect=Authorisation.Effect.AUTHORISED)
    return earlier.latest("decided_at", "pk").valid_through or date.max


def _propose(proposal: Proposal) -> Proposal:
    require_note(proposal.reasons, "reasons")
    if (proposal.kind == Kind.CONDITIONS) != bool(proposal.conditions.strip()):
        raise refuse(CONDITIONS_NEEDED, field="conditions", value=proposal.conditions)
    _check_days(proposal.valid_from, proposal.valid_through)
    if proposal.kind in BURDENING and proposal.answer_by is None and not proposal.urgency.strip():
        raise refuse(HEARING_NEEDED, field="answer_by", value="")
    if proposal.answer_by is not None and proposal.answer_by <= local_day(proposal.proposed_at):
        raise refuse(ANSWER_DAYS, field="answer_by", value=proposal.answer_by)
    proposal.save()
    later = {"kind": proposal.kind, "diarienummer": proposal.diarienummer, "answer_by": proposal.answer_by}
    record_event(by=proposal.proposed_by, action="propose_decision", on=proposal, now=proposal.proposed_at, later=later)
    return proposal


def _check_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise refuse(PROPOSAL_DAYS, field="valid_through", value=last)


def _open_proposal(proposal: Proposal) -> Proposal:
    """The proposal, if nothing has come of it yet; until the transaction ends nothing else comes of it."""
    _lock(proposal.provider)
    found = Proposal.objects.select_related("provider", "service", "application", "proposed_by", "answer")
    proposal = found.get(pk=proposal.pk)
    if not Proposal.objects.filter(is_open(), pk=proposal.pk).exists():
        raise refuse(PROPOSAL_CLOSED, field="proposal", value=proposal.diarienummer)
    return proposal


def _lock(provider: Provider) -> None:
    """One thing after another is decided of a provider; proposals are history and can't be locked."""
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)


def _apply(decision: Decision, first: date, now: datetime) -> None:
    """Let a decision govern from a day on. A refused application leaves what applies as it is."""
    proposal, through = decision.proposal, decision.proposal.valid_through
    if proposal.kind == Kind.REFUSED:
        return
    if proposal.kind == Kind.RESUMED:
        resumed = _resumed_through(proposal)
        through = None if resumed == date.max else resumed
    Authorisation.objects.create(
        provider=proposal.provider,
        service=proposal.service,
        effect=EFFECTS.get(Kind(proposal.kind), Authorisation.Effect.AUTHORISED),
        decision=decision,
        valid_from=first,
        valid_through=through,
        decided_by=decision.decided_by,
        decided_at=now,
    )

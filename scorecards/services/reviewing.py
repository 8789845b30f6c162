"""Review after a final scorecard: announced thresholds, an officer's proposal, and a second officer's decision."""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from scorecards.measures import ADJUSTED
from scorecards.models import Review, ReviewThreshold, Scorecard
from scorecards.selectors import findings_of
from scorecards.states import ScorecardState
from scorecards.thresholds import step_reached

NOT_FINAL = rule("review_not_final", gettext_noop("a review follows a final scorecard; this one is {state}"))
OPEN_BEFORE = rule("review_open", gettext_noop("the scorecard has a review that is not decided"))
REASONS_NEEDED = rule("review_reasons", gettext_noop("a proposal and a decision have reasons"))
STEP_MISSING = rule(
    "review_step", gettext_noop("an authorisation is withdrawn only where a threshold of step 2 is reached")
)
OWN_REVIEW = rule("review_own", gettext_noop("whoever proposed a measure does not decide about it"))
DECIDED = rule("review_decided", gettext_noop("the review is decided"))
ANNOUNCED_PAST = rule("threshold_announced", gettext_noop("a threshold is in force from {today} at the earliest"))
NOT_ADJUSTED = rule("threshold_measure", gettext_noop("thresholds are set for adjusted measures: {known}"))

TERMINATION_STEP = ReviewThreshold.Step.AUTHORISATION


@transaction.atomic
def announce_threshold(
    *,
    step: ReviewThreshold.Step,
    measure: str,
    beyond: ReviewThreshold.Limit,
    periods: int,
    valid_from: date,
    by: User,
    now: datetime,
) -> ReviewThreshold:
    """Announce when a review is due. It concerns scorecards whose first participants start later."""
    require_role(by, Role.PROCUREMENT)
    known = [one.code for one in ADJUSTED]
    if measure not in known:
        raise refuse(NOT_ADJUSTED, field="measure", value=measure, known=", ".join(known))
    if valid_from < local_day(now):
        raise refuse(ANNOUNCED_PAST, field="valid_from", value=valid_from, today=local_day(now))
    threshold = ReviewThreshold.objects.create(
        step=step,
        measure=measure,
        beyond=beyond,
        periods=periods,
        announced_on=local_day(now),
        valid_from=valid_from,
        set_by=by,
    )
    record_event(by=by, action="announce_threshold", on=threshold, now=now, later={"measure": measure, "step": step})
    return threshold


@transaction.atomic
def propose_review(
    *, scorecard: Scorecard, proposal: Review.Proposal, reasons: str, diarienummer: str, by: User, now: datetime
) -> Review:
    """Propose what follows from a final scorecard. Withdrawal needs a reached threshold of the second step."""
    require_role(by, Role.PROCUREMENT)
    if scorecard.run.state != ScorecardState.FINAL:
        raise refuse(NOT_FINAL, field="scorecard", value=str(scorecard.run), state=scorecard.run.state)
    if not reasons.strip():
        raise refuse(REASONS_NEEDED, field="reasons", value=reasons)
    if scorecard.reviews.filter(decided_at=None).exists():
        raise refuse(OPEN_BEFORE, field="scorecard", value=str(scorecard.run))
    findings = findings_of(scorecard)
    if proposal == Review.Proposal.WITHDRAW and step_reached(findings) < TERMINATION_STEP:
        raise refuse(STEP_MISSING, field="proposal", value=proposal)
    said = [{**asdict(one.threshold), "below": one.below, "is_reached": one.is_reached} for one in findings]
    with constraints_as({"scorecards_review_one_open": OPEN_BEFORE}, "scorecard"):
        review = Review.objects.create(
            scorecard=scorecard,
            diarienummer=diarienummer.strip(),
            proposal=proposal,
            reasons=reasons.strip(),
            thresholds=said,
            proposed_by=by,
            proposed_at=now,
        )
    record_event(by=by, action="propose_review", on=review, now=now, later={"proposal": proposal})
    return review


@transaction.atomic
def decide_review(*, review: Review, is_approved: bool, reasons: str, by: User, now: datetime) -> Review:
    """A second officer approves a proposal, or does not."""
    require_role(by, Role.PROCUREMENT)
    review = Review.objects.select_for_update().get(pk=review.pk)
    if review.decided_at:
        raise refuse(DECIDED, field="review", value=review.diarienummer)
    if review.proposed_by_id == by.pk:
        raise refuse(OWN_REVIEW, field="by", value=by.get_username())
    if not reasons.strip():
        raise refuse(REASONS_NEEDED, field="reasons", value=reasons)
    review.is_approved, review.decision_reasons = is_approved, reasons.strip()
    review.decided_by, review.decided_at = by, now
    review.save(update_fields=["is_approved", "decision_reasons", "decided_by", "decided_at"])
    record_event(by=by, action="decide_review", on=review, now=now, later={"is_approved": is_approved})
    return review

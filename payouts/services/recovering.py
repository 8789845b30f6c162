"""What samples show was paid in error is proposed for recovery; the provider answers, and somebody else decides.

A proposal and its decision are records. They never change a ledger line, and nothing is set off because of them.
"""

from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from psycopg.types.range import DateRange

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.money import plain_kronor
from backend.kernel.periods import add, last_day, parse_duration
from backend.kernel.permissions import require_role
from contracts.models import Contract
from contracts.selectors import conditions_on
from payouts.error_rates import ErrorRate, read_strata
from payouts.models import RecoveryProposal
from payouts.sample_selectors import samples
from providers.permissions import require_member

PERIOD = rule("recovery_period", gettext_noop("the first month is not after the last"))
NOT_COMPLETE = rule(
    "recovery_samples", gettext_noop("each sample of the period must be wholly counter-verified, and there must be one")
)
NOT_ALLOWED = rule("recovery_not_allowed", gettext_noop("the contract did not allow it in {month}"))
TOO_OLD = rule("recovery_too_old", gettext_noop("the contract lets what is older than {within} be"))
NOTHING_SHOWN = rule(
    "recovery_nothing",
    gettext_noop("the samples do not show with certainty that more was paid in error than was found"),
)
PROPOSED_ALREADY = rule("recovery_twice", gettext_noop("there is a proposal for some of these months already"))
ANSWERED_ALREADY = rule("recovery_answered", gettext_noop("the proposal has been answered or decided already"))
REPLY_EMPTY = rule("recovery_reply", gettext_noop("a reply says something, in at most {most} characters"))
DECIDED_ALREADY = rule("recovery_decided", gettext_noop("the proposal has been decided already"))
OWN_PROPOSAL = rule("recovery_own", gettext_noop("nobody decides what they proposed themselves"))
HEARING_OPEN = rule("recovery_hearing", gettext_noop("the provider may answer until {day}"))
DECIDED_AMOUNT = rule("recovery_amount", gettext_noop("what is to be recovered is from {least} to {most}"))

Decision = RecoveryProposal.Decision
REPLY_MOST = 5000  # characters


@transaction.atomic
def propose_recovery(*, contract: Contract, first: date, last: date, by: User, now: datetime) -> RecoveryProposal:
    """Propose to recover what the samples of the months from `first` through `last` show.

    Proposed is the lower limit of the interval, less what was found in the sampled facts themselves: that comes back by
    their correction. Mistakes of the municipality's own are not counted.
    """
    require_role(by, Role.PROCUREMENT)
    first, last = first.replace(day=1), last_day(last)
    today = local_day(now)
    _check_period(contract, first, last, today)
    strata = read_strata(without_own_mistakes=True)
    mine = zip(strata.contract, strata.month, strict=True)
    rate = strata.where([one == contract.pk and first <= month <= last for one, month in mine]).rate()
    low, estimate, high = (
        _ore(share, rate) for share in (rate.in_kronor.low, rate.in_kronor.rate, rate.in_kronor.high)
    )
    if low <= rate.found:
        raise refuse(NOTHING_SHOWN, field="contract", value=contract.number)
    with constraints_as({"payouts_recovery_once": PROPOSED_ALREADY}, "first"):
        proposal = RecoveryProposal.objects.create(
            contract=contract,
            period=DateRange(first, last, "[]"),
            paid=rate.paid,
            checked=rate.checked,
            wrong=rate.wrong,
            found=rate.found,
            estimate=estimate,
            low=low,
            high=high,
            amount=low - rate.found,
            proposed_at=now,
            proposed_by=by,
            answer_by=today + timedelta(days=conditions_on(contract, today).notice_days),
        )
    record_event(by=by, action="propose_recovery", on=proposal, now=now, later={"amount": proposal.amount})
    return proposal


def _check_period(contract: Contract, first: date, last: date, today: date) -> None:
    if first > last:
        raise refuse(PERIOD, field="first", value=f"{first:%Y-%m}")
    drawn = list(samples().filter(run__cutoff__range=(first, last)))
    if not drawn or any(sample.waiting for sample in drawn):
        raise refuse(NOT_COMPLETE, field="first", value=f"{first:%Y-%m}")
    for sample in drawn:
        if not conditions_on(contract, sample.month).recovers_by_sample:
            raise refuse(NOT_ALLOWED, field="contract", value=contract.number, month=f"{sample.month:%Y-%m}")
    within = conditions_on(contract, today).correct_within
    if add(first, parse_duration(within, "correct_within")) < today:
        raise refuse(TOO_OLD, field="first", value=f"{first:%Y-%m}", within=within)


def _ore(share: np.ndarray, rate: ErrorRate) -> int:
    """A share of what was paid, in whole öre; 0 where nothing was."""
    return round(float(np.nan_to_num(share)) * rate.paid)


@transaction.atomic
def answer_proposal(*, proposal: RecoveryProposal, reply: str, by: User, now: datetime) -> RecoveryProposal:
    """The provider's reply, once."""
    require_role(by, Role.PROVIDER)
    require_member(by, proposal.contract.provider)
    proposal = _locked(proposal)
    if proposal.replied_at or proposal.decided_at:
        raise refuse(ANSWERED_ALREADY, field="reply", value=proposal.pk)
    if not reply.strip() or len(reply) > REPLY_MOST:
        raise refuse(REPLY_EMPTY, field="reply", value=reply, most=REPLY_MOST)
    proposal.reply, proposal.replied_at, proposal.replied_by = reply, now, by
    proposal.save(update_fields=["reply", "replied_at", "replied_by"])
    record_event(by=by, action="answer_recovery", on=proposal, now=now)
    return proposal


@transaction.atomic
def decide_proposal(
    *, proposal: RecoveryProposal, decision: Decision, amount: int, reason: str, by: User, now: datetime
) -> RecoveryProposal:
    """Decide, once the provider has answered or had its time: recover `amount` (öre, at most the proposed) or drop."""
    require_role(by, Role.DECIDER)
    proposal = _locked(proposal)
    if proposal.decided_at:
        raise refuse(DECIDED_ALREADY, field="decision", value=proposal.decision)
    if proposal.proposed_by_id == by.pk:
        raise refuse(OWN_PROPOSAL, field="by", value=by.get_username())
    if not proposal.replied_at and local_day(now) <= proposal.answer_by:
        raise refuse(HEARING_OPEN, field="decision", value=decision, day=proposal.answer_by)
    least, most = (1, proposal.amount) if decision == Decision.RECOVER else (0, 0)
    if not least <= amount <= most:
        limits = {"least": plain_kronor(least), "most": plain_kronor(most)}
        raise refuse(DECIDED_AMOUNT, field="amount", value=plain_kronor(amount), **limits)
    proposal.decision, proposal.decided_amount, proposal.decision_reason = decision, amount, reason
    proposal.decided_at, proposal.decided_by = now, by
    proposal.save(update_fields=["decision", "decided_amount", "decision_reason", "decided_at", "decided_by"])
    record_event(by=by, action="decide_recovery", on=proposal, now=now, later={"decision": decision, "amount": amount})
    return proposal


def _locked(proposal: RecoveryProposal) -> RecoveryProposal:
    return RecoveryProposal.objects.select_for_update(no_key=True).get(pk=proposal.pk)

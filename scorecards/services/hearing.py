"""Due process: a hearing with a deadline, the providers' answers, and then the final scorecards."""

from datetime import date, datetime, timedelta

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import Provider
from providers.permissions import require_member
from scorecards.models import HearingAnswer, ScorecardRun
from scorecards.services.computing import move
from scorecards.states import ScorecardState

DEADLINE = rule("hearing_deadline", gettext_noop("providers have at least {days} days to answer: until {first}"))
HEARING_OVER = rule("hearing_over", gettext_noop("answers are given while the hearing is open"))
ANSWER_EMPTY = rule("hearing_answer", gettext_noop("an answer says something"))
NOT_HEARD = rule("hearing_concerned", gettext_noop("the provider has no scorecard in this hearing"))
HEARING_OPEN = rule(
    "hearing_open", gettext_noop("the hearing is open until {until}, and {count} providers have not answered")
)
NO_HEARING = rule("hearing_missing", gettext_noop("scorecards become final only after a hearing"))
FINAL_BEFORE = rule(
    "scorecards_final_before", gettext_noop("the period has final scorecards already; a revision of them is needed")
)

DAYS_LEAST = 14


@transaction.atomic
def open_hearing(*, run: ScorecardRun, until: date, by: User, now: datetime) -> ScorecardRun:
    """Show each provider its own scorecards, which it may answer until a day."""
    require_role(by, Role.PROCUREMENT)
    first = local_day(now) + timedelta(days=DAYS_LEAST)
    if until < first:
        raise refuse(DEADLINE, field="until", value=until, days=DAYS_LEAST, first=first)
    run = move(run, ScorecardState.HEARING)
    run.hearing_at, run.hearing_by, run.hearing_until = now, by, until
    run.save(update_fields=["state", "hearing_at", "hearing_by", "hearing_until"])
    record_event(by=by, action="open_hearing", on=run, now=now, later={"until": until})
    return run


def may_be_answered(run: ScorecardRun, today: date) -> bool:
    """Whether providers may answer on a day."""
    return run.state == ScorecardState.HEARING and run.hearing_until is not None and today <= run.hearing_until


@transaction.atomic
def answer_hearing(*, run: ScorecardRun, provider: Provider, text: str, by: User, now: datetime) -> HearingAnswer:
    """A provider's answer; it may give several."""
    require_member(by, provider)
    if not text.strip():
        raise refuse(ANSWER_EMPTY, field="text", value=text)
    if not run.scorecards.filter(provider=provider).exists():
        raise refuse(NOT_HEARD, field="run", value=str(run))
    run = ScorecardRun.objects.select_for_update().get(pk=run.pk)
    if not may_be_answered(run, local_day(now)):
        raise refuse(HEARING_OVER, field="run", value=str(run))
    answer = HearingAnswer.objects.create(run=run, provider=provider, text=text.strip(), by=by, at=now)
    record_event(by=by, action="answer_hearing", on=run, now=now, later={"provider": provider.number})
    return answer


@transaction.atomic
def finalise_scorecards(*, run: ScorecardRun, by: User, now: datetime) -> ScorecardRun:
    """Make scorecards final, after a hearing: their own, or that of the ones that they were computed anew for.

    From then on they don't change; a later revision stands beside them.
    """
    require_role(by, Role.PROCUREMENT)
    run = move(run, ScorecardState.FINAL)
    heard = run if run.hearing_at else run.revises
    if heard is None or (heard != run and heard.state != ScorecardState.HEARING):
        raise refuse(NO_HEARING, field="run", value=str(run))
    _check_heard(heard, local_day(now))
    _check_only_final(run)
    run.finalised_at, run.finalised_by = now, by
    run.save(update_fields=["state", "finalised_at", "finalised_by"])
    if heard.pk != run.pk:
        move(heard, ScorecardState.SUPERSEDED).save(update_fields=["state"])
    record_event(by=by, action="finalise_scorecards", on=run, now=now, later={"digest": run.digest})
    return run


def _check_heard(heard: ScorecardRun, today: date) -> None:
    """DomainError while a provider that has not answered may still do so."""
    answered = heard.answers.values("provider")
    silent = heard.scorecards.exclude(provider__in=answered).values("provider").distinct().count()
    if silent and heard.hearing_until is not None and today <= heard.hearing_until:
        raise refuse(HEARING_OPEN, field="run", value=str(heard), until=heard.hearing_until, count=silent)


def _check_only_final(run: ScorecardRun) -> None:
    """DomainError if the period has final scorecards that these do not revise."""
    revised = set()
    before = run.revises
    while before:
        revised.add(before.pk)
        before = before.revises
    finals = ScorecardRun.objects.filter(
        state=ScorecardState.FINAL, first_month=run.first_month, until=run.until
    ).exclude(pk=run.pk)
    if any(final.pk not in revised for final in finals):
        raise refuse(FINAL_BEFORE, field="run", value=str(run))

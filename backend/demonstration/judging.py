"""The demonstration's scorecards: one period that became final, and the last complete one, in a hearing."""

from datetime import date, time, timedelta
from decimal import Decimal

from backend.demonstration.months import Months
from backend.demonstration.playing import Play
from backend.demonstration.register import Registered
from backend.kernel.models import User
from outcomes.models import District
from scorecards.models import ReviewThreshold, ScorecardRun
from scorecards.services import (
    announce_threshold,
    answer_hearing,
    compute_scorecards,
    finalise_scorecards,
    open_hearing,
    queue_scorecards,
    set_employment_rate,
    set_target,
)
from scorecards.states import ScorecardState

FINAL_BEFORE = 7  # months before the end of the demonstration
HEARING_DAYS = 21
ASKED, COMPUTED, HEARD, ANSWERED = time(16), time(16, 5), time(16, 30), time(17)
ANSWER = (
    "Vi tar emot deltagare som står långt från arbetsmarknaden. Två anställningar från i våras är rapporterade men"
    " ännu inte verifierade; vi ber att de räknas med."
)


def announce(registered: Registered, months: Months) -> None:
    """Before anybody starts: what a review takes, what is aimed at, and how many are in work in each district."""
    (by,) = registered.doing("procures")
    first = months.last_date(0).replace(day=1)
    now = months.closing(0, ASKED) - timedelta(days=60)
    for step, beyond, periods in (
        (ReviewThreshold.Step.WARNING, ReviewThreshold.Limit.L95, 1),
        (ReviewThreshold.Step.AUTHORISATION, ReviewThreshold.Limit.L998, 1),
        (ReviewThreshold.Step.AUTHORISATION, ReviewThreshold.Limit.L95, 2),
    ):
        announce_threshold(
            step=step, measure="job_within_year", beyond=beyond, periods=periods, valid_from=first, by=by, now=now
        )
    for measure, value in (("job_within_year", "0.35"), ("started", "0.95"), ("error_rate", "0.05")):
        set_target(measure=measure, value=Decimal(value), valid_from=first, by=by, now=now)
    for number, district in enumerate(District.objects.order_by("pk")):
        per_cent = Decimal(620 + 37 * number % 200) / 10
        set_employment_rate(district=district, year=first.year - 1, per_cent=per_cent, by=by, now=now)


def judge(play: Play, month: int) -> None:
    """What is done about scorecards after a month."""
    months, last = play.months, play.months.count - 1
    (by,) = play.registered.doing("procures")
    if month in (last - FINAL_BEFORE, last):
        _compute(play, month, by)
    if month == last - FINAL_BEFORE + 1:
        run = ScorecardRun.objects.get(state=ScorecardState.HEARING)
        finalise_scorecards(run=run, by=by, now=months.after(month, ASKED))


def _compute(play: Play, month: int, by: User) -> None:
    """Scorecards as known at the end of a month; a hearing about them, in which one provider answers."""
    months = play.months
    until: date = months.last_date(month)
    run = queue_scorecards(first_month=months.last_date(0), until=until, by=by, now=months.after(month, ASKED))
    run = compute_scorecards(run.pk, now=months.after(month, COMPUTED))
    run = open_hearing(run=run, until=until + timedelta(days=1 + HEARING_DAYS), by=by, now=months.after(month, HEARD))
    card = run.scorecards.select_related("provider").order_by("provider").first()
    if card:
        number = play.registered.providers.index(card.provider)
        system = play.registered.systems[number]
        answer_hearing(run=run, provider=card.provider, text=ANSWER, by=system, now=months.after(month, ANSWERED))

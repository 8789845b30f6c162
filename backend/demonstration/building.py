"""The demonstration is built: drawn, registered, and played month by month with a run after each."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.demonstration.counter_checks import check_month, propose_what_is_shown
from backend.demonstration.doubtful import raise_doubts
from backend.demonstration.errors import draw_reports
from backend.demonstration.followed import draw_follow_ups
from backend.demonstration.judging import announce, judge
from backend.demonstration.months import ATTESTED, COMPUTED, QUEUED, months_until
from backend.demonstration.placements import draw_placements
from backend.demonstration.playing import Play
from backend.demonstration.register import register_all
from backend.demonstration.register_files import take_registers
from backend.demonstration.settling import Settling
from backend.kernel.audit import record_bulk_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import AuditEvent, User
from outcomes.models import Placement
from payouts.models import Run
from payouts.services import queue_run

OTHER_DATA = rule(
    "demonstration_other_data",
    gettext_noop("the database has other data; ./dev clean removes it, then build the demonstration"),
)
DEMONSTRATION_ONLY = rule(
    "demonstration_only",
    gettext_noop("invented data and officers with known passwords need DEMONSTRATION=1, as ./dev demo sets it"),
)
TOO_FEW = rule("demonstration_size", gettext_noop("a demonstration has at least {least} placements"))
LEAST = 100
BEGUN, BUILT = "begin_demonstration", "build_demonstration"


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes a demonstration the same as another."""

    placements: int
    seed: int
    months: int


@dataclass(frozen=True, slots=True)
class MonthPlayed:
    """What one month came to."""

    month: date  # its last day
    placements: int
    facts: int
    run: Run


# Sees to it that a queued run gets computed at a simulated moment; what it gives waits until it is.
Compute = Callable[[Run, str], Callable[[], Run]]


def is_built(plan: Plan) -> bool:
    """Whether exactly this demonstration stands. DomainError if other data do, or a part of it only."""
    if not settings.DEMONSTRATION:
        raise refuse(DEMONSTRATION_ONLY, field="DEMONSTRATION", value=settings.DEMONSTRATION)
    if plan.placements < LEAST:
        raise refuse(TOO_FEW, field="placements", value=plan.placements, least=LEAST)
    built = AuditEvent.objects.filter(action=BUILT, later=asdict(plan)).exists()
    if not built and User.objects.exists():
        raise refuse(OTHER_DATA, field="placements", value=plan.placements)
    return built


def build(plan: Plan, today: date, compute: Compute) -> Iterator[MonthPlayed]:
    """Build a demonstration that does not stand yet, and tell of each month as it ends."""
    months = months_until(today, plan.months)
    people, placements = draw_placements(plan.seed, plan.placements, months)
    facts, subjects = draw_reports(plan.seed, placements, months)
    with transaction.atomic():
        _note(BEGUN, plan)
        registered = register_all(placements, months)
        announce(registered, months)
    follow_ups = draw_follow_ups(plan.seed, placements)
    play = Play(months, people, placements, facts, subjects, follow_ups, registered)
    settling, before = Settling(play), None
    for month in range(months.count):
        referred, reported = play.refer(month), play.report(month)
        play.follow_up(month)
        if before and month + 1 < months.count:
            settling.answer(month - 1, before)
        play.decide(month)
        play.change_prices(month)
        run = _start_run(play, month, compute)()
        if month + 1 < months.count:
            settling.attest(month, run)
            settling.export(month, run)
            before = run
            check_month(registered, months, month, run)
        judge(play, month)
        yield MonthPlayed(months.last_date(month), referred, reported, run)
    with transaction.atomic():
        registered.authorising.after(months.after(months.count - 1, ATTESTED))
    raise_doubts(registered, months)
    propose_what_is_shown(registered, months)
    take_registers(registered, months)
    _note(BUILT, plan)


def _note(action: str, plan: Plan) -> None:
    record_bulk_event(by=None, action=action, on=Placement, now=timezone.now(), later=asdict(plan))


def _start_run(play: Play, month: int, compute: Compute) -> Callable[[], Run]:
    (starter,) = play.registered.doing("starts")
    with transaction.atomic():
        run = queue_run(cutoff=play.months.last_date(month), by=starter, now=play.months.after(month, QUEUED))
        return compute(run, play.months.after(month, COMPUTED).isoformat())

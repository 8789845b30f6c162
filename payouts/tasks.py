"""Messages about runs. A message is a nudge: the run's row is the truth; a killed worker's run is computed again."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from periodiq import cron

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.queue import actor
from payouts.services.computing import compute_run
from payouts.services.ruling import verify_by_rules
from payouts.services.sampling import draw_newest
from payouts.services.simulations import compute_simulation
from payouts.services.sweeping import drop_orphan_staging, find_lost_runs, queue_month

HOUR_MS = 3_600_000
EVERY_MINUTE = cron("* * * * *")
EVERY_HOUR = cron("20 * * * *")
EVERY_MORNING = cron("0 5 * * *")
FIFTH_OF_MONTH = cron("0 6-18 5 * *")  # each hour: a message that no worker took within half a minute is skipped

SIMULATED_CLOCK = rule("simulated_clock", gettext_noop("only a demonstration simulates the clock (DEMONSTRATION=1)"))


@actor(time_limit=HOUR_MS, max_retries=4)
def compute(run_id: int, simulated: str | None = None) -> None:
    """Compute a run. `simulated`: the demonstration's moment of knowledge, in ISO form, instead of the clock's."""
    if simulated is not None and not settings.DEMONSTRATION:
        raise refuse(SIMULATED_CLOCK, field="simulated", value=simulated)
    compute_run(run_id, now=datetime.fromisoformat(simulated) if simulated else None)


@actor(time_limit=HOUR_MS, max_retries=4)
def simulate_draft(simulation_id: int) -> None:
    """Compute a simulation that an officer asked for."""
    compute_simulation(simulation_id)


@actor(periodic=EVERY_MINUTE, max_retries=0)
def sweep() -> None:
    """Send the message of a run that nobody computes again, and drop what cancelled runs left."""
    for run_id in find_lost_runs():
        compute.send(run_id)
    drop_orphan_staging()


@actor(periodic=EVERY_HOUR, max_retries=0)
def apply_rules() -> None:
    """Let the rules that are switched on verify what they may."""
    verify_by_rules(now=timezone.now())


@actor(periodic=FIFTH_OF_MONTH, max_retries=0)
def compute_month() -> None:
    """Queue the run of the month before and have it computed, if an officer is named who starts it."""
    if settings.MONTHLY_RUN_BY:
        run = queue_month(username=settings.MONTHLY_RUN_BY, now=timezone.now())
        if run:
            compute.send(run.pk)


@actor(periodic=EVERY_MORNING, max_retries=0)
def draw_sample() -> None:
    """Draw the sample of a run that was attested since the morning before."""
    draw_newest(timezone.now())

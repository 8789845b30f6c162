"""Messages about scorecards. A message is a nudge: the row is the truth; what a killed worker left is begun again."""

from datetime import datetime

from django.conf import settings
from periodiq import cron

from backend.kernel.errors import refuse
from backend.kernel.queue import actor
from payouts.tasks import SIMULATED_CLOCK
from scorecards.selectors import lost_runs
from scorecards.services import compute_scorecards, make_archive

HOUR_MS = 3_600_000
EVERY_MINUTE = cron("* * * * *")


@actor(time_limit=HOUR_MS, max_retries=4)
def compute_cards(run_id: int, simulated: str | None = None) -> None:
    """Compute a period's scorecards. `simulated`: the demonstration's moment of knowledge, instead of the clock's."""
    if simulated is not None and not settings.DEMONSTRATION:
        raise refuse(SIMULATED_CLOCK, field="simulated", value=simulated)
    compute_scorecards(run_id, now=datetime.fromisoformat(simulated) if simulated else None)


@actor(time_limit=HOUR_MS, max_retries=4)
def make_documents(archive_id: int) -> None:
    """Make the documents of all scorecards of a run."""
    make_archive(archive_id)


@actor(periodic=EVERY_MINUTE, max_retries=0)
def sweep_cards() -> None:
    """Send the message of unfinished scorecards again: harmless, since whoever computes them holds a lock."""
    for run_id in lost_runs():
        compute_cards.send(run_id)

"""Messages about runs. A message is a nudge: the run's row is the truth; a killed worker's run is computed again."""

from datetime import datetime

from django.conf import settings

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.queue import actor
from payouts.services.computing import compute_run

HOUR_MS = 3_600_000

SIMULATED_CLOCK = rule("simulated_clock", gettext_noop("only a demonstration simulates the clock (DEMONSTRATION=1)"))


@actor(time_limit=HOUR_MS, max_retries=4)
def compute(run_id: int, simulated: str | None = None) -> None:
    """Compute a run. `simulated`: the demonstration's moment of knowledge, in ISO form, instead of the clock's."""
    if simulated is not None and not settings.DEMONSTRATION:
        raise refuse(SIMULATED_CLOCK, field="simulated", value=simulated)
    compute_run(run_id, now=datetime.fromisoformat(simulated) if simulated else None)

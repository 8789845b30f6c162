"""Messages about runs. A message is a nudge: the run's row is the truth, and a killed worker's run is computed again."""

from backend.kernel.queue import actor
from payouts.services.computing import compute_run

HOUR_MS = 3_600_000


@actor(time_limit=HOUR_MS, max_retries=4)
def compute(run_id: int) -> None:
    compute_run(run_id)

"""What is done with runs. Each service checks, writes and leaves an audit event in one transaction."""

from payouts.services.attesting import attest_run, cancel_run, examine_run
from payouts.services.computing import compute_run, queue_run

__all__ = ["attest_run", "cancel_run", "compute_run", "examine_run", "queue_run"]

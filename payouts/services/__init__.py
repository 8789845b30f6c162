"""What is done with runs. Each service checks, writes and leaves an audit event in one transaction."""

from payouts.services.attesting import attest_run, cancel_run
from payouts.services.computing import compute_run, queue_run
from payouts.services.simulations import ask_simulation, compute_simulation

__all__ = ["ask_simulation", "attest_run", "cancel_run", "compute_run", "compute_simulation", "queue_run"]

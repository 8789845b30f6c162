"""What is done with runs. Each service checks, writes and leaves an audit event in one transaction."""

from payouts.services.attesting import attest_run, cancel_run
from payouts.services.computing import compute_run, queue_run
from payouts.services.recovering import answer_proposal, decide_proposal, propose_recovery
from payouts.services.ruling import verify_by_rules
from payouts.services.sampling import counter_verify, draw_newest, draw_sample
from payouts.services.simulations import ask_simulation, compute_simulation

__all__ = [
    "answer_proposal",
    "ask_simulation",
    "attest_run",
    "cancel_run",
    "compute_run",
    "compute_simulation",
    "counter_verify",
    "decide_proposal",
    "draw_newest",
    "draw_sample",
    "propose_recovery",
    "queue_run",
    "verify_by_rules",
]

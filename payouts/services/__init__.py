"""What is done with runs. Each service checks, writes and leaves an audit event in one transaction."""

from payouts.services.allocating import allocate_run
from payouts.services.attesting import appoint_attestant, attest_run, cancel_run, end_attestant
from payouts.services.computing import compute_run, queue_run
from payouts.services.examining import answer_findings, examine_run
from payouts.services.holding import place_hold, release_holds
from payouts.services.noticing import decide_objection, make_objection

__all__ = [
    "allocate_run",
    "answer_findings",
    "appoint_attestant",
    "attest_run",
    "cancel_run",
    "compute_run",
    "decide_objection",
    "end_attestant",
    "examine_run",
    "make_objection",
    "place_hold",
    "queue_run",
    "release_holds",
]

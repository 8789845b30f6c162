"""What is done with runs. Each service checks, writes and leaves an audit event in one transaction."""

from payouts.services.allocating import allocate_run
from payouts.services.attesting import appoint_attestant, attest_run, cancel_run, end_attestant
from payouts.services.banking import handle_report, import_bank_file
from payouts.services.computing import compute_run, queue_run
from payouts.services.examining import answer_findings, examine_run
from payouts.services.exporting import export_run
from payouts.services.holding import place_hold, release_holds
from payouts.services.invoicing import receive_invoice, register_invoice
from payouts.services.noticing import decide_objection, make_objection
from payouts.services.paying import record_payer
from payouts.services.recovering import answer_proposal, decide_proposal, propose_recovery
from payouts.services.ruling import verify_by_rules
from payouts.services.sampling import counter_verify, draw_newest, draw_sample
from payouts.services.simulations import ask_simulation, compute_simulation

__all__ = [
    "allocate_run",
    "answer_findings",
    "answer_proposal",
    "appoint_attestant",
    "ask_simulation",
    "attest_run",
    "cancel_run",
    "compute_run",
    "compute_simulation",
    "counter_verify",
    "decide_objection",
    "decide_proposal",
    "draw_newest",
    "draw_sample",
    "end_attestant",
    "examine_run",
    "export_run",
    "handle_report",
    "import_bank_file",
    "make_objection",
    "place_hold",
    "propose_recovery",
    "queue_run",
    "receive_invoice",
    "record_payer",
    "register_invoice",
    "release_holds",
    "verify_by_rules",
]

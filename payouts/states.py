"""The states of runs and payments, and how each may pass from one to another.

Pure; buttons, checks and the diagram derive from it.
"""

from enum import StrEnum


class RunState(StrEnum):
    QUEUED = "queued"
    COMPUTING = "computing"
    COMPUTED = "computed"
    EXAMINING = "examining"  # its controls were tested; the examiners' attests are under way
    ATTESTED_ONCE = "attested_once"  # an examiner stands behind each of its parts
    ATTESTED = "attested"  # and so does a decider
    EXPORTED = "exported"  # payment orders or vouchers have left for the bank and the books
    SETTLED = "settled"  # every statement is paid, invoiced or booked
    CANCELLED = "cancelled"


TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.COMPUTING, RunState.CANCELLED}),
    RunState.COMPUTING: frozenset({RunState.COMPUTED, RunState.CANCELLED}),
    RunState.COMPUTED: frozenset({RunState.EXAMINING, RunState.CANCELLED}),
    RunState.EXAMINING: frozenset({RunState.ATTESTED_ONCE, RunState.CANCELLED}),
    # back to the examination if something changed under a signature
    RunState.ATTESTED_ONCE: frozenset({RunState.EXAMINING, RunState.ATTESTED, RunState.CANCELLED}),
    RunState.ATTESTED: frozenset({RunState.EXPORTED}),
    RunState.EXPORTED: frozenset({RunState.SETTLED}),
    RunState.SETTLED: frozenset({RunState.EXPORTED}),  # the bank sent a payment back
    RunState.CANCELLED: frozenset(),
}

UNATTESTED = frozenset(
    state for state, following in TRANSITIONS.items() if RunState.CANCELLED in following
)  # at most one run is in one of these
UNDER_ATTEST = frozenset({RunState.EXAMINING, RunState.ATTESTED_ONCE})  # signatures are taken
BINDING = frozenset({RunState.ATTESTED, RunState.EXPORTED, RunState.SETTLED})  # two people stand behind its money
WITH_LINES = frozenset({RunState.COMPUTED}) | UNDER_ATTEST | BINDING  # their lines stand in the ledger and count


class PaymentState(StrEnum):
    """What is known of a payment. In rising order: what the bank says later counts, in whatever order it is read."""

    SENT = "sent"
    ACCEPTED = "accepted"  # the bank will pay
    REJECTED = "rejected"  # it will not
    PAID = "paid"  # the money left
    RETURNED = "returned"  # and came back


PAYMENT_RANK = {state: rank for rank, state in enumerate(PaymentState)}
LIVE = frozenset({PaymentState.SENT, PaymentState.ACCEPTED, PaymentState.PAID})  # a statement has one such payment

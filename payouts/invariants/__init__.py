"""What must hold of the whole database, each thing tested by a small function of its own."""

from payouts.invariants import facts, lines, payments, published, runs, statements
from payouts.invariants.checking import INVARIANTS, Failing, find_failing

__all__ = ["INVARIANTS", "Failing", "facts", "find_failing", "lines", "payments", "published", "runs", "statements"]

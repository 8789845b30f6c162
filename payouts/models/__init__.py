"""Runs and the ledger, what stands between them and the money, and the money itself."""

from payouts.models.approval import Attest, Hold
from payouts.models.runs import Line, ParkedProvider, Run, RunVersion, Wakeup

__all__ = ["Attest", "Hold", "Line", "ParkedProvider", "Run", "RunVersion", "Wakeup"]

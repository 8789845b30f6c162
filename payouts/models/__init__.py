"""Runs and the ledger, what stands between them and the money, and the money itself."""

from payouts.models.approval import LINE_KEY, Attest, Attestant, Finding, Hold, Signature
from payouts.models.runs import Line, ParkedProvider, Run, RunVersion, Wakeup
from payouts.models.statements import (
    Allocation,
    ClawbackNotice,
    Objection,
    ObjectionDecision,
    Statement,
    StatementTax,
)

__all__ = [
    "LINE_KEY",
    "Allocation",
    "Attest",
    "Attestant",
    "ClawbackNotice",
    "Finding",
    "Hold",
    "Line",
    "Objection",
    "ObjectionDecision",
    "ParkedProvider",
    "Run",
    "RunVersion",
    "Signature",
    "Statement",
    "StatementTax",
    "Wakeup",
]

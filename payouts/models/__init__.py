"""Runs and the ledger, what stands between them and the money, and the money itself."""

from payouts.models.approval import LINE_KEY, Attest, Attestant, Finding, Hold, Signature
from payouts.models.payments import (
    BankFile,
    BankReport,
    Export,
    Payer,
    Payment,
    PaymentBatch,
    SupplierInvoice,
)
from payouts.models.runs import Line, ParkedProvider, Run, RunVersion, Wakeup
from payouts.models.sampling import CounterVerification, RecoveryProposal, Sample, SampledFact, SampleStratum
from payouts.models.simulations import Simulation
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
    "BankFile",
    "BankReport",
    "ClawbackNotice",
    "CounterVerification",
    "Export",
    "Finding",
    "Hold",
    "Line",
    "Objection",
    "ObjectionDecision",
    "ParkedProvider",
    "Payer",
    "Payment",
    "PaymentBatch",
    "RecoveryProposal",
    "Run",
    "RunVersion",
    "Sample",
    "SampleStratum",
    "SampledFact",
    "Signature",
    "Simulation",
    "Statement",
    "StatementTax",
    "SupplierInvoice",
    "Wakeup",
]

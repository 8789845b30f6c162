"""A run is signed, as two officers do it."""

from collections.abc import Sequence
from datetime import datetime

from backend.kernel.models import User
from payouts.models import Run, Signature
from payouts.parts import parts_of
from payouts.services import answer_findings, attest_run, examine_run


def attest(run: Run, officers: Sequence[User], now: datetime) -> None:
    """Examine a computed run, answer what the controls found, and sign it; the first officer started it."""
    _, examiner, decider = officers
    examine_run(run=run, by=examiner, now=now)
    parts = parts_of(run)
    if asked := [finding.pk for part in parts.values() for finding in part.unanswered]:
        answer_findings(findings=asked, answer="benchmark", by=examiner, now=now)
    seals = {code: part.seal for code, part in parts.items()}
    for signature, by in ((Signature.EXAMINER, examiner), (Signature.DECIDER, decider)):
        attest_run(
            run=run, signature=signature, seals=seals, has_no_conflict=True, by=by, now=now, second_factor_at=now
        )

"""The parts of a run, one per responsibility code: what whoever signs one sees, and which signatures stand under it."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import psycopg
from django.db import connection

from backend.kernel.bulk import psycopg_connection
from backend.kernel.columns import read_columns
from backend.kernel.models import User
from payouts.computation import LINE_TYPES, Digest
from payouts.controls import CONTROLS, Severity
from payouts.models import Attest, Finding, Run, Signature
from payouts.selectors import attestants_on
from payouts.states import RunState

NO_CODE = ""  # the one part of a run without lines

LINES = """
    SELECT placement_id, contract_id, step_id, occurrence, qualifies_on, coalesce(fact_id, 0), gross, cap_cut,
        paid_before, amount
    FROM payouts_line WHERE run_id = %(run)s ORDER BY placement_id, step_id, occurrence"""
CODES = """
    SELECT id, responsibility_code FROM contracts_contract
    WHERE id IN (SELECT contract_id FROM payouts_line WHERE run_id = %(run)s)"""
HOLDS = """
    WITH line AS MATERIALIZED (
        SELECT placement_id, step_id, occurrence, run_id, contract_id FROM payouts_line WHERE run_id = %(run)s
    ), paid AS (
        SELECT id, provider_id, responsibility_code FROM contracts_contract
        WHERE id IN (SELECT contract_id FROM line)
    ), hold AS (SELECT *, released_at IS NULL AS stands FROM payouts_hold)
    SELECT responsibility_code, hold.id, stands FROM hold
    JOIN line USING (placement_id, step_id, occurrence, run_id) JOIN paid ON paid.id = line.contract_id
    UNION
    SELECT responsibility_code, hold.id, stands FROM hold
    JOIN line USING (placement_id) JOIN paid ON paid.id = line.contract_id WHERE hold.run_id IS NULL
    UNION
    SELECT responsibility_code, hold.id, stands FROM hold JOIN paid ON paid.id = hold.contract_id
    UNION
    SELECT responsibility_code, hold.id, stands FROM hold JOIN paid ON paid.provider_id = hold.provider_id"""

VERIFIERS = """
    SELECT DISTINCT contract.responsibility_code, decision.decided_by_id
    FROM payouts_line AS line JOIN contracts_contract AS contract ON contract.id = line.contract_id
    JOIN outcomes_verificationdecision AS decision ON decision.fact_id = line.fact_id
    WHERE line.run_id = %(run)s AND decision.decision = 'verified' AND decision.decided_by_id IS NOT NULL"""


@dataclass(frozen=True)
class Part:
    """What falls on one responsibility code; amounts in öre."""

    run: Run
    code: str
    line_count: int
    total: int
    lines_digest: str
    holds: dict[int, bool]  # of its lines, by id in order: whether it stands or is released
    findings: list[Finding]  # all, also those that are closed
    attests: list[Attest]  # all, also those that no longer stand

    @cached_property
    def seen_digest(self) -> str:
        """Of what may change under a signature: the holds, and what controls found. A change is never undone."""
        seen = [*self.holds.items(), *((finding.pk, finding.closed_at is None) for finding in self.findings)]
        return hashlib.sha256(f"{len(self.holds)} {seen}".encode()).hexdigest()

    @cached_property
    def seal(self) -> str:
        """What a signer is shown and gives back: whoever signs it has seen all that the part says."""
        whole = "\n".join((self.run.digest, self.code, self.lines_digest, self.seen_digest))
        return hashlib.sha256(whole.encode()).hexdigest()

    def standing(self, signature: Signature) -> Attest | None:
        """The signature of this kind that nothing has changed under."""
        found = (each for each in self.attests if each.signature == signature and each.seen_digest == self.seen_digest)
        return next(found, None)

    @property
    def unanswered(self) -> list[Finding]:
        """Findings that an examiner must answer before signing."""
        return [each for each in self.open_findings if must_be_answered(each) and each.answered_at is None]

    @property
    def open_findings(self) -> list[Finding]:
        return [each for each in self.findings if each.closed_at is None]


def must_be_answered(finding: Finding) -> bool:
    control = CONTROLS.get(finding.control)  # None: of a control that is no more
    return control is not None and control.severity is Severity.ANSWER


def parts_of(run: Run) -> dict[str, Part]:
    """The parts of a computed run by responsibility code, in order; at least one."""
    with psycopg_connection() as raw:
        digests = line_digests(raw, run.pk)
    holds = _holds(run)
    findings = list(run.findings.order_by("pk"))
    attests = list(run.attests.order_by("pk").select_related("by"))
    return {
        code: Part(
            run=run,
            code=code,
            line_count=digest.count,
            total=digest.total,
            lines_digest=digest.hex(),
            holds=holds.get(code, {}),
            findings=[each for each in findings if each.responsibility_code in (code, "")],
            attests=[each for each in attests if each.responsibility_code == code],
        )
        for code, digest in digests.items()
    }


def line_digests(raw: psycopg.Connection, run: int) -> dict[str, Digest]:
    """Digest, number and sum of a run's lines by responsibility code; of a run without lines under NO_CODE."""
    columns = dict(zip(LINE_TYPES, read_columns(raw, LINES, list(LINE_TYPES.values()), {"run": run}), strict=True))
    contracts: defaultdict[str, list[int]] = defaultdict(list)
    for contract, code in raw.execute(CODES, {"run": run}).fetchall():
        contracts[code].append(contract)
    digests = {}
    for code in sorted(contracts) or [NO_CODE]:
        mine = np.isin(columns["contract_id"], contracts[code])
        digests[code] = Digest()
        digests[code].add({name: column[mine] for name, column in columns.items()})
    return digests


def _holds(run: Run) -> Mapping[str, dict[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(HOLDS, {"run": run.pk})
        holds: defaultdict[str, dict[int, bool]] = defaultdict(dict)
        for code, hold, stands in sorted(cursor.fetchall()):
            holds[code][hold] = stands
    return holds


def seals_of(run: Run) -> dict[str, str]:
    """What there is to sign of a run: the seal of each of its parts."""
    return {code: part.seal for code, part in parts_of(run).items()}


def are_examined(parts: Mapping[str, Part]) -> bool:
    """Whether an examiner's signature stands under every part."""
    return all(part.standing(Signature.EXAMINER) for part in parts.values())


def are_attested(parts: Mapping[str, Part]) -> bool:
    """Whether both signatures stand under every part."""
    return are_examined(parts) and all(part.standing(Signature.DECIDER) for part in parts.values())


def signers_of(run: Run, day: date) -> dict[str, dict[Signature, list[User]]]:
    """Who may sign each part on a day, by kind of signature: by the list, its code and amount, and by nothing that
    they did with the run. Nobody where the signature is given."""
    parts, verifiers = parts_of(run), _verifiers(run)
    signers: dict[str, dict[Signature, list[User]]] = {code: {} for code in parts}
    for signature in Signature:
        listed = list(attestants_on(day, signature).select_related("user").order_by("user__username"))
        for code, part in parts.items():
            barred = {run.started_by_id, *verifiers[code]}
            barred |= {attest.by_id for each in Signature if (attest := part.standing(each))}
            signers[code][signature] = (
                []
                if part.standing(signature)
                else [
                    each.user
                    for each in listed
                    if each.responsibility_code in ("", code)
                    and each.most >= abs(part.total)
                    and each.user_id not in barred
                ]
            )
    return signers


def may_sign(run: Run, reader: User, day: date) -> bool:
    """Whether the next signature under a run may be this person's, by the list and by what they did with the run."""
    wanted = {RunState.EXAMINING: Signature.EXAMINER, RunState.ATTESTED_ONCE: Signature.DECIDER}.get(
        RunState(run.state)
    )
    if wanted is None or run.started_by_id == reader.pk or run.attests.filter(by=reader).exists():
        return False
    listed = attestants_on(day, wanted).filter(user=reader).exists()
    return listed and not any(reader.pk in some for some in _verifiers(run).values())


def _verifiers(run: Run) -> defaultdict[str, set[int]]:
    """By responsibility code, who verified a fact that completes one of the run's lines."""
    verifiers: defaultdict[str, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(VERIFIERS, {"run": run.pk})
        for code, user in cursor.fetchall():
            verifiers[code].add(user)
    return verifiers


def changes_since(run: Run) -> int:
    """How many of the run's placements have changed since it was computed; the next run computes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT placement_id) FROM outcomes_changedplacement"
            " WHERE placement_id IN (SELECT placement_id FROM payouts_line WHERE run_id = %s)",
            [run.pk],
        )
        return int(cursor.fetchone()[0])

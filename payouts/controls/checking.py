"""The register of controls, and what they find."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from django.db import connection

from contracts.selectors import CONDITIONS_SQL
from payouts.models import Run
from payouts.states import BINDING


class Severity(StrEnum):
    """What a finding does."""

    HOLD = "hold"  # the money concerned is held until it is mended
    ANSWER = "answer"  # an examiner answers it before signing
    NOTE = "note"  # whoever signs sees it


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a control found: whom or what it concerns (ids), what was found, and what is usual or allowed.

    `lines` and `amount` (öre) say how much of the run is concerned.
    """

    control: str
    code: str = ""
    provider: int | None = None
    contract: int | None = None
    placement: int | None = None
    step: int | None = None
    occurrence: int | None = None
    value: str = ""
    expected: str = ""
    lines: int = 0
    amount: int = 0


Find = Callable[[Run], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Control:
    """A named control. `says` explains a finding, `act` names the place to act: message ids of a sentence each."""

    name: str
    severity: Severity
    says: str
    act: str
    holds: Literal["provider", "contract"] | None  # what a finding of severity HOLD keeps from being paid
    find: Find


CONTROLS: dict[str, Control] = {}


def control(
    severity: Severity, *, says: str, act: str, holds: Literal["provider", "contract"] | None = None
) -> Callable[[Find], Find]:
    """Register a function that gives what it finds in a run."""

    def register(find: Find) -> Find:
        name = find.__name__
        CONTROLS[name] = Control(name, severity, says, act, holds, find)
        return find

    return register


def find_all(run: Run) -> list[Found]:
    """What all controls find in a computed run."""
    return [found for each in CONTROLS.values() for found in each.find(run)]


def found(run: Run, name: str, query: str) -> list[Found]:
    """What a query finds for a control; its columns are named as in `Found`."""
    parameters: dict[str, Any] = {
        "run": run.pk,
        "sequence": run.sequence,
        "cutoff": run.cutoff,
        "control": name,
        "binding": sorted(BINDING),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        columns = [column.name for column in cursor.description or ()]
        return [Found(name, **dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]


# The contracts that the run pays, or that the control holds already, with what the run pays; what each says.
CONCERNED = f"""
    WITH agreed AS ({CONDITIONS_SQL}), paid AS (
        SELECT contract_id, count(amount) AS lines, coalesce(sum(amount), 0)::bigint AS amount FROM (
            SELECT contract_id, amount FROM payouts_line WHERE run_id = %(run)s
            UNION ALL
            SELECT contract.id, NULL FROM payouts_hold AS hold
            JOIN contracts_contract AS contract
                ON contract.id = hold.contract_id OR contract.provider_id = hold.provider_id
            WHERE hold.rule = %(control)s AND hold.released_at IS NULL
        ) AS looked_at GROUP BY contract_id
    ), concerned AS (
        SELECT contract.*, paid.lines, paid.amount
        FROM paid JOIN contracts_contract AS contract ON contract.id = paid.contract_id
    )"""  # noqa: S608

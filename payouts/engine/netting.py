"""Desired state minus ledger (PAYMENT_MODELS.md section 5): the lines that bring the ledger to what is owed."""

from dataclasses import dataclass

import numpy as np

from outcomes.columns import I32, I64, Columns
from payouts.engine.evaluate import Owed
from payouts.engine.known import first_of_each, last_of_each


@dataclass(frozen=True, slots=True)
class Ledger(Columns):
    """Lines of earlier runs, in order of run; rows and steps are numbered as in what is owed."""

    row: I32
    step: I32
    occurrence: I32
    qualifies_on: I32
    fact: I64
    amount: I64


NO_LINES = Ledger(
    row=np.zeros(0, np.int32),
    step=np.zeros(0, np.int32),
    occurrence=np.zeros(0, np.int32),
    qualifies_on=np.zeros(0, np.int32),
    fact=np.zeros(0, np.int64),
    amount=np.zeros(0, np.int64),
)


@dataclass(frozen=True, slots=True)
class Lines(Columns):
    """A run's lines by row, step and occurrence. In öre: amount = gross - cap_cut - paid_before, never 0."""

    row: I32
    step: I32
    occurrence: I32
    qualifies_on: I32
    fact: I64
    gross: I64
    cap_cut: I64
    paid_before: I64
    amount: I64

    def entries(self) -> Ledger:
        """What the ledger keeps of the lines."""
        return Ledger(self.row, self.step, self.occurrence, self.qualifies_on, self.fact, self.amount)


def difference(owed: Owed, step: I32, ledger: Ledger) -> Lines:
    """What is owed, of steps numbered by `step`, less what the ledger holds for the same row, step and occurrence.

    What the ledger holds and nothing is owed for any more gives a negative line that names the day and the fact of the
    line it takes back.
    """
    owed_key, ledger_key = _keys(owed, step, ledger)
    order = np.argsort(ledger_key, kind="stable")
    ledger_key, ledger = ledger_key[order], ledger.take(order)
    first = first_of_each(ledger_key)
    held_key, held = ledger_key[first], np.add.reduceat(ledger.amount, np.flatnonzero(first))
    newest = ledger.take(last_of_each(first))

    paid_before = np.zeros(len(owed), np.int64)
    place = np.searchsorted(held_key, owed_key)
    inside = np.flatnonzero(place < len(held_key))
    matched = inside[held_key[place[inside]] == owed_key[inside]]
    paid_before[matched] = held[place[matched]]

    amount = owed.amount - paid_before
    changed = amount != 0
    new = Lines(
        owed.row, step, owed.occurrence, owed.qualifies_on, owed.fact, owed.gross, owed.cap_cut, paid_before, amount
    ).take(changed)
    still_owed = np.zeros(len(held_key), bool)
    still_owed[place[matched]] = True
    gone = ~still_owed & (held != 0)
    back, held_back = newest.take(gone), held[gone]
    nothing = np.zeros(len(back), np.int64)
    taken_back = Lines(
        back.row, back.step, back.occurrence, back.qualifies_on, back.fact, nothing, nothing, held_back, -held_back
    )
    return Lines.join([new, taken_back]).take(
        np.argsort(np.concatenate((owed_key[changed], held_key[gone])), kind="stable")
    )


def _keys(owed: Owed, step: I32, ledger: Ledger) -> tuple[I64, I64]:
    """Row, step and occurrence packed into one number each."""
    steps = np.unique(np.concatenate((step, ledger.step)))
    step_bits = int(len(steps) - 1).bit_length()
    rows = int(np.concatenate((owed.row, ledger.row)).max(initial=0))
    if rows.bit_length() + step_bits > 32:
        raise ValueError(f"{rows} placements with {len(steps)} steps are too many for one chunk")

    def key(row: I32, step: I32, occurrence: I32) -> I64:
        place = np.searchsorted(steps, step).astype(np.int64)
        return row.astype(np.int64) << (31 + step_bits) | place << 31 | occurrence

    return key(owed.row, step, owed.occurrence), key(ledger.row, ledger.step, ledger.occurrence)

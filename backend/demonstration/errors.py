"""What goes wrong with drawn facts: they come late, are wrong, wait, and are corrected after they paid. Pure."""

from dataclasses import replace

import numpy as np

from backend.demonstration.facts import draw_facts
from backend.demonstration.months import Months
from backend.demonstration.placements import PROVIDER_OF, DrawnPlacements
from backend.demonstration.reported import ASK, NOTHING, REJECT, WAIT, DrawnFacts, FactTable, in_order
from outcomes.columns import GRADES, I32, I64, Bool, Index, Kind

LATE = 0.07
WRONG = 0.02
FORGOTTEN = 0.002
WAITS_AT_THE_END = 0.15
CORRECTED = 0.16  # of placements whose facts can have been paid on
FAILED = GRADES.index("F") + 1
RHYTHM = 2  # months from one report of a provider to the next
LATEST = 4  # months, by which a report is late or a correction delayed

# the kinds whose correction takes something back, the most telling first
TELLING = (Kind.GRADE, Kind.EMPLOYMENT, Kind.EARNINGS, Kind.REPORT, Kind.ATTENDANCE)
WITHDRAWN = (Kind.REPORT, Kind.ATTENDANCE)


def draw_reports(seed: int, placements: DrawnPlacements, months: Months) -> tuple[DrawnFacts, list[str]]:
    """Every fact that is reported within the period, in the order of reporting, with the texts of the subjects."""
    rng = np.random.default_rng([seed, 1])
    table = draw_facts(rng, placements, months)
    _go_wrong(rng, table, placements, months)
    facts = table.facts()
    provider = PROVIDER_OF[placements.contract[facts.placement]]
    facts = replace(facts, month=_reporting_month(facts.month, provider, months))
    order = (np.arange(len(facts)), provider, facts.month)
    return in_order(facts, order, facts.month < months.count), table.subjects


def _reporting_month(month: I32, provider: I64, months: Months) -> I32:
    """Half of the providers report in even months and half in odd ones; in the last month all do."""
    at = month + (month + provider) % RHYTHM
    return np.where(month < months.count, np.minimum(at, months.count - 1), at).astype(np.int32)


def _go_wrong(rng: np.random.Generator, table: FactTable, placements: DrawnPlacements, months: Months) -> None:
    facts = table.facts()
    corrected = _choose_corrected(rng, facts)
    plain = _is_plain(facts, placements)
    plain[corrected] = False
    chance = rng.random(len(facts))
    late = plain & (chance < LATE)
    wrong = plain & (chance > 1 - WRONG)
    forgotten = plain & ~late & ~wrong & (rng.random(len(facts)) < FORGOTTEN)
    month = np.where(late, facts.month + rng.integers(1, LATEST, len(facts)), facts.month).astype(np.int32)
    waits = plain & ~wrong & (month == months.count - 1) & (rng.random(len(facts)) < WAITS_AT_THE_END)
    decision = np.where(wrong, REJECT, np.where(forgotten, ASK, np.where(waits, WAIT, facts.decision)))
    table.parts = [replace(facts, month=month, decision=decision.astype(np.int8))]
    again = facts.take(wrong)
    table.append(replace(again, month=again.month + RHYTHM))  # what was rejected is reported anew, with its evidence
    table.append(_corrections(rng, facts, corrected))


def _is_plain(facts: DrawnFacts, placements: DrawnPlacements) -> Bool:
    """Facts that nothing else depends on: neither corrections nor corrected, no exit of somebody who returns."""
    plain = facts.replaces == NOTHING
    plain[facts.replaces[~plain]] = False
    return plain & ~((facts.kind == Kind.EXIT) & placements.returns[facts.placement])


def _choose_corrected(rng: np.random.Generator, facts: DrawnFacts) -> Index:
    """The newest fact of some placements, of the kind that tells most."""
    has_correction = np.zeros(len(facts), bool)
    has_correction[facts.replaces[facts.replaces != NOTHING]] = True
    passed = (facts.kind != Kind.GRADE) | (facts.detail < FAILED)
    rank = np.full(len(Kind) + 1, len(TELLING))
    rank[list(TELLING)] = np.arange(len(TELLING))
    rows = np.flatnonzero(~has_correction & passed & (rank[facts.kind] < len(TELLING)))
    rows = rows[np.lexsort((-facts.month[rows], rank[facts.kind[rows]], facts.placement[rows]))]
    _, first = np.unique(facts.placement[rows], return_index=True)
    rows = rows[first]
    return np.sort(rows[rng.random(len(rows)) < CORRECTED])


def _corrections(rng: np.random.Generator, facts: DrawnFacts, rows: Index) -> DrawnFacts:
    """A failed grade instead of a pass, a job that ended early, less pay, or nothing at all."""
    old = facts.take(rows)
    early = np.minimum(old.from_day + rng.integers(10, 80, len(rows)), old.through_day)
    return replace(
        old,
        through_day=np.where(old.kind == Kind.EMPLOYMENT, early, old.through_day).astype(np.int32),
        quantity=np.where(old.kind == Kind.EARNINGS, old.quantity // 10, old.quantity),
        detail=np.where(old.kind == Kind.GRADE, FAILED, old.detail).astype(np.int8),
        month=(old.month + RHYTHM + rng.integers(0, LATEST, len(rows))).astype(np.int32),
        replaces=rows.astype(np.int32),
        withdrawn=np.isin(old.kind, WITHDRAWN),
    )

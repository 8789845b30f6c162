"""The employment trigger: spells to extents by day, to chains, to a job that began in its window and lasted.

PAYMENT_MODELS.md section 4. Days that count form `Stretches` weighted with their extent; chains join stretches over
gaps.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from contracts.terms import Band, Blocks, EmploymentTerms
from outcomes.columns import FAR, FORMS, I32, I64, Bool, Columns, Facts, Index, Kind, spread
from payouts.engine.days import add
from payouts.engine.known import Known, Stretches, first_of_each, last_of_each, row_day
from payouts.engine.triggers import Candidates


@dataclass(frozen=True, slots=True)
class Spells(Columns):
    """Spells that count, in order of row; `end` is the last day that is known."""

    row: I32
    start: I32
    end: I32
    extent: I64
    fact: I64
    first_reported: I32


@dataclass(frozen=True, slots=True)
class Chains(Columns):
    """Days that count, joined over gaps: covered from start through end."""

    row: I32
    start: I32
    end: I32


def employment(terms: EmploymentTerms, known: Known, *, extends: bool) -> Candidates:
    window_ends = job_window_ends(terms, known, extends=extends)
    return paid_jobs(terms, counting_spells(terms, known), counting_days(terms, known), window_ends, known.exits)


def paid_jobs(terms: EmploymentTerms, spells: Spells, days: Stretches, window_ends: I32, exits: I32) -> Candidates:
    """The occurrences that counting spells, and the days they make, give; an exit that is not known is FAR."""
    reached = reached_jobs(terms, days, window_ends)
    qualifies_on = reached.qualifies_on
    if terms.of == "end":
        reached = reached.take(exits[reached.row] < FAR)
        qualifies_on = np.maximum(reached.qualifies_on, exits[reached.row])
    quantity, whole = band_shares(terms.bands, reached.sum_of_extents, reached.days)
    fact, first_reported = _completing(spells, reached.row, reached.last_day)
    candidates = Candidates(
        reached.row, reached.block, qualifies_on, quantity, np.full(len(reached), whole), fact, first_reported
    )
    return candidates.take(quantity > 0)


def reached_jobs(terms: EmploymentTerms, days: Stretches, window_ends: I32) -> "Reached":
    """The jobs, or blocks of them, that the counting days reach."""
    return (_cumulated if terms.cumulative else _unbroken)(terms, days, window_ends)


def counting_days(terms: EmploymentTerms, known: Known) -> Stretches:
    key = ("days", terms.counts, terms.forms, terms.may_start_before_end, terms.extent_at_least)
    return known.shared(key, lambda: add_up_extents(counting_spells(terms, known), terms.extent_at_least))


def job_window_ends(terms: EmploymentTerms, known: Known, *, extends: bool) -> I32:
    """The last day on which a job may begin; FAR while the exit that opens the window is not known."""
    opened = known.exits if terms.of == "end" else known.starts
    key = ("window", terms.of, terms.starts_within, extends)
    return known.shared(key, lambda: known.window_ends(opened, terms.starts_within, extends=extends))


def counting_spells(terms: EmploymentTerms, known: Known) -> Spells:
    key = ("spells", terms.counts, terms.forms, terms.may_start_before_end)
    return known.shared(key, lambda: _counting_spells(terms, known))


def _counting_spells(terms: EmploymentTerms, known: Known) -> Spells:
    facts = Facts.join([known.facts(Kind[word.upper()]) for word in terms.counts])
    facts = begun_in_time(facts.take(of_form(facts, terms)), terms, known)
    if len(terms.counts) > 1:
        facts = facts.take(np.argsort(facts.placement, kind="stable"))
    end = np.minimum(facts.through_day, facts.verified)
    spells = Spells(facts.placement, facts.from_day, end, facts.quantity, facts.id, facts.first_reported)
    return spells.take(end >= facts.from_day)


def of_form(facts: Facts, terms: EmploymentTerms) -> Bool:
    """Employment of the forms that count; studies have none."""
    return np.isin(facts.detail, [0, *(FORMS.index(form) + 1 for form in terms.forms)])


def begun_in_time(facts: Facts, terms: EmploymentTerms, known: Known) -> Facts:
    """An old side job neither pays nor stands in the way."""
    earliest = known.starts if terms.may_start_before_end else np.minimum(known.exits + 1, FAR)
    return facts.take(facts.from_day >= earliest[facts.placement])


def add_up_extents(spells: Spells, extent_at_least: int) -> Stretches:
    """The days whose summed extent (at most 100) counts."""
    row = np.concatenate((spells.row, spells.row))
    day = np.concatenate((spells.start, spells.end + 1))
    change = np.concatenate((spells.extent, -spells.extent))
    order = np.argsort(row_day(row, day), kind="stable")
    row, day = row[order], day[order]
    extent = np.minimum(np.cumsum(change[order]), 100)
    length = np.diff(day, append=day[-1:])  # after a row's last change the extent is 0, so rows do not run together
    counts = (extent > 0) & (extent >= extent_at_least) & (length > 0)
    return Stretches(row[counts], day[counts], (day + length - 1)[counts], extent[counts])


def chains(days: Stretches, gap_days: int) -> Chains:
    """Counting days joined over at most `gap_days` days in a row that do not count."""
    breaks = first_of_each(days.row)
    breaks[1:] |= days.start[1:] - days.end[:-1] - 1 > gap_days
    return Chains(days.row[breaks], days.start[breaks], days.end[last_of_each(breaks)])


@dataclass(frozen=True, slots=True)
class Reached(Columns):
    """Reached jobs or blocks: when, and the days needed (how many, their summed extents, the last that counts)."""

    row: I32
    block: I32
    qualifies_on: I32
    days: I64
    sum_of_extents: I64
    last_day: I32


def needed_end(terms: EmploymentTerms, start: I32) -> I32:
    """The last day that a chain must cover: for `lasts`, or for the first block where blocks are paid."""
    end = add(start, terms.lasts)
    return (add(end, terms.blocks.every) if terms.blocks else end) - 1


def _unbroken(terms: EmploymentTerms, days: Stretches, window_end: I32) -> Reached:
    found = chains(days, terms.gap_days)
    found = found.take((found.start <= window_end[found.row]) & (found.end >= needed_end(terms, found.start)))
    found = found.take(first_of_each(found.row))
    lasted = add(found.start, terms.lasts)
    if terms.blocks is None:
        row, start, end, block = found.row, found.start, lasted, np.zeros(len(found), np.int32)
    else:
        chain, block = _numbered(found.end - lasted + 1, terms.blocks)
        start = add(lasted[chain], terms.blocks.every, block - 1)
        end = add(lasted[chain], terms.blocks.every, block)
        full = found.end[chain] >= end - 1
        row, start, end, block = found.row[chain][full], start[full], end[full], block[full]
    last_needed = end - 1
    place = np.searchsorted(row_day(days.row, days.start), row_day(row, last_needed), side="right") - 1
    last_day = np.minimum(days.end[place], last_needed)
    extents = days.of_range(row, start, last_needed)[1]
    return Reached(row, block, end, (end - start).astype(np.int64), extents, last_day)


def _cumulated(terms: EmploymentTerms, days: Stretches, window_end: I32) -> Reached:
    opens = np.flatnonzero(first_of_each(days.row))
    first = opens[days.start[opens] <= window_end[days.row[opens]]]
    total = np.cumsum(days.lengths)
    before = (total - days.lengths)[first]
    lasts = terms.lasts.days
    if terms.blocks is None:
        own, block = lasts, np.zeros(len(first), np.int32)
    else:
        own = terms.blocks.every.days
        last = np.searchsorted(days.row, days.row[first], side="right") - 1
        chain, block = _numbered(total[last] - before - lasts, terms.blocks)
        first, before = first[chain], before[chain]
    row = days.row[first]
    goal = before + lasts + block.astype(np.int64) * own
    place = np.minimum(np.searchsorted(total, goal), max(len(total) - 1, 0))
    there = (total[place] >= goal) & (days.row[place] == row)
    row, goal, place, block = row[there], goal[there], place[there], block[there]
    last_day = (days.end[place] - (total[place] - goal)).astype(np.int32)
    extents = _sum_of_first(days, total, goal) - _sum_of_first(days, total, goal - own)
    return Reached(row, block, last_day + np.int32(1), np.full(len(row), own, np.int64), extents, last_day)


def _sum_of_first(days: Stretches, total: I64, count: I64) -> I64:
    """The summed weights of the first `count` days of all stretches, one after the other."""
    place = np.searchsorted(total, count)
    sums: I64 = np.cumsum(days.lengths * days.weight)
    return sums[place] - (total[place] - count) * days.weight[place]


def _numbered(days_left: I32 | I64, blocks: Blocks) -> tuple[Index, I32]:
    """Every row with the numbers of the blocks that there can be in its days after the first duration."""
    shortest = blocks.every.count * 28 if blocks.every.unit == "M" else blocks.every.days
    count = np.clip(days_left // shortest, 0, blocks.max).astype(np.intp)
    return np.repeat(np.arange(len(count)), count), spread(np.ones(len(count), np.intp), count).astype(np.int32)


def band_shares(bands: tuple[Band, ...], extents: I64, days: I64) -> tuple[I64, int]:
    """The share of the highest band that each mean extent reaches, as numerators over one denominator."""
    if not bands:
        return np.ones(len(days), np.int64), 1
    whole = lcm(*(band.share.denominator for band in bands))
    shares = [int(band.share * Fraction(whole)) for band in bands]
    reached = [extents >= band.extent_at_least * days for band in bands]
    return np.select(reached, shares, 0).astype(np.int64), whole


def _completing(spells: Spells, row: I32, day: I32) -> tuple[I64, I32]:
    """Of the spells on each row's day the one first reported (ties: by id): its id and the day of its first report."""
    low = np.searchsorted(spells.row, row)
    count = np.searchsorted(spells.row, row, side="right") - low
    spell = spread(low, count)
    asked = np.repeat(np.arange(len(row)), count)
    covers = (spells.start[spell] <= day[asked]) & (spells.end[spell] >= day[asked])
    spell, asked = spell[covers], asked[covers]
    order = np.lexsort((spells.fact[spell], spells.first_reported[spell], asked))
    chosen = spell[order][first_of_each(asked[order])]
    return spells.fact[chosen], spells.first_reported[chosen]

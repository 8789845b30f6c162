"""Why, and why not, of an employment step: its checks, and whether facts of later days can still reach it.

All of it is about the one placement that holds; an open spell is taken to go on after the cut-off.
"""

from dataclasses import replace

import numpy as np

from contracts.terms import EmploymentTerms, Step
from outcomes.columns import FAR, I32, Bool, Kind
from payouts.engine.days import add
from payouts.engine.employment import (
    Reached,
    Spells,
    add_up_extents,
    band_shares,
    begun_in_time,
    chains,
    counting_days,
    counting_spells,
    employment,
    job_window_ends,
    needed_end,
    of_form,
    paid_jobs,
    reached_jobs,
)
from payouts.engine.evaluate import reported_in_time
from payouts.engine.findings import Check, Finding, reported_checks
from payouts.engine.known import Known, Stretches


def explain_employment(step: Step, terms: EmploymentTerms, known: Known) -> Finding:
    row = int(np.flatnonzero(known.live)[0])
    window_ends = job_window_ends(terms, known, extends=step.extends_for_interruptions)
    window_end = int(window_ends[row])
    candidates = employment(terms, known, extends=step.extends_for_interruptions)
    checks = [*_spell_checks(terms, known, row), *_job_checks(terms, known, window_ends, window_end)]
    checks += reported_checks(step, candidates)
    until = window_end if known.cutoff < window_end < FAR else None
    if reported_in_time(step, candidates).any():
        return Finding(checks, open=True)
    return Finding(checks, open=_can_still_come(step, terms, known, window_ends, row), until=until)


def _spell_checks(terms: EmploymentTerms, known: Known, row: int) -> list[Check]:
    """What bars reported spells from counting: the exit, the form, the day they began."""
    checks = []
    if terms.of == "end":
        exit_day = int(known.exits[row])
        exits = tuple(int(fact) for fact in known.exit_facts.id)
        checks.append(Check("exit_known", "exit", exit_day if exit_day < FAR else None, exit_day < FAR, exits))
    jobs = known.facts(Kind.EMPLOYMENT)
    formed = of_form(jobs, terms)
    if len(jobs) and not formed.all():
        checks.append(Check("form", ", ".join(terms.forms), int(formed.sum()), bool(formed.any()), _ids(jobs.id)))
    for word in terms.counts:
        facts = known.facts(Kind[word.upper()])
        begun = begun_in_time(facts, terms, known)
        if len(facts) and len(begun) < len(facts):
            earliest = known.starts[row] if terms.may_start_before_end else known.exits[row] + 1
            checks.append(Check("starts_after", int(earliest), int(facts.from_day[0]), len(begun) > 0, _ids(facts.id)))
    return checks


def _ids(numbers: np.ndarray) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)


def _job_checks(terms: EmploymentTerms, known: Known, window_ends: I32, window_end: int) -> list[Check]:
    """The chain that is taken, or the one that comes nearest: begun in time, lasting, of enough extent."""
    spells, days = counting_spells(terms, known), counting_days(terms, known)
    facts = _ids(spells.fact)
    window = window_end if window_end < FAR else None
    if not len(days.row):
        checks = [Check("starts_within", window, None, False), Check("lasts", str(terms.lasts), 0, False)]
        if len(spells):
            checks.append(Check("extent", terms.extent_at_least, int(spells.extent.max()), False, facts))
        return checks
    start, end = _nearest_chain(terms, days, window_end)
    found_days, extents = days.of_range(days.row[:1], _one(start), _one(end))
    reached = reached_jobs(terms, days, window_ends)
    checks = [
        Check("starts_within", window, start, start <= window_end, facts),
        Check("lasts", str(terms.lasts), int(found_days[0]), len(reached) > 0, facts),
    ]
    if terms.bands or terms.extent_at_least:
        least = max(terms.extent_at_least, min((band.extent_at_least for band in terms.bands), default=0))
        enough = len(reached) == 0 or bool(band_shares(terms.bands, reached.sum_of_extents, reached.days)[0].any())
        checks.append(Check("extent", least, int(extents[0] // max(int(found_days[0]), 1)), enough, facts))
    return checks


def _one(day: int) -> I32:
    return np.array([day], np.int32)


def _nearest_chain(terms: EmploymentTerms, days: Stretches, window_end: int) -> tuple[int, int]:
    """Start and end of the first chain begun in the window that lasts, else the longest, else the first of all."""
    found = chains(days, terms.gap_days)
    if terms.cumulative:
        return int(found.start[0]), int(found.end[-1])
    begun = found.take(found.start <= window_end)
    if not len(begun):
        return int(found.start[0]), int(found.end[0])
    lasting = np.flatnonzero(begun.end >= needed_end(terms, begun.start))
    best = int(lasting[0]) if len(lasting) else int(np.argmax(begun.end - begun.start))
    return int(begun.start[best]), int(begun.end[best])


def _can_still_come(step: Step, terms: EmploymentTerms, known: Known, window_ends: I32, row: int) -> bool:
    """Whether a job of later days, or the going on of one that is known, can still be paid."""
    spells = _going_on(counting_spells(terms, known), known)
    # the exit, or the confirmation that an open spell went on, may be all that is to come
    exits = np.minimum(known.exits, known.cutoff + 1)
    days = add_up_extents(spells, terms.extent_at_least)
    if reported_in_time(step, paid_jobs(terms, spells, days, window_ends, exits)).any():
        return True
    reached, window_end = reached_jobs(terms, days, window_ends), int(window_ends[row])
    if len(reached) and terms.blocks is None:
        return False  # chosen already: nothing takes its place
    if terms.cumulative:
        return _cumulation_goes_on(terms, known, days, reached, window_end)
    return _chain_goes_on(step, terms, known, days, reached, window_end)


def _going_on(spells: Spells, known: Known) -> Spells:
    """The spells with the open ones lasting through the cut-off."""
    return replace(spells, end=np.where(_open(spells, known), known.cutoff, spells.end).astype(np.int32))


def _open(spells: Spells, known: Known) -> Bool:
    """The spells that have no last day."""
    kinds = (known.facts(Kind.EMPLOYMENT), known.facts(Kind.STUDIES))
    return np.isin(spells.fact, np.concatenate([facts.id[facts.through_day >= FAR] for facts in kinds]))


def _least_band(terms: EmploymentTerms) -> int:
    return min((band.extent_at_least for band in terms.bands if band.share > 0), default=0 if not terms.bands else 101)


def _cumulation_goes_on(
    terms: EmploymentTerms, known: Known, days: Stretches, reached: Reached, window_end: int
) -> bool:
    """Counting days are added up whenever they come, once the first has come in time."""
    if not len(days.row):
        return window_end > known.cutoff and _least_band(terms) <= 100
    if days.start[0] > window_end:
        return False
    lasts, so_far = terms.lasts.days, int(days.lengths.sum())
    if terms.blocks is None:
        return _mean_can_be(terms, int((days.lengths * days.weight).sum()), lasts, lasts - so_far)
    every = terms.blocks.every.days
    first_block = len(reached) + 1
    own = [min(max(lasts + block * every - so_far, 0), every) for block in range(first_block, terms.blocks.max + 1)]
    if not own:
        return False
    if len(own) > 1:  # a whole block lies ahead
        return _least_band(terms) <= 100
    into = every - own[0]
    day_by_day = np.repeat(days.weight, days.lengths)
    return _mean_can_be(terms, int(day_by_day[len(day_by_day) - into :].sum()), every, own[0])


def _mean_can_be(terms: EmploymentTerms, extents: int, days: int, ahead: int) -> bool:
    """Whether the mean extent can reach a band that pays if all days ahead are of full time."""
    return extents + 100 * max(ahead, 0) >= _least_band(terms) * days


def _chain_goes_on(
    step: Step, terms: EmploymentTerms, known: Known, days: Stretches, reached: Reached, window_end: int
) -> bool:
    """A chain that is alive can go on; a new one can begin while the window is open."""
    found = chains(days, terms.gap_days)
    alive = len(found) > 0 and known.cutoff - int(found.end[-1]) <= terms.gap_days
    newest = int(found.start[-1]) if alive else FAR
    if len(reached):  # blocks of a chain: no other chain takes its place
        chosen = _nearest_chain(terms, days, window_end)[0]
        return newest == chosen and _alive_chain_can_pay(terms, known, days, chosen, len(reached))
    if alive and newest <= window_end and _alive_chain_can_pay(terms, known, days, newest, 0):
        return True
    spells = counting_spells(terms, known)
    if int(spells.extent[_open(spells, known)].sum()) >= max(terms.extent_at_least, 1):
        return False  # open spells hold the chain, so that no new one begins
    earliest = int(found.end[-1]) + terms.gap_days + 2 if alive else known.cutoff + 1
    opens = window_end > known.cutoff and step.extends_for_interruptions
    return _least_band(terms) <= 100 and (earliest <= window_end or opens)


def _alive_chain_can_pay(terms: EmploymentTerms, known: Known, days: Stretches, start: int, blocks: int) -> bool:
    """Whether the days to come can fill the job's, or one of its further blocks', own days well enough."""
    lasted = add(_one(start), terms.lasts)
    if terms.blocks is None:
        ranges = [(start, int(lasted[0]) - 1)]
    else:
        every = terms.blocks.every
        ranges = [
            (int(add(lasted, every, k - 1)[0]), int(add(lasted, every, k)[0]) - 1)
            for k in range(blocks + 1, terms.blocks.max + 1)
        ]
    for first, last in ranges:
        extents = int(days.of_range(days.row[:1], _one(first), _one(last))[1][0])
        if _mean_can_be(terms, extents, last - first + 1, last - max(known.cutoff, first - 1)):
            return True
    return False

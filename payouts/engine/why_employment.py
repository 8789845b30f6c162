"""Why, and why not, of an employment step: its checks, and whether facts of later days can still reach it.

All of it is about the one placement that holds; an open spell is taken to go on after the cut-off.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from contracts.terms import EmploymentTerms, Step
from outcomes.columns import FAR, I32, NO_FACT, Kind
from payouts.engine.employment import (
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
    return Finding(checks, open=_can_still_come(step, terms, known, window_ends), until=until)


def _spell_checks(terms: EmploymentTerms, known: Known, row: int) -> list[Check]:
    """What bars reported spells from counting: the exit, the form, the day they began."""
    checks = []
    if terms.of == "end":
        exit_day = int(known.exits[row])
        exits = tuple(int(fact) for fact in known.exit_facts.id)
        checks.append(Check("exit_known", "exit", exit_day if exit_day < FAR else None, exit_day < FAR, exits))
    jobs = known.facts(Kind.EMPLOYMENT)
    formed = of_form(jobs, terms)
    if not formed.all():
        checks.append(Check("form", ", ".join(terms.forms), int(formed.sum()), bool(formed.any()), _ids(jobs.id)))
    for word in terms.counts:
        facts = known.facts(Kind[word.upper()])
        begun = begun_in_time(facts, terms, known)
        if len(begun) < len(facts):
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
            highest = int(add_up_extents(spells, 0).weight.max(initial=0))
            checks.append(Check("extent", terms.extent_at_least, highest, False, facts))
        return checks
    start, end = _nearest_chain(terms, days, window_end)
    found_days, extents = days.of_range(days.row[:1], _one(start), _one(end))
    reached = reached_jobs(terms, days, window_ends)
    checks = [
        Check("starts_within", window, start, start <= window_end, facts),
        Check("lasts", str(terms.lasts), int(found_days[0]), len(reached) > 0, facts),
    ]
    if terms.bands or terms.extent_at_least:
        least = max([terms.extent_at_least, *(band.extent_at_least for band in terms.bands[-1:])])
        mean = int(extents[0] // found_days[0])
        paid = band_shares(terms.bands, reached.sum_of_extents, reached.days)[0] > 0
        checks.append(Check("extent", least, mean, bool(paid.any()) if len(reached) else mean >= least, facts))
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


def _can_still_come(step: Step, terms: EmploymentTerms, known: Known, window_ends: I32) -> bool:
    """Whether a job of later days, or the going on of one that is known, can still be paid.

    Tried out with the best that can come: the exit at once, and a job that never ends. Begun at once it is best for a
    chain that goes on and for days that are added up; begun as soon as a chain of its own can, it is best where the old
    chain would only be the first to last.
    """
    spells = _going_on(counting_spells(terms, known), known)
    days = add_up_extents(spells, terms.extent_at_least)
    tomorrow = known.cutoff + 1
    its_own = int(days.end[-1]) + terms.gap_days + 2 if len(days.row) else tomorrow
    exits = np.minimum(known.exits, tomorrow)
    if step.extends_for_interruptions:  # by those to come, while a window is open
        window_ends = np.where(window_ends > known.cutoff, FAR, window_ends)
    for begins, extent in product((tomorrow, min(max(its_own, tomorrow), FAR)), _extents(terms)):
        later = Spells.join([spells, _endless_job(known, begins, extent)])
        days = add_up_extents(later, terms.extent_at_least)
        if reported_in_time(step, paid_jobs(terms, later, days, window_ends, exits)).any():
            return True
    return False


def _going_on(spells: Spells, known: Known) -> Spells:
    """The spells, those without a last day going on for good."""
    kinds = (known.facts(Kind.EMPLOYMENT), known.facts(Kind.STUDIES))
    going_on = np.isin(spells.fact, np.concatenate([facts.id[facts.through_day >= FAR] for facts in kinds]))
    return replace(spells, end=np.where(going_on, FAR - 1, spells.end))


def _extents(terms: EmploymentTerms) -> Sequence[int]:
    """The extents of a job to come: full time is best, unless a band pays nothing and one below it does."""
    return range(100, -1, -1) if any(band.share == 0 for band in terms.bands) else [100]


def _endless_job(known: Known, begins: int, extent: int) -> Spells:
    row = np.flatnonzero(known.live).astype(np.int32)
    extents, facts = np.array([extent], np.int64), np.array([NO_FACT], np.int64)
    return Spells(row, _one(begins), _one(FAR - 1), extents, facts, _one(begins))

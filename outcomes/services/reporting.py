"""Providers report facts: new ones, corrections and withdrawals, in any number at a time.

API, files and pages all come in here. `report_each` answers every report on its own; `report_facts` takes all or none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.utils import timezone

from backend.kernel.audit import record_bulk_event
from backend.kernel.bulk import copy_rows, reserve_ids
from backend.kernel.calendar import local_day
from backend.kernel.errors import Breach, DomainError, gettext_noop, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.breaches import Found, find_breaches
from outcomes.columns import NO_FACT, Facts, Index, shelve, to_day
from outcomes.models import Fact
from outcomes.reports import FactReport, columns_of_reports, own_breaches
from outcomes.selectors import AS_IF_VERIFIED, KNOWN, Known, placements_as_known
from outcomes.services.checking import NO_TERMS
from outcomes.services.resolving import (
    REPORTED_OTHERWISE,
    New,
    Stored,
    read_chains,
    read_surroundings,
    resolve,
    resolve_correction,
)
from providers.models import Provider
from providers.permissions import require_member

CHAIN_TOO_LONG = rule(
    "chain_too_long",
    gettext_noop("at most {most} reports of one request build on each other; send this one in a later request"),
)
WAVES_MOST = 50

COLUMNS = [
    "id", "external_id", "placement_id", "kind", "from_day", "through_day", "quantity", "subject_id", "detail",
    "replaces_id", "withdrawn", "first_reported", "provider_id", "reported", "reported_by_id",
]  # fmt: skip


class Outcome(StrEnum):
    """What a report came to."""

    CREATED = "created"
    UNCHANGED = "unchanged"  # it was reported before, as it is
    CORRECTED = "corrected"
    REFUSED = "refused"


class Answer(NamedTuple):
    """What one report came to: the fact (its id, and the id by which the provider knows it), or the broken rules."""

    outcome: Outcome
    external_id: str
    fact: int | None = None
    breaches: Sequence[Breach] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report came to: the facts' ids, in order, and how many of them are new (the others were known already)."""

    ids: list[int]
    new: int


@transaction.atomic
def report_facts(
    *, provider: Provider, reports: Sequence[FactReport], by: User, now: datetime | None = None
) -> Reported:
    """Take down what a provider reports. All of it is stored or, with DomainError, none.

    What was reported before with the same external id and content is left as it is, so that a report can be sent again.
    """
    answers = report_each(provider=provider, reports=reports, by=by, now=now)
    breaches = [
        Breach(breach.rule, f"reports[{number}].{breach.field}", breach.value, breach.details)
        for number, answer in enumerate(answers, start=1)
        for breach in answer.breaches
    ]
    if breaches:
        raise DomainError(*breaches)
    ids = [answer.fact for answer in answers if answer.fact is not None]
    return Reported(ids, sum(answer.outcome is not Outcome.UNCHANGED for answer in answers))


@transaction.atomic
def report_each(
    *,
    provider: Provider,
    reports: Sequence[FactReport],
    by: User,
    now: datetime | None = None,
    corrects: bool = False,
    dry_run: bool = False,
) -> list[Answer]:
    """Take down what a provider reports, each report on its own: what breaks a rule is left out, the rest is stored.

    With `corrects`, other content under a known external id is taken for a correction (`resolve_correction`). With
    `dry_run` all is tested and answered, and nothing stored.
    """
    require_role(by, Role.PROVIDER, Role.HANDLER)
    if Role.HANDLER not in by.roles:
        require_member(by, provider)
    moment = now or timezone.now()
    lock_reports(provider)
    answers = _own_refusals(reports)
    waiting = [place for place in range(len(reports)) if place not in answers]
    for _ in range(WAVES_MOST):
        if waiting:
            wave, waiting = _next_wave(reports, waiting)
            answers |= _report_wave(_Wave(provider, by, moment, corrects, {place: reports[place] for place in wave}))
    too_long = Breach(CHAIN_TOO_LONG, "replaces", None, {"most": WAVES_MOST})
    answers |= {place: _refused(reports[place], [too_long]) for place in waiting}
    if dry_run:
        transaction.set_rollback(True)
    return [answers[place] for place in range(len(reports))]


def lock_reports(provider: Provider) -> None:
    """Let one report of a provider come after another, until the transaction ends."""
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)


def _own_refusals(reports: Sequence[FactReport]) -> dict[int, Answer]:
    breaches = own_breaches(reports, columns_of_reports(reports))
    return {place: _refused(reports[place], broken) for place, broken in breaches.items()}


def _refused(report: FactReport, breaches: Sequence[Breach]) -> Answer:
    return Answer(Outcome.REFUSED, report.external_id, None, breaches)


def _next_wave(reports: Sequence[FactReport], waiting: Sequence[int]) -> tuple[list[int], list[int]]:
    """The reports that build on none of these, and the others: a correction waits for what it corrects."""
    named: set[str] = set()
    wave: list[int] = []
    others: list[int] = []
    for place in waiting:
        report = reports[place]
        (others if report.external_id in named or report.replaces in named else wave).append(place)
        named.add(report.external_id)
        if report.replaces:
            named.add(report.replaces)
    return wave, others


class _Wave(NamedTuple):
    """Reports, by their place, that do not build on each other."""

    provider: Provider
    by: User
    moment: datetime
    corrects: bool
    reports: Mapping[int, FactReport]


def _resolve_all(wave: _Wave, today: date) -> dict[int, New | Stored | Breach]:
    around = read_surroundings(wave.provider, list(wave.reports.values()), today)
    resolved = {place: resolve(report, around) for place, report in wave.reports.items()}
    if not wave.corrects:
        return resolved
    changed = [
        place
        for place, found in resolved.items()
        if wave.reports[place].replaces is None and (_is_known_otherwise(found) or _is_corrected(found))
    ]
    chains = read_chains(wave.provider, [wave.reports[place].external_id for place in changed]) if changed else {}
    for place in changed:
        report = wave.reports[place]
        resolved[place] = resolve_correction(report, chains[report.external_id], around)
    return resolved


def _is_known_otherwise(found: New | Stored | Breach) -> bool:
    return isinstance(found, Breach) and found.rule is REPORTED_OTHERWISE


def _is_corrected(found: New | Stored | Breach) -> bool:
    return isinstance(found, Stored) and found.corrected_by is not None


def _report_wave(wave: _Wave) -> dict[int, Answer]:
    today = local_day(wave.moment)
    answers: dict[int, Answer] = {}
    new: dict[int, New] = {}
    for place, found in _resolve_all(wave, today).items():
        report = wave.reports[place]
        if isinstance(found, New):
            new[place] = found
        elif isinstance(found, Stored):
            answers[place] = Answer(Outcome.UNCHANGED, found.external_id, found.id)
        else:
            answers[place] = _refused(report, [found])
    if not new:
        return answers
    ids = dict(zip(new, reserve_ids(Fact, len(new)), strict=True))
    refused = _refuse_what_clashes(new, ids)
    answers |= {place: _refused(wave.reports[place], breaches) for place, breaches in refused.items()}
    kept = {place: fact for place, fact in new.items() if place not in refused}
    _store(wave, today, kept, ids)
    for place, fact in kept.items():
        outcome = Outcome.CREATED if fact.replaces is None else Outcome.CORRECTED
        answers[place] = Answer(outcome, fact.external_id, ids[place])
    return answers


def _store(wave: _Wave, today: date, kept: Mapping[int, New], ids: Mapping[int, int]) -> None:
    if not kept:
        return
    same = (wave.provider.pk, today, wave.by.pk)
    copy_rows(
        Fact,
        COLUMNS,
        (
            (ids[place], fact.external_id, *fact.content, fact.replaces, fact.withdrawn, fact.first_reported, *same)
            for place, fact in kept.items()
        ),
    )
    numbers = [ids[place] for place in kept]
    later = {"provider": wave.provider.number, "facts": len(kept), "first": numbers[0], "last": numbers[-1]}
    record_bulk_event(by=wave.by, action="report", on=Fact, now=wave.moment, later=later)


# --- rules that look beyond one fact


def _refuse_what_clashes(new: Mapping[int, New], ids: Mapping[int, int]) -> dict[int, list[Breach]]:
    """By place, the new facts that break a rule beside what is stored and what else is new, and the rules.

    What goes together is taken together. Where something does not, the earlier half of a placement's facts is taken
    first, then the later half, and so on down to single ones: so only what breaks a rule is left out.
    """
    places = list(new)
    known = placements_as_known(sorted({fact.content[0] for fact in new.values()}), with_undecided=True)
    refused = {
        place: [Breach(NO_TERMS, "placement", None)]
        for place in places
        if new[place].content[0] in set(known.without_model.tolist())
    }
    left = [place for place in places if place not in refused]
    facts = _facts_of([ids[place] for place in left], [new[place] for place in left], known)
    taking = _Taking(known, known.facts)
    taking.take(facts)
    place_of = {ids[place]: place for place in left}
    return refused | {place_of[fact]: breaches for fact, breaches in taking.refused.items()}


def _facts_of(ids: Sequence[int], new: Sequence[New], known: Known) -> Facts:
    """New facts in columns, taken for verified."""
    if not new:
        return known.facts.take(slice(0, 0))
    placement, kind, from_day, through_day, quantity, subject, detail = zip(
        *(fact.content for fact in new), strict=True
    )
    count = len(new)
    return Facts(
        id=np.array(ids, np.int64),
        placement=known.rows_of(np.array(placement, np.int32)),
        kind=np.array(kind, np.int8),
        from_day=np.array([to_day(day) for day in from_day], np.int32),
        through_day=np.array([to_day(day) for day in through_day], np.int32),
        quantity=np.array(quantity, np.int64),
        subject=np.array([number or 0 for number in subject], np.int32),
        detail=np.array(detail, np.int8),
        first_reported=np.zeros(count, np.int32),  # no rule looks at it here
        verified=np.full(count, AS_IF_VERIFIED, np.int32),
        known=np.full(count, KNOWN, np.int32),
        replaces=np.array([fact.replaces or NO_FACT for fact in new], np.int64),
        withdrawn=np.array([fact.withdrawn for fact in new], np.bool_),
    )


class _Taking:
    """Takes new facts one group after the other, each beside what was taken before."""

    def __init__(self, known: Known, taken: Facts):
        self.known, self.taken = known, taken
        self.refused: dict[int, list[Breach]] = {}  # by id of the fact

    def take(self, facts: Facts) -> None:
        """Take as many of the facts as go together; they stand in the order in which they were reported."""
        clashes = self._clashes(facts)
        good = ~np.isin(facts.placement, list(clashes))
        self.taken = Facts.join([self.taken, facts.take(good)])
        bad = facts.take(~good)
        single, first, second = _halves(bad.placement)
        for row in single:
            self.refused[int(bad.id[row])] = [_breach(found, bad, row) for found in clashes[int(bad.placement[row])]]
        if len(first):
            self.take(bad.take(first))
            self.take(bad.take(second))

    def _clashes(self, facts: Facts) -> dict[int, list[Found]]:
        """By row of their placement, the rules that are broken if the facts are taken too."""
        touched = self.taken.take(np.isin(self.taken.placement, facts.placement))
        shelves = shelve(Facts.join([touched, facts]))
        found: defaultdict[int, list[Found]] = defaultdict(list)
        for breach in find_breaches(self.known.models, self.known.placements, shelves, KNOWN):
            found[breach.row].append(breach)
        return found


def _halves(placement: np.ndarray) -> tuple[Index, Index, Index]:
    """The rows that are alone in their placement; of the others the earlier half of each placement, and the later."""
    order = np.argsort(placement, kind="stable")
    _, first, count = np.unique(placement[order], return_index=True, return_counts=True)
    number = np.arange(len(order)) - np.repeat(first, count)
    size = np.repeat(count, count)
    is_early = number < size // 2
    return order[size == 1], np.sort(order[is_early]), np.sort(order[(size > 1) & ~is_early])


def _breach(found: Found, facts: Facts, row: int) -> Breach:
    """What a fact broke, about that fact, also where it is the other one that began too early."""
    if found.fact == NO_FACT:
        return Breach(found.rule, "placement", found.value, found.details)
    return Breach(found.rule, found.field, found.value, found.details)

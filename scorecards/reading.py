"""From tables to the columns that scorecards are computed from, as known at a moment, over two connections.

Placements, facts and ledger come by the same path as for a run (`payouts.computation`), block by block of memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg

from backend.kernel.columns import Readers
from contracts.models import PaymentModelVersion
from outcomes.columns import I32, I64, Columns, Placements
from outcomes.models import District
from payouts.books import Catalogue, LedgerRows, lines_held, rows_of
from payouts.computation import Computation, Job, new_connection, shared_snapshot
from payouts.selectors import counting_runs
from providers.models import Provider
from scorecards.following import Followed, follow
from scorecards.inputs import OBSTACLES, SCHOOLING, SEXES, Inputs, Names, Service
from scorecards.models import EmploymentRate
from scorecards.scope import Scope

PLACEMENTS = "SELECT id, participant_id, lower(period) FROM outcomes_placement WHERE {rows}"
PLACEMENT_TYPES = ("i4", "i4", "i4")


def _place(column: str, words: Sequence[str]) -> str:
    """SQL for a word's place among some, from 1."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"array_position(ARRAY[{listed}], {column}::text)"


# the small numbers travel as one
BACKGROUNDS = f"""
    SELECT participant_id, district_id, birth_year + (months_on_assistance::int << 16),
        {_place("sex", SEXES)} + ({_place("schooling", SCHOOLING)} << 8) + ({_place("obstacle_group", OBSTACLES)} << 16)
    FROM outcomes_participantbackground WHERE {{rows}}"""  # noqa: S608  # put together from constants
BACKGROUND_TYPES = ("i4", "i4", "i4", "i4")
REJECTED = """
    SELECT placement_id FROM outcomes_fact AS fact
    JOIN outcomes_verificationdecision AS decision ON decision.fact_id = fact.id
    WHERE decision.decision = 'rejected' AND decision.decided_at <= %(moment)s"""
NOT_KNOWN = -1 << 16  # months on assistance, and no year


@dataclass(frozen=True, slots=True)
class People(Columns):
    """Of each placement, in order of id: who it is of, when they were referred, and their background as it travels."""

    placement: I32
    participant: I32
    referred_on: I32
    district: I32
    years: I32
    words: I32


def read_inputs(scope: Scope, moment: datetime) -> tuple[Inputs, Names]:
    """All placements, with what was known of them at the moment, at the scope's cut-off."""
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shared_snapshot(first) as second:
            with Readers([first, second]) as readers:
                people = _people(readers)
                (rejected,) = readers.start(REJECTED, ["i4"], {"moment": moment}).result()
                rejected.sort()
            runs = counting_runs()
            computation = Computation(first, second, Job(scope.cutoff, moment, runs))
            words = _Words(computation.catalogue)
            parts = []
            for rows, facts, held in computation.blocks([moment], runs):
                followed = follow(rows.placements, facts, computation.catalogue.subjects, scope.cutoff)
                provider = computation.provider_of[rows.contract]
                cost = _costs(rows.placements, lines_held(held))
                parts.append(_inputs(followed, provider, cost, people, words, rejected))
    return Inputs.join(parts), words.names()


def _people(readers: Readers) -> People:
    started = readers.start_heap("outcomes_placement", PLACEMENTS, PLACEMENT_TYPES)
    backgrounds = readers.start_heap("outcomes_participantbackground", BACKGROUNDS, BACKGROUND_TYPES)
    placement, participant, referred_on = started.result()
    known, *background = backgrounds.result()
    place = np.zeros(max(int(participant.max(initial=0)), int(known.max(initial=0))) + 1, np.int32)
    place[known] = np.arange(1, len(known) + 1)
    nothing = (0, NOT_KNOWN, 0)
    columns = [
        np.concatenate((np.array([none], np.int32), column))[place[participant]]
        for none, column in zip(nothing, background, strict=True)
    ]
    people = People(placement, participant, referred_on, *columns)
    return people.take(np.argsort(placement, kind="stable"))


def _costs(placements: Placements, held: LedgerRows) -> I64:
    """What each placement's counting lines come to."""
    cost = np.zeros(len(placements), np.int64)
    if len(placements):
        row, count = rows_of(placements, held.placement)
        some = count > 0
        np.add.at(cost, row[some], held.lines.amount[some])
    return cost


def _inputs(followed: Followed, provider: I32, cost: I64, people: People, words: "_Words", rejected: I32) -> Inputs:
    id_of = followed.placement
    wrong = np.searchsorted(rejected, id_of, "right") - np.searchsorted(rejected, id_of, "left")
    mine = people.take(np.searchsorted(people.placement, followed.placement))
    rest = {
        name: getattr(followed, name)
        for name in Followed.names()
        if name not in ("placement", "model", "tier", "facts", "corrected")
    }
    return Inputs(
        placement=followed.placement,
        participant=mine.participant,
        provider=provider,
        service=words.service_of[followed.model],
        tier=words.tier_of[followed.model, followed.tier],
        referred_on=mine.referred_on,
        facts=(followed.facts + wrong).astype(np.int32),
        errors=(followed.corrected + wrong).astype(np.int32),
        cost=cost,
        district=mine.district,
        birth_year=(mine.years & 0xFFFF).astype(np.int16),
        months_on_assistance=(mine.years >> 16).astype(np.int16),
        sex=(mine.words & 0xFF).astype(np.int8),
        schooling=(mine.words >> 8 & 0xFF).astype(np.int8),
        obstacle=(mine.words >> 16).astype(np.int8),
        **rest,
    )


class _Words:
    """Services and tiers as numbers, by the catalogue's models."""

    def __init__(self, catalogue: Catalogue):
        versions = PaymentModelVersion.objects.in_bulk(catalogue.version_ids)
        newest = {versions[pk].code: versions[pk].title for pk in catalogue.version_ids}
        codes = sorted(newest)
        self.services = [Service(code, newest[code]) for code in codes]
        self.service_of = np.array([codes.index(versions[pk].code) for pk in catalogue.version_ids], np.int16)
        tiers = [model.tiers for model in catalogue.models]
        self.tiers: Sequence[str] = sorted({tier for names in tiers for tier in names})
        most = max(map(len, tiers), default=0)
        self.tier_of = np.zeros((len(tiers), most), np.int16)
        for model, names in enumerate(tiers):
            self.tier_of[model, : len(names)] = [self.tiers.index(tier) for tier in names]

    def names(self) -> Names:
        rates: dict[int, dict[int, float]] = {}
        for district, year, rate in EmploymentRate.objects.values_list("district", "year", "per_cent"):
            rates.setdefault(district, {})[year] = float(rate)
        return Names(
            self.services,
            self.tiers,
            {provider.pk: str(provider) for provider in Provider.objects.all()},
            dict(District.objects.values_list("pk", "name")),
            rates,
        )

"""Month by month, what is drawn passes the services: handlers refer, providers report, handlers decide."""

from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from backend.demonstration.followed import KINDS, DrawnFollowUps
from backend.demonstration.months import CHANGED, DECIDED, FOLLOWED, REFERRED, REPORTED, Months
from backend.demonstration.people import GROUPS, SCHOOLING, SEXES, People
from backend.demonstration.placements import PROVIDER_OF, DrawnPlacements
from backend.demonstration.register import Registered
from backend.demonstration.reported import ASK, NOTHING, REJECT, VERIFY, DrawnFacts
from backend.kernel.models import User
from outcomes.columns import EPOCH, FAR, I32, I64, Index, Kind
from outcomes.models import Participant, Placement, Protection
from outcomes.services import (
    Background,
    Done,
    FactReport,
    Referral,
    ask_for_more,
    change_placement,
    protect_participant,
    record_follow_ups,
    record_identity,
    refer_participants,
    reject_facts,
    report_facts,
    verify_facts,
)

PRICES_CHANGED = 2  # each time
PRICES_EVERY = 4  # months
PRICE_CUT = 200_000  # öre
CHANGED_AFTER = 3  # months
IDENTIFIED = 10  # participants
WRONG_REASON = "evidence_missing"
MORE_REASON = "evidence_unclear"


@dataclass(slots=True)
class Play:
    """All that is drawn, and the ids of what has been reported so far."""

    months: Months
    people: People
    placements: DrawnPlacements  # in order of referral
    facts: DrawnFacts  # in order of month and provider
    subjects: list[str]
    follow_ups: DrawnFollowUps  # in order of days
    registered: Registered
    fact_ids: I64 = field(init=False)

    def __post_init__(self) -> None:
        self.fact_ids = np.zeros(len(self.facts), np.int64)

    def refer(self, month: int) -> int:
        """The month's referrals, all at once. Gives their number."""
        first, end = self._placements_of(month)
        (by,) = self.registered.doing("refers")
        if first < end:
            now = self.months.closing(month, REFERRED)
            refer_participants(referrals=self._referrals(first, end), by=by, now=now)
            if month == 0:
                self._identify(by, now)
        return end - first

    def _identify(self, by: User, now: datetime) -> None:
        """A few participants get identity numbers, temporary ones that nobody has; one is protected."""
        participants = list(Participant.objects.order_by("pk")[:IDENTIFIED])
        for number, participant in enumerate(participants, start=1):
            born = participant.background.birth_year
            identity = f"{born}0101-TF{number:02}"
            record_identity(participant=participant, number=identity, valid_from=now.date(), by=by, now=now)
        protect_participant(participant=participants[0], kind=Protection.Kind.REGISTERED, by=by, now=now)

    def follow_up(self, month: int) -> None:
        """What the city did in the month with those whom it has referred."""
        first, end = np.searchsorted(self.follow_ups.day, self.months.starts[[month, month + 1]])
        drawn = self.follow_ups.take(slice(int(first), int(end)))
        names = {row: _placement_number(row) for row in np.unique(drawn.placement).tolist()}
        ids = dict(Placement.objects.filter(number__in=names.values()).values_list("number", "pk"))
        (by,) = self.registered.doing("refers")
        days = zip(drawn.placement.tolist(), drawn.kind.tolist(), _dates(drawn.day), strict=True)
        done = [Done(ids[names[row]], KINDS[kind], day) for row, kind, day in days if day is not None]
        record_follow_ups(done=done, by=by, now=self.months.closing(month, FOLLOWED))

    def report(self, month: int) -> int:
        """Every provider's system reports the facts of the month. Gives their number."""
        first, end = self._facts_of(month)
        reports = self._reports(first, end)
        providers = PROVIDER_OF[self.placements.contract[self.facts.placement[first:end]]]
        for number, provider in enumerate(self.registered.providers):
            low, high = np.searchsorted(providers, [number, number + 1]).tolist()
            if low < high:
                reported = report_facts(
                    provider=provider,
                    reports=reports[low:high],
                    by=self.registered.systems[number],
                    now=self.months.closing(month, REPORTED),
                )
                self.fact_ids[first + low : first + high] = reported.ids
        return end - first

    def decide(self, month: int) -> None:
        """Handlers decide, each about the participants of their own; a withdrawal is somebody else's."""
        rows = np.arange(*self._facts_of(month))
        handlers = self.registered.doing("verifies")
        whose = (self.facts.placement[rows] + self.facts.withdrawn[rows]) % len(handlers)
        now = self.months.after(month, DECIDED)
        for number, by in enumerate(handlers):
            mine = rows[whose == number]
            if verified := self._ids(mine, VERIFY):
                verify_facts(facts=verified, by=by, now=now)
            if rejected := self._ids(mine, REJECT):
                reject_facts(facts=rejected, reason_code=WRONG_REASON, by=by, now=now)
            if unclear := self._ids(mine, ASK):
                ask_for_more(facts=unclear, reason_code=MORE_REASON, by=by, now=now)

    def change_prices(self, month: int) -> None:
        """A few prices turn out to be lower than was agreed some months ago."""
        if month < CHANGED_AFTER or month % PRICES_EVERY:
            return
        rows = np.arange(*self._placements_of(month - CHANGED_AFTER))
        rows = rows[self.placements.price[rows] > PRICE_CUT][:PRICES_CHANGED]
        drawn = self.placements.take(rows)
        (by,) = self.registered.doing("refers")
        days = zip(_dates(drawn.referred_on), _dates(drawn.starts_on), strict=True)
        for row, (referred_on, starts_on) in zip(rows.tolist(), days, strict=True):
            assert referred_on is not None
            change_placement(
                placement=Placement.objects.get(number=_placement_number(row)),
                tier=int(self.placements.tier[row]),
                price=int(self.placements.price[row]) - PRICE_CUT,
                referred_on=referred_on,
                starts_on=starts_on,
                by=by,
                now=self.months.after(month, CHANGED),
            )

    def _placements_of(self, month: int) -> tuple[int, int]:
        first, end = np.searchsorted(self.placements.referred_on, self.months.starts[[month, month + 1]])
        return int(first), int(end)

    def _facts_of(self, month: int) -> tuple[int, int]:
        first, end = np.searchsorted(self.facts.month, [month, month + 1])
        return int(first), int(end)

    def _ids(self, rows: Index, decision: int) -> list[int]:
        return self.fact_ids[rows[self.facts.decision[rows] == decision]].tolist()

    def _referrals(self, first: int, end: int) -> list[Referral]:
        drawn = self.placements.take(slice(first, end))
        contracts = [self.registered.contracts[number].pk for number in drawn.contract.tolist()]
        return [
            Referral(
                number=_placement_number(row),
                participant=f"D{self.people.number[person]:06d}",
                contract=contract,
                tier=tier,
                price=None if price < 0 else price,
                referred_on=referred_on,
                starts_on=starts_on,
                background=self._background(person),
            )
            for row, person, contract, tier, price, referred_on, starts_on in zip(
                range(first, end),
                drawn.person.tolist(),
                contracts,
                drawn.tier.tolist(),
                drawn.price.tolist(),
                _dates(drawn.referred_on),
                _dates(drawn.starts_on),
                strict=True,
            )
        ]

    def _background(self, person: int) -> Background:
        people = self.people
        return Background(
            district=self.registered.districts[people.district[person]],
            birth_year=int(people.birth_year[person]),
            months_on_assistance=int(people.months_on_assistance[person]),
            sex=SEXES[people.sex[person]],
            schooling=SCHOOLING[people.schooling[person]],
            obstacle_group=GROUPS[people.group[person]],
        )

    def _reports(self, first: int, end: int) -> list[FactReport]:
        facts = self.facts.take(slice(first, end))
        return [
            FactReport(
                external_id=_fact_name(row),
                placement=_placement_number(placement),
                kind=Kind(kind),
                from_day=from_day,
                through_day=through_day,
                quantity=quantity,
                subject=self.subjects[subject],
                detail=detail,
                replaces=None if replaces == NOTHING else _fact_name(replaces),
                withdrawn=withdrawn,
            )
            for row, placement, kind, from_day, through_day, quantity, subject, detail, replaces, withdrawn in zip(
                range(first, end),
                facts.placement.tolist(),
                facts.kind.tolist(),
                _dates(facts.from_day),
                _dates(facts.through_day),
                facts.quantity.tolist(),
                facts.subject.tolist(),
                facts.detail.tolist(),
                facts.replaces.tolist(),
                facts.withdrawn.tolist(),
                strict=True,
            )
        ]


def _placement_number(row: int) -> str:
    return f"P{row + 1:06d}"


def _fact_name(row: int) -> str:
    """The provider's own id of a fact."""
    return f"U{row + 1:07d}"


def _dates(days: I32) -> list[date]:
    """Days as dates; None for FAR."""
    dates = (np.datetime64(EPOCH) + days).astype(object)
    dates[days == FAR] = None
    return dates.tolist()

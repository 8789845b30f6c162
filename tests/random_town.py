"""A small town in which much happens by chance, the same for the same seed; the services refuse what is nonsense."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from contracts.library import library_model
from outcomes.columns import EXIT_REASONS, FORMS, Kind
from outcomes.models import Placement
from outcomes.services import FactReport, change_placement
from payouts.models import Run
from tests.town import Town, attendance, grade, noon, person

MODELS = ("stockholm-auktorisation", "nacka-jobbpeng", "falun-65-35", "jobactive-4-12-26", "whp-earnings")
KINDS = {  # how often each is reported, of a hundred
    Kind.ATTENDANCE: 30,
    Kind.GRADE: 15,
    Kind.EMPLOYMENT: 30,
    Kind.EXIT: 5,
    Kind.INTERRUPTION: 10,
    Kind.EARNINGS: 10,
}
DAY = timedelta(days=1)
DAYS_A_MONTH = 7  # on which anything happens


@dataclass
class RandomTown:
    """Some providers, each under another model. Live through the months in order."""

    seed: int
    towns: list[Town] = field(default_factory=list)
    told: dict[int, list[FactReport]] = field(default_factory=dict)  # facts that each provider has told
    waiting: list[tuple[Town, list[int]]] = field(default_factory=list)  # facts not decided yet
    refused: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self.draw = Random(self.seed)
        self.towns = [Town(library_model(code), number=number) for number, code in enumerate(MODELS, start=1)]
        self.told = {town.number: [] for town in self.towns}

    def live_through(self, month: date) -> None:
        """What happens in a month, given by its first day; the run of the month before is computed on that day."""
        for days in sorted(self.draw.sample(range(1, 28), DAYS_A_MONTH)):
            today = month + days * DAY
            self._try(self._verify_waiting, today)
            for town in self.towns:
                happening = self.draw.choices(*HAPPENINGS)[0]
                self._try(happening, self, town, today)

    def pay(self, cutoff: date) -> Run:
        return self.towns[0].pay(cutoff)

    def compute(self, cutoff: date) -> Run:
        return self.towns[0].compute(cutoff)

    def _try(self, happening: Callable[..., None], *of: object) -> None:
        try:
            happening(*of)
        except DomainError:
            self.refused += 1

    def _next(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def _verify_waiting(self, today: date) -> None:
        if self.waiting:
            town, facts = self.waiting.pop(0)
            town.verify(today, facts)

    def _tell(self, town: Town, today: date, fact: FactReport) -> None:
        """Report a fact; most are verified at once, by someone who has not verified what is withdrawn."""
        ids = town.report(today, fact)
        self.told[town.number].append(fact)
        if self.draw.random() < 0.2:
            self.waiting.append((town, ids))
        else:
            town.verify(today, ids, by=person(f"handläggare-{self.number}", Role.HANDLER))

    # --- what may happen

    def refer(self, town: Town, today: date) -> None:
        self.number += 1
        town.refer(
            f"P{town.number}-{self.number}",
            today,
            self.draw.choice([today, today + 14 * DAY, None]),
            tier=self.draw.randrange(len(town.model.tiers)),
            price=self.draw.choice([2_000_000, 3_141_593]),
        )

    def report(self, town: Town, today: date) -> None:
        placement = self._some_placement(town)
        if placement is not None:
            self._tell(town, today, self._fact(placement, today))

    def correct(self, town: Town, today: date) -> None:
        if self.told[town.number]:
            fact = self.draw.choice(self.told[town.number])
            changed = self._changed(fact)
            self._tell(town, today, changed._replace(external_id=self._next("F"), replaces=fact.external_id))

    def change(self, town: Town, today: date) -> None:
        placement = self._some_placement(town)
        if placement is None:
            return
        known = placement.versions.latest("recorded_at", "pk")
        change_placement(
            placement=placement,
            tier=self.draw.randrange(len(town.model.tiers)),
            price=self.draw.choice([2_000_000, 2_718_281]),
            referred_on=known.referred_on,
            starts_on=self.draw.choice([known.starts_on, known.referred_on + 7 * DAY, None]),
            by=town.handler,
            now=noon(today),
        )

    def _some_placement(self, town: Town) -> Placement | None:
        placements = list(Placement.objects.filter(contract=town.contract).order_by("-pk")[:6])
        return self.draw.choice(placements) if placements else None

    def _fact(self, placement: Placement, today: date) -> FactReport:
        """A fact of some kind, somewhere between the placement's start and today."""
        draw, name, number = self.draw, self._next("F"), placement.number
        starts = placement.versions.latest("recorded_at", "pk").starts_on or placement.period.lower
        first = starts + draw.randrange(max(1, (today - starts).days)) * DAY
        last = min(today, first + draw.randrange(1, 40) * DAY)
        match draw.choices(list(KINDS), list(KINDS.values()))[0]:
            case Kind.ATTENDANCE:
                return attendance(name, number, first, last, (last - first).days * 2 // 3)
            case Kind.GRADE:
                return grade(name, number, first, draw.choice(["MAT", "SVA"]), draw.choice("ACEF"))
            case Kind.EMPLOYMENT:
                return self._spell(name, number, first)
            case Kind.EXIT:
                reason = draw.randrange(len(EXIT_REASONS)) + 1
                return FactReport(name, number, Kind.EXIT, last, last, detail=reason)
            case Kind.INTERRUPTION:
                return FactReport(name, number, Kind.INTERRUPTION, first, last)
            case _:
                return FactReport(name, number, Kind.EARNINGS, first, first, draw.randrange(2_000_000, 7_000_000))

    def _spell(self, name: str, number: str, first: date) -> FactReport:
        """A job, perhaps still going on."""
        last = self.draw.choice([None, first + self.draw.randrange(20, 300) * DAY])
        extent, form = self.draw.choice([50, 75, 100]), self.draw.randrange(len(FORMS)) + 1
        return FactReport(name, number, Kind.EMPLOYMENT, first, last, extent, self.draw.choice(["A", "B"]), form)

    def _changed(self, fact: FactReport) -> FactReport:
        """The fact with other days or another quantity, or withdrawn."""
        if self.draw.random() < 0.3:
            return fact._replace(withdrawn=True)
        if fact.kind in (Kind.ATTENDANCE, Kind.EARNINGS):
            return fact._replace(quantity=fact.quantity * self.draw.choice([1, 3]) // 2)
        moved = fact.from_day + self.draw.randrange(-20, 20) * DAY
        is_day = fact.through_day == fact.from_day
        return fact._replace(from_day=moved, through_day=moved if is_day else fact.through_day)


Happening = Callable[[RandomTown, Town, date], None]
HAPPENINGS: tuple[list[Happening], list[int]] = (
    [RandomTown.refer, RandomTown.report, RandomTown.correct, RandomTown.change],
    [3, 8, 2, 1],
)

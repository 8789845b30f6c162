"""Generated placements and facts for benchmarks: all six triggers over five models, as columns ready to be copied in.

36 months of referrals to 900 contracts. A tenth of the placements is interrupted, a twentieth has a corrected fact.
Facts stand in the order in which they were reported, as in a table that has grown.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from contracts.library import library_model
from contracts.reading import model_document, read_model
from contracts.terms import PaymentModel
from outcomes.columns import FAR, I32, I64, Kind, to_day

FIRST_DAY = to_day(date(2023, 1, 1))
LAST_DAY = to_day(date(2025, 12, 31))
MONTHS = 36
CONTRACTS = 900
COURSES = 40  # subjects 2 to 41; subject 1 is the milestone's name
EMPLOYERS = COURSES + 2  # the first employer's subject
SUBJECTS = EMPLOYERS + 1000
SHARES = (0.35, 0.10, 0.20, 0.15, 0.20)  # of the placements, by model
DAY_MICROS = 86_400_000_000


def bench_models() -> list[PaymentModel]:
    """Five of the library's models; the first also pays for a milestone, so that every trigger is in use."""
    first = model_document(library_model("stockholm-auktorisation"))
    plan = {
        "code": "plan",
        "title": "Plan",
        "trigger": "milestone",
        "name": "plan",
        "within": "P1M",
        "amount": "1000.00",
    }
    first["steps"] = [plan, *first["steps"]]  # type: ignore[misc]
    rest = ("rusta-och-matcha", "jobactive-4-12-26", "whp-earnings", "falun-65-35")
    return [read_model(first), *map(library_model, rest)]


@dataclass(slots=True)
class Dataset:
    """Columns by the tables' column names; days are day numbers, `FAR` where there is none."""

    placements: dict[str, I64 | I32]
    facts: dict[str, I64 | I32]


class _Maker:
    """Draws facts kind by kind for groups of placements."""

    def __init__(self, count: int, seed: int):
        self.random = np.random.default_rng(seed)
        self.parts: list[dict[str, np.ndarray]] = []
        self.count = count

    def some(self, rows: np.ndarray, share: float) -> np.ndarray:
        return rows[self.random.random(len(rows)) < share]

    def days(self, low: int, high: int, rows: np.ndarray) -> np.ndarray:
        return self.random.integers(low, high, len(rows))

    def add(
        self, kind: Kind, rows: np.ndarray, start: np.ndarray, through: np.ndarray | None = None, **rest: object
    ) -> None:
        """Facts of a kind, reported and verified days after they happened; what lies after the end is left out."""
        through = start if through is None else through
        # a spell is reported when it is over or, late, while it goes on; all else when it has happened
        spell = kind in (Kind.EMPLOYMENT, Kind.STUDIES)
        happened = np.maximum(start, np.minimum(through, start + 200)) if spell else through
        reported = happened + self.random.integers(1, 20, len(rows))
        part = {
            "placement_id": rows + 1,
            "kind": np.full(len(rows), kind),
            "from_day": start,
            "through_day": through,
            "reported": reported,
            "verified": reported + self.random.integers(1, 30, len(rows)),
            "quantity": np.zeros(len(rows), np.int64),
            "subject_id": np.zeros(len(rows), np.int32),
            "detail": np.zeros(len(rows), np.int16),
        } | {name: np.broadcast_to(np.asarray(value), (len(rows),)) for name, value in rest.items()}
        self.parts.append({name: column[part["reported"] <= LAST_DAY] for name, column in part.items()})


def make_dataset(count: int, seed: int = 1) -> Dataset:
    """`count` placements with their facts; the same seed gives the same data."""
    maker = _Maker(count, seed)
    rows = np.arange(count)
    referred = np.sort(FIRST_DAY + maker.random.integers(0, LAST_DAY - FIRST_DAY - 30, count))
    starts = referred + maker.random.integers(0, 21, count)
    model = maker.random.choice(len(SHARES), count, p=SHARES)
    contract = maker.random.integers(0, CONTRACTS // len(SHARES), count) * len(SHARES) + model + 1
    ends = starts + maker.random.integers(60, 400, count)
    no_show = maker.random.random(count) < 0.03
    present = rows[~no_show]
    _add_common(maker, present, starts, ends)
    for number, add in enumerate((_add_training, _add_coaching, _add_jobs, _add_earnings, _add_courses)):
        add(maker, present[model[present] == number], starts, ends)
    placements = {
        "id": rows + 1,
        "contract_id": contract,
        "tier": np.where(np.isin(model, (3, 4)), 0, maker.random.integers(0, 3, count)),
        "price": maker.random.integers(10_000_00, 60_000_00, count),
        "referred_on": referred,
        "starts_on": np.where(no_show, FAR, starts),
    }
    return Dataset(placements, _in_order(maker))


def _add_common(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    ended = maker.some(rows, 0.9)
    ended = ended[ends[ended] < LAST_DAY]
    maker.add(Kind.EXIT, ended, ends[ended], detail=maker.random.integers(1, 8, len(ended)))
    away = maker.some(rows, 0.12)
    start = starts[away] + maker.days(5, 60, away)
    maker.add(Kind.INTERRUPTION, away, start, start + maker.days(3, 40, away))


def _add_training(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    planned = maker.some(rows, 0.8)
    maker.add(Kind.MILESTONE, planned, starts[planned] + maker.days(0, 45, planned), subject_id=1)
    for part in range(2):
        attended = maker.some(rows, 0.85)
        start = starts[attended] + 20 * part
        maker.add(Kind.ATTENDANCE, attended, start, start + 19, quantity=maker.days(6, 20, attended))
    _add_grades(maker, maker.some(rows, 0.75), ends)
    _add_spells(maker, maker.some(rows, 0.35), ends)


def _add_coaching(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    for month in range(5):
        reported = maker.some(rows, 0.85)
        first = (starts[reported].astype("M8[D]") + 10957).astype("M8[M]") + month
        start, end = ((first + extra).astype("M8[D]").astype(int) - 10957 for extra in (0, 1))
        maker.add(Kind.REPORT, reported, start, end - 1)
    _add_spells(maker, maker.some(rows, 0.35), ends)
    students = maker.some(rows, 0.15)
    start = ends[students] + maker.days(1, 50, students)
    maker.add(Kind.STUDIES, students, start, start + maker.days(60, 300, students), quantity=100)


def _add_jobs(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    _add_spells(maker, maker.some(rows, 0.6), starts + 20)
    _add_spells(maker, maker.some(rows, 0.2), starts + 150, employers=500)  # never two spells of one employer


def _add_earnings(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    maker.add(Kind.ATTENDANCE, rows, starts[rows], quantity=1)
    workers = maker.some(rows, 0.5)
    for month in range(4):
        maker.add(
            Kind.EARNINGS,
            workers,
            starts[workers] + 30 * month + maker.days(20, 40, workers),
            quantity=maker.random.integers(8_000_00, 28_000_00, len(workers)),
            subject_id=EMPLOYERS,
        )


def _add_courses(maker: _Maker, rows: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    _add_grades(maker, maker.some(rows, 0.8), ends)


def _add_grades(maker: _Maker, rows: np.ndarray, ends: np.ndarray) -> None:
    maker.add(
        Kind.GRADE,
        rows,
        ends[rows] - maker.days(0, 30, rows),
        quantity=100,
        detail=maker.random.choice(7, len(rows), p=(0.1, 0.15, 0.2, 0.2, 0.2, 0.1, 0.05)) + 1,
        subject_id=maker.random.integers(2, COURSES + 2, len(rows)),
    )


def _add_spells(maker: _Maker, rows: np.ndarray, after: np.ndarray, employers: int = 0) -> None:
    start = after[rows] + maker.days(1, 80, rows)
    goes_on = maker.random.random(len(rows)) < 0.5
    through = np.where(goes_on, FAR, start + maker.days(20, 300, rows))
    maker.add(
        Kind.EMPLOYMENT,
        rows,
        start,
        through,
        quantity=maker.random.choice((40, 50, 75, 100), len(rows)),
        detail=maker.random.integers(1, 6, len(rows)),
        subject_id=EMPLOYERS + employers + maker.random.integers(0, 500, len(rows)),
    )


def _in_order(maker: _Maker) -> dict[str, np.ndarray]:
    """All facts in order of their report, with ids; a twentieth of the placements gets a correction of one fact."""
    facts = {name: np.concatenate([part[name] for part in maker.parts]) for name in maker.parts[0]}
    count = len(facts["kind"])
    waiting = maker.random.random(count) < 0.05  # still to be decided when the months are over
    facts["verified"] = np.where(waiting, FAR, facts["verified"])
    per_placement = count / maker.count
    corrected = np.flatnonzero((maker.random.random(count) < 0.06 / per_placement) & (facts["verified"] < LAST_DAY))
    copies = {name: column[corrected] for name, column in facts.items()}
    copies["reported"] = copies["verified"] + maker.random.integers(10, 120, len(corrected))
    copies["verified"] = copies["reported"] + maker.random.integers(1, 30, len(corrected))
    spells = np.isin(copies["kind"], (Kind.EMPLOYMENT, Kind.STUDIES))
    copies["through_day"] = np.where(spells, copies["from_day"] + 60, copies["through_day"])
    known = copies["reported"] <= LAST_DAY
    facts["first_reported"] = facts["reported"]
    copies["first_reported"] = facts["reported"][corrected]
    joined = {name: np.concatenate((facts[name], copies[name][known])) for name in facts}
    replaces = np.concatenate((np.full(count, -1), corrected[known]))
    withdrawn = np.concatenate((np.zeros(count, bool), maker.random.random(int(known.sum())) < 0.5))
    order = np.argsort(joined["reported"], kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(1, len(order) + 1)
    joined = {name: column[order] for name, column in joined.items()}
    replaced = replaces[order]
    joined["id"] = np.arange(1, len(order) + 1)
    joined["replaces_id"] = np.where(replaced < 0, 0, place[replaced])
    joined["withdrawn"] = withdrawn[order]
    return joined

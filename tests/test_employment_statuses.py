"""Waiting or missed, against every future that a few days can bring: jobs so short that all of them can be tried.

Neither the engine nor the plain reader tries more than the few futures that they hold to be the best. Here each day to
come is worked or not, the exit comes on any of them, and interruptions come or do not. UTFALL_COMPARISONS=10 asks ten
times as often.
"""

import os
from collections.abc import Iterator
from datetime import date
from itertools import compress, product
from random import Random

import pytest

from outcomes.columns import to_day
from payouts.engine.cases import case_book
from payouts.engine.why import why
from tests import plain_reader
from tests.case_generator import days, maybe, to_toml
from tests.engine_books import read_cases

TIMES = int(os.environ.get("UTFALL_COMPARISONS", "1"))
STARTS_ON = date(2024, 5, 6)
BANDS = [{"extent_at_least": 80, "share": "1"}, {"extent_at_least": 50, "share": "0.6"}]
PART_TIME_ONLY = [{"extent_at_least": 80, "share": "0"}, {"extent_at_least": 50, "share": "1"}]


@pytest.mark.parametrize("seed", range(20 * TIMES))
def test_every_future_is_tried(seed: int) -> None:
    rng = Random(f"short jobs {seed}")
    for _ in range(10):
        case = short_case(rng)
        (step,) = case["model"]["steps"]
        (read,) = read_cases([case])
        book = case_book(read).book
        for as_of in rng.sample([STARTS_ON + days(number) for number in range(-2, 13)], 5):
            (answer,) = why(book, to_day(as_of))
            reader = plain_reader.status(case, step["code"], as_of)
            found = reader if reader == "owed" else "waiting" if pays_in_some_future(step, case, as_of) else "missed"
            assert (answer.status, reader) == (found, found), f"on {as_of}\n{to_toml(case)}"


def short_case(rng: Random) -> dict:
    step = {"code": "job", "trigger": "employment", "amount": "100.00"} | short_terms(rng)
    facts = [
        *short_exits(rng),
        *short_interruptions(rng),
        *(short_spell(rng, f"job {n}") for n in range(rng.randint(0, 3))),
    ]
    return {
        "title": "short jobs",
        "through": "2024-05",
        "model": {"code": "m", "steps": [step]},
        "placement": {"referred_on": STARTS_ON - days(5), "starts_on": STARTS_ON},
        "fact": [fact | {"id": f"{number} {fact['kind']}"} for number, fact in enumerate(facts)],
    }


def short_terms(rng: Random) -> dict:
    keys: dict = {"starts_within": f"P{rng.randint(1, 4)}D", "lasts": f"P{rng.randint(1, 4)}D"}
    keys |= rng.choice([{}, {"of": "start"}, {"of": "start"}, {"may_start_before_end": False}])
    keys |= maybe(rng, 0.4, extent_at_least=rng.choice([50, 60, 100]))
    keys |= maybe(rng, 0.6, gap_days=rng.choice([1, 2, 4]))
    keys |= maybe(rng, 0.3, cumulative=True)
    bands = [BANDS, BANDS[:1], BANDS[1:], *([] if keys.get("extent_at_least") == 100 else [PART_TIME_ONLY])]
    keys |= maybe(rng, 0.5, bands=rng.choice(bands))
    if keys.get("gap_days") != 4:  # else there would be too many futures
        keys |= maybe(rng, 0.4, blocks={"every": rng.choice(["P1D", "P2D", "P3D"]), "max": rng.choice([1, 2])})
    keys |= maybe(rng, 0.4, report_within=rng.choice(["P1D", "P2D"]))
    return keys | maybe(rng, 0.5, extends_for_interruptions=False)


def told(rng: Random, happened: date) -> dict:
    reported = happened + days(rng.choice([0, 0, 1, 3]))
    return {"reported": reported, "verified": reported + days(rng.choice([0, 0, 1, 3]))}


def short_exits(rng: Random) -> list[dict]:
    on = STARTS_ON + days(rng.randint(0, 6))
    return rng.choice([[], [{"kind": "exit", "on": on} | told(rng, on)]])


def short_interruptions(rng: Random) -> list[dict]:
    begins = STARTS_ON + days(rng.randint(-1, 8))
    told_on = begins - days(rng.choice([0, 6]))
    through = rng.choice([{}, {"through": begins + days(rng.randint(0, 2))}])
    away = {"kind": "interruption", "from": begins, **through, "reported": told_on, "verified": told_on}
    return rng.choice([[], [], [away]])


def short_spell(rng: Random, employer: str) -> dict:
    begins = STARTS_ON + days(rng.randint(-1, 8))
    ends = begins + days(rng.choice([0, 1, 1, 2, 3, 4]))
    through = rng.choice([{}, {"through": ends}, {"through": ends}, {"through": ends}])
    extent = rng.choice([20, 49, 50, 80, 100, 100])
    spell = {"kind": "employment", "from": begins, **through, "employer": employer, "form": "permanent"}
    return spell | {"extent": extent} | told(rng, rng.choice([begins, ends, ends]))


def pays_in_some_future(step: dict, case: dict, as_of: date) -> bool:
    return any(plain_reader.occurrences(step, future) for future in futures(step, case, as_of))


def futures(step: dict, case: dict, as_of: date) -> Iterator[plain_reader.Known]:
    """Full-time work begun at once and kept up first, since that is most often the one that pays."""
    today = plain_reader.known_at(case, as_of, as_of)
    first_day = max(as_of + plain_reader.DAY, today.starts_on)
    length = step.get("gap_days", 0) + 1 + plain_reader.length_in_days(step["lasts"])
    if "blocks" in step:
        length += plain_reader.length_in_days(step["blocks"]["every"]) * step["blocks"]["max"]
    coming = [first_day + days(number) for number in range(length)]
    horizon = coming[-1] + days(1)
    facts = plain_reader.lasting_facts(today, as_of, horizon)
    exits = [[]] if today.exit_on or step.get("of") == "start" else [[fact("exit", day)] for day in coming]
    away = [[fact("interruption", first_day, horizon)], []] if step.get("extends_for_interruptions", True) else [[]]
    extents = [100, 75, 60, 50, 20, 1] if step.get("bands") == PART_TIME_ONLY else [100]
    for worked, extent in product(product([True, False], repeat=length), extents):
        jobs = [fact("employment", day, day) | {"extent": extent} for day in compress(coming, worked)]
        for gone, interrupted in product(exits, away):
            added = [*gone, *interrupted, *jobs]
            reported = today.first_reported | {each["id"]: each["reported"] for each in added}
            yield plain_reader.know(today.starts_on, horizon, [*facts, *added], reported)


def fact(kind: str, first: date, last: date | None = None) -> dict:
    """A fact of a day to come, reported on its first day."""
    days_of = {"from": first, "through": last} if last else {"on": first}
    whole = {"id": f"{kind} {first}", "kind": kind, "reported": first, "verified": last or first}
    return whole | days_of | ({"form": "permanent"} if kind == "employment" else {})

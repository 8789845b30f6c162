"""Bad input among facts: the rules of PAYMENT_MODELS.md section 3 that look at several facts, or at fact and placement.

Pure, over columns. The services refuse what breaks a rule; a run parks the provider whose stored data does so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.kernel.errors import Rule, gettext_noop, rule
from contracts.reading import PRICE_MOST_ORE
from contracts.terms import GradeTerms, PaymentModel
from outcomes.columns import FAR, I32, NO_FACT, Bool, Facts, Kind, Placements, Shelf, to_date

ATTENDANCE_OVERLAPS = rule(
    "attendance_overlaps", gettext_noop("attendance may not overlap attendance that is already known")
)
ATTENDANCE_BEFORE_START = rule(
    "attendance_before_start", gettext_noop("attendance may not begin before the placement's first day, {starts_on}")
)
ATTENDED_TOO_MANY_DAYS = rule(
    "attended_too_many_days", gettext_noop("there are at most {most} attended days in the days reported")
)
EXIT_BEFORE_START = rule(
    "exit_before_start", gettext_noop("an exit may not come before the placement's first day, {starts_on}")
)
SAME_EMPLOYER_SAME_DAY = rule(
    "same_employer_same_day",
    gettext_noop("two spells of one employer may not share a day; correct the first spell instead"),
)
AFTER_VERIFICATION = rule(
    "after_verification", gettext_noop("nothing can be verified before it has happened; it was verified on {verified}")
)
POINTS_MISSING = rule("points_missing", gettext_noop("the payment model pays per point, so a grade needs its points"))
PRICE_MISSING = rule(
    "price_missing", gettext_noop("the payment model pays a share of the price, so the placement needs one")
)
PRICE_TOO_HIGH = rule("price_too_high", gettext_noop("a placement's price is from 0 to {most} öre"))
UNKNOWN_TIER = rule("unknown_tier", gettext_noop("the placement's tier is one of the model's: {tiers}"))

# The keys of the days that must lie before a fact's verification; of the other kinds it is `on`.
_DAY_KEYS = {Kind.ATTENDANCE: "through", Kind.EMPLOYMENT: "from", Kind.STUDIES: "from", Kind.REPORT: "month"}


@dataclass(frozen=True, slots=True)
class Found:
    """A breach of stored data: in which placement row, by which fact (NO_FACT: by the placement), on which field."""

    rule: Rule
    row: int
    fact: int
    field: str
    value: object
    details: dict[str, object]


def find_breaches(
    models: Sequence[PaymentModel], placements: Placements, shelves: Mapping[Kind, Shelf], knowledge: int
) -> list[Found]:
    """Every breach among the placements that hold, and the facts that count, at this knowledge."""
    live = (placements.known <= knowledge) & (placements.superseded > knowledge)
    found = list(_placement_breaches(models, placements, live))
    for kind in Kind:
        if not len(shelves[kind].facts):
            continue
        facts = shelves[kind].effective(0, len(placements), knowledge)
        if not live.all():
            facts = facts.take(live[facts.placement])
        if len(facts):
            found += _fact_breaches(kind, facts, models, placements)
    return found


def _placement_breaches(models: Sequence[PaymentModel], placements: Placements, live: Bool) -> Iterator[Found]:
    for index, model in enumerate(models):
        mine = live & (placements.model == index)
        tiers = ", ".join(model.tiers)
        for row in np.flatnonzero(mine & ((placements.tier < 0) | (placements.tier >= len(model.tiers)))):
            yield Found(UNKNOWN_TIER, int(row), NO_FACT, "tier", int(placements.tier[row]), {"tiers": tiers})
        if any(step.share is not None for step in model.steps):
            for row in np.flatnonzero(mine & (placements.price < 0)):
                yield Found(PRICE_MISSING, int(row), NO_FACT, "price", "", {})
    for row in np.flatnonzero(live & (placements.price > PRICE_MOST_ORE)):
        yield Found(PRICE_TOO_HIGH, int(row), NO_FACT, "price", int(placements.price[row]), {"most": PRICE_MOST_ORE})


def _fact_breaches(kind: Kind, facts: Facts, models: Sequence[PaymentModel], placements: Placements) -> Iterator[Found]:
    starts = placements.starts_on[facts.placement]
    if kind is not Kind.INTERRUPTION:  # these alone may be verified in advance
        yield from _after_verification(kind, facts)
    match kind:
        case Kind.ATTENDANCE:
            yield from _before_start(ATTENDANCE_BEFORE_START, facts, "from", starts)
            yield from _overlapping_attendance(facts)
            yield from _too_many_days(facts)
        case Kind.EXIT:
            yield from _before_start(EXIT_BEFORE_START, facts, "on", starts)
        case Kind.EMPLOYMENT:
            yield from _shared_days(facts)
        case Kind.GRADE:
            yield from _missing_points(facts, models, placements)


def _after_verification(kind: Kind, facts: Facts) -> Iterator[Found]:
    """What must have happened when it is verified: of spells and reports the first day, of all else the last."""
    begins = kind in (Kind.EMPLOYMENT, Kind.STUDIES, Kind.REPORT)
    days = facts.from_day if begins else facts.through_day
    verified = facts.verified
    yield from _found(
        AFTER_VERIFICATION,
        facts,
        days > verified,
        _DAY_KEYS.get(kind, "on"),
        lambda i: f"{to_date(days[i]):%Y-%m}" if kind is Kind.REPORT else to_date(days[i]),
        lambda i: {"verified": to_date(verified[i])},
    )


def _before_start(broken: Rule, facts: Facts, field: str, starts: I32) -> Iterator[Found]:
    yield from _found(
        broken,
        facts,
        (facts.from_day < starts) & (starts < FAR),
        field,
        lambda i: to_date(facts.from_day[i]),
        lambda i: {"starts_on": to_date(starts[i])},
    )


def _overlapping_attendance(facts: Facts) -> Iterator[Found]:
    """Attendance that begins before an earlier one (by its last day) is over."""
    overlaps = np.zeros(len(facts), bool)
    overlaps[1:] = (facts.placement[1:] == facts.placement[:-1]) & (facts.from_day[1:] <= facts.through_day[:-1])
    yield from _found(ATTENDANCE_OVERLAPS, facts, overlaps, "from", lambda i: to_date(facts.from_day[i]))


def _too_many_days(facts: Facts) -> Iterator[Found]:
    most = facts.through_day - facts.from_day + 1
    yield from _found(
        ATTENDED_TOO_MANY_DAYS,
        facts,
        facts.quantity > most,
        "days",
        lambda i: int(facts.quantity[i]),
        lambda i: {"most": int(most[i])},
    )


def _shared_days(facts: Facts) -> Iterator[Found]:
    """Spells that begin while the one before, of the same employer, still goes on."""
    facts = facts.take(np.lexsort((facts.from_day, facts.subject, facts.placement)))
    shared = np.zeros(len(facts), bool)
    shared[1:] = (facts.placement[1:] == facts.placement[:-1]) & (facts.subject[1:] == facts.subject[:-1])
    shared[1:] &= facts.from_day[1:] <= facts.through_day[:-1]
    yield from _found(SAME_EMPLOYER_SAME_DAY, facts, shared, "from", lambda i: to_date(facts.from_day[i]))


def _missing_points(facts: Facts, models: Sequence[PaymentModel], placements: Placements) -> Iterator[Found]:
    per_point = [any(isinstance(s.terms, GradeTerms) and s.terms.per == "point" for s in m.steps) for m in models]
    needs_points = np.array(per_point, bool)[placements.model[facts.placement]]
    yield from _found(POINTS_MISSING, facts, needs_points & (facts.quantity < 0), "points", lambda i: "")


def _found(
    broken: Rule,
    facts: Facts,
    where: Bool,
    field: str,
    value: Callable[[int], object],
    details: Callable[[int], dict[str, object]] = lambda i: {},
) -> Iterator[Found]:
    for i in np.flatnonzero(where):
        yield Found(broken, int(facts.placement[i]), int(facts.id[i]), field, value(int(i)), details(int(i)))

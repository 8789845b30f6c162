"""A second, plain reading of PAYMENT_MODELS.md: one placement at a time, one day at a time, for clarity alone.

It shares no code with the engine that pays, so where the two agree on many cases, both have read the page alike.
It takes a case document as `tomllib` gives it (a whole `[model]`, not `use`) and trusts it: bad input is not refused.
Each "Reading:" says how a corner was read on which the page can be read in more than one way.
"""

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor

Fact = dict
Step = dict
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Owed:
    """What is owed for one occurrence; `gross_ore` is before the cap and `cap_cut_ore` what the cap took."""

    amount_ore: int
    gross_ore: int
    cap_cut_ore: int
    qualifies_on: date
    fact_id: str | None


@dataclass(frozen=True)
class Occurrence:
    """One thing that a step pays for, as its trigger found it."""

    name: str
    qualifies_on: date
    quantity: Fraction
    fact: Fact | None


@dataclass(frozen=True)
class Known:
    """One placement as it is known: the facts in force, and what follows from them for each day."""

    starts_on: date
    cutoff: date
    facts: list[Fact]
    exit_on: date | None
    interrupted: set[date]
    first_reported: dict[str, date]

    def of_kind(self, *kinds: str) -> list[Fact]:
        return [fact for fact in self.facts if fact["kind"] in kinds]


# --- Days, months and durations (section 2) ---


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` through `last`."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def month_of(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def month_end(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])


def months_between(first: str, last: str) -> Iterator[str]:
    month = first
    while month <= last:
        yield month
        month = month_of(month_end(month) + DAY)


def add(day: date, duration: str, times: int = 1) -> date:
    """`day` + `times` × duration, months clamped to the length of the month they end in."""
    count, unit = int(duration[1:-1]) * times, duration[-1]
    if unit != "M":
        return day + count * (7 if unit == "W" else 1) * DAY
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def length_in_days(duration: str) -> int:
    """The length of a duration of days or weeks."""
    return int(duration[1:-1]) * {"D": 1, "W": 7}[duration[-1]]


def window_end(step: Step, duration: str, opens: date, known: Known) -> date:
    """The last day of a window, extended by its interrupted days until nothing is added any more."""
    plain_end = add(opens, duration)
    if not step.get("extends_for_interruptions", True):
        return plain_end
    end = plain_end
    while True:
        extended = plain_end + DAY * sum(1 for day in known.interrupted if opens < day <= end)
        if extended == end:
            return end
        end = extended


# --- Facts (section 3) ---


def facts_in_force(case: dict, knowledge: date) -> list[Fact]:
    """The facts verified by the knowledge day that no other such fact replaces, withdrawals left out.

    Reading: a correction replaces only the fact that it names, so while the middle one of three is unverified, the
    first and the third both stand. A withdrawal that is itself replaced gives way to what replaces it.
    """
    verified = [fact for fact in case.get("fact", []) if "verified" in fact and fact["verified"] <= knowledge]
    replaced = {fact["replaces"] for fact in verified if "replaces" in fact}
    return [fact for fact in verified if fact["id"] not in replaced and not fact.get("withdrawn", False)]


def first_reports(case: dict) -> dict[str, date]:
    """The day on which each fact was first reported.

    Reading: a correction of a correction keeps the day of the very first fact, also past a withdrawal in between.
    """
    facts = {fact["id"]: fact for fact in case.get("fact", [])}
    days = {}
    for fact in facts.values():
        first = fact
        while "replaces" in first:
            first = facts[first["replaces"]]
        days[fact["id"]] = first["reported"]
    return days


def interrupted_days(facts: list[Fact], cutoff: date) -> set[date]:
    """Every interrupted day; overlapping interruptions count a day once, an open one goes on through the cut-off."""
    interruptions = [fact for fact in facts if fact["kind"] == "interruption"]
    return {day for fact in interruptions for day in days_between(fact["from"], fact.get("through", cutoff))}


def know(starts_on: date, cutoff: date, facts: list[Fact], first_reported: dict[str, date]) -> Known:
    exit_on = min((fact["on"] for fact in facts if fact["kind"] == "exit"), default=None)
    return Known(starts_on, cutoff, facts, exit_on, interrupted_days(facts, cutoff), first_reported)


def known_at(case: dict, cutoff: date, knowledge: date) -> Known:
    return know(case["placement"]["starts_on"], cutoff, facts_in_force(case, knowledge), first_reports(case))


# --- Triggers (section 4) ---


def in_window(step: Step, day: date, known: Known) -> bool:
    """Whether `day` lies in the step's `within`, counted from `starts_on`; true without one."""
    return "within" not in step or day <= window_end(step, step["within"], known.starts_on, known)


def single(step: Step, day: date, fact: Fact, known: Known) -> list[Occurrence]:
    """The one occurrence of a step that pays once, if its day passes `within`."""
    return [Occurrence("", day, Fraction(1), fact)] if in_window(step, day, known) else []


def reaching(facts: Iterable[Fact], value: Callable[[Fact], Fraction], wanted: Fraction) -> Fact | None:
    """The fact with which the sum of the values reaches what is wanted."""
    total = Fraction(0)
    for fact in facts:
        total += value(fact)
        if total >= wanted:
            return fact
    return None


def attendance(step: Step, known: Known) -> list[Occurrence]:
    facts = sorted(known.of_kind("attendance"), key=lambda fact: (fact["through"], fact["id"]))
    fact = reaching(facts, lambda fact: Fraction(fact["days"]), Fraction(step["days"]))
    return single(step, fact["through"], fact, known) if fact else []


def milestone(step: Step, known: Known) -> list[Occurrence]:
    facts = [
        fact for fact in known.of_kind("milestone") if fact["name"] == step["name"] and fact["on"] >= known.starts_on
    ]
    if not facts:
        return []
    first = min(facts, key=lambda fact: (fact["on"], fact["id"]))
    return single(step, first["on"], first, known)


def earnings(step: Step, known: Known) -> list[Occurrence]:
    facts = [
        fact
        for fact in known.of_kind("earnings")
        if fact["on"] > known.starts_on and in_window(step, fact["on"], known)
    ]
    facts.sort(key=lambda fact: (fact["on"], fact["id"]))
    fact = reaching(facts, lambda fact: Fraction(fact["amount"]), Fraction(step["threshold"]))
    return single(step, fact["on"], fact, known) if fact else []


def grade(step: Step, known: Known) -> list[Occurrence]:
    """Reading: with `once_per = "placement"` the chosen course is the only one, also if its points are 0."""
    passes: dict[str, Fact] = {}
    for fact in sorted(known.of_kind("grade"), key=lambda fact: (fact["on"], fact["id"])):
        if fact["grade"] in step["pass"] and fact["on"] >= known.starts_on:
            passes.setdefault(fact["course"], fact)
    if passes and step.get("once_per", "course") == "placement":
        passes = {"": min(passes.values(), key=lambda fact: (fact["on"], fact["course"]))}
    per_point = step.get("per", "occurrence") == "point"
    return [
        Occurrence(name, fact["on"], Fraction(fact["points"] if per_point else 1), fact)
        for name, fact in passes.items()
        if in_window(step, fact["on"], known)
    ]


def period(step: Step, known: Known) -> list[Occurrence]:
    """The months that pay. Its fact is the month's report, where one is needed."""
    last = known.cutoff if known.exit_on is None else min(known.exit_on, known.cutoff)
    if (last - known.starts_on).days + 1 < step.get("first_after_days", 0):
        return []
    active_days: dict[str, int] = {}
    for day in days_between(known.starts_on, last):
        if day not in known.interrupted:
            active_days[month_of(day)] = active_days.get(month_of(day), 0) + 1
    needs_report = step.get("needs_report", False)
    paid = []
    for month in sorted(active_days)[: step.get("max_periods")]:
        report = report_of(month, known) if needs_report else None
        if needs_report and report is None:
            continue
        ends = month_end(month)
        qualifies_on = ends if known.exit_on is None else min(ends, known.exit_on)
        share = Fraction(active_days[month], ends.day) if step.get("prorate", True) else Fraction(1)
        paid.append(Occurrence(month, qualifies_on, share, report))
    return paid


def report_of(month: str, known: Known) -> Fact | None:
    reports = [fact for fact in known.of_kind("report") if fact["month"] == month]
    return min(reports, key=lambda fact: (known.first_reported[fact["id"]], fact["id"]), default=None)


ALL_FORMS = ["permanent", "fixed_term", "probation", "hourly", "subsidised"]


def last_day_of_spell(spell: Fact) -> date:
    """A spell counts at most through its verified day, and an open one through just that day."""
    return min(spell.get("through", spell["verified"]), spell["verified"])


def counting_spells(step: Step, known: Known, opens: date) -> list[Fact]:
    earliest = known.starts_on if step.get("may_start_before_end", True) else opens + DAY
    return [
        spell
        for spell in known.of_kind(*step.get("counts", ["employment"]))
        if spell["from"] >= earliest and (spell["kind"] == "studies" or spell["form"] in step.get("forms", ALL_FORMS))
    ]


def extent_by_day(step: Step, spells: list[Fact]) -> dict[date, int]:
    """The extent, at most 100, of each day that counts, in order of day."""
    sums: dict[date, int] = {}
    for spell in spells:
        for day in days_between(spell["from"], last_day_of_spell(spell)):
            sums[day] = sums.get(day, 0) + spell.get("extent", 100)
    least = max(1, step.get("extent_at_least", 0))
    return {day: min(100, sums[day]) for day in sorted(sums) if min(100, sums[day]) >= least}


def chains_of(days: Iterable[date], gap_days: int) -> list[tuple[date, date]]:
    """First and last day of each chain; a chain goes on over at most `gap_days` days that do not count."""
    chains: list[tuple[date, date]] = []
    for day in days:
        if chains and (day - chains[-1][1]).days - 1 <= gap_days:
            chains[-1] = (chains[-1][0], day)
        else:
            chains.append((day, day))
    return chains


@dataclass(frozen=True)
class Stage:
    """A stretch of work that pays: its own days, whose mean extent the bands test, and the day it is reached on."""

    name: str
    own_days: list[date]
    reached_on: date
    last_counting_day: date


def unbroken_stages(step: Step, extents: dict[date, int], window_ends: date) -> list[Stage]:
    """The stages of the first chain that begins in time and lasts long enough."""

    def ends_of_stage(start: date, block: int) -> tuple[date, date]:
        """First own day, and the day after the last."""
        if "blocks" not in step:
            return start, add(start, step["lasts"])
        after = add(start, step["lasts"])
        return add(after, step["blocks"]["every"], block - 1), add(after, step["blocks"]["every"], block)

    for start, end in chains_of(extents, step.get("gap_days", 0)):
        if start <= window_ends and end >= ends_of_stage(start, 1)[1] - DAY:
            break
    else:
        return []
    stages = []
    for block in range(1, number_of_stages(step) + 1):
        first, reached_on = ends_of_stage(start, block)
        if end < reached_on - DAY:
            break
        # Reading: the days needed for a block begin with the chain, so a block that is all bridged still has a fact.
        last_counting = max(day for day in extents if day < reached_on)
        stages.append(
            Stage(stage_name(step, block), list(days_between(first, reached_on - DAY)), reached_on, last_counting)
        )
    return stages


def cumulative_stages(step: Step, extents: dict[date, int], window_ends: date) -> list[Stage]:
    """The stages when counting days are added up. The first chain begins on the first day that counts at all."""
    days = list(extents)
    if not days or days[0] > window_ends:
        return []
    stages = []
    for block in range(1, number_of_stages(step) + 1):
        if "blocks" in step:
            every = length_in_days(step["blocks"]["every"])
            first, after = (length_in_days(step["lasts"]) + number * every for number in (block - 1, block))
        else:
            first, after = 0, length_in_days(step["lasts"])
        if len(days) < after:
            break
        stages.append(Stage(stage_name(step, block), days[first:after], days[after - 1] + DAY, days[after - 1]))
    return stages


def number_of_stages(step: Step) -> int:
    return step["blocks"]["max"] if "blocks" in step else 1


def stage_name(step: Step, block: int) -> str:
    return f"{block:02d}" if "blocks" in step else ""


def band_share(step: Step, days: list[date], extents: dict[date, int]) -> Fraction:
    """The share of the highest band that the days' mean extent reaches; 1 without bands."""
    if "bands" not in step:
        return Fraction(1)
    mean = Fraction(sum(extents.get(day, 0) for day in days), len(days))
    reached = [band for band in step["bands"] if mean >= band["extent_at_least"]]
    return Fraction(max(reached, key=lambda band: band["extent_at_least"])["share"]) if reached else Fraction(0)


def completing_spell(spells: list[Fact], day: date, known: Known) -> Fact:
    there = [spell for spell in spells if spell["from"] <= day <= last_day_of_spell(spell)]
    return min(there, key=lambda spell: (known.first_reported[spell["id"]], spell["id"]))


def employment(step: Step, known: Known) -> list[Occurrence]:
    opens = known.exit_on if step.get("of", "end") == "end" else known.starts_on
    if opens is None:
        return []
    spells = counting_spells(step, known, opens)
    extents = extent_by_day(step, spells)
    window_ends = window_end(step, step["starts_within"], opens, known)
    find_stages = cumulative_stages if step.get("cumulative", False) else unbroken_stages
    return [
        Occurrence(
            stage.name,
            # No earlier than the exit. With `of = "start"` every stage is reached after `starts_on` anyway.
            max(stage.reached_on, opens),
            band_share(step, stage.own_days, extents),
            completing_spell(spells, stage.last_counting_day, known),
        )
        for stage in find_stages(step, extents, window_ends)
    ]


TRIGGERS = {
    "attendance": attendance,
    "milestone": milestone,
    "grade": grade,
    "period": period,
    "employment": employment,
    "earnings": earnings,
}


def occurrences(step: Step, known: Known) -> list[Occurrence]:
    """All that the step pays for at the cut-off, `requires` and the cap aside."""
    return [
        found
        for found in TRIGGERS[step["trigger"]](step, known)
        if found.qualifies_on <= known.cutoff and found.quantity > 0 and reported_in_time(step, found, known)
    ]


def reported_in_time(step: Step, found: Occurrence, known: Known) -> bool:
    if "report_within" not in step or found.fact is None:
        return True
    return known.first_reported[found.fact["id"]] <= add(found.qualifies_on, step["report_within"])


# --- What is owed, and the ledger (sections 1, 4 and 5) ---


def unit_price(case: dict, step: Step) -> Fraction:
    """In kronor, exactly."""
    placement = case["placement"]
    if "share" in step:
        return Fraction(step["share"]) * Fraction(placement["price"])
    if isinstance(step["amount"], dict):
        return Fraction(step["amount"][placement["tier"]])
    return Fraction(step["amount"])


def to_ore(kronor: Fraction | str) -> int:
    """Rounded to whole öre, a half upwards."""
    return floor(Fraction(kronor) * 100 + Fraction(1, 2))


def owed(case: dict, cutoff: date, knowledge: date) -> dict[tuple[str, str], Owed]:
    """All that is owed at the cut-off, by step and occurrence, also occurrences that come to 0."""
    if "starts_on" not in case["placement"]:
        return {}
    known = known_at(case, cutoff, knowledge)
    found: dict[str, list[Occurrence]] = {}
    for step in case["model"]["steps"]:
        if all(found[code] for code in step.get("requires", [])):
            found[step["code"]] = occurrences(step, known)
        else:
            found[step["code"]] = []
    return capped(case, found)


def capped(case: dict, found: dict[str, list[Occurrence]]) -> dict[tuple[str, str], Owed]:
    """The occurrences fill the cap in order of day, step (as the model has them) and occurrence."""
    steps = case["model"]["steps"]
    in_order = sorted(
        (each.qualifies_on, number, each.name, each)
        for number, step in enumerate(steps)
        for each in found[step["code"]]
    )
    cap = case["model"].get("caps", {}).get("per_placement")
    left = None if cap is None else to_ore(cap)
    result = {}
    for qualifies_on, number, name, each in in_order:
        gross = to_ore(unit_price(case, steps[number]) * each.quantity)
        amount = gross if left is None else min(gross, left)
        left = None if left is None else left - amount
        fact_id = each.fact["id"] if each.fact else None
        result[steps[number]["code"], name] = Owed(amount, gross, gross - amount, qualifies_on, fact_id)
    return result


def ledger(case: dict) -> list[dict]:
    """The lines of all runs: each month, what is owed less what the ledger already holds."""
    if "starts_on" not in case["placement"]:
        return []
    held: dict[tuple[str, str], int] = {}
    lines = []
    for run in months_between(month_of(case["placement"]["starts_on"]), case["through"]):
        cutoff = month_end(run)
        wanted = {key: each.amount_ore for key, each in owed(case, cutoff, cutoff).items()}
        for step, occurrence in sorted(wanted.keys() | held.keys()):
            amount = wanted.get((step, occurrence), 0) - held.get((step, occurrence), 0)
            if amount:
                lines.append({"run": run, "step": step, "occurrence": occurrence, "amount": amount})
                held[step, occurrence] = wanted.get((step, occurrence), 0)
    return lines


# --- Owed, waiting or missed (section 6) ---


def status(case: dict, step_code: str, as_of: date) -> str:
    """Waiting is tested by making it happen: the best that days after the cut-off can bring, read in the common way.

    Reading: an occurrence that the cap cuts to 0 is still owed (0 öre), as a step of amount 0 is.
    """
    if "starts_on" not in case["placement"]:
        return "missed"
    if any(step == step_code for step, _ in owed(case, as_of, as_of)):
        return "owed"
    step = next(step for step in case["model"]["steps"] if step["code"] == step_code)
    # Reading: each step is tested by itself; whether one future could bring both it and what it requires is not asked.
    if any(status(case, code, as_of) == "missed" for code in step.get("requires", [])):
        return "missed"
    return "waiting" if any(occurrences(step, future) for future in futures(step, case, as_of)) else "missed"


def futures(step: Step, case: dict, as_of: date) -> Iterator[Known]:
    """The placement as it may come to be known: if later days can make the step owed, they do in one of these."""
    today = known_at(case, as_of, as_of)
    first_day = max(as_of + DAY, today.starts_on)
    for facts, horizon in FUTURES[step["trigger"]](step, today, first_day):
        added = [{"id": f"later {number}", "reported": first_day, **fact} for number, fact in enumerate(facts)]
        first_reported = today.first_reported | {fact["id"]: fact["reported"] for fact in added}
        yield know(today.starts_on, horizon, lasting_facts(today, as_of, horizon) + added, first_reported)


def lasting_facts(today: Known, as_of: date, horizon: date) -> list[Fact]:
    """Today's facts as they stand later: open spells have gone on.

    Reading: an open interruption may end on any later day, so it is held to end at the cut-off. A spell that was
    verified before its own `through` is not open: it ends on its verified day until a correction says otherwise.
    """
    changes = {
        "interruption": {"through": as_of},
        "employment": {"verified": horizon},
        "studies": {"verified": horizon},
    }
    return [fact if "through" in fact else fact | changes.get(fact["kind"], {}) for fact in today.facts]


# What is to come: the facts added, and the day by which they have had their effect.
Future = tuple[list[Fact], date]


def always_interrupted(first_day: date, horizon: date) -> Fact:
    """Interruptions to come extend every window that is still open, as far as anyone may need."""
    return {"kind": "interruption", "from": first_day, "through": horizon}


def future_attendance(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    """Every day from now on is attended.

    Reading: only days after the cut-off can be attended in time; with fewer of them left than are missing, the step
    is missed, unless interruptions can extend the window.
    """
    missing = step["days"] - sum(fact["days"] for fact in today.of_kind("attendance"))
    last = first_day + DAY * (max(missing, 1) - 1)
    attended = [{"kind": "attendance", "from": first_day, "through": last, "days": missing}] if missing > 0 else []
    yield [*attended, always_interrupted(first_day, last)], last


def future_milestone(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    yield [{"kind": "milestone", "name": step["name"], "on": first_day}], first_day


def future_grade(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    """A pass in a new course, which can come whatever has been passed so far."""
    course = {"kind": "grade", "on": first_day, "course": "a later course", "grade": step["pass"][0], "points": 1}
    yield [course], first_day


def future_earnings(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    paid_on = max(first_day, today.starts_on + DAY)
    yield [{"kind": "earnings", "on": paid_on, "amount": step["threshold"]}], paid_on


def future_period(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    """The placement goes on, and every month that is not over yet gets its report.

    Reading: a report's day is the last day of its month, so the report of a month that is over can only come late.
    """
    quiet_from = max(today.interrupted | {first_day})
    horizon = month_end(month_of(quiet_from + DAY * (31 + step.get("first_after_days", 0))))
    months = months_between(month_of(first_day), month_of(horizon))
    yield [{"kind": "report", "month": month} for month in months], horizon


def future_employment(step: Step, today: Known, first_day: date) -> Iterator[Future]:
    """A job or studies that never end: begun at once, or late enough to begin a chain of its own.

    At once is best for a chain that is still alive and for days that are added up. A chain of its own is best where
    carrying on an old one would only make it the first to last, with an extent that reaches no band. Full time is best,
    save where a band pays nothing and one below it does. The exit may come until the day before.

    Reading: where only breaks could bring the mean extent down to a band that pays, the step is missed.
    """
    pays_nothing = any(Fraction(band["share"]) == 0 for band in step.get("bands", []))
    for begins in days_between(first_day, first_day + DAY * (step.get("gap_days", 0) + 1)):
        exit_on = max(first_day, begins - DAY)
        exits = [] if today.exit_on or step.get("of", "end") == "start" else [{"kind": "exit", "on": exit_on}]
        horizon = add(begins, step["lasts"])
        if "blocks" in step:
            horizon = add(horizon, step["blocks"]["every"], step["blocks"]["max"])
        for extent in range(100, -1, -1) if pays_nothing else [100]:
            job = {
                "kind": step.get("counts", ["employment"])[0],
                "from": begins,
                "extent": extent,
                "form": step.get("forms", ALL_FORMS)[0],
                "verified": horizon,
            }
            yield [*exits, job, always_interrupted(first_day, horizon)], horizon


FUTURES = {
    "attendance": future_attendance,
    "milestone": future_milestone,
    "grade": future_grade,
    "period": future_period,
    "employment": future_employment,
    "earnings": future_earnings,
}

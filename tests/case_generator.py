"""Random cases for the vocabulary of payment models: valid ones, that tread on its corners.

Dates drawn evenly would hardly ever meet a rule's edge, so they clump, with a day's jitter either way:

- `starts_on` on month ends, leap days, New Year and first days of months;
- exits a corner of the model after it: exactly `first_after_days`, month ends, the day of the start itself;
- milestones, grades, attendance and earnings on the start, on the last day of the step's window (as the case's own
  interruptions extend it) and on the day after;
- attended days and earnings that reach what is asked for exactly, or one (an öre) short;
- jobs that begin on the start, the exit, the day after it, and the window's last day; that end on the last day that
  `lasts` or a block needs; with breaks of exactly `gap_days` or one more; as one job, as several part-time ones,
  as studies, open, and verified before their `through`;
- reports and verifications on the day itself, around `report_within`, and on month ends;
- then corrections, corrections of corrections, withdrawals, returns after an exit and facts never verified.

No case breaks a rule of PAYMENT_MODELS.md section 3 at any time: a correction of attendance or a spell stays inside
the range of the first, a correction is verified no earlier than what it corrects, and only the first or the last
fact of a chain of corrections is left unverified.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from tests.plain_reader import add, first_reports, know, month_end, month_of, months_between, window_end

CORNER_STARTS = [
    date(2023, 11, 30),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 4, 15),
    date(2024, 8, 31),
    date(2024, 12, 29),
    date(2025, 2, 28),
]
EMPLOYMENT_KEYS = [
    *["starts_within", "lasts", "of", "may_start_before_end", "counts", "forms", "extent_at_least", "gap_days"],
    *["cumulative", "bands", "blocks"],
]
FORMS = ["permanent", "fixed_term", "probation", "hourly", "subsidised"]
GRADES = ["A", "B", "C", "D", "E", "F", "-"]
COURSES = ["MATMAT01a", "SFI-C", "SVASVA01"]
REPORT_DELAYS = [0, 0, 1, 1, 3, 9, 10, 11, 12, 30, 31, 62]
VERIFY_DELAYS = [0, 0, 1, 5, 15, 40]
RUN_MONTHS = 20


def days(number: int) -> timedelta:
    return timedelta(days=number)


def near(rng: Random, day: date) -> date:
    return day + days(rng.choice([-1, 0, 0, 0, 1]))


def kronor(ore: int) -> str:
    return f"{ore // 100}.{ore % 100:02d}"


def ore(amount: str) -> int:
    return int(amount.replace(".", ""))


def maybe(rng: Random, chance: float, **keys: object) -> dict:
    """The keys, or none of them."""
    return keys if rng.random() < chance else {}


# --- The model ---


def random_model(rng: Random) -> dict:
    tiers = rng.choice([None, ["A", "B"], ["A", "B", "C"]])
    steps: list[dict] = []
    for number in range(rng.randint(1, 5)):
        trigger = rng.choice([*STEPS, "period", "employment", "employment", "employment"])
        keys = STEPS[trigger](rng)
        like = [step for step in steps if step["trigger"] == trigger == "employment"]
        if like and rng.random() < 0.6:
            # The same job again, with a few keys otherwise, as schemes with several checkpoints have it.
            keys = sibling(rng, like[-1], keys)
        # A letter first, so that the order of codes is not the model's order.
        step = {"code": f"{rng.choice('abxyz')}-{trigger}-{number}", "trigger": trigger} | keys
        step |= random_pay(rng, tiers)
        step |= maybe(rng, 0.25, extends_for_interruptions=rng.random() < 0.2)
        if trigger != "period":
            step |= maybe(rng, 0.25, report_within=rng.choice(["P1D", "P10D", "P30D", "P1M", "P2M"]))
        if steps:
            step |= maybe(rng, 0.3, requires=sorted({rng.choice(steps)["code"] for _ in range(rng.choice([1, 1, 2]))}))
        steps.append(step)
    model = {"code": "random"} | ({"tiers": tiers} if tiers else {}) | {"steps": steps}
    return model | maybe(rng, 0.4, caps={"per_placement": kronor(rng.randint(100_000, 4_000_000))})


def random_pay(rng: Random, tiers: list[str] | None) -> dict:
    if rng.random() < 0.25:
        return {"share": rng.choice(["1", "0.65", "0.35", "0.1234", "0.333333"])}
    if tiers and rng.random() < 0.5:
        return {"amount": {tier: kronor(rng.randint(10_000, 2_000_000)) for tier in tiers}}
    return {"amount": kronor(rng.choice([0, 1, *(rng.randint(10_000, 2_000_000) for _ in range(6))]))}


def random_within(rng: Random) -> dict:
    return maybe(rng, 0.6, within=rng.choice(["P14D", "P3W", "P1M", "P2M", "P3M"]))


def attendance_step(rng: Random) -> dict:
    return {"days": rng.choice([1, 5, 10, 14])} | random_within(rng)


def milestone_step(rng: Random) -> dict:
    return {"name": "plan"} | random_within(rng)


def grade_step(rng: Random) -> dict:
    keys = {"pass": rng.choice([["A", "B", "C", "D", "E"], ["A", "B", "C"], ["E"]])}
    keys |= maybe(rng, 0.5, per=rng.choice(["occurrence", "point", "point"]))
    return keys | maybe(rng, 0.5, once_per=rng.choice(["course", "placement", "placement"])) | random_within(rng)


def period_step(rng: Random) -> dict:
    keys = maybe(rng, 0.6, first_after_days=rng.choice([1, 14, 31, 40, 90]))
    keys |= maybe(rng, 0.4, needs_report=True)
    keys |= maybe(rng, 0.4, prorate=rng.random() < 0.2)
    return keys | maybe(rng, 0.4, max_periods=rng.randint(1, 4))


def earnings_step(rng: Random) -> dict:
    return {"threshold": kronor(rng.randint(500_000, 5_000_000))} | random_within(rng)


def employment_step(rng: Random) -> dict:
    cumulative = rng.random() < 0.25
    units = "DW" if cumulative else "DWM"
    lasts = [duration for duration in ["P30D", "P60D", "P4W", "P13W", "P1M", "P3M", "P4M"] if duration[-1] in units]
    every = [duration for duration in ["P7D", "P4W", "P30D", "P1M"] if duration[-1] in units]
    keys = {"starts_within": rng.choice(["P14D", "P4W", "P1M", "P2M", "P3M"]), "lasts": rng.choice(lasts)}
    keys |= rng.choice([{}, {}, {"of": "end"}, {"of": "start"}, {"of": "start"}])
    if keys.get("of") != "start":
        keys |= maybe(rng, 0.4, may_start_before_end=rng.random() < 0.1)
    keys |= maybe(rng, 0.4, counts=rng.choice([["employment", "studies"], ["employment", "studies"], ["studies"]]))
    keys |= maybe(rng, 0.3, forms=rng.choice([FORMS[:3], ["permanent"], [*FORMS[:2], "hourly"]]))
    keys |= maybe(rng, 0.4, extent_at_least=rng.choice([25, 50, 75, 80]))
    keys |= maybe(rng, 0.5, gap_days=rng.choice([1, 5, 14]))
    keys |= maybe(rng, 0.4, bands=random_bands(rng))
    keys |= maybe(rng, 0.35, blocks={"every": rng.choice(every), "max": rng.choice([1, 3, 6])})
    return keys | ({"cumulative": True} if cumulative else {})


def sibling(rng: Random, step: dict, other: dict) -> dict:
    """The employment step's own keys, save one that decides whether the same job pays."""
    kept = {key: step[key] for key in EMPLOYMENT_KEYS if key in step}
    key = rng.choice(["gap_days", "extent_at_least", "forms", "bands"])
    kept.pop(key, None)
    return kept | ({key: other[key]} if key in other else {})


def random_bands(rng: Random) -> list[dict]:
    bands = [{"extent_at_least": 80, "share": "1"}, {"extent_at_least": rng.choice([25, 50]), "share": "0.6"}]
    return rng.choice([bands, bands[:1]])


STEPS = {
    "attendance": attendance_step,
    "milestone": milestone_step,
    "grade": grade_step,
    "period": period_step,
    "employment": employment_step,
    "earnings": earnings_step,
}


# --- The facts ---


@dataclass
class Book:
    """The facts of one placement as they are drawn."""

    rng: Random
    starts_on: date
    facts: list[dict] = field(default_factory=list)
    ids: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        # Shuffled, so that ties by id fall both ways.
        numbers = list(range(1, 300))
        self.rng.shuffle(numbers)
        self.ids = (f"f{number:03d}" for number in numbers)

    def note(self, kind: str, known_on: date, keys: dict, step: dict | None = None, unverified: float = 0.06) -> None:
        """Add a fact that can be reported from `known_on`; often so late that the step only just takes it, or not."""
        reported = known_on + days(self.rng.choice(REPORT_DELAYS))
        if step and "report_within" in step and self.rng.random() < 0.6:
            reported = add(known_on, step["report_within"]) + days(self.rng.choice([0, 1, 2]))
        fact = {"id": next(self.ids), "kind": kind, **keys, "reported": reported}
        if self.rng.random() >= unverified:
            fact["verified"] = self.verified_from(reported)
        self.facts.append(fact)

    def verified_from(self, day: date) -> date:
        verified = day + days(self.rng.choice(VERIFY_DELAYS))
        return self.rng.choice(
            [verified, verified, month_end(month_of(verified)), month_end(month_of(verified)) + days(1)]
        )

    def window_end(self, step: dict, duration: str, opens: date) -> date:
        """The last day of a window, as the interruptions drawn so far extend it, or would if the step let them."""
        if self.rng.random() < 0.5:
            step = step | {"extends_for_interruptions": True}
        far = self.starts_on + days(700)
        facts = [fact for fact in self.facts if "verified" in fact]
        return window_end(step, duration, opens, know(self.starts_on, far, facts, first_reports({"fact": self.facts})))

    def edge(self, step: dict) -> date:
        """A day on or about the edge of a step's window from `starts_on`."""
        if "within" not in step:
            return self.starts_on + days(self.rng.choice([0, 1, 30, 100]))
        last = self.window_end(step, step["within"], self.starts_on)
        return self.rng.choice([near(self.rng, last), last, last + days(1), near(self.rng, self.starts_on)])


def note_interruptions(book: Book) -> None:
    rng = book.rng
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        # Later ones often begin where an earlier one ends, inside it or right after.
        ends = [fact["through"] for fact in book.facts if "through" in fact]
        begins = near(rng, rng.choice(ends)) if ends and rng.random() < 0.6 else None
        begins = begins or book.starts_on + days(rng.choice([0, 1, 5, 14, 27, 31, 62, 100]))
        through = {} if rng.random() < 0.15 else {"through": begins + days(rng.choice([0, 0, 2, 9, 30]))}
        known_on = begins - days(40) if rng.random() < 0.3 else begins
        book.note("interruption", known_on, {"from": begins, **through, "reason": "illness"})


def note_exits(book: Book, steps: list[dict]) -> date | None:
    """One exit or two, or none; the day of the earliest."""
    rng = book.rng
    lengths = [step["first_after_days"] - 1 for step in steps if "first_after_days" in step] or [0, 30, 60, 91]
    on = near(rng, book.starts_on + days(rng.choice(lengths)))
    on = max(book.starts_on, rng.choice([on, on, month_end(month_of(on))]))
    exits = rng.choice([[], [on], [on], [on], [on], [on, on + days(rng.choice([0, 1, 20]))]])
    for day in exits:
        reason = rng.choice(["completed", "work", "studies"])
        book.note("exit", day, {"on": day, "reason": reason}, unverified=0.03)
    return on if exits else None


def note_attendance(book: Book, step: dict) -> None:
    rng = book.rng
    wanted = max(1, step["days"] - rng.choice([0, 0, 0, 1]))
    last = max(book.edge(step), book.starts_on + days(wanted - 1))
    parts = [wanted] if wanted == 1 or rng.random() < 0.5 else [wanted // 2, wanted - wanted // 2]
    through = last
    for part in reversed(parts):
        begins = max(book.starts_on, through - days(part - 1 + rng.choice([0, 0, 3])))
        if begins + days(part - 1) > through:
            return
        book.note("attendance", through, {"from": begins, "through": through, "days": part}, step)
        through = begins - days(1)


def note_milestones(book: Book, step: dict) -> None:
    for _ in range(book.rng.choice([0, 1, 1, 2])):
        on = book.edge(step)
        name = book.rng.choice(["plan", "plan", "plan", "other"])
        book.note("milestone", on, {"name": name, "on": on}, step)


def note_grades(book: Book, step: dict) -> None:
    """Several courses, some on one day, and for some an F before the pass or a better grade after it."""
    rng = book.rng
    on = book.edge(step)
    for course in rng.sample(COURSES, rng.randint(1, 3)):
        for grade in rng.choice([[rng.choice(GRADES)], ["F", "E"], ["C", "A"], ["-", "B"], [rng.choice(step["pass"])]]):
            points = rng.choice([0, 50, 100, 150])
            book.note("grade", on, {"on": on, "course": course, "grade": grade, "points": points}, step)
            on += days(rng.choice([0, 0, 1, 7]))


def note_earnings(book: Book, step: dict) -> None:
    rng = book.rng
    left = ore(step["threshold"]) - rng.choice([0, 0, 0, 1])
    first = left // rng.choice([1, 2, 3])
    for amount in [first, left - first]:
        on = book.edge(step)
        if amount:
            book.note("earnings", on, {"on": on, "amount": kronor(amount), "employer": "E1"}, step)


def note_reports(book: Book, ends: date | None) -> None:
    last = month_of(ends or book.starts_on + days(200))
    for month in months_between(month_of(book.starts_on), last):
        if book.rng.random() < 0.7:
            book.note("report", month_end(month), {"month": month})


def note_jobs(book: Book, step: dict, ends: date | None, employers: Iterator[str]) -> None:
    """Work that just lasts, or just does not, from an edge of the window."""
    rng = book.rng
    of_end = step.get("of", "end") == "end"
    opens = (ends or book.starts_on + days(60)) if of_end else book.starts_on
    last = book.window_end(step, step["starts_within"], opens)
    begins = near(rng, rng.choice([book.starts_on, opens, opens + days(1), last, last, last + days(1)]))
    needed = add(begins, step["lasts"]) - days(1)
    if "blocks" in step:
        needed = add(needed + days(1), step["blocks"]["every"], rng.randint(1, step["blocks"]["max"])) - days(1)
    through = rng.choice([needed, needed, needed - days(1), needed + days(1), needed + days(45)])
    shape = rng.choice([one_job, one_job, part_time_jobs, *([job_with_break] * (3 if "gap_days" in step else 1))])
    shape(book, step, begins, max(begins, through), employers)


def one_job(book: Book, step: dict, begins: date, through: date, employers: Iterator[str]) -> None:
    least = step.get("extent_at_least", 1)
    note_spell(
        book, step, begins, through, next(employers), book.rng.choice([100, 100, 80, 50, least, least, least - 1])
    )


def job_with_break(book: Book, step: dict, begins: date, through: date, employers: Iterator[str]) -> None:
    """A break of exactly `gap_days`, or one more; now and then back at the same employer."""
    employer = next(employers)
    ends = begins + (through - begins) // 2
    back = ends + days(step.get("gap_days", 0) + book.rng.choice([0, 1]) + 1)
    extent = book.rng.choice([100, 100, 80, 50])
    note_spell(book, step, begins, ends, employer, extent, may_be_open=False)
    if back <= through:
        note_spell(book, step, back, through, book.rng.choice([employer, next(employers)]), extent, may_be_open=False)


def part_time_jobs(book: Book, step: dict, begins: date, through: date, employers: Iterator[str]) -> None:
    """Extents that make just enough together, and jobs that begin or end a few days apart."""
    for extent in book.rng.choice([[50, 50], [40, 40], [25, 25], [50, 30], [60, 60], [40, 35, 5]]):
        late = book.rng.choice([0, 0, 1, 6])
        early = book.rng.choice([0, 0, 1, 6])
        if begins + days(late) <= through - days(early):
            note_spell(book, step, begins + days(late), through - days(early), next(employers), extent)


def note_spell(
    book: Book, step: dict, begins: date, through: date, employer: str, extent: int, may_be_open: bool = True
) -> None:
    rng = book.rng
    kind = rng.choice([*step.get("counts", ["employment"]), "employment"])
    # Two spells of studies on one day would be two of one (unnamed) employer to a strict reader.
    if kind == "studies" and any(fact["kind"] == "studies" for fact in book.facts):
        kind = "employment"
    form = rng.choice(step.get("forms", FORMS) if rng.random() < 0.75 else FORMS)
    full_time_untold = extent == 100 and form != "hourly" and kind == "employment" and rng.random() < 0.5
    keys: dict = {} if full_time_untold else {"extent": extent}
    keys |= {"employer": employer, "form": form} if kind == "employment" else {}
    open_spell = may_be_open and rng.random() < 0.2
    keys |= {} if open_spell else {"through": through}
    known_on = rng.choice([through, through, through, begins, begins + (through - begins) // 2, near(rng, through)])
    book.note(kind, max(begins, known_on), {"from": begins, **keys}, step)


def note_side_jobs(book: Book, employers: Iterator[str]) -> None:
    """Old jobs, begun about the day the placement starts on."""
    if book.rng.random() < 0.2:
        begins = near(book.rng, book.starts_on)
        note_spell(book, {}, begins, begins + days(200), next(employers), book.rng.choice([20, 50, 100]))


# --- Corrections ---


def note_corrections(book: Book) -> None:
    rng = book.rng
    replaced = {fact.get("replaces") for fact in book.facts}
    for fact in [fact for fact in book.facts if fact["id"] not in replaced]:
        while rng.random() < 0.18:
            later = correction(book, fact)
            book.facts.append(later)
            if "verified" not in later:
                break
            fact = later


def correction(book: Book, fact: dict) -> dict:
    rng = book.rng
    changed = {key: value for key, value in fact.items() if key not in ("verified", "withdrawn")}
    changed |= {"id": next(book.ids), "replaces": fact["id"]} | change(book, fact)
    if rng.random() < 0.25:
        changed["withdrawn"] = True
    happened = last_day_known(changed)
    changed["reported"] = max(fact["reported"], happened) + days(rng.choice(REPORT_DELAYS))
    if rng.random() < 0.95:
        changed["verified"] = book.verified_from(max(changed["reported"], fact.get("verified", happened)))
    return changed


def last_day_known(fact: dict) -> date:
    """The day before which the fact cannot be verified."""
    if fact["kind"] == "report":
        return month_end(fact["month"])
    key = "through" if fact["kind"] == "attendance" else "on" if "on" in fact else "from"
    return fact[key]


def change(book: Book, fact: dict) -> dict:
    """What a correction changes; ranges only shrink, so that they cannot come to overlap others."""
    rng = book.rng
    match fact["kind"]:
        case "attendance":
            return {"days": max(1, fact["days"] - 1)}
        case "interruption":
            return {"through": fact["from"] + days(rng.choice([0, 5, 20]))}
        case "milestone" | "exit":
            return {"on": max(book.starts_on, fact["on"] + days(rng.choice([-1, 1, -7])))}
        case "grade":
            return {"grade": rng.choice(GRADES)}
        case "earnings":
            return {"amount": kronor(max(1, ore(fact["amount"]) + rng.choice([-1, 1])))}
        case "employment" | "studies":
            shorter = fact.get("through", fact["reported"]) - days(rng.choice([0, 1, 1, 20]))
            return {"through": max(fact["from"], shorter)}
        case _:
            return {}


def note_return(book: Book) -> None:
    """A return reopens the placement: the exit is withdrawn and the time between is an interruption."""
    exits = [fact for fact in book.facts if fact["kind"] == "exit" and "verified" in fact]
    if not exits or book.rng.random() >= 0.3:
        return
    gone = exits[0]
    back = gone["on"] + days(book.rng.choice([2, 15, 40]))
    reported = max(gone["verified"], back)
    told = {"reported": reported, "verified": book.verified_from(reported)}
    book.facts.append({**gone, "id": next(book.ids), "replaces": gone["id"], "withdrawn": True, **told})
    between = {"from": gone["on"] + days(1), "through": back - days(1), "reason": "away"}
    book.facts.append({"id": next(book.ids), "kind": "interruption", **between, **told})


# --- The case ---


def random_case(rng: Random, model: dict | None = None) -> dict:
    """A valid case without lines, as `tomllib` would give it; of a random model unless one is given."""
    model = model or random_model(rng)
    starts_on = near(rng, rng.choice(CORNER_STARTS))
    book = Book(rng, starts_on)
    note_facts(book, model["steps"])
    placement = {"referred_on": starts_on - days(10), "price": kronor(rng.randint(100_000, 6_000_000))}
    if "tiers" in model:
        placement["tier"] = rng.choice(model["tiers"])
    facts = book.facts
    if rng.random() < 0.03:
        # A no-show attends nothing and leaves nothing.
        gone = [fact["id"] for fact in facts if fact["kind"] in ("attendance", "exit")]
        facts = [fact for fact in facts if fact["id"] not in gone]
    else:
        placement["starts_on"] = starts_on
    rng.shuffle(facts)
    through = month_of(add(starts_on.replace(day=1), f"P{RUN_MONTHS}M"))
    return {"title": "random", "through": through, "model": model, "placement": placement, "fact": facts}


def note_facts(book: Book, steps: list[dict]) -> None:
    note_interruptions(book)
    ends = note_exits(book, steps)
    employers = (f"E{number}" for number in range(1, 100))
    of_trigger = {step["trigger"]: step for step in steps}
    if "attendance" in of_trigger:
        note_attendance(book, of_trigger["attendance"])
    for trigger, note in (("milestone", note_milestones), ("grade", note_grades), ("earnings", note_earnings)):
        if trigger in of_trigger:
            note(book, of_trigger[trigger])
    if any(step.get("needs_report") for step in steps):
        note_reports(book, ends)
    for step in [step for step in steps if step["trigger"] == "employment"][:2]:
        note_jobs(book, step, ends, employers)
    if "employment" in of_trigger:
        note_side_jobs(book, employers)
    note_return(book)
    note_corrections(book)


def to_toml(case: dict) -> str:
    """The case in the format of case files."""
    lines = [f"{key} = {value_text(value)}" for key, value in case.items() if not isinstance(value, (dict, list))]
    model = case["model"]
    lines += ["", "[model]", *table_lines({key: model[key] for key in model if key not in ("steps", "caps")})]
    if "caps" in model:
        lines += ["", "[model.caps]", *table_lines(model["caps"])]
    for step in model["steps"]:
        lines += ["", "[[model.steps]]", *table_lines(step)]
    lines += ["", "[placement]", *table_lines(case["placement"])]
    for name in ("fact", "line", "why"):
        for table in case.get(name, []):
            lines += ["", f"[[{name}]]", *table_lines(table)]
    return "\n".join(lines) + "\n"


def table_lines(table: dict) -> list[str]:
    return [f"{key} = {value_text(value)}" for key, value in table.items()]


def value_text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(value_text(each) for each in value)}]"
        case dict():
            return f"{{{', '.join(table_lines(value))}}}"
        case _:
            return f'"{value}"'

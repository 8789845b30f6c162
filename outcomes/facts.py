"""A reported fact as a document (PAYMENT_MODELS.md section 3): read, with every rule that a fact keeps by itself.

Pure. Case files, the API and imports read facts here; `outcomes.breaches` has the rules that look beyond one fact.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from backend.kernel.errors import Breach, DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import CODE_MOST, MISSING, Table, choice, flag, text, whole
from backend.kernel.money import parse_kronor
from backend.kernel.periods import last_day, parse_month
from outcomes.columns import FAR_DAY, FIRST_DAY, LAST_DAY, NO_FACT, Facts, Kind, Subjects, to_day
from outcomes.shapes import HOURLY, SHAPES, Days, Name, Number, Word

DATE = rule("date", gettext_noop("a date from {first} to {last} is needed, such as 2026-03-31"))
THROUGH_BEFORE_FROM = rule("through_before_from", gettext_noop("the last day may not come before the first, {start}"))
VERIFIED_BEFORE_REPORTED = rule(
    "verified_before_reported", gettext_noop("a fact cannot be verified before it was reported, {reported}")
)
WITHDRAWS_NOTHING = rule("withdraws_nothing", gettext_noop("a withdrawal names the fact that it withdraws in replaces"))
FACT_TWICE = rule("fact_twice", gettext_noop("an earlier fact has this id; ids are unique"))
REPLACES_UNKNOWN = rule("replaces_unknown", gettext_noop("there is no earlier fact with this id"))
REPLACES_OTHER_KIND = rule(
    "replaces_other_kind", gettext_noop("a correction has the kind of the fact it corrects, {kind}")
)
REPLACED_ALREADY = rule(
    "replaced_already", gettext_noop("that fact is corrected already, by {by}; correct the newest one")
)

KIND_WORDS = {kind.name.lower(): kind for kind in Kind}

Content = tuple[date, date | None, int, str, int]  # first day, last day, quantity, subject, detail


@dataclass(frozen=True, slots=True)
class FactRecord:
    """One fact in its own words. Amounts in öre; `through_day` None while a spell or an interruption goes on."""

    id: str
    kind: Kind
    reported: date
    verified: date | None
    from_day: date
    through_day: date | None
    quantity: int = 0
    subject: str = ""
    detail: int = 0
    replaces: str | None = None
    withdrawn: bool = False


def day(value: object, field: str) -> date:
    """A date (not a moment), or its text as 2026-03-31."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value) if len(value) == 10 and value[7] == "-" else value
    if not isinstance(value, date) or isinstance(value, datetime) or not FIRST_DAY <= value <= LAST_DAY:
        raise refuse(DATE, field=field, value=value, first=FIRST_DAY, last=LAST_DAY)
    return value


def read_fact(document: object, *, where: str = "") -> FactRecord:
    """The fact that a document says; DomainError with every breach found."""
    table = Table(document, where)
    identifier = table.need("id", text(CODE_MOST), "")
    kind = table.need("kind", choice(KIND_WORDS), None)
    reported = table.need("reported", day, FIRST_DAY)
    verified = table.take("verified", day, None)
    replaces = table.take("replaces", text(CODE_MOST), None)
    withdrawn = table.take("withdrawn", flag, False)
    if kind is None:
        raise DomainError(*table.breaches)
    content = read_content(KIND_WORDS[kind], table)
    if verified is not None and verified < reported:
        table.refuse(VERIFIED_BEFORE_REPORTED, "verified", reported=reported)
    if withdrawn and replaces is None:
        table.refuse(WITHDRAWS_NOTHING, "withdrawn")
    table.close()
    return FactRecord(
        identifier, KIND_WORDS[kind], reported, verified, *content, replaces=replaces, withdrawn=withdrawn
    )


def read_content(kind: Kind, table: Table) -> Content:
    """What a fact of this kind says, by its shape."""
    shape = SHAPES[kind]
    from_day, through_day = _days(shape.days, table)
    quantity, detail = _quantity(shape.quantity, table), _detail(shape.detail, table)
    if through_day is not None and through_day < from_day:
        table.refuse(THROUGH_BEFORE_FROM, "through", start=from_day)
    if kind is Kind.EMPLOYMENT and detail == HOURLY and not table.has("extent"):
        table.refuse(MISSING, "extent", key="extent")
    return from_day, through_day, quantity, _subject(shape.subject, table), detail


def _days(days: Days, table: Table) -> tuple[date, date | None]:
    match days:
        case Days.RANGE:
            return table.need("from", day, FIRST_DAY), table.need("through", day, FAR_DAY)
        case Days.OPEN:
            return table.need("from", day, FIRST_DAY), table.take("through", day, None)
        case Days.MONTH:
            month = table.need("month", parse_month, FIRST_DAY)
            return month, last_day(month)
        case Days.ON:
            on = table.need("on", day, FIRST_DAY)
            return on, on


def _quantity(part: Number | None, table: Table) -> int:
    if part is None:
        return 0
    parse = parse_kronor if part.is_money else whole(0, part.most)
    return table.need(part.key, parse, 0) if part.default is None else table.take(part.key, parse, part.default)


def _subject(part: Name | None, table: Table) -> str:
    if part is None:
        return ""
    parse = text(CODE_MOST)
    return table.need(part.key, parse, "") if part.is_needed else table.take(part.key, parse, "")


def _detail(part: Word | None, table: Table) -> int:
    if part is None:
        return 0
    parse = choice(part.words)
    default = part.default
    word = table.need(part.key, parse, part.words[0]) if default is None else table.take(part.key, parse, default)
    return part.words.index(word) + 1


def check_corrections(facts: Sequence[FactRecord], *, where: str = "fact") -> None:
    """DomainError unless ids are unique and each correction names an earlier, uncorrected fact of its kind."""
    breaches: list[Breach] = []
    by_id: dict[str, FactRecord] = {}
    for number, fact in enumerate(facts, start=1):
        if fact.id in by_id:
            breaches.append(Breach(FACT_TWICE, f"{where}[{number}].id", fact.id))
        by_id[fact.id] = fact
    corrected: dict[str, str] = {}
    for number, fact in enumerate(facts, start=1):
        if fact.replaces is None:
            continue
        field, old = f"{where}[{number}].replaces", by_id.get(fact.replaces)
        if old is None or old.reported > fact.reported or _corrects_itself(fact, by_id):
            breaches.append(Breach(REPLACES_UNKNOWN, field, fact.replaces))
        elif old.kind is not fact.kind:
            breaches.append(Breach(REPLACES_OTHER_KIND, field, fact.replaces, {"kind": old.kind.name.lower()}))
        elif fact.replaces in corrected:
            breaches.append(Breach(REPLACED_ALREADY, field, fact.replaces, {"by": corrected[fact.replaces]}))
        corrected[fact.replaces] = fact.id
    if breaches:
        raise DomainError(*breaches)


def _corrects_itself(fact: FactRecord, by_id: Mapping[str, FactRecord]) -> bool:
    """Whether the corrections that a fact builds on lead round in a circle."""
    passed = {fact.id}
    while fact.replaces is not None and fact.replaces in by_id:
        fact = by_id[fact.replaces]
        if fact.id in passed:
            return True
        passed.add(fact.id)
    return False


def columns_of(facts: Sequence[FactRecord]) -> tuple[Facts, Subjects, list[str], list[str]]:
    """One placement's facts as columns, known from the day they were verified, with the texts behind the numbers.

    Ids become numbers in alphabetical order (they break ties), as do subjects. Returns the columns, the subjects, and
    the ids and subject texts by number.
    """
    ids = ["", *sorted(fact.id for fact in facts)]
    subjects = ["", *sorted({fact.subject for fact in facts if fact.subject})]
    id_number = {text: number for number, text in enumerate(ids)}
    subject_number = {text: number for number, text in enumerate(subjects)}
    by_id = {fact.id: fact for fact in facts}

    def first_reported(fact: FactRecord) -> date:
        while fact.replaces is not None:
            fact = by_id[fact.replaces]
        return fact.reported

    milestones = {fact.subject: subject_number[fact.subject] for fact in facts if fact.kind is Kind.MILESTONE}
    rank = np.arange(len(subjects), dtype=np.int32)
    known = [to_day(fact.verified) for fact in facts]
    columns = Facts(
        id=np.array([id_number[fact.id] for fact in facts], np.int64),
        placement=np.zeros(len(facts), np.int32),
        kind=np.array([fact.kind for fact in facts], np.int8),
        from_day=np.array([to_day(fact.from_day) for fact in facts], np.int32),
        through_day=np.array([to_day(fact.through_day) for fact in facts], np.int32),
        quantity=np.array([fact.quantity for fact in facts], np.int64),
        subject=np.array([subject_number[fact.subject] for fact in facts], np.int32),
        detail=np.array([fact.detail for fact in facts], np.int8),
        first_reported=np.array([to_day(first_reported(fact)) for fact in facts], np.int32),
        verified=np.array(known, np.int32),
        known=np.array(known, np.int32),
        replaces=np.array([id_number[fact.replaces] if fact.replaces else NO_FACT for fact in facts], np.int64),
        withdrawn=np.array([fact.withdrawn for fact in facts], np.bool_),
    )
    return columns, Subjects(milestones, rank), ids, subjects

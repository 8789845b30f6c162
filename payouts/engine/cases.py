"""Case files (PAYMENT_MODELS.md section 7): a model, a placement and its facts, run by the engine that pays."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np

from backend.kernel.errors import Breach, DomainError, gettext_noop, refuse, rule
from backend.kernel.fields import CODE_MOST, LIST, SOURCE_MOST, TITLE_MOST, Parser, Table, choice, text
from backend.kernel.money import parse_kronor, plain_kronor
from backend.kernel.periods import Duration, add, last_day, parse_month
from contracts.library import library_model
from contracts.reading import read_model
from contracts.terms import PaymentModel, Step, Trigger
from outcomes.breaches import find_breaches
from outcomes.columns import KNOWLEDGE_FAR, Placements, to_day
from outcomes.facts import FactRecord, check_corrections, columns_of, day, read_fact
from payouts.engine.evaluate import Book
from payouts.engine.netting import NO_LINES, Ledger, Lines, difference
from payouts.engine.why import Status, Why, why

T = TypeVar("T")

CASE_FILE = rule("case_file", gettext_noop("the case file cannot be read as TOML: {reason}"))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """An expected or computed line; the amount a decimal string in kronor."""

    run: str
    step: str
    occurrence: str
    amount: str


@dataclass(frozen=True, slots=True)
class CaseWhy:
    """An expected answer: the step's status as of a day, and optionally a check that failed."""

    as_of: date
    step: str
    status: str
    check: str | None


@dataclass(frozen=True, slots=True)
class CasePlacement:
    tier: str
    referred_on: date
    starts_on: date | None
    price: int  # öre; -1 where none is agreed


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    through: date  # the first day of the last month that is run
    model: PaymentModel
    placement: CasePlacement
    facts: tuple[FactRecord, ...]
    lines: tuple[CaseLine, ...]
    whys: tuple[CaseWhy, ...]


def read_case_file(path: Path) -> Case:
    """The case in a TOML file; DomainError with every breach found."""
    try:
        document = tomllib.loads(path.read_bytes().decode())
    except (OSError, ValueError) as error:
        raise refuse(CASE_FILE, field="file", value=path.name, reason=str(error)) from error
    return read_case(document)


def read_case(document: Mapping[str, object]) -> Case:
    table = Table(document, "")
    title = table.need("title", text(TITLE_MOST), "")
    table.take("source", text(SOURCE_MOST), "")
    through = table.need("through", parse_month, None)
    model = table.need("model", _read_case_model, None)
    tiers = model.tiers if model else None
    placement = table.need("placement", lambda value, field: _read_placement(value, field, tiers), None)
    facts = table.take("fact", _each(lambda value, field: read_fact(value, where=field)), ())
    lines = table.take("line", _each(_read_line), ())
    codes = [step.code for step in model.steps] if model else []
    whys = table.take("why", _each(lambda value, field: _read_why(value, field, codes)), ())
    table.close()
    check_corrections(facts)
    if through is None or model is None or placement is None:
        raise AssertionError("close has refused their absence")
    return Case(title, through, model, placement, facts, lines, whys)


def _read_case_model(value: object, field: str) -> PaymentModel:
    if isinstance(value, Mapping) and "use" in value:
        table = Table(value, field)
        code = table.need("use", text(CODE_MOST), "")
        table.close()
        return library_model(code)
    return read_model(value, where=field)  # type: ignore[arg-type]  # anything but a table is refused


def _each(parse: Parser[T]) -> Parser[tuple[T, ...]]:
    """A list of tables, each through `parse`; all their breaches together."""

    def parse_all(value: object, field: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise refuse(LIST, field=field, value=value)
        found: list[T] = []
        breaches: list[Breach] = []
        for number, item in enumerate(value, start=1):
            try:
                found.append(parse(item, f"{field}[{number}]"))
            except DomainError as error:
                breaches.extend(error.breaches)
        if breaches:
            raise DomainError(*breaches)
        return tuple(found)

    return parse_all


def _read_placement(value: object, field: str, tiers: tuple[str, ...] | None) -> CasePlacement:
    table = Table(value, field)
    tier = table.take("tier", choice(tiers) if tiers else text(CODE_MOST), tiers[0] if tiers else "")
    placement = CasePlacement(
        tier,
        table.need("referred_on", day, date.min),
        table.take("starts_on", day, None),
        table.take("price", parse_kronor, -1),
    )
    table.close()
    return placement


def _read_line(value: object, field: str) -> CaseLine:
    table = Table(value, field)
    any_text: Parser[str] = lambda raw, _: str(raw)  # noqa: E731
    keys = ("run", "step", "occurrence", "amount")
    line = CaseLine(*(table.need(key, any_text, "") for key in keys))
    table.close()
    return line


def _read_why(value: object, field: str, codes: Sequence[str]) -> CaseWhy:
    table = Table(value, field)
    asked = CaseWhy(
        table.need("as_of", day, date.min),
        table.need("step", choice(codes), ""),
        table.need("status", choice([status.value for status in Status]), ""),
        table.take("check", text(CODE_MOST), None),
    )
    table.close()
    return asked


@dataclass(frozen=True, slots=True)
class CaseBook:
    """A case made ready for the engine, with the fact ids and the subject texts behind its numbers."""

    case: Case
    book: Book
    fact_ids: list[str]
    subjects: list[str]


def case_book(case: Case) -> CaseBook:
    facts, subjects, fact_ids, subject_texts = columns_of(case.facts)
    placements = Placements(
        id=np.ones(1, np.int64),
        model=np.zeros(1, np.int16),
        tier=np.array([case.model.tiers.index(case.placement.tier)], np.int16),
        price=np.array([case.placement.price], np.int64),
        starts_on=np.array([to_day(case.placement.starts_on)], np.int32),
        known=np.full(1, np.iinfo(np.int32).min, np.int32),
        superseded=np.full(1, KNOWLEDGE_FAR, np.int32),
    )
    return CaseBook(case, Book([case.model], placements, facts, subjects), fact_ids, subject_texts)


def run_case(case: Case) -> list[CaseLine]:
    """All lines of all runs, in order of run, step (by code) and occurrence. DomainError where a fact is bad input."""
    made = case_book(case)
    ledger = NO_LINES
    found: list[CaseLine] = []
    for month in _months(case):
        cutoff = to_day(last_day(month))
        check_case(made, cutoff)
        owed = made.book.evaluate(cutoff, cutoff).owed
        lines = difference(owed, owed.step.astype(np.int32), ledger)
        ledger = Ledger.join([ledger, lines.entries()])
        found += sorted(_said(made, f"{month:%Y-%m}", lines), key=lambda line: (line.step, line.occurrence))
    return found


def check_case(made: CaseBook, knowledge: int) -> None:
    """DomainError if the facts known then break a rule."""
    found = find_breaches(made.book.models, made.book.placements, made.book.shelves, knowledge)
    if found:
        raise DomainError(
            *(
                Breach(
                    breach.rule,
                    f"fact {made.fact_ids[breach.fact]}.{breach.field}".lstrip(),
                    breach.value,
                    breach.details,
                )
                if breach.fact
                else Breach(breach.rule, f"placement.{breach.field}", breach.value, breach.details)
                for breach in found
            )
        )


def _months(case: Case) -> Iterator[date]:
    month = (case.placement.starts_on or case.placement.referred_on).replace(day=1)
    while month <= case.through:
        yield month
        month = add(month, Duration(1, "M"))


def _said(made: CaseBook, run: str, lines: Lines) -> Iterator[CaseLine]:
    for index in range(len(lines)):
        step = made.case.model.steps[lines.step[index]]
        occurrence = say_occurrence(step, int(lines.occurrence[index]), made.subjects)
        yield CaseLine(run, step.code, occurrence, plain_kronor(int(lines.amount[index])))


def say_occurrence(step: Step, number: int, subjects: Sequence[str] | Mapping[int, str]) -> str:
    """An occurrence's text: a month as 2026-03, a block as 01, a course by its code, else nothing."""
    if number == 0:
        return ""
    if step.trigger is Trigger.PERIOD:
        return f"{number // 100}-{number % 100:02d}"
    return f"{number:02d}" if step.trigger is Trigger.EMPLOYMENT else subjects[number]


def ask_case(case: Case, as_of: date) -> dict[str, Why]:
    """The answers of all steps as of a day, by step code."""
    return {answer.step.code: answer for answer in why(case_book(case).book, to_day(as_of))}


def case_failures(case: Case) -> list[str]:
    """What differs from what the case expects, a sentence each; nothing if the case passes."""
    came = run_case(case)
    failures = [f"expected, but not found: {_line(line)}" for line in case.lines if line not in came]
    failures += [f"found, but not expected: {_line(line)}" for line in came if line not in case.lines]
    if not failures and came != list(case.lines):
        failures.append("the lines are right, but not in order of run, step and occurrence, or one stands twice")
    for asked in case.whys:
        answer = ask_case(case, asked.as_of)[asked.step]
        where = f"{asked.step} as of {asked.as_of}"
        if answer.status != asked.status:
            failures.append(f"{where}: expected {asked.status}, but it is {answer.status}")
        failed = [check.name for check in answer.checks if not check.passed]
        if asked.check is not None and asked.check not in failed:
            failures.append(
                f"{where}: expected the check {asked.check} to fail, but these fail: {', '.join(failed) or 'none'}"
            )
    return failures


def _line(line: CaseLine) -> str:
    return f"{line.run} {line.step} {line.occurrence or '-'} {line.amount}"

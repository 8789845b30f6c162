"""A payment model tried on one invented placement: what would be owed, on which day, and why. Nothing is stored.

Pure: what a form says becomes a case (PAYMENT_MODELS.md section 7), and the engine that pays evaluates it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.kernel.money import plain_kronor
from backend.kernel.periods import last_day
from contracts.reading import model_document
from contracts.terms import PaymentModel
from contracts.wording import Language
from outcomes.columns import to_date, to_day
from payouts.engine.cases import case_book, check_case, read_case
from payouts.engine.why import why
from payouts.words import say_why

Said = Mapping[str, Any]  # what was filled in, by field of `payouts.forms.ExampleForm`
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owing:
    """One occurrence of a step that is owed."""

    day: date | None
    step: str
    amount: int  # öre


@dataclass(frozen=True, slots=True)
class Tried:
    """What the example comes to in the end: all that is owed, in order of day, and the sentences that say why."""

    owed: list[Owing]
    sentences: list[str]

    @property
    def total(self) -> int:
        return sum(one.amount for one in self.owed)


def try_model(model: PaymentModel, said: Said, language: Language) -> Tried:
    """Evaluate the example at the end of its last month. DomainError if it says something that can't be."""
    made = case_book(read_case(_case(model, said)))
    end = to_day(last_day(made.case.through))
    check_case(made, end)
    answers = why(made.book, end)
    owed = [
        Owing(to_date(day), answer.step.title, amount)
        for answer in answers
        for day, amount in zip(answer.owed.qualifies_on.tolist(), answer.owed.amount.tolist(), strict=True)
    ]
    told = say_why(answers, language, fact_name=made.fact_ids.__getitem__, subject_name=made.subjects.__getitem__)
    return Tried(sorted(owed, key=lambda one: one.day or date.max), told)


def _case(model: PaymentModel, said: Said) -> Document:
    placement = {"tier": said["tier"], "referred_on": said["starts_on"], "starts_on": said["starts_on"]}
    if said["price"] is not None:
        placement["price"] = plain_kronor(said["price"])
    end = last_day(said["through"])
    return {
        "title": "example",
        "through": f"{end:%Y-%m}",
        "model": model_document(model),
        "placement": placement,
        "fact": [_reported(fact, end) for fact in _facts(said)],
    }


def _facts(said: Said) -> Iterator[Document]:
    if said["attended_days"]:
        days = {"from": said["starts_on"], "through": said["attended_through"], "days": said["attended_days"]}
        yield {"id": "attendance", "kind": "attendance", **days}
    if said["milestone"]:
        yield {"id": "milestone", "kind": "milestone", "name": said["milestone"], "on": said["milestone_on"]}
    if said["course_on"]:
        passed = {"course": "course", "grade": said["grade"], "points": said["points"] or 0}
        yield {"id": "course", "kind": "grade", "on": said["course_on"], **passed}
    if said["exit_on"]:
        yield {"id": "exit", "kind": "exit", "on": said["exit_on"], "reason": "completed"}
    if said["job_from"]:
        job = {"from": said["job_from"], "extent": said["job_extent"], "form": said["job_form"], "employer": "employer"}
        last = {"through": said["job_through"]} if said["job_through"] else {}
        yield {"id": "job", "kind": "employment", **job, **last}
    if said["earned"]:
        yield {"id": "pay", "kind": "earnings", "on": said["earned_on"], "amount": plain_kronor(said["earned"])}


def _reported(fact: Document, end: date) -> Document:
    """The fact as reported at once, and verified in the end."""
    day: date = fact.get("on") or fact.get("through") or fact["from"]
    return fact | {"reported": min(day, end), "verified": end}

"""What is owed, why and why not, and what to do next, as the API tells it."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from backend.kernel.money import plain_kronor
from outcomes.columns import to_date
from outcomes.serializers import Kronor
from payouts.engine.why import Why
from payouts.labels import occurrence_text
from payouts.models import Line


class StepDocument(msgspec.Struct):
    """A step of the payment model for one placement: whether it is owed, and why or why not."""

    code: str
    title: str
    status: Annotated[str, Meta(description="owed, waiting or missed")]
    amount: Annotated[Kronor, Meta(description="what is owed of it, in kronor")]
    until: Annotated[date | None, Meta(description="the last day of its time limit, if it waits for one")]
    reasons: Annotated[list[str], Meta(description="each thing that the step asks, and what was found")]


class WhyDocument(msgspec.Struct):
    """Why, and why not, each step of a placement is owed as of a day."""

    placement: str
    as_of: date
    steps: list[StepDocument]


class LineDocument(msgspec.Struct):
    """A line of an attested run: what was added to, or taken from, what is owed."""

    run: Annotated[int, Meta(description="the run's number")]
    month: Annotated[str, Meta(description="the month that the run ended")]
    placement: str
    contract: str
    step: str
    title: str
    occurrence: Annotated[str, Meta(description="the month, course or period; empty where there is but one")]
    qualifies_on: date
    amount: Kronor
    fact: Annotated[str | None, Meta(description="the id of the fact that completed it")]
    is_held: Annotated[bool, Meta(description="it is owed, and not paid for the time being")]


class LinePage(msgspec.Struct):
    """Lines in the order of the runs."""

    items: list[LineDocument]
    next: str | None


class Task(msgspec.Struct, omit_defaults=True):
    """Something that the provider can do about a placement."""

    kind: Annotated[str, Meta(description="report_month, answer or window_closes")]
    placement: str
    text: str
    until: date | None = None
    month: str = ""
    fact: Annotated[str, Meta(description="the id of the fact about which more is asked")] = ""
    step: Annotated[str, Meta(description="the code of the step whose time limit is about to end")] = ""


class TaskPage(msgspec.Struct):
    """What to do about some placements, in the order of their numbers; it may be empty though `next` leads on."""

    items: list[Task]
    next: str | None


def step_document(why: Why, reasons: list[str]) -> StepDocument:
    return StepDocument(
        code=why.step.code,
        title=why.step.title,
        status=why.status.value,
        amount=plain_kronor(why.amount),
        until=None if why.until is None else to_date(why.until),
        reasons=reasons,
    )


def line_document(line: Line) -> LineDocument:
    """A line read by `selectors.lines_to_pay`."""
    return LineDocument(
        run=line.run.sequence,
        month=f"{line.run.cutoff:%Y-%m}",
        placement=line.placement.number,
        contract=line.contract.number,
        step=line.step.code,
        title=line.step.title,
        occurrence=occurrence_text(line),
        qualifies_on=line.qualifies_on,
        amount=plain_kronor(line.amount),
        fact=line.fact.external_id if line.fact else None,
        is_held=line.is_held,  # type: ignore[attr-defined]
    )

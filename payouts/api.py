"""What is owed, why and why not, and what to do next, in the API (docs/api.md)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext
from rest_framework.request import Request

from backend.kernel.api import (
    PAGE_ITEMS,
    PAGE_ITEMS_MOST,
    cursor,
    first_of,
    json_answer,
    next_page,
    number,
    parameters,
    tagged_answer,
)
from backend.kernel.fields import CODE_MOST, text
from backend.kernel.schema import CURSOR, IF_NONE_MATCH, LIMIT, described, document, parameter
from contracts.wording import Language
from outcomes.columns import to_date, to_day
from outcomes.facts import day
from outcomes.models import Placement
from outcomes.selectors import placements_of
from outcomes.waiting import asked_for_more, unreported_placements
from payouts.explaining import ask_placement, ask_placements, explain_steps
from payouts.models import Line
from payouts.selectors import lines_to_pay
from payouts.serializers import (
    LinePage,
    Task,
    TaskPage,
    WhyDocument,
    line_document,
    step_document,
)
from providers.api import ProviderView
from providers.models import Scope

TASK_PLACEMENTS, DAYS_AHEAD, DAYS_AHEAD_MOST = 100, 30, 366


class PlacementWhy(ProviderView):
    """Why, and why not, each step of a placement is owed."""

    scopes = {"GET": Scope.PAYMENTS_READ}

    @described(
        "explain_placement",
        summary="Why, and why not, each step is owed",
        description="By the very computation that pays, from the facts that are verified.",
        answers={HTTPStatus.OK: document(WhyDocument), HTTPStatus.NOT_MODIFIED: None},
        parameters=[parameter("as_of", "as of this day; today by default", date), IF_NONE_MATCH],
        problems=[HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        with parameters(request) as asked:
            as_of = asked.take("as_of", day, localdate())
        placement = get_object_or_404(placements_of(self.provider, self.user), number=number)
        self.record_reading(Placement, [number])
        answers = ask_placement(placement, as_of)
        told = explain_steps(answers, _language())
        steps = [step_document(answer, said[1:]) for answer, said in zip(answers, told, strict=True)]
        return tagged_answer(request, WhyDocument(number, as_of, steps))


class LineList(ProviderView):
    """The provider's lines of attested runs."""

    scopes = {"GET": Scope.PAYMENTS_READ}

    @described(
        "list_lines",
        summary="Lines of attested runs",
        description="What each run added to, or took from, what is owed.",
        answers={HTTPStatus.OK: document(LinePage)},
        parameters=[
            parameter("placement", "only lines of this placement"),
            parameter("run", "only lines of the run with this number", int),
            LIMIT,
            CURSOR,
        ],
        problems=[HTTPStatus.BAD_REQUEST],
    )
    def get(self, request: Request) -> HttpResponse:
        with parameters(request) as asked:
            placement = asked.take("placement", text(CODE_MOST), None)
            run = asked.take("run", number(1, 10**9 - 1), None)
            limit = asked.take("limit", number(1, PAGE_ITEMS_MOST), PAGE_ITEMS)
            after = asked.take("cursor", cursor(int, int, int, int), None)
        lines = lines_to_pay(self.provider, after=after)
        if placement is not None:
            lines = lines.filter(placement__number=placement)
        if run is not None:
            lines = lines.filter(run__sequence=run)
        page, more = first_of(lines, limit)
        self.record_reading(Line, sorted({line.placement.number for line in page}))
        following = next_page(request, _place_of(page[-1])) if more else None
        return json_answer(LinePage([line_document(line) for line in page], following))


class TaskList(ProviderView):
    """What the provider can do next."""

    scopes = {"GET": Scope.PAYMENTS_READ}

    @described(
        "list_tasks",
        summary="What to do next",
        description="Months without a report that their pay needs, facts about which more is asked, and time limits "
        f"that end soon. A page looks at up to {TASK_PLACEMENTS} placements.",
        answers={HTTPStatus.OK: document(TaskPage)},
        parameters=[
            parameter("days", f"how far ahead time limits are looked for; {DAYS_AHEAD} by default", int),
            parameter("limit", f"how many placements to look at, at most {TASK_PLACEMENTS}, as by default", int),
            CURSOR,
        ],
        problems=[HTTPStatus.BAD_REQUEST],
    )
    def get(self, request: Request) -> HttpResponse:
        with parameters(request) as asked:
            ahead = asked.take("days", number(1, DAYS_AHEAD_MOST), DAYS_AHEAD)
            limit = asked.take("limit", number(1, TASK_PLACEMENTS), TASK_PLACEMENTS)
            after = asked.take("cursor", cursor(str), None)
        mine = Placement.objects.filter(contract__provider=self.provider).order_by("number")
        placements, more = first_of(mine.filter(number__gt=after[0]) if after else mine, limit)
        self.record_reading(Placement, [placement.number for placement in placements])
        today = localdate()
        tasks = [*_answers_due(placements), *self._months_due(placements, today), *_windows(placements, today, ahead)]
        tasks.sort(key=lambda task: task.placement)
        following = next_page(request, [placements[-1].number]) if more else None
        return json_answer(TaskPage(tasks, following))

    def _months_due(self, placements: Sequence[Placement], today: date) -> Iterator[Task]:
        month = f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
        said = gettext("Report {month}: the payment model pays a month only with its report.").format(month=month)
        for placement in unreported_placements(self.provider, today).filter(pk__in=_ids(placements)):
            yield Task("report_month", placement.number, said, month=month)


def _answers_due(placements: Sequence[Placement]) -> Iterator[Task]:
    said = gettext("A handler asked for more: attach evidence, or report a correction.")
    for fact in asked_for_more().filter(placement__in=_ids(placements)):
        yield Task("answer", fact.placement.number, said, fact=fact.external_id)


def _windows(placements: Sequence[Placement], today: date, ahead: int) -> Iterator[Task]:
    """Steps whose time limit ends within so many days."""
    numbers = {placement.pk: placement.number for placement in placements}
    last = to_day(today) + ahead
    for pk, answers in ask_placements(list(numbers), today).items():
        if any(answer.until is not None and answer.until <= last for answer in answers):
            for answer, said in zip(answers, explain_steps(answers, _language()), strict=True):
                if answer.until is not None and answer.until <= last:
                    until = to_date(answer.until)
                    yield Task("window_closes", numbers[pk], said[0], until=until, step=answer.step.code)


def _ids(placements: Sequence[Placement]) -> list[int]:
    return [placement.pk for placement in placements]


def _place_of(line: Line) -> tuple[int, int, int, int]:
    return line.run.sequence, line.placement_id, line.step_id, line.occurrence


def _language() -> Language:
    return "sv" if get_language() == "sv" else "en"

"""Questions to runs and the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from contracts.models import Contract
from outcomes.models import Placement
from payouts.models import LINE_KEY, Allocation, Attestant, Hold, Line, ParkedProvider, Run, Signature
from payouts.states import BINDING, RunState
from providers.models import Provider

Row = Mapping[str, Any]  # of a query that groups
CLAWBACK = Q(amount__lt=0)


def counting_runs(*, before: int | None = None) -> list[int]:
    """Ids of the runs whose lines count (not cancelled), in order; those earlier in the sequence than `before`."""
    runs = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence")
    return list((runs if before is None else runs.filter(sequence__lt=before)).values_list("pk", flat=True))


def attestants_on(day: date, signature: Signature) -> QuerySet[Attestant]:
    """Who is in the list of attestants on a day, for one kind of signature."""
    return Attestant.objects.filter(signature=signature, valid_from__lte=day, valid_through__gte=day, ended_at=None)


def runs_to_allocate() -> QuerySet[Run]:
    """Attested runs whose statements are not made yet, in order."""
    return Run.objects.filter(state__in=BINDING, allocated_at=None).order_by("sequence")


def runs_with_counts() -> QuerySet[Run]:
    """All runs, the newest first, each with its numbers of parked providers and of lines with a hold of their own."""
    return Run.objects.order_by("-sequence").annotate(
        parked_count=_count(ParkedProvider.objects.filter(run=OuterRef("pk"))),
        held_count=_count(Hold.objects.filter(run=OuterRef("pk"), released_at=None)),
    )


def _count(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("run").annotate(count=Count("*")).values("count")), 0)


def sums_by(run: Run, columns: Mapping[str, str]) -> list[Row]:
    """A run's lines, and their sum, clawbacks and what is held of it, per group, the largest sum first.

    `columns`: names for the paths to group by.
    """
    lines = Line.objects.filter(run=run).annotate(is_held=_held())
    groups = lines.values(**{name: F(path) for name, path in columns.items()})
    sums = groups.annotate(
        lines=Count("*"),
        total=Sum("amount"),
        clawback=Sum("amount", filter=CLAWBACK),
        held=Sum("amount", filter=Q(is_held=True)),
    )
    return list(sums.order_by("-total", *columns))


STEP = {"id": "step", "name": "step__title", "model": "step__version__code"}
PROVIDER = {
    "id": "contract__provider",
    "number": "contract__provider__number",
    "name": "contract__provider__name",
}


_KEY = {name: OuterRef(name) for name in LINE_KEY}


def _line_of_hold() -> QuerySet[Line]:
    return Line.objects.filter(**_KEY)


def held_lines(run: Run) -> list[Row]:
    """Holds on a run's own lines: how many and how much per contract and reason, still held or released."""
    holds = Hold.objects.filter(run=run).annotate(
        amount=Subquery(_line_of_hold().values("amount")),
        contract_number=Subquery(_line_of_hold().values("contract__number")),
        provider_name=Subquery(_line_of_hold().values("contract__provider__name")),
        is_released=Q(released_at__isnull=False),
    )
    groups = holds.values("contract_number", "provider_name", "reason_code", "is_released")
    own = list(groups.annotate(lines=Count("*"), total=Sum("amount")).order_by("contract_number", "reason_code"))
    return own + _held_placements(run)


def _held_placements(run: Run) -> list[Row]:
    """Standing holds on whole placements that have lines in a run."""
    holds = Hold.objects.filter(released_at=None, run=None, placement=OuterRef("placement"))
    lines = Line.objects.filter(Exists(holds), run=run).annotate(
        reason_code=Subquery(holds.values("reason_code")[:1]), is_released=Value(False)
    )
    names = {"contract_number": F("contract__number"), "provider_name": F("contract__provider__name")}
    groups = lines.order_by().values("reason_code", "is_released", **names)
    return list(groups.annotate(lines=Count("*"), total=Sum("amount")).order_by("contract__number", "reason_code"))


def held_contracts(run: Run) -> list[Row]:
    """Standing holds on whole contracts that have lines in a run, and on their providers."""
    names = {"contract_number": F("contract__number"), "provider_name": F("contract__provider__name")}
    groups = Line.objects.filter(run=run).values("contract", "contract__provider", **names)
    sums = list(groups.annotate(lines=Count("*"), total=Sum("amount")).order_by("contract__number"))
    holds = Hold.objects.filter(released_at=None, placement=None).values("contract", "provider", "reason_code")
    return [
        {**row, "reason_code": hold["reason_code"]}
        for row in sums
        for hold in holds
        if hold["contract"] == row["contract"] or hold["provider"] == row["contract__provider"]
    ]


def lines_of(run: Run) -> QuerySet[Line]:
    """A run's lines with what a page shows of them, and whether each is held."""
    return with_holds(Line.objects.filter(run=run)).order_by("placement", "step", "occurrence")


def ledger_of(placement: Placement) -> QuerySet[Line]:
    """Every line of a placement, also of cancelled runs, in the order of the runs."""
    return with_holds(placement.lines.all()).order_by("run__sequence", "step__position", "occurrence")


def lines_to_pay(provider: Provider, *, after: tuple[int, int, int, int] | None = None) -> QuerySet[Line]:
    """A provider's lines of attested runs, in the order of the runs; `after`: what follows on this line (by key)."""
    mine = Line.objects.filter(contract__provider=provider, run__state__in=BINDING)
    if after:
        run, placement, step, occurrence = after
        mine = mine.filter(
            Q(run__sequence__gt=run)
            | Q(run__sequence=run, placement__gt=placement)
            | Q(run__sequence=run, placement=placement, step__gt=step)
            | Q(run__sequence=run, placement=placement, step=step, occurrence__gt=occurrence)
        )
    return with_holds(mine).order_by("run__sequence", "placement", "step", "occurrence")


def with_holds(lines: QuerySet[Line]) -> QuerySet[Line]:
    """Ledger lines with what a page shows of them; `is_held`: they or their contract are held now."""
    return lines.select_related("placement", "contract__provider", "step", "run", "fact__subject").annotate(
        is_held=_held()
    )


def _held() -> Any:
    """Whether something holds a line now: a hold of its own, of its placement, its contract or its provider."""
    return reduce(or_, (Exists(holds) for holds in _holds_of_line()))


def _holds_of_line() -> list[QuerySet[Hold]]:
    holds = Hold.objects.filter(released_at=None)
    return [
        holds.filter(**_KEY),
        holds.filter(placement=OuterRef("placement"), run=None),
        holds.filter(contract=OuterRef("contract")),
        holds.filter(provider=OuterRef("contract__provider")),
    ]


@dataclass(frozen=True, slots=True)
class LedgerHeld:
    """Lines that are held, and what they come to in öre."""

    line_count: int
    amount: int


def held_sum(run: Run) -> LedgerHeld:
    """How many of a run's lines are held now and what they come to, each counted once."""
    held = Line.objects.filter(_held(), run=run)
    return LedgerHeld(**held.aggregate(line_count=Count("*"), amount=Sum("amount", default=0)))


def reason_held() -> Case:
    """The code of the first reason why a line is held now; empty if it is not."""
    return Case(
        *[When(Exists(holds), then=Subquery(holds.values("reason_code")[:1])) for holds in _holds_of_line()],
        default=Value(""),
    )


def held_by_reason(contract: Contract) -> list[Row]:
    """What is owed under a contract and held now: `lines` and `total` (öre) by `reason_code`; each line counts once."""
    waiting = Line.objects.filter(contract=contract, run__state__in=BINDING).exclude(
        Exists(Allocation.objects.filter(**_KEY))
    )
    groups = waiting.annotate(reason_code=reason_held()).exclude(reason_code="").order_by().values("reason_code")
    return list(groups.annotate(lines=Count("*"), total=Sum("amount")).order_by("reason_code"))


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """What a placement's counting lines come to, in öre."""

    total: int
    clawback: int


def ledger_sum(placement: Placement) -> LedgerSum:
    """The sum of a placement's lines that count, and the part of it that was taken back."""
    lines = placement.lines.exclude(run__state=RunState.CANCELLED)
    sums = lines.aggregate(total=Sum("amount", default=0), clawback=Sum("amount", filter=CLAWBACK, default=0))
    return LedgerSum(**sums)

"""Questions to runs and the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from outcomes.models import Placement
from payouts.models import Hold, Line, ParkedProvider, Run
from payouts.states import RunState
from providers.models import Provider

Row = Mapping[str, Any]  # of a query that groups
CLAWBACK = Q(amount__lt=0)


def counting_runs(*, before: int | None = None) -> list[int]:
    """Ids of the runs whose lines count (not cancelled), in order; those earlier in the sequence than `before`."""
    runs = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence")
    return list((runs if before is None else runs.filter(sequence__lt=before)).values_list("pk", flat=True))


def runs_with_counts() -> QuerySet[Run]:
    """All runs, the newest first, each with its numbers of parked providers and of lines with a hold of their own."""
    return Run.objects.order_by("-sequence").annotate(
        parked_count=_count(ParkedProvider.objects.filter(run=OuterRef("pk"))),
        held_count=_count(Hold.objects.filter(run=OuterRef("pk"), released_at=None)),
    )


def _count(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("run").annotate(count=Count("*")).values("count")), 0)


def sums_by(run: Run, columns: Mapping[str, str]) -> list[Row]:
    """A run's lines, sum and clawbacks per group, the largest sum first; `columns`: names for the paths to group by."""
    groups = Line.objects.filter(run=run).values(**{name: F(path) for name, path in columns.items()})
    sums = groups.annotate(lines=Count("*"), total=Sum("amount"), clawback=Sum("amount", filter=CLAWBACK))
    return list(sums.order_by("-total", *columns))


STEP = {"id": "step", "name": "step__title", "model": "step__version__code"}
PROVIDER = {
    "id": "contract__provider",
    "number": "contract__provider__number",
    "name": "contract__provider__name",
}


_KEY = {name: OuterRef(name) for name in ("run", "placement", "step", "occurrence")}


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
    return list(groups.annotate(lines=Count("*"), total=Sum("amount")).order_by("contract_number", "reason_code"))


def held_contracts(run: Run) -> list[Row]:
    """Holds on whole contracts that have lines in a run and are not released."""
    mine = Line.objects.filter(run=run)
    sums = mine.filter(contract=OuterRef("contract")).order_by().values("contract")
    holds = Hold.objects.filter(released_at=None, contract__in=mine.values("contract")).annotate(
        lines=Subquery(sums.annotate(count=Count("*")).values("count")),
        total=Subquery(sums.annotate(sum=Sum("amount")).values("sum")),
    )
    names = {"contract_number": F("contract__number"), "provider_name": F("contract__provider__name")}
    return list(holds.order_by("contract__number").values("reason_code", "lines", "total", **names))


def lines_of(run: Run) -> QuerySet[Line]:
    """A run's lines with what a page shows of them, and whether each is held."""
    return with_holds(Line.objects.filter(run=run)).order_by("placement", "step", "occurrence")


def ledger_of(placement: Placement) -> QuerySet[Line]:
    """Every line of a placement, also of cancelled runs, in the order of the runs."""
    return with_holds(placement.lines.all()).order_by("run__sequence", "step__position", "occurrence")


def lines_to_pay(provider: Provider, *, after: tuple[int, int, int, int] | None = None) -> QuerySet[Line]:
    """A provider's lines of attested runs, in the order of the runs; `after`: what follows on this line (by key)."""
    mine = Line.objects.filter(contract__provider=provider, run__state=RunState.ATTESTED)
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
    holds = Hold.objects.filter(released_at=None)
    own = holds.filter(**_KEY)
    return lines.select_related("placement", "contract__provider", "step", "run", "fact__subject").annotate(
        is_held=Exists(own) | Exists(holds.filter(contract=OuterRef("contract")))
    )


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

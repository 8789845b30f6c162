"""Marks and wake-up days miss nothing: month by month, a run that looks at these alone owes what a full one would.

In a random town with late facts, corrections, withdrawals and changed attributes.
"""

from collections import Counter
from datetime import date

import psycopg
import pytest

from backend.kernel.periods import last_day
from outcomes.columns import to_day
from outcomes.models import ChangedPlacement, Fact, PlacementVersion
from payouts.computation import Computation, Job, new_connection, shared_snapshot
from payouts.models import Line, Run
from payouts.states import RunState
from tests.random_town import RandomTown
from tests.run_steps import assert_ledger_is_clean, cancel

pytestmark = pytest.mark.django_db(transaction=True)

Owed = Counter[tuple[int, int, int]]  # öre by placement, step and occurrence
MONTHS = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(12)]


def owed_in_full(run: Run) -> Owed:
    """What is owed at a run's cut-off and knowledge, of every placement, as if nothing had been paid before."""
    owed: Owed = Counter()
    with new_connection() as first:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shared_snapshot(first) as second:
            assert run.knowledge_at
            for chunk in Computation(first, second, Job(to_day(run.cutoff), run.knowledge_at, [])).chunks():
                columns = chunk.lines.columns()
                names = ("placement_id", "step_id", "occurrence", "amount")
                for placement, step, occurrence, amount in zip(
                    *(columns[name].tolist() for name in names), strict=True
                ):
                    owed[placement, step, occurrence] += amount
    return owed


def ledger_sums() -> Owed:
    sums: Owed = Counter()
    lines = Line.objects.exclude(run__state=RunState.CANCELLED)
    for placement, step, occurrence, amount in lines.values_list("placement", "step", "occurrence", "amount"):
        sums[placement, step, occurrence] += amount
    return Counter({key: amount for key, amount in sums.items() if amount})


@pytest.mark.parametrize("seed", [1, 3])
def test_incremental_runs_owe_what_full_ones_do(seed: int) -> None:
    town = RandomTown(seed)
    by_time = 0  # lines of placements that nothing has happened to
    for number, month in enumerate(MONTHS):
        town.live_through(month)
        if number % 6 == 5:
            cancel(town.towns[0], town.compute(last_day(month)))
        marked = set(ChangedPlacement.objects.values_list("placement_id", flat=True))
        run = town.pay(last_day(month))
        assert run.is_full == (number % 6 == 5 or number == 0)  # the first one, and after a cancelled one
        assert ledger_sums() == owed_in_full(run)
        if not run.is_full:
            by_time += run.lines.exclude(placement__in=marked).count()
    assert_ledger_is_clean()
    assert by_time
    assert_much_has_happened(town)


def assert_much_has_happened(town: RandomTown) -> None:
    """Else the town would prove little."""
    assert town.refused
    assert Line.objects.filter(amount__lt=0).exists()
    assert Fact.objects.filter(withdrawn=True, verified__isnull=False).exists()
    assert Fact.objects.filter(withdrawn=False, replaces__isnull=False, verified__isnull=False).exists()
    assert PlacementVersion.objects.values("placement").distinct().count() < PlacementVersion.objects.count()
    paying = Line.objects.values_list("step__version__code", flat=True)
    assert set(paying) == {each.model.code for each in town.towns}

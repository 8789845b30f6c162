"""A preview says what a run would write, and writes nothing itself."""

from datetime import date

import pytest

from contracts.library import library_model
from outcomes.models import ChangedPlacement
from payouts.models import Line, Run, Wakeup
from payouts.previewing import preview_run
from payouts.selectors import PROVIDER, STEP, sums_by
from tests.run_steps import DAY, as_owner, cancel
from tests.town import Town, attendance, noon

pytestmark = pytest.mark.django_db(transaction=True)

START = date(2025, 1, 15)
FEBRUARY, MARCH = date(2025, 2, 28), date(2025, 3, 31)
MIDDLE_OF_MARCH = noon(date(2025, 3, 15))


@pytest.fixture
def town() -> Town:
    """Two placements; the first was paid its start part for February, which a correction in March takes back."""
    town = Town()
    for number in ("P1", "P2"):
        town.refer(number, START - 5 * DAY, START)
    town.tell(date(2025, 2, 16), attendance("a1", "P1", START, date(2025, 2, 13), 22))
    town.pay(FEBRUARY)
    town.tell(date(2025, 3, 3), attendance("mended", "P1", START, date(2025, 2, 13), 12, replaces="a1"))
    town.tell(date(2025, 3, 10), attendance("a2", "P2", START, date(2025, 3, 6), 22))
    return town


def state_of_all() -> tuple[object, ...]:
    return tuple(model.objects.count() for model in (Run, Line, ChangedPlacement, Wakeup))


def test_the_running_month_is_previewed_and_nothing_is_written(town: Town) -> None:
    before = state_of_all()
    preview = preview_run(now=MIDDLE_OF_MARCH)
    assert state_of_all() == before
    assert (preview.cutoff, preview.moment, preview.total) == (MARCH, MIDDLE_OF_MARCH, 0)
    (row,) = preview.sums.to_dict("records")
    assert (row["provider"], row["lines"], row["total"], row["clawback"]) == (town.provider.pk, 2, 0, -600_000)


def test_a_run_comes_to_what_its_preview_said(town: Town) -> None:
    preview = preview_run(cutoff=MARCH, now=noon(MARCH + DAY))
    run = town.compute(MARCH)
    assert preview.total == run.total
    assert preview.sums["lines"].sum() == run.line_count
    for column, path in (("provider", PROVIDER), ("step", STEP)):
        sums = preview.sums.groupby(column)["total"].sum().to_dict()
        assert sums == {row["id"]: row["total"] for row in sums_by(run, path)}


def test_after_a_cancelled_run_everything_is_previewed(town: Town) -> None:
    cancel(town, town.compute(MARCH))
    assert not ChangedPlacement.objects.exists()
    assert preview_run(now=MIDDLE_OF_MARCH).sums["lines"].sum() == 2


def test_without_any_run_everything_is_previewed() -> None:
    assert preview_run(now=MIDDLE_OF_MARCH).sums.empty
    town = Town(library_model("nacka-jobbpeng"))
    town.refer("P1", START - 5 * DAY, START)
    assert preview_run(cutoff=FEBRUARY, now=MIDDLE_OF_MARCH).total > 0


def test_a_provider_that_would_be_parked_is_named_and_left_out(town: Town) -> None:
    with as_owner("outcomes_fact") as connection:
        connection.execute("UPDATE outcomes_fact SET quantity = 99 WHERE external_id = 'a2'")
    preview = preview_run(now=MIDDLE_OF_MARCH)
    assert preview.parked == [town.provider.pk]
    assert preview.sums.empty

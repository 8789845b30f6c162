"""Wrong examples of the demonstration's rules; `tests.wrong_examples` gathers them."""

from collections.abc import Callable

from django.test import override_settings

from backend.demonstration.building import Plan, is_built
from payouts.tasks import compute
from tests.small_world import make_user


@override_settings(DEMONSTRATION=True)
def too_few_placements() -> None:
    is_built(Plan(placements=99, seed=1, months=36))


@override_settings(DEMONSTRATION=True)
def beside_other_data() -> None:
    make_user()
    is_built(Plan(placements=100, seed=1, months=36))


@override_settings(DEMONSTRATION=False)
def outside_a_demonstration() -> None:
    is_built(Plan(placements=100, seed=1, months=36))


@override_settings(DEMONSTRATION=False)
def with_a_simulated_clock() -> None:
    compute.fn(1, "2026-01-01T12:00:00+01:00")


DEMONSTRATION: dict[str, Callable[[], object]] = {
    "demonstration_size": too_few_placements,
    "demonstration_other_data": beside_other_data,
    "demonstration_only": outside_a_demonstration,
    "simulated_clock": with_a_simulated_clock,
}

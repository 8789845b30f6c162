"""Questions to runs and the ledger."""

from payouts.models import Run
from payouts.states import RunState


def counting_runs(*, before: int | None = None) -> list[int]:
    """Ids of the runs whose lines count (not cancelled), in order; those earlier in the sequence than `before`."""
    runs = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence")
    return list((runs if before is None else runs.filter(sequence__lt=before)).values_list("pk", flat=True))

"""Whether participants live on economic assistance some months after their exit, as its register says."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from backend.kernel.periods import Duration, add
from outcomes.models import Placement, RegisterRow
from outcomes.registers import Register

AFTER = (2, 8, 12)  # months


@dataclass(frozen=True, slots=True)
class Status:
    """So many months after the exit; `on_assistance` is not known before the register reaches the month."""

    months: int
    month: date  # its first day
    on_assistance: bool | None


def assistance_after_exit(placement: Placement) -> list[Status]:
    """The status 2, 8 and 12 months after a placement's exit; none while it goes on."""
    if placement.period.upper is None:
        return []
    exited = placement.period.upper - timedelta(days=1)
    rows = RegisterRow.objects.filter(register=Register.ASSISTANCE)
    reaches = rows.aggregate(newest=Max("from_day"))["newest"]
    paid = set(rows.filter(participant=placement.participant, quantity__gt=0).values_list("from_day", flat=True))
    months = [add(exited, Duration(count, "M")).replace(day=1) for count in AFTER]
    return [
        Status(count, month, month in paid if reaches and month <= reaches else None)
        for count, month in zip(AFTER, months, strict=True)
    ]

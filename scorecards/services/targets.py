"""What is entered beside the facts: targets of measures, and how many people of a district are in work."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.models import District
from scorecards.measures import MEASURES
from scorecards.models import EmploymentRate, MeasureTarget

NO_MEASURE = rule("target_measure", gettext_noop("there is no such measure"))
PER_CENT = rule("employment_rate", gettext_noop("a share is from 0 to 100 per cent"))


@transaction.atomic
def set_target(
    *, measure: str, value: Decimal, valid_from: date, by: User, now: datetime, district: District | None = None
) -> MeasureTarget:
    """What a measure should come to from a day on: a share from 0 to 1, else in the measure's unit."""
    require_role(by, Role.PROCUREMENT)
    if measure not in MEASURES:
        raise refuse(NO_MEASURE, field="measure", value=measure)
    target = MeasureTarget.objects.create(
        measure=measure, district=district, value=value, valid_from=valid_from, set_by=by, set_at=now
    )
    record_event(by=by, action="set_target", on=target, now=now, later={"measure": measure, "value": str(value)})
    return target


@transaction.atomic
def set_employment_rate(*, district: District, year: int, per_cent: Decimal, by: User, now: datetime) -> EmploymentRate:
    """The share of a district's people who were in work in a year, as published."""
    require_role(by, Role.PROCUREMENT)
    if not 0 <= per_cent <= 100:
        raise refuse(PER_CENT, field="per_cent", value=per_cent)
    rate, _ = EmploymentRate.objects.update_or_create(district=district, year=year, defaults={"per_cent": per_cent})
    record_event(by=by, action="set_employment_rate", on=rate, now=now, later={"year": year, "per_cent": str(per_cent)})
    return rate

"""A run as it is usually written: objects with their facts prefetched, rules in Python, lines by bulk_create.

It leaves out interruptions, bands, gaps and caps, so it does less than a run must: as a baseline it flatters itself.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import connections, models

from backend.benchmarks.dataset import bench_models
from backend.kernel.periods import add, last_day
from contracts.models import ModelStep
from contracts.terms import (
    AttendanceTerms,
    EarningsTerms,
    EmploymentTerms,
    GradeTerms,
    MilestoneTerms,
    PaymentModel,
    PeriodTerms,
    Step,
)
from outcomes.columns import FORMS, GRADES, Kind
from outcomes.models import Fact, Placement, PlacementVersion

BATCH = 2_000


class OrmLine(models.Model):
    """The baseline's own ledger; made and dropped by the measurement."""

    placement_id = models.IntegerField()
    step_id = models.IntegerField()
    occurrence = models.CharField(max_length=20)
    qualifies_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = "bench_orm_line"


@dataclass(slots=True)
class Owed:
    step: Step
    occurrence: str
    qualifies_on: date
    amount: Decimal


class OrmEngine:
    """Computes the first `count` placements at a cut-off."""

    def __init__(self, count: int, cutoff: date):
        self.count, self.cutoff = count, cutoff
        self.models = bench_models()
        self.steps = {(step.version_id, step.code): step.pk for step in ModelStep.objects.all()}
        self.rows_per_second = 0.0

    def measure(self) -> float:
        """Seconds for all of it."""
        with connections["owner"].schema_editor() as editor:
            editor.execute("DROP TABLE IF EXISTS bench_orm_line")
            editor.create_model(OrmLine)
        started = time.perf_counter()
        placements = Placement.objects.order_by("id")[: self.count].prefetch_related(
            "versions", "facts__subject", "contract__terms"
        )
        lines: list[OrmLine] = []
        for placement in placements:
            version_id = placement.contract.terms.all()[0].version_id
            for owed in self._owed(placement, self.models[version_id - 1]):
                step = self.steps[version_id, owed.step.code]
                lines.append(
                    OrmLine(
                        placement_id=placement.pk,
                        step_id=step,
                        occurrence=owed.occurrence,
                        qualifies_on=owed.qualifies_on,
                        amount=owed.amount,
                    )
                )
        OrmLine._default_manager.bulk_create(lines, batch_size=BATCH)
        seconds = time.perf_counter() - started
        self.rows_per_second = self.count / seconds
        return seconds

    def _owed(self, placement: Placement, model: PaymentModel) -> Iterator[Owed]:
        version = max(placement.versions.all(), key=lambda version: version.recorded_at)
        if version.starts_on is None:
            return
        facts = [fact for fact in placement.facts.all() if fact.verified_at]
        replaced = {fact.replaces_id for fact in facts}
        known = [fact for fact in facts if fact.pk not in replaced and not fact.withdrawn]
        reached: set[str] = set()
        for step in model.steps:
            for owed in self._of_step(step, version, known):
                if owed.qualifies_on <= self.cutoff and reached.issuperset(step.requires):
                    reached.add(step.code)
                    yield owed

    def _of_step(self, step: Step, version: PlacementVersion, facts: list[Fact]) -> Iterator[Owed]:
        starts = version.starts_on
        assert starts is not None
        price = (
            Decimal(step.amounts[version.tier]) / 100
            if step.amounts
            else Decimal(version.price or 0) / 100 * Decimal(step.share.numerator) / Decimal(step.share.denominator)  # type: ignore[union-attr]
        )
        match step.terms:
            case AttendanceTerms():
                yield from self._summed(step, price, facts, Kind.ATTENDANCE, step.terms.days)
            case EarningsTerms():
                yield from self._summed(step, price, facts, Kind.EARNINGS, step.terms.threshold)
            case MilestoneTerms():
                reached = [
                    fact.from_day
                    for fact in facts
                    if fact.kind == Kind.MILESTONE and fact.subject and fact.subject.text == step.terms.name
                ]
                if reached and step.terms.within and min(reached) <= add(starts, step.terms.within):
                    yield Owed(step, "", min(reached), price)
            case GradeTerms():
                passed = [f for f in facts if f.kind == Kind.GRADE and GRADES[f.detail - 1] in step.terms.passing]
                if passed:
                    yield Owed(step, "", min(fact.from_day for fact in passed), price)
            case PeriodTerms():
                yield from self._months(step, step.terms, price, starts, facts)
            case EmploymentTerms():
                yield from self._job(step, step.terms, price, starts, facts)

    def _summed(self, step: Step, price: Decimal, facts: list[Fact], kind: Kind, goal: int) -> Iterator[Owed]:
        total = 0
        for fact in sorted((fact for fact in facts if fact.kind == kind), key=lambda fact: (fact.from_day, fact.pk)):
            total += fact.quantity
            if total >= goal:
                yield Owed(step, "", fact.from_day, price)
                return

    def _months(
        self, step: Step, terms: PeriodTerms, price: Decimal, starts: date, facts: list[Fact]
    ) -> Iterator[Owed]:
        exits = [fact.from_day for fact in facts if fact.kind == Kind.EXIT]
        end = min([*exits, self.cutoff])
        reported = {fact.from_day for fact in facts if fact.kind == Kind.REPORT}
        month, paid = starts.replace(day=1), 0
        while month <= end and (terms.max_periods is None or paid < terms.max_periods):
            paid += 1
            first, last = max(starts, month), min(last_day(month), end)
            share = Decimal((last - first).days + 1) / Decimal(last_day(month).day) if terms.prorate else Decimal(1)
            if not terms.needs_report or month in reported:
                amount = (price * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
                yield Owed(step, f"{month:%Y-%m}", last, amount)
            month = last_day(month) + timedelta(days=1)

    def _job(
        self, step: Step, terms: EmploymentTerms, price: Decimal, starts: date, facts: list[Fact]
    ) -> Iterator[Owed]:
        exits = [fact.from_day for fact in facts if fact.kind == Kind.EXIT]
        if terms.of == "end" and not exits:
            return
        opened = min(exits) if terms.of == "end" else starts
        for spell in sorted((fact for fact in facts if fact.kind == Kind.EMPLOYMENT), key=lambda fact: fact.from_day):
            lasted = add(spell.from_day, terms.lasts)
            assert spell.verified is not None  # only verified facts are given
            known = min(spell.through_day or spell.verified, spell.verified)
            in_time = starts <= spell.from_day <= add(opened, terms.starts_within)
            if in_time and known >= lasted - timedelta(days=1) and FORMS[spell.detail - 1] in terms.forms:
                yield Owed(step, "", max(lasted, opened), price)
                return

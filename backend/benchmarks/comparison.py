"""Random placements of the benchmark's database compared with the plain reader of the tests: the ledger must be right,
too."""

import random
from collections.abc import Iterator

from django.db.models import Sum

from backend.benchmarks.dataset import bench_models
from backend.kernel.calendar import local_day
from backend.kernel.money import plain_kronor
from contracts.models import ModelStep
from contracts.reading import model_document
from outcomes.columns import EXIT_REASONS, FORMS, GRADES, Kind
from outcomes.models import Fact, Placement
from payouts.engine.cases import say_occurrence
from payouts.models import Line, Run
from payouts.states import RunState
from tests import plain_reader


def compare_with_plain_reader(count: int) -> int:
    """How many of `count` random placements hold other sums in the ledger than the plain reader says are owed."""
    run = Run.objects.exclude(state=RunState.CANCELLED).order_by("sequence").last()
    assert run is not None
    assert run.knowledge_at is not None
    numbers = random.Random(1).sample(list(Placement.objects.values_list("id", flat=True)), count)
    documents = [model_document(model) for model in bench_models()]
    steps = list(ModelStep.objects.select_related("version"))
    differing = 0
    for placement in (
        Placement.objects.filter(pk__in=numbers)
        .select_related("contract")
        .prefetch_related("versions", "facts__subject")
    ):
        terms = placement.contract.terms.get()
        case = _case(placement, documents[terms.version_id - 1])
        owed = plain_reader.owed(case, run.cutoff, local_day(run.knowledge_at))
        expected = {key: one.amount_ore for key, one in owed.items() if one.amount_ore}
        differing += expected != dict(_held(placement, {step.pk: step for step in steps}, bench_models()))
    return differing


def _held(placement: Placement, steps: dict[int, ModelStep], models: list) -> Iterator[tuple[tuple[str, str], int]]:
    counting = Line.objects.filter(placement=placement).exclude(run__state=RunState.CANCELLED)
    texts = {fact.subject.pk: fact.subject.text for fact in placement.facts.all() if fact.subject}
    for step_id, occurrence, amount in counting.values_list("step_id", "occurrence").annotate(Sum("amount")):
        step = steps[step_id]
        terms = models[step.version_id - 1].steps[step.position]
        if amount:
            yield (step.code, say_occurrence(terms, occurrence, texts)), amount


def _case(placement: Placement, model: dict[str, object]) -> dict[str, object]:
    """The placement as the document of a case file."""
    version = placement.versions.get()
    terms: dict[str, object] = {"referred_on": version.referred_on, "price": plain_kronor(version.price or 0)}
    tiers = model.get("tiers", ["standard"])
    terms["tier"] = tiers[version.tier]  # type: ignore[index]
    if version.starts_on:
        terms["starts_on"] = version.starts_on
    return {"model": model, "placement": terms, "fact": [_fact(fact) for fact in placement.facts.all()]}


def _fact(fact: Fact) -> dict[str, object]:
    document: dict[str, object] = {
        "id": f"{fact.pk:012d}",  # ids break ties by their order as texts
        "kind": Kind(fact.kind).name.lower(),
        "reported": fact.reported,
        **_days(fact),
        **_contents(fact),
    }
    if fact.verified:
        document["verified"] = fact.verified
    if fact.replaces_id:
        document |= {"replaces": f"{fact.replaces_id:012d}", "withdrawn": fact.withdrawn}
    return document


def _days(fact: Fact) -> dict[str, object]:
    match fact.kind:
        case Kind.MILESTONE | Kind.GRADE | Kind.EXIT | Kind.EARNINGS:
            return {"on": fact.from_day}
        case Kind.REPORT:
            return {"month": f"{fact.from_day:%Y-%m}"}
        case _:
            return {"from": fact.from_day, **({"through": fact.through_day} if fact.through_day else {})}


def _contents(fact: Fact) -> dict[str, object]:
    subject = fact.subject.text if fact.subject else ""
    match fact.kind:
        case Kind.ATTENDANCE:
            return {"days": fact.quantity}
        case Kind.MILESTONE:
            return {"name": subject}
        case Kind.GRADE:
            return {"course": subject, "grade": GRADES[fact.detail - 1], "points": fact.quantity}
        case Kind.EXIT:
            return {"reason": EXIT_REASONS[fact.detail - 1]}
        case Kind.EMPLOYMENT:
            return {"employer": subject, "form": FORMS[fact.detail - 1], "extent": fact.quantity}
        case Kind.STUDIES:
            return {"extent": fact.quantity}
        case Kind.EARNINGS:
            return {"amount": plain_kronor(fact.quantity), "employer": subject}
        case _:
            return {}

"""Questions to what waits: facts without a decision, facts about which more is asked, and months without a report."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from psycopg.types.range import DateRange

from contracts.models import ContractTerms, PaymentModelVersion
from contracts.selectors import model_of
from contracts.terms import PaymentModel, PeriodTerms
from outcomes.columns import Kind
from outcomes.models import Evidence, Fact, Placement, PlacementVersion, VerificationDecision
from providers.models import Provider

Decision = VerificationDecision.Decision
REJECTED = VerificationDecision.objects.filter(fact=OuterRef("pk"), decision=Decision.REJECTED)


def open_questions() -> QuerySet[VerificationDecision]:
    """Requests for more that nothing has come upon: no evidence since, no correction, and no final decision."""
    asked = VerificationDecision.objects.filter(decision=Decision.MORE_ASKED, fact__verified=None)
    rejected = VerificationDecision.objects.filter(fact=OuterRef("fact"), decision=Decision.REJECTED)
    evidence = Evidence.objects.filter(fact=OuterRef("fact"), attached_at__gt=OuterRef("decided_at"))
    return asked.filter(~Exists(rejected), ~Exists(evidence), ~Exists(Fact.objects.filter(replaces=OuterRef("fact"))))


def waiting_facts() -> QuerySet[Fact]:
    """Facts that wait for a final decision, the oldest report first; `is_asked`: for an answer of the provider first.

    A first report of which a correction waits, or counts, is none of them: the correction takes its place.
    """
    corrected = _corrections().filter(replaces=OuterRef("pk"))
    waiting = Fact.objects.filter(~Exists(REJECTED), verified=None).exclude(Exists(corrected), replaces=None)
    waiting = waiting.annotate(is_asked=_is_asked())
    return waiting.select_related("placement__participant", "provider", "subject").order_by("reported", "pk")


def with_signatures(facts: QuerySet[Fact]) -> QuerySet[Fact]:
    """Facts, each with `is_signed`: the first of two officers has signed it."""
    signed = VerificationDecision.objects.filter(fact=OuterRef("pk"), decision=Decision.SIGNED)
    return facts.annotate(is_signed=Exists(signed))


def _is_asked() -> Exists:
    return Exists(open_questions().filter(fact=OuterRef("pk")))


def _corrections() -> QuerySet[Fact]:
    return Fact.objects.filter(~Exists(REJECTED))


def facts_to_decide() -> QuerySet[Fact]:
    """Waiting facts that a handler can decide about: nothing is asked of the provider."""
    return waiting_facts().filter(~_is_asked())


def asked_for_more() -> QuerySet[Any]:
    """Waiting facts about which more was asked for, unanswered; `due_on`: the last day to answer."""
    questions = open_questions().filter(fact=OuterRef("pk")).order_by("-pk")
    newest = {name: Subquery(questions.values(name)[:1]) for name in ("due_on", "reason_code", "note")}
    return waiting_facts().filter(_is_asked()).annotate(**newest)


def unreported_placements(provider: Provider, today: date) -> QuerySet[Placement]:
    """A provider's placements that were under way in the month before, must report it to be paid, and have not."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    newest = PlacementVersion.objects.filter(placement=OuterRef("pk")).order_by("-recorded_at", "-pk")
    needing = [version.pk for version in PaymentModelVersion.objects.all() if needs_report(model_of(version))]
    terms = ContractTerms.objects.filter(contract=OuterRef("contract"), version__in=needing)
    reported = Fact.objects.filter(placement=OuterRef("pk"), kind=Kind.REPORT, from_day=first)
    return (
        Placement.objects.filter(contract__provider=provider, period__overlap=DateRange(first, last, "[]"))
        .annotate(
            starts_on=Subquery(newest.values("starts_on")[:1]), referred_on=Subquery(newest.values("referred_on")[:1])
        )
        .filter(Exists(terms.filter(period__contains=OuterRef("referred_on"))), ~Exists(reported), starts_on__lte=last)
        .select_related("contract")
        .order_by("number")
    )


def needs_report(model: PaymentModel) -> bool:
    """Whether a model pays for months only with a report."""
    return any(isinstance(step.terms, PeriodTerms) and step.terms.needs_report for step in model.steps)

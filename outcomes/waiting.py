"""Questions to what waits: facts without a decision, facts about which more is asked, and months without a report."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from psycopg.types.range import DateRange

from contracts.models import ContractTerms, PaymentModelVersion
from contracts.selectors import model_of
from contracts.terms import PaymentModel, PeriodTerms
from outcomes.columns import Kind
from outcomes.models import Fact, Placement, PlacementVersion, VerificationDecision
from providers.models import Provider

Decision = VerificationDecision.Decision


def _decided(decision: Decision) -> Exists:
    return Exists(VerificationDecision.objects.filter(fact=OuterRef("pk"), decision=decision))


def waiting_facts() -> QuerySet[Fact]:
    """Facts that no final decision has been made about, the oldest report first; `is_asked`: more was asked for."""
    waiting = Fact.objects.filter(~_decided(Decision.REJECTED), verified=None)
    waiting = waiting.annotate(is_asked=_decided(Decision.MORE_ASKED))
    return waiting.select_related("placement__participant", "provider", "subject").order_by("reported", "pk")


def facts_to_decide() -> QuerySet[Fact]:
    """Waiting facts that a handler can decide about: nothing is asked of the provider."""
    return waiting_facts().filter(~_decided(Decision.MORE_ASKED))


def asked_for_more() -> QuerySet[Fact]:
    """Waiting facts about which more was asked for, and which nothing has been reported in place of."""
    unanswered = ~Exists(Fact.objects.filter(replaces=OuterRef("pk")))
    return waiting_facts().filter(unanswered, _decided(Decision.MORE_ASKED))


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

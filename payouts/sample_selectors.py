"""Questions to samples and to proposals that stand on them. Rows that carry more than their columns are `Any`."""

from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from backend.kernel.columns import Column
from backend.kernel.models import Role, User
from outcomes.models import Fact, VerificationDecision
from outcomes.permissions import hidden_protections
from payouts.models import CounterVerification, RecoveryProposal, Run, Sample, SampledFact, SampleStratum
from payouts.sampling import I64
from payouts.states import RunState
from providers.selectors import provider_of


def samples() -> QuerySet[Any]:
    """All samples, the newest first, each with what it was drawn from, how far it is checked, and what was wrong."""
    facts = sampled_facts().filter(stratum__sample=OuterRef("pk")).order_by().values("stratum__sample")
    strata = SampleStratum.objects.filter(sample=OuterRef("pk")).order_by().values("sample")
    return (
        Sample.objects.select_related("run", "drawn_by")
        .annotate(
            size=Subquery(strata.annotate(sum=Sum("size")).values("sum")),
            amount=Subquery(strata.annotate(sum=Sum("amount")).values("sum")),
            drawn=Subquery(facts.annotate(count=Count("*")).values("count")),
            waiting=_count(facts.filter(cause=None)),
            wrong=_count(facts.exclude(cause=None).exclude(cause=CounterVerification.Cause.RIGHT)),
        )
        .order_by("-run__sequence")
    )


def _count(facts: QuerySet) -> Coalesce:
    return Coalesce(Subquery(facts.annotate(count=Count("*")).values("count")), 0)


def sampled_facts() -> QuerySet[Any]:
    """Sampled facts, each with the newest result: `cause` (None: not checked yet) and `wrong_amount`."""
    newest = CounterVerification.objects.filter(sampled=OuterRef("pk")).order_by("-pk")
    return SampledFact.objects.annotate(
        cause=Subquery(newest.values("cause")[:1]), wrong_amount=Subquery(newest.values("wrong_amount")[:1])
    )


def facts_of(sample: Sample, reader: User) -> QuerySet[Any]:
    """A sample's facts with what a page shows of them.

    `is_hidden`: the reader may not see who the participant is; `is_own`: the reader reported or verified the fact.
    """
    hidden = hidden_protections(reader).filter(participant=OuterRef("fact__placement__participant"))
    own = VerificationDecision.objects.filter(fact=OuterRef("fact"), decided_by=reader, decision="verified")
    facts = sampled_facts().filter(stratum__sample=sample)
    facts = facts.annotate(is_hidden=Exists(hidden), is_own=Exists(own) | Q(fact__reported_by=reader))
    related = ("fact__placement", "fact__subject", "stratum__contract__provider", "stratum__step")
    return facts.select_related(*related).order_by("pk")


def to_check(reader: User) -> QuerySet[Any]:
    """Sampled facts that nobody has checked yet and this handler may check, the oldest sample first."""
    own = VerificationDecision.objects.filter(fact=OuterRef("fact"), decided_by=reader, decision="verified")
    visible = ~Q(fact__placement__participant__in=hidden_protections(reader).values("participant"))
    waiting = sampled_facts().filter(visible, ~Exists(own), cause=None).exclude(fact__reported_by=reader)
    return waiting.order_by("stratum__sample", "pk")


def verifiers_of(fact: Fact) -> set[int | None]:
    """Who may not counter-verify a fact: whoever reported or verified it."""
    verified = fact.decisions.filter(decision=VerificationDecision.Decision.VERIFIED)
    return {fact.reported_by_id, *verified.values_list("decided_by", flat=True)}


def checked_before(contracts: Column) -> tuple[I64, I64]:
    """For each of these contracts, how many of its facts have been counter-verified, and how many were wrong."""
    facts = sampled_facts().exclude(cause=None).order_by().values("stratum__contract")
    wrong = Count("pk", filter=~Q(cause=CounterVerification.Cause.RIGHT))
    known = {
        contract: (checked, errors)
        for contract, checked, errors in facts.annotate(checked=Count("*"), errors=wrong).values_list(
            "stratum__contract", "checked", "errors"
        )
    }
    counts = np.array([known.get(contract, (0, 0)) for contract in contracts.tolist()], np.int64)
    return counts[:, 0], counts[:, 1]


def runs_to_sample() -> QuerySet[Run]:
    """Attested runs without a sample, the newest first."""
    return Run.objects.filter(state=RunState.ATTESTED, sample=None).order_by("-sequence")


def proposals_for(reader: User) -> QuerySet[RecoveryProposal]:
    """Proposals that somebody may read, the newest first: a provider its own."""
    proposals = RecoveryProposal.objects.select_related("contract__provider").order_by("-pk")
    if Role.PROVIDER in reader.roles:
        return proposals.filter(contract__provider=provider_of(reader))
    return proposals


def errors_behind(proposal: RecoveryProposal) -> QuerySet[Any]:
    """The sampled facts of a proposal's contract and months that were wrong, and not by the municipality's mistake."""
    right = (CounterVerification.Cause.RIGHT, CounterVerification.Cause.OFFICE)
    facts = sampled_facts().filter(stratum__contract=proposal.contract, cause__isnull=False).exclude(cause__in=right)
    facts = facts.filter(stratum__sample__run__cutoff__contained_by=proposal.period)
    return facts.select_related("fact__placement", "fact__subject", "stratum__step").order_by("pk")

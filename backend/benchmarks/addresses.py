"""Every page of the site with an address that can be opened, found from the URL conf so that a new one is covered."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from backend.kernel.models import Role, User
from backend.kernel.web import FilePage, Page
from contracts.models import Contract, ContractTerms, PaymentModelDraft, PaymentModelVersion
from outcomes.models import Evidence, Participant, Placement, RegisterImport, RegisterRow
from outcomes.waiting import waiting_facts
from payouts.models import Finding, RecoveryProposal, Run, Sample, SampledFact, Simulation, Statement
from providers.models import (
    ApiClient,
    Application,
    BankAccount,
    Catalogue,
    Complaint,
    Deviation,
    Membership,
    Proposal,
    Provider,
    RequirementDraft,
    Service,
    Subcontractor,
)
from providers.models import Evidence as ApplicationEvidence
from scorecards.models import Review, Scorecard, ScorecardArchive, ScorecardRun

# What pages about one thing are about, by the first part of their address: the newest.
NEWEST: Mapping[str, Callable[[], Model]] = {
    "accounts": lambda: User.objects.latest("pk"),
    "application-evidence": lambda: ApplicationEvidence.objects.latest("pk"),
    "applications": lambda: Application.objects.latest("pk"),
    "archives": lambda: ScorecardArchive.objects.latest("pk"),
    "bank-accounts": lambda: BankAccount.objects.latest("pk"),
    "cards": lambda: Scorecard.objects.latest("pk"),
    "complaints": lambda: Complaint.objects.latest("pk"),
    "contracts": lambda: Contract.objects.latest("pk"),
    "decisions": lambda: Proposal.objects.latest("pk"),
    "deviations": lambda: Deviation.objects.latest("pk"),
    "drafts": lambda: PaymentModelDraft.objects.latest("pk"),
    "evidence": lambda: Evidence.objects.latest("pk"),
    "facts": lambda: waiting_facts().latest("pk"),
    "findings": lambda: Finding.objects.latest("pk"),
    "memberships": lambda: Membership.objects.latest("pk"),
    "models": lambda: PaymentModelVersion.objects.latest("pk"),
    "participants": lambda: Participant.objects.latest("pk"),
    "placements": lambda: Placement.objects.latest("pk"),
    "providers": lambda: Provider.objects.latest("pk"),
    "recoveries": lambda: RecoveryProposal.objects.latest("pk"),
    "register-rows": lambda: RegisterRow.objects.filter(participant=None).latest("pk"),
    "registers": lambda: RegisterImport.objects.latest("pk"),
    "requirement-drafts": lambda: RequirementDraft.objects.latest("pk"),
    "requirements": lambda: Catalogue.objects.latest("pk"),
    "reviews": lambda: Review.objects.latest("pk"),
    "sampled-facts": lambda: SampledFact.objects.latest("pk"),
    "samples": lambda: Sample.objects.latest("pk"),
    "scorecards": lambda: ScorecardRun.objects.latest("pk"),
    "services": lambda: Service.objects.latest("pk"),
    "simulations": lambda: Simulation.objects.latest("pk"),
    "statements": lambda: Statement.objects.latest("pk"),
    "subcontractors": lambda: Subcontractor.objects.latest("pk"),
    "systems": lambda: ApiClient.objects.latest("pk"),
}
PARTS: Mapping[str, Callable[[], object]] = {  # the other parts of addresses that vary
    "contract": lambda: ContractTerms.objects.latest("period").contract_id,
    "day": lambda: ContractTerms.objects.latest("period").period.lower,
    "code": lambda: PaymentModelDraft.objects.latest("pk").document["steps"][0]["code"],
    "named": lambda: 0,
    "requirement": lambda: ApplicationEvidence.objects.latest("pk").requirement_id,
    "sequence": lambda: Run.objects.latest("sequence").sequence,
    "trigger": lambda: "grade",
}


def path_of(route: str) -> str:
    """An address of a route, about the newest thing if it is about one. KeyError if `NEWEST` or `PARTS` lacks it."""
    first = route.partition("/")[0]

    def part(found: re.Match[str]) -> str:
        return str(NEWEST[first]().pk if found[1] == "pk" else PARTS[found[1]]())

    return f"/{re.sub(r'<[a-z]+:([a-z]+)>', part, route)}"


@dataclass(frozen=True, slots=True)
class Address:
    """A page of the site, and a role that may open it."""

    name: str
    route: str
    role: Role
    view: type[Page]

    def path(self) -> str:
        """Where it is, about the newest thing if it is about one."""
        return path_of(self.route)


def pages(resolver: URLResolver | None = None, before: str = "", namespace: str = "") -> Iterator[Address]:
    """Every `Page` that somebody may open by GET, but files."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, route, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif _is_page(pattern):
            view: type[Page] = pattern.callback.view_class  # type: ignore[attr-defined]
            role = next(role for role in Role if role in view.readers)
            yield Address(f"{namespace}{pattern.name}", route, role, view)


def _is_page(pattern: URLPattern) -> bool:
    view = getattr(pattern.callback, "view_class", None)
    return isinstance(view, type) and issubclass(view, Page) and not issubclass(view, FilePage) and bool(view.readers)

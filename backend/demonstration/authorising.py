"""The demonstration's authorisations: requirements of the city's documents, and what became of each application.

Everything passes the services, on days before and after the period; the providers' documents are short PDF files.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.kernel.calendar import local_day
from backend.kernel.models import User
from providers.authorisation_models import LegalBasis
from providers.models import (
    Application,
    Assessment,
    Complaint,
    Decision,
    Deviation,
    Proposal,
    Provider,
    Requirement,
    Service,
)
from providers.services import (
    add_evidence,
    approve_subcontractor,
    assess_requirement,
    begin_application,
    check_subcontractor,
    decide,
    draft_requirement,
    propose_decision,
    propose_measure,
    publish_catalogue,
    record_complaint,
    record_deviation,
    record_visit,
    register_application,
    submit_application,
)

# By the place in PROVIDERS, of those with one contract or in-house: what was not simply met.
BEFORE: dict[int, dict[str, Assessment.Outcome]] = {
    1: {"K03": Assessment.Outcome.CONDITION},
    2: {},
    4: {},
    12: {},
}
ENDS_SOON, SUSPENDED, APPLIES_ANEW = 12, 5, 18  # places in PROVIDERS
NEW_SERVICE = "sok"
SOON = timedelta(days=75)

REQUIREMENTS = Path(__file__).with_name("requirements.toml")
Kind, Outcome = Proposal.Kind, Assessment.Outcome
CONDITION = "Underlaget visar arbetssättet, men inte vem som ansvarar; det ska redovisas inom tre månader."
WHY = {
    Outcome.MET: "Underlaget visar att kravet är uppfyllt.",
    Outcome.CONDITION: CONDITION,
    Outcome.NOT_MET: "Underlaget visar inte att kravet är uppfyllt.",
}


@dataclass(frozen=True, slots=True)
class Authorising:
    """Who applies for what, and who decides."""

    providers: Sequence[Provider]
    services: Mapping[int, Service]  # by the place of a provider: what its first contract buys
    applicants: Mapping[int, User]
    first_officer: User
    second_officer: User

    def grant(self, place: int, first: date, last: date, now: datetime) -> Decision:
        """A provider applies, is assessed and is authorised."""
        application = apply_for(self.providers[place], self.services[place], self.applicants[place], now)
        number = f"AMN {now.year}/{101 + place}"
        assess(application, BEFORE[place], self.first_officer, now, number)
        proposal = propose(application, first, last, self.first_officer, now)
        return decide(proposal=proposal, by=self.second_officer, now=now)

    def before(self, first: date, last: date, now: datetime) -> None:
        """What is decided before the period; one authorisation ends soon after it."""
        for place in BEFORE:
            self.grant(place, first, last + SOON if place == ENDS_SOON else last.replace(year=last.year + 2), now)

    def after(self, now: datetime) -> None:
        """What is under way after the period: a renewal, a proposal for a second officer, and a suspension."""
        apply_for(self.providers[ENDS_SOON], self.services[ENDS_SOON], self.applicants[ENDS_SOON], now)
        anew = apply_for(
            self.providers[APPLIES_ANEW],
            Service.objects.get(code=NEW_SERVICE),
            self.applicants[APPLIES_ANEW],
            now,
        )
        assess(anew, {}, self.first_officer, now, f"AMN {now.year}/201")
        propose(anew, local_day(now) + SOON, local_day(now) + 12 * SOON, self.first_officer, now)
        provider, service = self.providers[SUSPENDED], self.services[SUSPENDED]
        follow_up(provider, service, Deviation.Severity.CRITICAL, self.first_officer, now)
        follow_up(
            self.providers[ENDS_SOON], self.services[ENDS_SOON], Deviation.Severity.MINOR, self.first_officer, now
        )
        suspend(provider, service, self.first_officer, self.second_officer, now, f"AMN {now.year}/202")


def publish_requirements(services: Iterable[Service], valid_from: date, by: User, now: datetime) -> None:
    """A catalogue for each service, from `requirements.toml`."""
    wanted = tomllib.loads(REQUIREMENTS.read_text())["requirements"]
    for service in services:
        for each in wanted:
            if service.code in each.get("services", [service.code]):
                content = {name: value for name, value in each.items() if name != "services"}
                draft_requirement(service=service, **content, by=by, now=now)
        publish_catalogue(service=service, valid_from=valid_from, by=by, now=now)


def apply_for(provider: Provider, service: Service, by: User, now: datetime) -> Application:
    """A provider hands an application in, with a document for each requirement."""
    application = begin_application(provider=provider, service=service, by=by, now=now)
    for requirement in application.catalogue.requirements.order_by("code"):
        add_evidence(
            application=application,
            requirement=requirement,
            name=f"{requirement.code} {requirement.evidence}.pdf",
            content=one_page(f"{provider.name}: {requirement.evidence}"),
            by=by,
            now=now,
        )
    return submit_application(application=application, by=by, now=now)


def assess(
    application: Application, outcomes: dict[str, Assessment.Outcome], by: User, now: datetime, diarienummer: str
) -> None:
    """An officer takes an application up and judges it; what `outcomes` does not name by its code is met."""
    basis = LegalBasis.IN_HOUSE if application.provider.kind == Provider.Kind.IN_HOUSE else LegalBasis.AUTHORISATION
    register_application(application=application, diarienummer=diarienummer, legal_basis=basis, by=by, now=now)
    for requirement in application.catalogue.requirements.order_by("code"):
        outcome = outcomes.get(requirement.code, Outcome.MET)
        assess_requirement(
            application=application, requirement=requirement, outcome=outcome, note=WHY[outcome], by=by, now=now
        )


def propose(application: Application, first: date, last: date, by: User, now: datetime) -> Proposal:
    """Propose what the assessment leads to: granted, or granted with conditions."""
    with_conditions = application.assessments.filter(outcome=Outcome.CONDITION).exists()
    more: dict[str, Any] = {}
    if with_conditions:
        more = {"conditions": CONDITION, "urgency": "Anordnaren har begärt att få beslutet före periodens början."}
    return propose_decision(
        application=application,
        kind=Kind.CONDITIONS if with_conditions else Kind.GRANTED,
        reasons="Anordnaren uppfyller kraven" + (" med villkoret nedan." if with_conditions else "."),
        valid_from=first,
        valid_through=last,
        by=by,
        now=now,
        **more,
    )


def follow_up(provider: Provider, service: Service, severity: Deviation.Severity, by: User, now: datetime) -> None:
    """A complaint leads to a visit, and the visit to a deviation; a subcontractor is checked on the way."""
    record_complaint(
        provider=provider,
        service=service,
        origin=Complaint.Origin.PARTICIPANT,
        received_on=local_day(now) - timedelta(days=20),
        text="Deltagaren träffade ingen handledare under första veckan.",
        by=by,
        now=now,
    )
    visit = record_visit(
        provider=provider,
        service=service,
        visited_on=local_day(now) - timedelta(days=6),
        is_announced=False,
        findings="Två av fem handledare var på plats. Närvaro fördes inte för den första veckan.",
        by=by,
        now=now,
    )
    record_deviation(
        provider=provider,
        requirement=Requirement.objects.get(catalogue__service=service, code="K08"),
        source=Deviation.Source.VISIT,
        severity=severity,
        description="Närvaro förs inte under den första tiden.",
        action="För närvaro dagligen och visa listorna för två veckor.",
        deadline=local_day(now) + timedelta(days=40),
        visit=visit,
        by=by,
        now=now,
    )
    subcontractor = approve_subcontractor(
        provider=provider,
        name="Lokala Handledare HB",
        organisation_number="969700-0116",
        valid_from=local_day(now),
        by=by,
        now=now,
    )
    note = "F-skatt hos Skatteverket; handledarnas utbildning enligt K01."
    check_subcontractor(subcontractor=subcontractor, passed=True, note=note, by=by, now=now)


def suspend(provider: Provider, service: Service, by: User, second: User, now: datetime, diarienummer: str) -> Decision:
    """A provider is suspended at once, for deviations at a visit."""
    proposal = propose_measure(
        provider=provider,
        service=service,
        kind=Kind.SUSPENDED,
        diarienummer=diarienummer,
        legal_basis=LegalBasis.AUTHORISATION,
        reasons="Vid platsbesök saknades behörig personal och närvarokontroll (K01 och K08).",
        valid_from=local_day(now),
        urgency="Deltagarna får inte den insats som betalas, och väntan skulle drabba dem.",
        by=by,
        now=now,
    )
    return decide(proposal=proposal, by=second, now=now + timedelta(hours=2))


def one_page(text: str) -> bytes:
    """A PDF of one page with one line of text."""
    line = text.encode("cp1252", "replace").replace(b"\\", b"").replace(b"(", b"\\(").replace(b")", b"\\)")
    shown = b"BT /F1 12 Tf 60 780 Td (" + line + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        file
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            len(objects) + 1,
            len(file),
        )
    )

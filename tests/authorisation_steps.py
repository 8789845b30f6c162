"""Steps from a requirement to a decision, by the real services, for tests."""

import io
import zipfile
from datetime import date, timedelta
from itertools import count

from backend.kernel.models import Role, User
from contracts.services import register_service
from providers.authorisation_models import LegalBasis
from providers.models import (
    Application,
    Assessment,
    Catalogue,
    Complaint,
    Decision,
    Deviation,
    Proposal,
    Provider,
    Service,
    SiteVisit,
)
from providers.services import (
    add_evidence,
    assess_requirement,
    begin_application,
    decide,
    draft_requirement,
    propose_decision,
    publish_catalogue,
    record_complaint,
    record_deviation,
    record_visit,
    register_application,
    submit_application,
)
from tests.small_world import NOW, make_member, make_provider, make_user

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
Kind, Outcome = Proposal.Kind, Assessment.Outcome
_numbers = count(1)


def docx(**more: str) -> bytes:
    """The least of a DOCX file, with more members by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def make_service() -> Service:
    number = next(_numbers)
    return register_service(code=f"s{number}", title=f"Tjänst {number}", by=make_user(Role.PROCUREMENT), now=NOW)


def make_catalogue(service: Service | None = None, codes: tuple[str, ...] = ("K1", "K2")) -> Catalogue:
    """A published catalogue."""
    service, by = service or make_service(), make_user(Role.PROCUREMENT)
    for code in codes:
        draft_requirement(
            service=service,
            code=code,
            title=f"Krav {code}",
            text="Anordnaren ska …",
            evidence="intyg",
            source="tests",
            by=by,
            now=NOW,
        )
    return publish_catalogue(service=service, valid_from=FIRST, by=by, now=NOW)


def begun(provider: Provider | None = None, service: Service | None = None) -> Application:
    """An application that its provider has begun."""
    provider, service = provider or make_provider(authorised=False), service or make_catalogue().service
    return begin_application(provider=provider, service=service, by=applicant(provider), now=NOW)


def applicant(provider: Provider) -> User:
    membership = provider.memberships.first()
    return membership.user if membership else make_member(provider)


def submit(application: Application) -> Application:
    by = applicant(application.provider)
    for number, requirement in enumerate(application.catalogue.requirements.all()):
        if not application.evidence.filter(requirement=requirement).exists():
            content = PDF + b"%" * number
            add_evidence(
                application=application, requirement=requirement, name="intyg.pdf", content=content, by=by, now=NOW
            )
    return submit_application(application=application, by=by, now=NOW)


def register(application: Application) -> Application:
    return register_application(
        application=application,
        diarienummer="AMN 2025/17",
        legal_basis=LegalBasis.AUTHORISATION,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def assess(application: Application, *outcomes: Assessment.Outcome) -> None:
    """Judge the requirements in order; those that no outcome is given for are met."""
    by = make_user(Role.PROCUREMENT)
    for number, requirement in enumerate(application.catalogue.requirements.order_by("code")):
        outcome = outcomes[number] if number < len(outcomes) else Outcome.MET
        assess_requirement(
            application=application, requirement=requirement, outcome=outcome, note="Sedan underlag.", by=by, now=NOW
        )


def assessing(provider: Provider | None = None, service: Service | None = None) -> Application:
    """An application that officers assess."""
    return register(submit(begun(provider, service)))


def propose(
    application: Application, kind: Proposal.Kind = Kind.GRANTED, by: User | None = None, **changes: object
) -> Proposal:
    values: dict[str, object] = {
        "reasons": "Kraven är uppfyllda.",
        "conditions": "Komplettera senast 1 mars." if kind == Kind.CONDITIONS else "",
        "valid_from": FIRST,
        "valid_through": None if kind == Kind.REFUSED else LAST,
        "answer_by": None if kind == Kind.GRANTED else FIRST + timedelta(days=14),
    }
    return propose_decision(
        application=application,
        kind=kind,
        by=by or make_user(Role.PROCUREMENT),
        now=NOW,
        **(values | changes),  # type: ignore[arg-type]
    )


def visited(provider: Provider, service: Service) -> SiteVisit:
    return record_visit(
        provider=provider,
        service=service,
        visited_on=FIRST,
        is_announced=False,
        findings="Närvaro fördes inte.",
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def complained(provider: Provider, service: Service, received_on: date = FIRST) -> Complaint:
    return record_complaint(
        provider=provider,
        service=service,
        origin=Complaint.Origin.PARTICIPANT,
        received_on=received_on,
        text="Ingen handledare fanns på plats.",
        by=make_user(Role.HANDLER),
        now=NOW,
    )


def deviating(provider: Provider | None = None, **changes: object) -> Deviation:
    """A deviation of a provider."""
    provider = provider or make_provider()
    values: dict[str, object] = {
        "requirement": make_catalogue().requirements.first(),
        "source": Deviation.Source.VISIT,
        "severity": Deviation.Severity.MAJOR,
        "description": "Närvaro fördes inte.",
        "action": "För närvaro dagligen.",
        "deadline": FIRST + timedelta(days=30),
    }
    return record_deviation(
        provider=provider,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
        **(values | changes),  # type: ignore[arg-type]
    )


def granted(provider: Provider | None = None, service: Service | None = None) -> Decision:
    """A decision that grants an application."""
    application = assessing(provider, service)
    assess(application)
    return decide(proposal=propose(application), by=make_user(Role.PROCUREMENT), now=NOW)

"""One wrong example of every rule of requirements, applications and decisions on authorisation."""

from collections.abc import Callable
from datetime import timedelta

from backend.kernel.models import Role
from backend.kernel.uploads import MEGABYTES_MOST, checked_upload
from providers.authorisation_models import LegalBasis
from providers.models import Application, Assessment, Catalogue, Provider, Service
from providers.services import (
    add_evidence,
    answer_proposal,
    assess_requirement,
    close_deviation,
    decide,
    draft_requirement,
    propose_measure,
    publish_catalogue,
    register_application,
    return_application,
    return_proposal,
    settle_complaint,
    submit_application,
)
from tests.authorisation_steps import (
    FIRST,
    PDF,
    Kind,
    Outcome,
    applicant,
    assess,
    assessing,
    begun,
    complained,
    deviating,
    docx,
    granted,
    make_catalogue,
    make_service,
    propose,
    submit,
    visited,
)
from tests.small_world import NOW, make_provider, make_user, moment

DAY = timedelta(days=1)


def publish_again(catalogue: Catalogue, *, days: int = 1, changed: bool = True) -> object:
    if changed:
        draft(catalogue, "K9")
    valid_from = FIRST + days * DAY
    return publish_catalogue(service=catalogue.service, valid_from=valid_from, by=make_user(Role.PROCUREMENT), now=NOW)


def draft(catalogue: Catalogue, code: str) -> object:
    return draft_requirement(
        service=catalogue.service,
        code=code,
        title="K",
        text="K",
        evidence="K",
        source="tests",
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def publish_nothing() -> object:
    return publish_catalogue(service=make_service(), valid_from=FIRST, by=make_user(Role.PROCUREMENT), now=NOW)


def apply_twice() -> object:
    application = begun()
    return begun(application.provider, application.service)


def add(application: Application, catalogue: Catalogue | None = None, content: bytes = PDF) -> object:
    requirement = (catalogue or application.catalogue).requirements.first()
    assert requirement
    by = applicant(application.provider)
    return add_evidence(
        application=application, requirement=requirement, name="intyg.pdf", content=content, by=by, now=NOW
    )


def add_twice() -> object:
    application = begun()
    add(application)
    return add(application)


def submit_bare() -> object:
    application = begun()
    return submit_application(application=application, by=applicant(application.provider), now=NOW)


def judge(application: Application, note: str = "K") -> object:
    requirement = application.catalogue.requirements.first()
    assert requirement
    by = make_user(Role.PROCUREMENT)
    return assess_requirement(
        application=application,
        requirement=requirement,
        outcome=Assessment.Outcome.MET,
        note=note,
        by=by,
        now=NOW,
    )


def register_as_in_house() -> object:
    return register_application(
        application=submit(begun()),
        diarienummer="1",
        legal_basis=LegalBasis.IN_HOUSE,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def assessed(*outcomes: Assessment.Outcome) -> Application:
    application = assessing()
    assess(application, *outcomes)
    return application


def measure(provider: Provider, service: Service) -> object:
    """Propose to suspend a provider."""
    return propose_measure(
        provider=provider,
        service=service,
        kind=Kind.SUSPENDED,
        diarienummer="2",
        legal_basis=LegalBasis.AUTHORISATION,
        reasons="K",
        valid_from=FIRST,
        answer_by=FIRST + 14 * DAY,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def measure_twice() -> object:
    proposal = granted().proposal
    measure(proposal.provider, proposal.service)
    return measure(proposal.provider, proposal.service)


def decide_own() -> object:
    by = make_user(Role.PROCUREMENT)
    return decide(proposal=propose(assessed(), by=by), by=by, now=NOW)


def decide_twice() -> object:
    proposal = granted().proposal
    return return_proposal(proposal=proposal, reason="K", by=make_user(Role.PROCUREMENT), now=NOW)


def answer_twice() -> object:
    proposal = propose(assessed(Outcome.NOT_MET), Kind.REFUSED)
    by = applicant(proposal.provider)
    answer_proposal(proposal=proposal, text="Nej.", by=by, now=NOW)
    return answer_proposal(proposal=proposal, text="Nej.", by=by, now=NOW)


def decide_early() -> object:
    proposal = propose(assessed(Outcome.NOT_MET), Kind.REFUSED)
    return decide(proposal=proposal, by=make_user(Role.PROCUREMENT), now=moment(FIRST + 14 * DAY))


def settle_twice() -> object:
    service, by = make_service(), make_user(Role.PROCUREMENT)
    complaint = complained(make_provider(), service)
    settle_complaint(complaint=complaint, outcome="Obefogat.", by=by, now=NOW)
    return settle_complaint(complaint=complaint, outcome="Obefogat.", by=by, now=NOW)


def close_twice() -> object:
    deviation, by = deviating(), make_user(Role.PROCUREMENT)
    close_deviation(deviation=deviation, note="Åtgärdat.", by=by, now=NOW)
    return close_deviation(deviation=deviation, note="Åtgärdat.", by=by, now=NOW)


UPLOADS: dict[str, Callable[[], object]] = {
    "upload_kind": lambda: checked_upload("cv.pdf", b"MZ\x90"),
    "upload_size": lambda: checked_upload("cv.pdf", PDF.ljust(MEGABYTES_MOST * 2**20 + 1)),
    "upload_active": lambda: checked_upload("cv.docx", docx(word__vbaProject="macro")),
    "upload_name": lambda: checked_upload("\n", PDF),
}
AUTHORISATION: dict[str, Callable[[], object]] = {
    "requirement_twice": lambda: draft(make_catalogue(), "K1"),
    "catalogue_empty": publish_nothing,
    "catalogue_ahead": lambda: publish_again(make_catalogue(), days=-1),
    "catalogue_twice": lambda: publish_again(make_catalogue(), days=0),
    "catalogue_same": lambda: publish_again(make_catalogue(), changed=False),
    "application_state": lambda: submit(submit(begun())),
    "application_twice": apply_twice,
    "no_catalogue": lambda: begun(service=make_service()),
    "evidence_closed": lambda: add(submit(begun())),
    "evidence_elsewhere": lambda: add(begun(), make_catalogue()),
    "evidence_twice": add_twice,
    "evidence_missing": submit_bare,
    "not_assessed_now": lambda: judge(begun()),
    "basis_in_house": register_as_in_house,
    "note_needed": lambda: return_application(
        application=assessing(), note=" ", by=make_user(Role.PROCUREMENT), now=NOW
    ),
    "not_all_assessed": lambda: propose(assessing()),
    "outcome_differs": lambda: propose(assessed(Outcome.NOT_MET)),
    "conditions_needed": lambda: propose(assessed(Outcome.CONDITION), Kind.CONDITIONS, conditions=""),
    "proposal_days": lambda: propose(assessed(), valid_through=FIRST - DAY),
    "hearing_needed": lambda: propose(assessed(Outcome.NOT_MET), Kind.REFUSED, answer_by=None),
    "answer_days": lambda: propose(assessed(Outcome.NOT_MET), Kind.REFUSED, answer_by=FIRST),
    "nothing_to_measure": lambda: measure(make_provider(authorised=False), make_service()),
    "proposed_already": measure_twice,
    "proposal_closed": decide_twice,
    "own_decision": decide_own,
    "answered_already": answer_twice,
    "answer_awaited": decide_early,
    "visit_ahead": lambda: complained(make_provider(), make_service(), FIRST + DAY),
    "complaint_settled": settle_twice,
    "deviation_state": close_twice,
    "deadline_ahead": lambda: deviating(deadline=FIRST - DAY),
    "deviation_elsewhere": lambda: deviating(visit=visited(make_provider(), make_service())),
}

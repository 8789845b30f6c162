"""From a requirement to a decision: what each step needs, who may take it, and what follows from it."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role, User
from backend.kernel.uploads import checked_upload
from providers.authorisation_models import LegalBasis
from providers.models import Application, Authorisation, Decision, Proposal, Provider
from providers.remedies import known_bases, remedy_of
from providers.selectors import applications_for, authorisation_on, catalogue_on, proposals_for, public_register
from providers.services import (
    add_evidence,
    answer_proposal,
    begin_application,
    decide,
    draft_requirement,
    propose_measure,
    publish_catalogue,
    return_application,
    return_proposal,
    submit_application,
    withdraw_application,
)
from providers.states import CLOSED, TRANSITIONS, ApplicationState
from tests.authorisation_steps import (
    FIRST,
    LAST,
    PDF,
    Kind,
    Outcome,
    applicant,
    assess,
    assessing,
    begun,
    docx,
    granted,
    make_catalogue,
    make_service,
    propose,
    register,
)
from tests.small_world import NOW, make_member, make_provider, make_user, moment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refusals(work: object) -> set[str]:
    """The codes of the rules that refuse this, if any."""
    try:
        work()  # type: ignore[operator]
    except DomainError as error:
        return {breach.rule.code for breach in error.breaches}
    return set()


def text_of(decision: Decision) -> str:
    """The words of a decision's document."""
    with zipfile.ZipFile(io.BytesIO(bytes(decision.document))) as archive:
        return archive.read("word/document.xml").decode() + archive.read("word/header1.xml").decode()


# --- the table of states: every pair


def to_propose(application: Application) -> object:
    assess(application) if application.state == ApplicationState.ASSESSING else None
    return propose(application)


def to_decided(application: Application) -> object:
    return decide(proposal=application.proposals.latest("pk"), by=make_user(Role.PROCUREMENT), now=NOW)


def to_assessing(application: Application) -> object:
    """An officer takes it up, or sends back what is proposed."""
    if application.state != ApplicationState.PROPOSED:
        return register(application)
    proposal = application.proposals.latest("pk")
    return return_proposal(proposal=proposal, reason="Oklart.", by=make_user(Role.PROCUREMENT), now=NOW)


SEEK = {
    ApplicationState.SUBMITTED: lambda one: submit_application(application=one, by=applicant(one.provider), now=NOW),
    ApplicationState.ASSESSING: to_assessing,
    ApplicationState.RETURNED: lambda one: return_application(
        application=one, note="Intyg saknas.", by=make_user(Role.PROCUREMENT), now=NOW
    ),
    ApplicationState.PROPOSED: to_propose,
    ApplicationState.DECIDED: to_decided,
    ApplicationState.WITHDRAWN: lambda one: withdraw_application(application=one, by=applicant(one.provider), now=NOW),
}
PATHS: dict[ApplicationState, tuple[ApplicationState, ...]] = {
    ApplicationState.DRAFT: (),
    ApplicationState.SUBMITTED: (ApplicationState.SUBMITTED,),
    ApplicationState.ASSESSING: (ApplicationState.SUBMITTED, ApplicationState.ASSESSING),
    ApplicationState.RETURNED: (ApplicationState.SUBMITTED, ApplicationState.ASSESSING, ApplicationState.RETURNED),
    ApplicationState.PROPOSED: (ApplicationState.SUBMITTED, ApplicationState.ASSESSING, ApplicationState.PROPOSED),
    ApplicationState.DECIDED: (
        ApplicationState.SUBMITTED,
        ApplicationState.ASSESSING,
        ApplicationState.PROPOSED,
        ApplicationState.DECIDED,
    ),
    ApplicationState.WITHDRAWN: (ApplicationState.WITHDRAWN,),
}


@pytest.mark.parametrize("goal", sorted(SEEK))
@pytest.mark.parametrize("state", list(ApplicationState))
def test_every_pair_of_states(state: ApplicationState, goal: ApplicationState) -> None:
    application = begun()
    for requirement in application.catalogue.requirements.all():
        by = applicant(application.provider)
        add_evidence(application=application, requirement=requirement, name="a.pdf", content=PDF, by=by, now=NOW)
    for step in PATHS[state]:
        SEEK[step](application)
        application.refresh_from_db()
    assert application.state == state
    if goal == ApplicationState.DECIDED and not application.proposals.exists():
        return  # there is nothing to decide
    refused = refusals(lambda: SEEK[goal](application))
    application.refresh_from_db()
    if goal in TRANSITIONS[state]:
        assert (application.state, refused) == (goal, set())
        assert application.steps.latest("pk").state == goal
    else:
        assert application.state == state
        assert refused <= {"application_state", "not_all_assessed", "proposal_closed"}
        assert refused


def test_what_leads_nowhere_is_closed_and_every_state_is_reached() -> None:
    assert {ApplicationState.DECIDED, ApplicationState.WITHDRAWN} == CLOSED
    assert {state for following in TRANSITIONS.values() for state in following} == set(SEEK)


# --- the catalogue


def test_a_published_catalogue_stays_while_the_draft_goes_on() -> None:
    catalogue = make_catalogue()
    by, service = make_user(Role.PROCUREMENT), catalogue.service
    draft = service.drafts.get(code="K1")
    draft_requirement(
        service=service, instead_of=draft, code="K1", title="Nytt", text="x", evidence="y", source="z", by=by, now=NOW
    )
    assert catalogue.requirements.get(code="K1").title == "Krav K1"
    second = publish_catalogue(service=service, valid_from=FIRST + 30 * DAY, by=by, now=NOW)
    assert (second.number, second.requirements.get(code="K1").title) == (2, "Nytt")
    assert catalogue_on(service, FIRST) == catalogue
    assert catalogue_on(service, FIRST + 30 * DAY) == second
    assert catalogue_on(service, FIRST - DAY) is None


def test_an_application_is_assessed_by_the_catalogue_of_its_first_day() -> None:
    catalogue = make_catalogue()
    application = begun(service=catalogue.service)
    draft = catalogue.service.drafts.get(code="K1")
    by = make_user(Role.PROCUREMENT)
    draft_requirement(
        service=catalogue.service, instead_of=draft, code="K1", title="N", text="x", evidence="y", source="z", by=by,
        now=NOW,
    )  # fmt: skip
    publish_catalogue(service=catalogue.service, valid_from=FIRST + DAY, by=by, now=NOW)
    application.refresh_from_db()
    assert application.catalogue == catalogue


# --- evidence


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, "pdf"),
        ("a.PNG", b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82", "png"),
        ("a.jpg", b"\xff\xd8\xff\xe0....\xff\xd9", "jpeg"),
        ("a.docx", docx(), "docx"),
    ],
)
def test_documents_are_known_by_their_content(name: str, content: bytes, kind: str) -> None:
    assert checked_upload(name, content).kind == kind


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.docx", PDF, "upload_kind"),
        ("a.exe", PDF, "upload_kind"),
        ("a", PDF, "upload_kind"),
        ("a.pdf", PDF[:-6], "upload_kind"),
        ("a.docx", b"PK\x03\x04", "upload_kind"),
        ("a.pdf", PDF + b"/OpenAction << /JS (x) >> %%EOF", "upload_active"),
        ("a.docx", docx(word__embeddings__x="x"), "upload_active"),
        ("a.pdf", b"", "upload_size"),
    ],
)
def test_other_documents_are_refused(name: str, content: bytes, rule: str) -> None:
    assert refusals(lambda: checked_upload(name, content)) == {rule}


# --- who may do what


def test_a_provider_sees_and_moves_its_own_applications_only() -> None:
    mine, others = begun(), begun()
    me = applicant(mine.provider)
    assert list(applications_for(me)) == [mine]
    assert list(applications_for(make_user(Role.PROVIDER))) == []
    assert list(applications_for(make_user(Role.HANDLER, Role.EXAMINER))) == []
    assert applications_for(make_user(Role.AUDITOR)).count() == 2
    for service in (submit_application, withdraw_application):
        assert refusals(lambda service=service: service(application=others, by=me, now=NOW)) == {"not_a_member"}
    requirement = others.catalogue.requirements.first()
    assert requirement
    assert refusals(
        lambda: add_evidence(application=others, requirement=requirement, name="a.pdf", content=PDF, by=me, now=NOW)
    ) == {"not_a_member"}
    assert refusals(
        lambda: begin_application(provider=others.provider, service=make_catalogue().service, by=me, now=NOW)
    ) == {"not_a_member"}


def test_a_provider_sees_what_is_proposed_once_it_may_answer_or_it_is_decided() -> None:
    officer, application = make_user(Role.PROCUREMENT), assessing()
    me = applicant(application.provider)
    assess(application)
    proposal = propose(application)
    assert list(proposals_for(me)) == []
    assert list(proposals_for(officer)) == [proposal]
    decide(proposal=proposal, by=officer, now=NOW)
    assert list(proposals_for(me)) == [proposal]
    other = assessing(application.provider)
    assess(other, Outcome.NOT_MET)
    refusal = propose(other, Kind.REFUSED)
    assert set(proposals_for(me)) == {proposal, refusal}
    return_proposal(proposal=refusal, reason="Oklart.", by=officer, now=NOW)
    assert list(proposals_for(me)) == [proposal]


def test_only_procurement_assesses_and_decides() -> None:
    application = assessing()
    assess(application)
    for by in (applicant(application.provider), make_user(Role.HANDLER), make_user(Role.ADMINISTRATOR)):
        assert refusals(lambda by=by: propose(application, by=by)) == {"role_needed"}
    proposal = propose(application)
    for by in (applicant(application.provider), make_user(Role.AUDITOR)):
        assert refusals(lambda by=by: decide(proposal=proposal, by=by, now=NOW)) == {"role_needed"}
    assert list(proposals_for(make_member(make_provider()))) == []


def test_the_database_wants_two_people() -> None:
    application = assessing()
    assess(application)
    proposal = propose(application)
    with pytest.raises(IntegrityError, match="providers_decision_two_people"), transaction.atomic():
        Decision.objects.create(
            proposal=proposal, proposed_by=proposal.proposed_by, decided_by=proposal.proposed_by, decided_at=NOW,
            document=b"", digest="",
        )  # fmt: skip


# --- decisions and what they lead to


def test_a_granted_application_authorises_for_its_service_alone() -> None:
    decision = granted()
    provider, service = decision.proposal.provider, decision.proposal.service
    found = authorisation_on(provider, service, FIRST)
    assert found
    assert (found.decision, found.authorises(LAST), found.authorises(LAST + DAY)) == (decision, True, False)
    assert authorisation_on(provider, make_service(), FIRST) is None
    assert authorisation_on(provider, None, FIRST) is None
    assert authorisation_on(provider, service, FIRST - DAY) is None
    (row,) = public_register(FIRST)
    assert (row["name"], row["service"], row["state"]) == (provider.name, service.title, "authorised")
    assert public_register(LAST + DAY) == []
    event = AuditEvent.objects.get(action="decide")
    assert (event.by, event.later and event.later["digest"]) == (decision.decided_by, decision.digest)


def test_a_refusal_waits_for_the_answer_and_leaves_what_applies() -> None:
    provider, service = make_provider(authorised=False), make_catalogue().service
    before = granted(provider, service)
    application = assessing(provider, service)
    assess(application, Outcome.MET, Outcome.NOT_MET)
    proposal = propose(application, Kind.REFUSED)
    second = make_user(Role.PROCUREMENT)
    assert refusals(lambda: decide(proposal=proposal, by=second, now=NOW)) == {"answer_awaited"}
    answer_proposal(proposal=proposal, text="Vi <& våra> intyg kommer.", by=applicant(provider), now=NOW)
    decision = decide(proposal=proposal, by=second, now=NOW)
    text = text_of(decision)
    assert "Vi &lt;&amp; våra&gt; intyg kommer." in text
    assert "AMN 2025/17" in text
    found = authorisation_on(provider, service, FIRST)
    assert found
    assert found.decision == before


def test_without_an_answer_a_refusal_is_decided_the_day_after() -> None:
    application = assessing()
    assess(application, Outcome.NOT_MET)
    proposal = propose(application, Kind.REFUSED)
    assert proposal.answer_by
    decision = decide(proposal=proposal, by=make_user(Role.PROCUREMENT), now=moment(proposal.answer_by + DAY))
    assert authorisation_on(proposal.provider, proposal.service, FIRST + 60 * DAY) is None
    application.refresh_from_db()
    assert (application.state, decision.proposal) == (ApplicationState.DECIDED, proposal)


def test_conditions_stand_in_the_document_and_the_register() -> None:
    application = assessing()
    assess(application, Outcome.CONDITION)
    proposal = propose(application, Kind.CONDITIONS, answer_by=None, urgency="Starten är i morgon.")
    text = text_of(decide(proposal=proposal, by=make_user(Role.PROCUREMENT), now=NOW))
    for expected in ("Komplettera senast 1 mars.", "Starten är i morgon.", "K1 Krav K1", "intyg.pdf", "kommunallagen"):
        assert expected in text
    assert [row["state"] for row in public_register(FIRST)] == ["conditions"]


def test_a_decision_never_applies_before_its_day() -> None:
    application = assessing()
    assess(application)
    proposal = propose(application)
    decide(proposal=proposal, by=make_user(Role.PROCUREMENT), now=moment(FIRST + 10 * DAY))
    assert authorisation_on(proposal.provider, proposal.service, FIRST + 9 * DAY) is None
    assert authorisation_on(proposal.provider, proposal.service, FIRST + 10 * DAY)


def measure(kind: Proposal.Kind, provider: Provider, service: object, on: date, by: User | None = None) -> Decision:
    proposal = propose_measure(
        provider=provider,
        service=service,  # type: ignore[arg-type]
        kind=kind,
        diarienummer="AMN 2025/18",
        legal_basis=LegalBasis.LOV,
        reasons="Brister vid tillsyn.",
        valid_from=on,
        urgency="" if kind == Kind.RESUMED else "Deltagare far illa.",
        by=by or make_user(Role.PROCUREMENT),
        now=moment(on),
    )
    return decide(proposal=proposal, by=make_user(Role.PROCUREMENT), now=moment(on))


def test_suspension_lifting_and_revocation_follow_each_other() -> None:
    proposal = granted().proposal
    provider, service = proposal.provider, proposal.service
    day = FIRST + 30 * DAY

    def now_is(on: date) -> tuple[str, bool]:
        found = authorisation_on(provider, service, on)
        assert found
        return found.effect, found.authorises(on)

    document = measure(Kind.SUSPENDED, provider, service, day)
    assert "allmän domstol" in text_of(document)  # a measure under LOV is a matter of the contract
    assert (now_is(day - DAY), now_is(day)) == (("authorised", True), ("suspended", False))
    assert [row["state"] for row in public_register(day)] == ["suspended"]
    assert refusals(lambda: measure(Kind.SUSPENDED, provider, service, day + DAY)) == {"nothing_to_measure"}
    measure(Kind.RESUMED, provider, service, day + 9 * DAY)
    assert (now_is(day + 8 * DAY), now_is(day + 9 * DAY)) == (("suspended", False), ("authorised", True))
    assert (now_is(LAST), now_is(LAST + DAY)) == (("authorised", True), ("authorised", False))
    assert refusals(lambda: measure(Kind.RESUMED, provider, service, day + 10 * DAY)) == {"nothing_to_measure"}
    measure(Kind.REVOKED, provider, service, day + 20 * DAY)
    assert now_is(day + 20 * DAY) == ("revoked", False)
    assert public_register(day + 20 * DAY) == []
    for kind in (Kind.SUSPENDED, Kind.RESUMED, Kind.REVOKED):
        assert refusals(lambda kind=kind: measure(kind, provider, service, day + 30 * DAY)) == {"nothing_to_measure"}


def test_a_renewal_governs_from_its_first_day() -> None:
    provider, service = make_provider(authorised=False), make_catalogue().service
    granted(provider, service)
    application = assessing(provider, service)
    assess(application)
    renewed = propose(application, valid_from=LAST + DAY, valid_through=LAST + 365 * DAY)
    decide(proposal=renewed, by=make_user(Role.PROCUREMENT), now=NOW)
    days = {day: authorisation_on(provider, service, day) for day in (LAST, LAST + DAY)}
    assert [one is not None and one.authorises(day) for day, one in days.items()] == [True, True]
    assert [one and one.valid_through for one in days.values()] == [LAST, LAST + 365 * DAY]


def test_an_old_decision_about_every_service_gives_way_to_a_newer_one_about_one() -> None:
    provider, service = make_provider(), make_catalogue().service
    assert authorisation_on(provider, service, FIRST)
    granted(provider, service)
    measure(Kind.REVOKED, provider, service, FIRST + DAY)
    found, other = (authorisation_on(provider, one, FIRST + DAY) for one in (service, make_service()))
    assert found
    assert other
    assert (found.effect, other.effect) == (Authorisation.Effect.REVOKED, Authorisation.Effect.AUTHORISED)
    assert [(row["service"], row["state"]) for row in public_register(FIRST + DAY)] == [(None, "authorised")]


# --- remedies


@pytest.mark.parametrize("basis", LegalBasis.values)
@pytest.mark.parametrize("is_measure", [False, True])
def test_each_legal_basis_says_what_can_be_done_against_a_decision(basis: str, is_measure: bool) -> None:
    remedy = remedy_of(basis, is_measure=is_measure)
    assert remedy.notice
    assert remedy.source
    assert bool(remedy.instance) == bool(remedy.within) == bool(remedy.counted_from)
    assert basis in known_bases()


def test_measures_under_a_contract_have_no_appeal_notice() -> None:
    for basis in (LegalBasis.LOV, LegalBasis.LOU, LegalBasis.IN_HOUSE):
        assert remedy_of(basis, is_measure=True).within is None
    assert remedy_of(LegalBasis.AUTHORISATION, is_measure=True).within
    assert known_bases() == set(LegalBasis.values)

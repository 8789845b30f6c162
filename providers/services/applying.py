"""Applications: a provider begins one, adds evidence, submits it, completes it, or withdraws it."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.uploads import checked_upload
from providers.models import Application, ApplicationStep, Evidence, Provider, Requirement, Service
from providers.permissions import require_member
from providers.selectors import catalogue_on
from providers.states import TRANSITIONS, WITH_THE_PROVIDER, ApplicationState

APPLICATION_STATE = rule(
    "application_state", gettext_noop("an application that is {state} can't become {wanted}; it can become: {known}")
)
APPLICATION_TWICE = rule(
    "application_twice", gettext_noop("the provider has an application for this service that is not decided yet")
)
NO_CATALOGUE = rule("no_catalogue", gettext_noop("no requirements for this service have been published"))
EVIDENCE_CLOSED = rule("evidence_closed", gettext_noop("evidence is added before the application is submitted"))
EVIDENCE_ELSEWHERE = rule(
    "evidence_elsewhere", gettext_noop("the requirement belongs to another catalogue than the application's")
)
EVIDENCE_TWICE = rule("evidence_twice", gettext_noop("this document is there already"))
EVIDENCE_MISSING = rule("evidence_missing", gettext_noop("evidence is missing for: {codes}"))


def require_applicant(by: User, provider: Provider) -> None:
    """DomainError unless the person acts for the provider, or is an officer who enters what came on paper."""
    if Role.PROCUREMENT not in by.roles:
        require_member(by, provider)


@transaction.atomic
def begin_application(*, provider: Provider, service: Service, by: User, now: datetime) -> Application:
    """Begin an application, or a renewal, for a service; it is assessed by the catalogue of this day."""
    require_applicant(by, provider)
    catalogue = catalogue_on(service, local_day(now))
    if catalogue is None:
        raise refuse(NO_CATALOGUE, field="service", value=service.title)
    application = Application(
        provider=provider,
        service=service,
        catalogue=catalogue,
        state=ApplicationState.DRAFT,
        started_at=now,
        started_by=by,
    )
    with constraints_as({"providers_application_one_open": APPLICATION_TWICE}, "service"):
        application.save()
    _note_step(application, "", by, now)
    later = {"provider": provider.number, "service": service.code, "catalogue": catalogue.number}
    record_event(by=by, action="begin_application", on=application, now=now, later=later)
    return application


@transaction.atomic
def add_evidence(
    *, application: Application, requirement: Requirement, name: str, content: bytes, by: User, now: datetime
) -> Evidence:
    """Add a document that shows that a requirement is met."""
    application = locked(application)
    require_applicant(by, application.provider)
    if application.state not in WITH_THE_PROVIDER:
        raise refuse(EVIDENCE_CLOSED, field="application", value=application.state)
    check_catalogue(application, requirement)
    upload = checked_upload(name, content)
    evidence = Evidence(
        application=application,
        requirement=requirement,
        name=upload.name,
        kind=upload.kind,
        size=len(upload.content),
        digest=upload.digest,
        content=upload.content,
        added_at=now,
        added_by=by,
    )
    with constraints_as({"providers_evidence_once": EVIDENCE_TWICE}, "file"):
        evidence.save()
    later = {"requirement": requirement.code, "name": upload.name, "digest": upload.digest}
    record_event(by=by, action="add_evidence", on=application, now=now, later=later)
    return evidence


@transaction.atomic
def submit_application(*, application: Application, note: str = "", by: User, now: datetime) -> Application:
    """Hand an application in, or what was to be completed. Each requirement needs some evidence."""
    application = locked(application)
    require_applicant(by, application.provider)
    shown = set(application.evidence.values_list("requirement_id", flat=True))
    missing = [each.code for each in application.catalogue.requirements.order_by("code") if each.pk not in shown]
    if missing:
        raise refuse(EVIDENCE_MISSING, field="application", value=str(application), codes=", ".join(missing))
    return move(application, ApplicationState.SUBMITTED, note=note, by=by, now=now)


@transaction.atomic
def withdraw_application(*, application: Application, note: str = "", by: User, now: datetime) -> Application:
    """Take an application back before a decision on it is proposed."""
    application = locked(application)
    require_applicant(by, application.provider)
    return move(application, ApplicationState.WITHDRAWN, note=note, by=by, now=now)


def locked(application: Application) -> Application:
    """The application as it stands now; nobody else moves it until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",)).select_related("provider", "service").get(pk=application.pk)
    )


def check_catalogue(application: Application, requirement: Requirement) -> None:
    if requirement.catalogue_id != application.catalogue_id:
        raise refuse(EVIDENCE_ELSEWHERE, field="requirement", value=requirement.code)


def move(
    application: Application, wanted: ApplicationState, *, note: str, by: User, now: datetime, **registered: str
) -> Application:
    """Bring a locked application into a state, if the table of states has that way; `registered` are columns to set."""
    state = ApplicationState(application.state)
    if wanted not in TRANSITIONS[state]:
        known = ", ".join(sorted(TRANSITIONS[state])) or "–"
        raise refuse(
            APPLICATION_STATE, field="application", value=str(application), state=state, wanted=wanted, known=known
        )
    for name, value in registered.items():
        setattr(application, name, value)
    application.state = wanted
    application.save(update_fields=["state", *registered])
    _note_step(application, note, by, now)
    earlier, later = {"state": state}, {"state": wanted, **registered}
    record_event(by=by, action="move_application", on=application, now=now, earlier=earlier, later=later)
    return application


def _note_step(application: Application, note: str, by: User, now: datetime) -> None:
    ApplicationStep.objects.create(
        application=application, state=application.state, note=note, recorded_at=now, recorded_by=by
    )

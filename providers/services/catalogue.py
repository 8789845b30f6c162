"""The requirements of a service: drafted one by one, and published together."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from providers.models import Catalogue, Requirement, RequirementDraft, Service

REQUIREMENT_TWICE = rule("requirement_twice", gettext_noop("the draft has a requirement with this code already"))
CATALOGUE_EMPTY = rule("catalogue_empty", gettext_noop("the draft has no requirement yet"))
CATALOGUE_AHEAD = rule("catalogue_ahead", gettext_noop("a catalogue is valid from the day of its publication at least"))
CATALOGUE_TWICE = rule("catalogue_twice", gettext_noop("another catalogue of the service is valid from this day"))
CATALOGUE_SAME = rule("catalogue_same", gettext_noop("the draft says what the newest catalogue says already"))

PARTS = ("code", "title", "text", "evidence", "source")


@transaction.atomic
def draft_requirement(
    *,
    service: Service,
    code: str,
    title: str,
    text: str,
    evidence: str,
    source: str,
    instead_of: RequirementDraft | None = None,
    by: User,
    now: datetime,
) -> RequirementDraft:
    """Add a requirement to the draft of a service's next catalogue, or change one that stands there."""
    require_role(by, Role.PROCUREMENT)
    draft = instead_of or RequirementDraft(service=service)
    draft.code, draft.title, draft.text, draft.evidence, draft.source = code, title, text, evidence, source
    draft.saved_by, draft.saved_at = by, now
    with constraints_as({"providers_requirementdraft_code": REQUIREMENT_TWICE}, "code"):
        draft.save()
    record_event(by=by, action="draft_requirement", on=service, now=now, later={"code": code, "title": title})
    return draft


@transaction.atomic
def remove_requirement(*, draft: RequirementDraft, by: User, now: datetime) -> None:
    """Take a requirement out of the draft. Published catalogues keep theirs."""
    require_role(by, Role.PROCUREMENT)
    record_event(by=by, action="remove_requirement", on=draft.service, now=now, earlier={"code": draft.code})
    draft.delete()


@transaction.atomic
def publish_catalogue(*, service: Service, valid_from: date, by: User, now: datetime) -> Catalogue:
    """Publish the draft: applications that begin from `valid_from` on are assessed by it. The draft stays."""
    require_role(by, Role.PROCUREMENT)
    service = Service.objects.select_for_update(no_key=True).get(pk=service.pk)  # one number after another
    drafts = list(RequirementDraft.objects.filter(service=service).order_by("code"))
    if not drafts:
        raise refuse(CATALOGUE_EMPTY, field="service", value=service.code)
    if valid_from < local_day(now):
        raise refuse(CATALOGUE_AHEAD, field="valid_from", value=valid_from)
    newest = service.catalogues.order_by("-number").first()
    if newest and _contents(newest.requirements.all()) == _contents(drafts):
        raise refuse(CATALOGUE_SAME, field="service", value=service.code)
    number = (service.catalogues.aggregate(newest=Max("number"))["newest"] or 0) + 1
    with constraints_as({"providers_catalogue_valid_from": CATALOGUE_TWICE}, "valid_from"):
        catalogue = Catalogue.objects.create(
            service=service, number=number, valid_from=valid_from, published_at=now, published_by=by
        )
    Requirement.objects.bulk_create(
        Requirement(catalogue=catalogue, **{part: getattr(draft, part) for part in PARTS}) for draft in drafts
    )
    later = {"number": number, "valid_from": valid_from, "requirements": len(drafts)}
    record_event(by=by, action="publish_catalogue", on=service, now=now, later=later)
    return catalogue


def _contents(requirements: object) -> set[tuple[str, ...]]:
    return {tuple(getattr(each, part) for part in PARTS) for each in requirements}  # type: ignore[attr-defined]

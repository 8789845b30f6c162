"""Evidence is attached to facts: files of a few kinds, by what they hold and not by what they are called."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.bulk import constraints_as
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from outcomes.models import Evidence, Fact
from outcomes.permissions import require_named
from providers.permissions import require_member

EVIDENCE_KIND = rule("evidence_kind", gettext_noop("evidence is a PDF, PNG or JPEG file"))
EVIDENCE_SIZE = rule("evidence_size", gettext_noop("evidence is at most {most} MB large"))
EVIDENCE_TWICE = rule("evidence_twice", gettext_noop("this file is attached to the fact already"))

MOST_MB = 10
BEGINNINGS = {  # of the files' content
    b"%PDF-": Evidence.ContentType.PDF,
    b"\x89PNG\r\n\x1a\n": Evidence.ContentType.PNG,
    b"\xff\xd8\xff": Evidence.ContentType.JPEG,
}


@transaction.atomic
def attach_evidence(*, fact: Fact, name: str, content: bytes, by: User, now: datetime) -> Evidence:
    """Attach a file to a fact. What was asked for is then answered."""
    require_role(by, Role.PROVIDER, Role.HANDLER)
    if Role.HANDLER in by.roles:
        require_named(fact.placement.participant, by)
    else:
        require_member(by, fact.provider)
    if len(content) > MOST_MB * 2**20:
        raise refuse(EVIDENCE_SIZE, field="content", value=name, most=MOST_MB)
    kind = next((kind for beginning, kind in BEGINNINGS.items() if content.startswith(beginning)), None)
    if kind is None:
        raise refuse(EVIDENCE_KIND, field="content", value=name)
    evidence = Evidence(
        fact=fact,
        name=name[-200:],
        content_type=kind,
        size=len(content),
        digest=sha256(content).hexdigest(),
        content=content,
        attached_at=now,
        attached_by=by,
    )
    with constraints_as({"outcomes_evidence_once": EVIDENCE_TWICE}, "content"):
        evidence.save()
    record_event(by=by, action="attach_evidence", on=fact, now=now, later={"digest": evidence.digest})
    return evidence

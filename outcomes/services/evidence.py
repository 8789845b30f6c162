"""Documents that facts are verified against."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from backend.kernel.uploads import KINDS, checked_upload
from outcomes.locks import lock_placements
from outcomes.models import Evidence, Fact, Placement
from outcomes.permissions import require_named
from providers.permissions import require_member

EVIDENCE_MOST = rule("evidence_most", gettext_noop("a fact has at most {most} documents as evidence"))
PIECES_MOST = 20


@transaction.atomic
def attach_evidence(*, fact: Fact, name: str, content: bytes, by: User, now: datetime) -> tuple[Evidence, bool]:
    """Attach a document to a fact. Gives it, and whether it is new: the same content once more is left as it is."""
    require_role(by, Role.PROVIDER, Role.HANDLER)
    if Role.HANDLER in by.roles:
        require_named(fact.placement.participant, by)
    else:
        require_member(by, fact.provider)
    upload = checked_upload(name, content)
    lock_placements([fact.placement_id])
    there = Evidence.objects.filter(fact=fact)
    if known := there.filter(digest=upload.digest).first():
        return known, False
    if there.count() >= PIECES_MOST:
        raise refuse(EVIDENCE_MOST, field="fact", value=fact.external_id, most=PIECES_MOST)
    evidence = Evidence.objects.create(
        fact=fact,
        attached_at=now,
        attached_by=by,
        name=upload.name,
        content_type=KINDS[upload.kind],
        size=len(content),
        digest=upload.digest,
        content=content,
    )
    Placement.objects.filter(pk=fact.placement_id).update(updated_at=now)
    later = {"evidence": evidence.pk, "sha256": upload.digest}
    record_event(by=by, action="attach_evidence", on=fact, now=now, later=later)
    return evidence, True

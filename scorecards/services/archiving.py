"""The documents of all scorecards of a run as one ZIP, asked for by an officer and made by a worker."""

from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from scorecards.models import ScorecardArchive, ScorecardRun

NOTHING_COMPUTED = rule("archive_empty", gettext_noop("there is no scorecard to make a document of"))


@transaction.atomic
def ask_archive(
    *, run: ScorecardRun, kind: ScorecardArchive.Format, language: str, by: User, now: datetime
) -> ScorecardArchive:
    """Note that all documents of a run are wanted as one file."""
    require_role(by, Role.PROCUREMENT, Role.AUDITOR)
    total = run.scorecards.count()
    if not total:
        raise refuse(NOTHING_COMPUTED, field="run", value=str(run))
    archive = ScorecardArchive.objects.create(
        run=run, format=kind, language=language, asked_by=by, asked_at=now, total=total
    )
    record_event(by=by, action="ask_archive", on=run, now=now, later={"format": kind, "archive": archive.pk})
    return archive


def make_archive(archive_id: int) -> ScorecardArchive:
    raise NotImplementedError

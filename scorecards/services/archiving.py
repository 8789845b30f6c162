"""The documents of all scorecards of a run as one ZIP, asked for by an officer and made by a worker."""

import io
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override

from backend.kernel.audit import record_event
from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from scorecards.documents import Documents, convert_to_pdf
from scorecards.models import Scorecard, ScorecardArchive, ScorecardRun
from scorecards.selectors import cards_of

NOTHING_COMPUTED = rule("archive_empty", gettext_noop("there is no scorecard to make a document of"))

NOTE_EVERY = 20  # documents


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
    """Make the documents that were asked for, or say why they can't be. Harmless if they are made already."""
    archive = ScorecardArchive.objects.defer("content").select_related("run").get(pk=archive_id)
    if archive.finished_at or archive.failure:
        return archive
    with override(archive.language), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            _write_documents(archive, folder)
            if archive.format == ScorecardArchive.Format.PDF:
                convert_to_pdf(folder)
            archive.content, archive.finished_at = _zip(folder, f"*.{archive.format}"), timezone.now()
        except DomainError as error:
            archive.failure = error.say(gettext)[:500]
    archive.save(update_fields=["content", "finished_at", "failure"])
    return archive


def _write_documents(archive: ScorecardArchive, folder: Path) -> None:
    documents = Documents()
    for number, card in enumerate(cards_of(archive.run), start=1):
        card.run = archive.run  # read once, with all that it found
        (folder / f"{file_name(card)}.docx").write_bytes(documents.make(card))
        if number % NOTE_EVERY == 0 or number == archive.total:
            ScorecardArchive.objects.filter(pk=archive.pk).update(done=number)


def file_name(card: Scorecard) -> str:
    return f"{card.provider.number} {card.service} {card.run.until}"


def _zip(folder: Path, pattern: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # documents are compressed already
        for path in sorted(folder.glob(pattern)):
            archive.write(path, path.name)
    return file.getvalue()

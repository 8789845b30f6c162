"""Documents of scorecards: complete, escaped, the same bytes each time, one for each card in the ZIP, tagged as PDF."""

import io
import zipfile
from datetime import timedelta

import numpy as np
import pytest
from django.utils.translation import override
from docx import Document
from docx.document import Document as OpenedDocument
from PIL import Image

from backend.kernel.models import Role
from scorecards.assessing import assess
from scorecards.documents import FUNNEL, Documents, decision_document, scorecard_document
from scorecards.models import Review, Scorecard, ScorecardArchive, ScorecardRun
from scorecards.presenting import HIDDEN
from scorecards.services import answer_hearing, ask_archive, decide_review, make_archive, propose_review
from scorecards.states import ScorecardState
from tests.scorecard_world import SCOPE, draw_inputs, make_names
from tests.small_world import make_member, make_provider, make_user
from tests.wrong_examples_hearings import NOW, TODAY, make_run

PROVIDERS = 12
ANSWER = "Vi & våra <elever>\nnästa rad"

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> ScorecardRun:
    """Scorecards of twelve drawn providers, in a hearing."""
    ids = np.array([0, *(make_provider().pk for _ in range(PROVIDERS))])
    inputs = draw_inputs(np.random.default_rng(1), providers=PROVIDERS)
    assessed = assess(inputs, make_names(PROVIDERS), SCOPE)
    numbers = {int(number): place for place, number in enumerate(ids)}
    services = {code: service | {"ids": ids[service["ids"]].tolist()} for code, service in assessed.services.items()}
    officer = make_user(Role.PROCUREMENT)
    run = make_run(
        ScorecardState.HEARING, first_month=SCOPE.first_month, until=SCOPE.until, result=services, started_by=officer
    )
    Scorecard.objects.bulk_create(
        Scorecard(
            run=run,
            provider_id=pk,
            service="training",
            service_title="Training",
            result=assessed.cards[place, "training"],
        )
        for pk, place in numbers.items()
        if place
    )
    return run


def opened(content: bytes) -> OpenedDocument:
    return Document(io.BytesIO(content))


def text_of(document: OpenedDocument) -> str:
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_scorecard_says_all_that_the_page_says(run: ScorecardRun) -> None:
    card = run.scorecards.order_by("pk")[5]
    by = make_member(card.provider)
    answer_hearing(run=run, provider=card.provider, text=ANSWER, by=by, now=NOW)
    with override("sv"):
        content = scorecard_document(card)
    document = opened(content)
    text = text_of(document)
    for said in (
        card.provider.name,
        "Vi & våra <elever>",
        "nästa rad",
        run.digest,
        "Arbete inom ett år",
        "som förväntat",
    ):
        assert said in text
    assert "{{" not in text
    assert "{%" not in text
    assert len(document.tables) == 4
    assert all(len(table.columns) == 5 for table in document.tables)
    assert 'descr="Varaktigt arbete. Den fyllda romben' in document.element.xml  # for whoever does not see the funnel
    with override("sv"):
        assert scorecard_document(card) == content


def test_small_figures_are_hidden_in_the_document_too(run: ScorecardRun) -> None:
    smallest = run.scorecards.order_by("pk")[0]
    text = text_of(opened(scorecard_document(smallest)))
    assert HIDDEN in text
    assert "too few to rate" in text or "för få" in text


def test_each_provider_has_its_own_mark_in_the_same_funnel(run: ScorecardRun) -> None:
    documents = Documents()
    pictures = []
    for card in run.scorecards.order_by("pk")[5:7]:
        card.run = run
        with zipfile.ZipFile(io.BytesIO(documents.make(card))) as parts:
            pictures.append(np.asarray(Image.open(io.BytesIO(parts.read(f"word/media/{FUNNEL}")))))
    differing = (pictures[0] != pictures[1]).mean()
    assert 0 < differing < 0.02
    assert len(documents.funnels) == 1


def archive_of(run: ScorecardRun, kind: ScorecardArchive.Format) -> zipfile.ZipFile:
    archive = ask_archive(run=run, kind=kind, language="sv", by=run.started_by, now=NOW)
    archive = make_archive(archive.pk)
    assert (archive.failure, archive.finished_at is not None) == ("", True)
    archive.refresh_from_db()
    assert archive.done == archive.total == PROVIDERS
    return zipfile.ZipFile(io.BytesIO(bytes(archive.content or b"")))


def test_the_zip_has_a_document_for_each_scorecard(run: ScorecardRun) -> None:
    with archive_of(run, ScorecardArchive.Format.DOCX) as archive:
        assert len(archive.namelist()) == PROVIDERS
        assert all("Resultatkort" in text_of(opened(archive.read(name))) for name in archive.namelist()[:2])


@pytest.mark.needs("soffice")
def test_pdf_is_tagged(run: ScorecardRun) -> None:
    with archive_of(run, ScorecardArchive.Format.PDF) as archive:
        first = archive.read(archive.namelist()[0])
    assert first.startswith(b"%PDF")
    assert b"/MarkInfo" in first
    assert b"/StructTreeRoot" in first


def test_a_decision_has_its_reasons_and_both_officers(run: ScorecardRun) -> None:
    card = run.scorecards.order_by("pk")[0]
    card.run.state = ScorecardState.FINAL
    by, colleague = make_user(Role.PROCUREMENT), make_user(Role.PROCUREMENT)
    review = propose_review(
        scorecard=card, proposal=Review.Proposal.PLAN, reasons="För få & sena.", diarienummer="2026/5", by=by, now=NOW
    )
    review = decide_review(
        review=review, is_approved=True, reasons="Enligt förslaget.", by=colleague, now=NOW + timedelta(days=1)
    )
    with override("sv"):
        text = text_of(opened(decision_document(review)))
    for said in ("2026/5", "För få & sena.", "Enligt förslaget.", str(by), str(colleague), "varning och åtgärdsplan"):
        assert said in text
    assert str(TODAY + timedelta(days=1)) in text

"""Scorecards and decisions as documents: DOCX from templates, and tagged PDF by LibreOffice."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vl_convert as vlc
from django.utils.translation import get_language, gettext
from PIL import Image, ImageDraw

from backend.kernel.calendar import local_day
from backend.kernel.charts import ACCENT, CONFIG, EDGE, INK, VEGA_LITE
from backend.kernel.docx import compiled
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.templatetags.show import moment, person
from providers.models import Provider
from providers.selectors import authorisations_of, is_authorised
from scorecards import selectors
from scorecards.charts import HEIGHT, HIGHEST, PADDING, WIDTH, funnel_spec
from scorecards.labels import STATES, measure_title
from scorecards.models import Review, Scorecard
from scorecards.presenting import grids, main_measure
from scorecards.states import ScorecardState

NO_OFFICE = rule("office_missing", gettext_noop("PDF needs LibreOffice (libreoffice-writer-nogui) on the worker"))

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TAGGED_PDF = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
OFFICE_SECONDS = 600
SCALE = 2
PRINTED = {INK: "#000000", ACCENT: "#0b5563", EDGE: "#555555"}
FUNNEL = "image1.png"


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel of all providers as a picture, drawn once; for each document only its provider's mark is added."""

    picture: Image.Image
    ratings: Sequence[Mapping[str, Any]]
    top: float  # of the expected numbers

    @classmethod
    def draw(cls, ratings: Sequence[Mapping[str, Any]]) -> "Funnel":
        spec = funnel_spec(ratings)
        config = dict(CONFIG) | {"background": "white"}
        fixed = {"padding": PADDING, "autosize": "none"}
        sized = fixed | {"width": WIDTH, "height": HEIGHT}
        png = vlc.vegalite_to_png({"config": config, **spec, **sized}, vl_version=VEGA_LITE, scale=SCALE)
        picture = Image.open(io.BytesIO(png)).convert("L")  # grey: it is printed so, and its shapes tell all
        top = max((one["expected"] for one in ratings if not one["is_hidden"]), default=1.0) * 1.05
        return cls(picture, ratings, top)

    def marked(self, place: int) -> bytes:
        """The picture with a provider's mark, as PNG."""
        picture, own = self.picture.copy(), self.ratings[place]
        if not own["is_hidden"]:
            x = SCALE * (PADDING["left"] + WIDTH * own["expected"] / self.top)
            y = SCALE * (PADDING["top"] + HEIGHT * (1 - min(max(own["ratio"], 0), HIGHEST) / HIGHEST))
            reach = 9 * SCALE
            diamond = [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
            ImageDraw.Draw(picture).polygon(diamond, fill=0, outline=255)
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        return file.getvalue()


class Documents:
    """Makes documents of scorecards; what several have in common is made once."""

    def __init__(self) -> None:
        self.funnels: dict[tuple[int, str, str | None], Funnel | None] = {}
        self.targets: dict[int, dict[str, Any]] = {}

    def make(self, card: Scorecard) -> bytes:
        run = card.run
        service = (run.result or {})[card.service]
        funnel = self._funnel(card, service)
        if run.pk not in self.targets:
            self.targets[run.pk] = {code: row.value for code, row in selectors.targets_on(run.until).items()}
        values = card_values(card, service, self.targets[run.pk])
        pictures = {FUNNEL: funnel.marked(service["ids"].index(card.provider_id))} if funnel else {}
        return compiled("scorecard.docx").fill(values | {"has_funnel": funnel is not None}, pictures)

    def _funnel(self, card: Scorecard, service: Mapping[str, Any]) -> Funnel | None:
        main = main_measure(service)
        key = (card.run_id, card.service, get_language())
        if key not in self.funnels:
            self.funnels[key] = Funnel.draw(service["models"][main]["providers"]) if main else None
        return self.funnels[key]


def scorecard_document(card: Scorecard) -> bytes:
    """One scorecard as DOCX."""
    return Documents().make(card)


def card_values(card: Scorecard, service: Mapping[str, Any], targets: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of a scorecard is filled with."""
    run = card.run
    main = main_measure(service)
    return {
        "title": gettext("Scorecard: {provider}").format(provider=card.provider.name),
        "subtitle": gettext("{service}, participants who started {period}").format(
            service=card.service_title, period=run
        ),
        "state": f"{gettext('State')}: {STATES[ScorecardState(run.state)]}. {gettext('Authorisation')}: "
        + _authorised(card),
        "what": gettext("What this is, and what it is not"),
        "what_text": gettext(
            "A scorecard compares a provider with the average provider, had it received the very same participants. It"
            " does not prove that the provider caused anything, and it knows nothing of what is not recorded. Do not"
            " rank providers by it: the intervals overlap."
        ),
        "hidden_text": gettext(
            "Where ·· stands, the figure is of fewer than five people, or would give such a figure away."
        ),
        "funnel_title": measure_title(main) if main else "",
        "funnel_text": gettext(
            "The filled diamond is this provider, circles are the others; within the dashed lines lie 95 of 100"
            " ordinary providers, within the dotted ones 998 of 1000."
        ),
        "grids": grids(card, service, targets),
        "watch": gettext("High grades are more common than among all") if card.result["watch_grades"] else "",
        "answer_title": gettext("The provider's answer"),
        "answers": [
            {"who": f"{person(answer.by)}, {moment(answer.at)}", "lines": answer.text.splitlines()}
            for answer in selectors.answers_to(card)
        ],
        "no_answer": gettext("None has been given."),
        "basis": gettext("What it stands on"),
        "basis_text": gettext(
            "Facts verified by {moment}; method {method}; digest of the inputs {inputs}; digest of the result {digest}."
        ).format(
            moment=moment(run.knowledge_at), method=run.method_version, inputs=run.inputs_digest, digest=run.digest
        ),
        "reason": gettext("Computed anew because: {reason}").format(reason=run.reason) if run.reason else "",
    }


def _authorised(card: Scorecard) -> str:
    """Whether the provider was authorised for what it is judged by, at the end of the period."""
    if card.provider.kind == Provider.Kind.IN_HOUSE:
        return gettext("in-house provider, judged by the same measures")
    decisions = authorisations_of([card.provider_id])[card.provider_id]
    judged = card.provider.contracts.filter(terms__version__code=card.service).values_list("service", flat=True)
    may_deliver = any(is_authorised(decisions, service, card.run.until) for service in judged.distinct())
    said = gettext("authorised on {day}") if may_deliver else gettext("not authorised on {day}")
    return said.format(day=card.run.until)


def decision_document(review: Review) -> bytes:
    """The decision of a review as DOCX."""
    card = review.scorecard
    assert review.decided_by
    findings = [
        gettext("step {step}, {title}: below the limit ({limit} %) in {below} of {periods} periods in a row").format(
            **one | {"title": measure_title(one["measure"]), "limit": one["limit"].replace("998", "99.8")}
        )
        for one in review.thresholds
    ]
    decision = review.get_proposal_display() if review.is_approved else gettext("no measure: not as proposed")
    values = {
        "title": gettext("Decision after a review of an authorisation"),
        "rows": [
            [gettext("Registry number"), review.diarienummer],
            [gettext("Provider"), f"{card.provider.name} ({card.provider.organisation_number})"],
            [gettext("Service"), card.service_title],
            [gettext("Scorecard"), str(card.run)],
            [gettext("Decision"), decision],
            [gettext("Decided by"), person(review.decided_by)],
            [gettext("Day of the decision"), str(local_day(review.decided_at) if review.decided_at else "")],
            [gettext("Proposed by"), person(review.proposed_by)],
        ],
        "sections": [
            {"title": gettext("Reasons of the decision"), "lines": review.decision_reasons.splitlines()},
            {"title": gettext("Proposal and its reasons"), "lines": review.reasons.splitlines()},
            {"title": gettext("What the announced thresholds said"), "lines": findings or ["–"]},
        ],
    }
    return compiled("review.docx").fill(values)


def convert_to_pdf(folder: Path) -> None:
    """Make a tagged PDF beside each DOCX of a folder. DomainError where LibreOffice is not installed."""
    office = shutil.which("soffice")
    if office is None:
        raise refuse(NO_OFFICE, field="kind", value="pdf")
    documents = sorted(map(str, folder.glob("*.docx")))
    with tempfile.TemporaryDirectory() as profile:  # of its own, so that two workers don't wait for each other
        command = [office, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", TAGGED_PDF]
        subprocess.run(
            [*command, "--outdir", str(folder), *documents], check=True, capture_output=True, timeout=OFFICE_SECONDS
        )

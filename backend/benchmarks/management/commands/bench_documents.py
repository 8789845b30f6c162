"""`./dev bench documents`: scorecards as DOCX, against docxtpl used plainly with a figure of pyplot in each."""

import io
import json
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import matplotlib
import numpy as np
from django.core.management.base import BaseCommand
from django.utils.translation import override
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined

from backend.benchmarks.loading import load
from backend.benchmarks.management.commands.bench_scorecards import SCOPE, add_backgrounds
from backend.benchmarks.measuring import say
from backend.kernel.docx import TEMPLATES
from backend.kernel.models import User
from scorecards.documents import FUNNEL, Documents, card_values
from scorecards.models import Scorecard, ScorecardRun
from scorecards.presenting import main_measure
from scorecards.services import compute_scorecards
from scorecards.states import ScorecardState

GATE = 8.0
PLACEMENTS = 100_000
PLAINLY = 30  # documents made the slow way
MOMENT = datetime(2026, 1, 10, 12, tzinfo=UTC)


class Command(BaseCommand):
    help = "Measure documents of scorecards against plain docxtpl with pyplot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--documents", type=int, default=300, help="at most so many in each turn: a period has them all"
        )
        parser.add_argument("--repeat", type=int, default=3)
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: object, documents: int, repeat: int, **options: object) -> None:
        cards = _cards(documents)
        matplotlib.use("Agg")
        ours: list[float] = []
        naive: list[float] = []
        with override("sv"):
            for _ in range(repeat):
                ours.append(_each(Documents().make, cards))
                naive.append(_each(_plainly, cards[:: max(1, len(cards) // PLAINLY)]))
        ratios = [slow / quick for slow, quick in zip(naive, ours, strict=True)]
        self.stdout.write(f"{len(cards)} scorecards: {say(ours, 1)} ms each, plainly {say(naive, 1)} ms")
        ratio = statistics.median(ratios)
        self.stdout.write(f"{'kept  ' if ratio >= GATE else 'BROKEN'} naive: {say(ratios, 1)} ×, at least {GATE}")
        if options["json"]:
            result = {"bench": "documents", "documents": len(cards), "ratios": {"naive": round(ratio, 2)}}
            self.stdout.write(json.dumps(result))


def _cards(count: int) -> list[Scorecard]:
    """Real scorecards of invented placements."""
    load(PLACEMENTS)
    add_backgrounds()
    run = ScorecardRun.objects.create(
        first_month=SCOPE.first_month,
        until=SCOPE.until,
        state=ScorecardState.QUEUED,
        started_by=User.objects.earliest("pk"),
        queued_at=MOMENT,
    )
    run = compute_scorecards(run.pk, now=MOMENT)
    cards = list(run.scorecards.select_related("provider")[:count])
    for card in cards:
        card.run = run
    return cards


def _each(make: Callable[[Scorecard], Any], cards: Sequence[Scorecard]) -> float:
    """Milliseconds for one document."""
    started = time.perf_counter()
    for card in cards:
        make(card)
    return 1000 * (time.perf_counter() - started) / len(cards)


def _plainly(card: Scorecard) -> bytes:
    """The same document as docxtpl's guide has it: the template is opened, a figure drawn, and all rendered."""
    service = (card.run.result or {})[card.service]
    template = DocxTemplate(TEMPLATES / "scorecard.docx")
    values = card_values(card, service, {})
    main = main_measure(service)
    if main:
        template.replace_media(io.BytesIO(_template_picture()), _pyplot(service, main, card))
    values["has_funnel"] = main is not None
    template.render(values, Environment(undefined=StrictUndefined, autoescape=True))
    file = io.BytesIO()
    template.save(file)
    return file.getvalue()


@cache
def _template_picture() -> bytes:
    template = DocxTemplate(TEMPLATES / "scorecard.docx")
    template.init_docx()
    (part,) = (part for part in template.docx.part.package.parts if str(part.partname).endswith(FUNNEL))
    return bytes(part.blob)


def _pyplot(service: dict[str, Any], main: str, card: Scorecard) -> io.BytesIO:
    import matplotlib.pyplot as plt

    shown = [one for one in service["models"][main]["providers"] if not one["is_hidden"]]
    shown.sort(key=lambda one: one["expected"])
    expected = np.array([one["expected"] for one in shown])
    figure, axes = plt.subplots(figsize=(Mm(165).inches, Mm(82).inches), dpi=200)
    axes.scatter(expected, [one["ratio"] for one in shown], s=12, facecolors="none", edgecolors="#555555")
    for name, style in (("limits95", "--"), ("limits998", ":")):
        for side in (0, 1):
            axes.plot(expected, [one[name][side] for one in shown], style, color="#555555")
    own = card.result["ratings"].get(main)
    if own and not own["is_hidden"]:
        axes.scatter([own["expected"]], [own["ratio"]], marker="D", s=60, color="black")
    axes.axhline(1, color="black")
    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    file.seek(0)
    return file

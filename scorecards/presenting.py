"""What a scorecard says, as words and tables of five columns: pages and documents show the very same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from backend.kernel.money import show_kronor
from scorecards.labels import BANDS, measure_title, value_word
from scorecards.measures import ADJUSTED, MEASURES, Figure, Measure
from scorecards.models import Scorecard
from scorecards.rating import Band
from scorecards.riskmodel import MONTHS_LEAST

Cell = Mapping[str, Any] | None
HIDDEN = "··"  # a figure of few people, or one that would give such away
NONE = "–"
MAIN = ("durable_job", "job_within_year", "passed_course")  # by which a funnel is drawn, the first that there is


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: what it is, its header and its rows, of texts."""

    title: str
    lead: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def show(measure: Measure, value: float | Decimal | None) -> str:
    """A measure's value with its unit."""
    if value is None:
        return NONE
    if measure.figure is Figure.SHARE or measure.unit == "share":
        return f"{figure(float(value) * 100, 1)} %"
    if measure.unit == "öre":
        return show_kronor(round(value / 100) * 100).replace(",00", "")
    return figure(float(value), 1)


def show_cell(measure: Measure, cell: Cell) -> str:
    return HIDDEN if cell is None else show(measure, cell["value"])


def show_interval(measure: Measure, cell: Cell) -> str:
    if cell is None:
        return HIDDEN
    if cell["low"] is None:
        return NONE
    return gettext("{low} to {high}").format(low=show(measure, cell["low"]), high=show(measure, cell["high"]))


def show_count(cell: Cell) -> str:
    return HIDDEN if cell is None else str(cell["n"])


def figure(value: float | None, digits: int = 2) -> str:
    return NONE if value is None else number_format(round(value, digits), digits)


def grids(card: Scorecard, service: Mapping[str, Any], targets: Mapping[str, Decimal]) -> list[Grid]:
    """All tables of a scorecard; `service` is what its run found of all providers of the service."""
    own = card.result
    return [
        rating_grid(own["ratings"]),
        measure_grid(own["measures"], service["measures"], targets),
        tier_grid(own["groups"]["tier"], service["groups"]["tier"]),
        trend_grid(own["groups"]["quarter"], service["groups"]["quarter"]),
    ]


def rating_grid(ratings: Mapping[str, Mapping[str, Any]]) -> Grid:
    return Grid(
        gettext("Compared with what was expected"),
        gettext(
            "Expected is how many would have reached the result at the average provider, had it received the very same"
            " participants. The ratio is observed divided by expected: 1 is as expected."
        ),
        [gettext("Measure"), gettext("Observed"), gettext("Expected"), gettext("Ratio"), gettext("Verdict")],
        [_rating_row(measure.code, ratings[measure.code]) for measure in ADJUSTED if measure.code in ratings],
    )


def _rating_row(code: str, rating: Mapping[str, Any]) -> list[str]:
    verdict = str(BANDS[Band(rating["band"])])
    if rating["is_hidden"]:
        return [measure_title(code), HIDDEN, HIDDEN, HIDDEN, verdict]
    low, high = (figure(side) for side in rating["interval"])
    ratio = gettext("{ratio} ({low} to {high})").format(ratio=figure(rating["ratio"]), low=low, high=high)
    observed = gettext("{observed} of {n}").format(observed=rating["observed"], n=rating["n"])
    return [measure_title(code), observed, figure(rating["expected"], 1), ratio, verdict]


def measure_grid(own: Mapping[str, Cell], everyone: Mapping[str, Cell], targets: Mapping[str, Decimal]) -> Grid:
    return Grid(
        gettext("All measures"),
        gettext("Counted over the participants whose follow-up time has passed. Not adjusted for who they are."),
        [gettext("Measure"), gettext("Own"), gettext("95 % interval"), gettext("Counted"), gettext("All, and target")],
        [
            [
                gettext(measure.title),
                show_cell(measure, own[code]),
                show_interval(measure, own[code]),
                show_count(own[code]),
                _with_target(measure, everyone[code], targets.get(code)),
            ]
            for code, measure in MEASURES.items()
            if code in own and _is_there(own[code])
        ],
    )


def _with_target(measure: Measure, cell: Cell, target: Decimal | None) -> str:
    everyone = show_cell(measure, cell)
    if target is None:
        return everyone
    return gettext("{all} (target {target})").format(all=everyone, target=show(measure, target))


def tier_grid(own: Mapping[str, Any], everyone: Mapping[str, Any]) -> Grid:
    """Whether a provider takes those near work, and leaves the others without activity: side by side by tier."""
    job, days = MEASURES["job_within_year"], MEASURES["attended_days"]
    labels = [label for label in everyone["days_to_start"] if label in own["days_to_start"]]
    mine, others = _mix(own["days_to_start"]), _mix(everyone["days_to_start"])
    return Grid(
        gettext("Who started, and what became of each tier"),
        gettext(
            "The mix shows whether the provider received other participants than all; the results by tier whether"
            " some of them were left behind."
        ),
        [
            gettext("Tier"),
            gettext("Started, own"),
            gettext("Started, all"),
            gettext("Job within a year, own (all)"),
            gettext("Attended days, own (all)"),
        ],
        [
            [
                value_word(label),
                mine[label],
                others[label],
                _beside(job, own["job_within_year"].get(label), everyone["job_within_year"].get(label)),
                _beside(days, own["attended_days"].get(label), everyone["attended_days"].get(label)),
            ]
            for label in labels
        ],
    )


def _mix(cells: Mapping[str, Cell]) -> dict[str, str]:
    """Each group's number, and its part of the numbers that are shown."""
    total = sum(cell["n"] for cell in cells.values() if cell)
    return {
        label: HIDDEN if cell is None else f"{cell['n']} ({round(100 * cell['n'] / total) if total else 0} %)"
        for label, cell in cells.items()
    }


def _beside(measure: Measure, own: Cell, everyone: Cell) -> str:
    return f"{show_cell(measure, own)} ({show_cell(measure, everyone)})"


def trend_grid(own: Mapping[str, Any], everyone: Mapping[str, Any]) -> Grid:
    measure = MEASURES["job_within_year"]
    cells = own[measure.code]
    return Grid(
        gettext("Quarter by quarter"),
        gettext("A job within a year, by the quarter in which participants started."),
        [gettext("Quarter"), gettext("Own"), gettext("95 % interval"), gettext("Counted"), gettext("All")],
        [
            [
                value_word(label),
                show_cell(measure, cell),
                show_interval(measure, cell),
                show_count(cell),
                show_cell(measure, everyone[measure.code].get(label)),
            ]
            for label, cell in cells.items()
            if _is_there(cell) and _is_there(everyone[measure.code].get(label))
        ],
    )


def _is_there(cell: Cell) -> bool:
    """Whether somebody is counted, whether shown or not."""
    return cell is None or bool(cell["n"])


def main_measure(service: Mapping[str, Any]) -> str | None:
    """The measure by which a service's funnel is drawn: the first that is followed for long enough to rate by."""
    models = [code for code in MAIN if code in service["models"]]
    rated = [code for code in models if service["models"][code]["months"] >= MONTHS_LEAST]
    return next(iter(rated or models), None)

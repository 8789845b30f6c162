"""The demonstration: what is drawn, and what the services, runs and ledger make of it."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import numpy as np
import pytest
from django.test import TransactionTestCase
from pytest_django import Settings

from backend.demonstration.building import Plan, build, is_built
from backend.demonstration.errors import draw_reports
from backend.demonstration.figures import figures
from backend.demonstration.months import months_until
from backend.demonstration.people import People
from backend.demonstration.placements import PROVIDER_OF, QUALITY, REASON, DrawnPlacements, draw_placements
from backend.demonstration.reported import NOTHING
from backend.demonstration.summary import Summary, summarise
from backend.demonstration.telling import Teller
from backend.kernel.errors import DomainError
from outcomes.columns import FAR, Kind
from outcomes.waiting import waiting_facts
from payouts.conflicts import ConflictKind, find_conflicts
from payouts.models import Run
from payouts.services import compute_run

TODAY = date(2026, 11, 23)
MONTHS = months_until(TODAY, 36)


@pytest.fixture(scope="module")
def drawn() -> tuple[People, DrawnPlacements]:
    return draw_placements(1, 20_000, MONTHS)


def test_the_months_end_before_today() -> None:
    assert (MONTHS.last_date(0), MONTHS.last_date(35)) == (date(2023, 11, 30), date(2026, 10, 31))
    assert months_until(date(2026, 3, 1), 2).last_date(1) == date(2026, 2, 28)


def test_results_are_the_documents(drawn: tuple[People, DrawnPlacements]) -> None:
    reason = drawn[1].reason[drawn[1].exit_on <= MONTHS.last]
    shares = [float(np.mean(reason == REASON[name])) for name in ("work", "studies", "unknown")]
    assert shares == pytest.approx([figures().to_work, figures().to_studies, figures().reason_unknown], abs=0.015)


def test_districts_have_their_proportions(drawn: tuple[People, DrawnPlacements]) -> None:
    people, _ = drawn
    shares = np.bincount(people.district, minlength=18) / len(people)
    whole = sum(district.on_assistance for district in figures().districts)
    assert shares == pytest.approx([each.on_assistance / whole for each in figures().districts], abs=0.01)


def test_raw_rates_mislead(drawn: tuple[People, DrawnPlacements]) -> None:
    """The better providers take participants further from work, so that their raw rates hide their quality."""
    people, placements = drawn
    provider = PROVIDER_OF[placements.contract]
    distance = np.bincount(provider, people.distance[placements.person]) / np.bincount(provider)
    quality = np.bincount(provider, QUALITY[placements.contract]) / np.bincount(provider)
    assert np.corrcoef(distance, quality)[0, 1] > 0.6


def test_the_same_seed_draws_the_same(drawn: tuple[People, DrawnPlacements]) -> None:
    def content(seed: int) -> list[list[object]]:
        _, placements = draw_placements(seed, 500, MONTHS)
        facts, subjects = draw_reports(seed, placements, MONTHS)
        return [getattr(facts, name).tolist() for name in facts.names()] + [list(subjects)]

    assert content(1) == content(1)
    assert content(1) != content(2)


def test_corrections_follow_what_they_correct(drawn: tuple[People, DrawnPlacements]) -> None:
    facts, _ = draw_reports(1, drawn[1], MONTHS)
    row = np.flatnonzero(facts.replaces != NOTHING)
    new, old = facts.take(row), facts.take(facts.replaces[row].astype(np.intp))
    assert np.all(facts.replaces[row] < row)
    assert np.all((new.placement == old.placement) & (new.kind == old.kind) & (new.month >= old.month))
    assert np.all(new.from_day == old.from_day)


def test_many_are_interrupted(drawn: tuple[People, DrawnPlacements]) -> None:
    facts, _ = draw_reports(1, drawn[1], MONTHS)
    interrupted = np.unique(facts.placement[facts.kind == Kind.INTERRUPTION])
    assert len(interrupted) / len(drawn[1]) >= 0.1
    assert np.any(drawn[1].starts_on == FAR)


# --- through the services


def computed_here(run: Run, simulated: str) -> Callable[[], Run]:
    """Instead of the queue and its worker."""
    return partial(compute_run, run.pk, now=datetime.fromisoformat(simulated))


def play(plan: Plan) -> Run:
    *_, last = build(plan, TODAY, computed_here)
    return last.run


@pytest.fixture
def demonstration(settings: Settings, transactional_db: None) -> None:
    settings.DEMONSTRATION = True


WHOLE = Plan(placements=500, seed=1, months=15)


def test_the_demonstration_shows_everything(demonstration: None) -> None:
    assert not is_built(WHOLE)
    last = play(WHOLE)
    assert is_built(WHOLE)
    with pytest.raises(DomainError, match="other data"):
        is_built(Plan(placements=501, seed=1, months=15))
    summary = summarise()
    assert (summary.runs, summary.attested, summary.last) == (15, 14, last)
    assert summary.placements == WHOLE.placements + 1  # one is there to conflict with another
    kinds = {conflict.kind for conflict in find_conflicts([fact.pk for fact in waiting_facts()], last.cutoff)}
    assert kinds == set(ConflictKind)
    check_steps(summary)
    check_exceptions(summary)
    for language in ("sv", "en"):
        told = "\n".join(Teller(language).tell(summary, WHOLE))
        assert summary.shown is not None
        assert summary.shown.number in told


def check_steps(summary: Summary) -> None:
    """Every step of the five models has lines."""
    by_model: dict[str, int] = {}
    for step in summary.steps:
        assert step.lines > 0
        by_model[step.model] = by_model.get(step.model, 0) + 1
    assert sorted(by_model.values()) == [2, 2, 3, 3, 3]


def check_exceptions(summary: Summary) -> None:
    assert set(summary.providers) == {"external", "association", "in_house"}
    assert summary.clawback_placements / summary.placements >= 0.05
    assert {hold.rule for hold in summary.holds} == {"budget", "authorisation_lapsed"}
    assert min(summary.facts.values()) > 0
    assert min(summary.returned, summary.no_shows) > 0
    assert summary.parked == []


def test_the_same_seed_pays_the_same(demonstration: None) -> None:
    plan = Plan(placements=100, seed=7, months=3)
    first = play(plan)
    TransactionTestCase._fixture_teardown(None)  # type: ignore[attr-defined]  # a database made anew; see conftest
    assert play(plan).digest == first.digest

"""Wrong examples of the rules of scorecards' due process; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from unittest import mock

from backend.kernel.models import Role, User
from outcomes.models import District
from scorecards.documents import convert_to_pdf
from scorecards.models import Review, ReviewThreshold, Scorecard, ScorecardArchive, ScorecardRun
from scorecards.services import (
    announce_threshold,
    answer_hearing,
    ask_archive,
    compute_scorecards,
    decide_review,
    finalise_scorecards,
    open_hearing,
    propose_review,
    queue_scorecards,
    set_employment_rate,
    set_target,
)
from scorecards.services.computing import ATTEMPTS_MOST
from scorecards.states import ScorecardState
from tests.small_world import make_member, make_provider, make_user, moment

FIRST, UNTIL = date(2025, 1, 1), date(2025, 12, 31)
TODAY = date(2026, 1, 10)
NOW = moment(TODAY)
DIGEST = "ab" * 32
WORSE = {"band": "worse", "is_far": False, "is_hidden": False}


def officer() -> User:
    return make_user(Role.PROCUREMENT)


def make_run(state: ScorecardState = ScorecardState.COMPUTED, **changes: object) -> ScorecardRun:
    """A computed run without scorecards."""
    values: dict[str, object] = {
        "first_month": FIRST,
        "until": UNTIL,
        "state": state,
        "started_by": officer(),
        "queued_at": NOW,
        "knowledge_at": NOW,
        "computed_at": NOW,
        "inputs_digest": DIGEST,
        "digest": DIGEST,
        "result": {},
    }
    if state == ScorecardState.HEARING:
        values |= {"hearing_at": NOW, "hearing_by": officer(), "hearing_until": TODAY + timedelta(days=14)}
    return ScorecardRun.objects.create(**(values | changes))


def make_card(run: ScorecardRun, rating: dict[str, object] | None = None) -> Scorecard:
    return Scorecard.objects.create(
        run=run, provider=make_provider(), service="training", service_title="Training",
        result={"ratings": {"durable_job": rating or WORSE}, "measures": {}, "groups": {}, "watch_grades": False},
    )  # fmt: skip


def queue(first: date = FIRST, until: date = UNTIL, **more: object) -> ScorecardRun:
    return queue_scorecards(first_month=first, until=until, by=officer(), now=NOW, **more)  # type: ignore[arg-type]


def queue_twice() -> ScorecardRun:
    queue()
    return queue()


def answer(run: ScorecardRun, text: str = "No.", *, concerned: bool = True) -> object:
    provider = make_card(run).provider if concerned else make_provider()
    return answer_hearing(run=run, provider=provider, text=text, by=make_member(provider), now=NOW)


def finalise(run: ScorecardRun) -> ScorecardRun:
    return finalise_scorecards(run=run, by=officer(), now=NOW)


def finalise_while_some_are_silent() -> ScorecardRun:
    run = make_run(ScorecardState.HEARING)
    make_card(run)
    return finalise(run)


def finalise_beside_another() -> ScorecardRun:
    make_run(ScorecardState.FINAL, finalised_at=NOW, finalised_by=officer())
    return finalise(make_run(ScorecardState.HEARING))


def propose(
    state: ScorecardState = ScorecardState.FINAL,
    proposal: Review.Proposal = Review.Proposal.PLAN,
    reasons: str = "Too few durable jobs.",
    by: User | None = None,
) -> Review:
    card = make_card(make_run(state))
    return propose_review(
        scorecard=card, proposal=proposal, reasons=reasons, diarienummer="2026/1", by=by or officer(), now=NOW
    )


def propose_twice() -> Review:
    first = propose()
    return propose_review(
        scorecard=first.scorecard,
        proposal=Review.Proposal.PLAN,
        reasons="Again.",
        diarienummer="",
        by=officer(),
        now=NOW,
    )


def decide(review: Review, by: User | None = None) -> Review:
    return decide_review(review=review, is_approved=True, reasons="As proposed.", by=by or officer(), now=NOW)


def decide_own() -> Review:
    by = officer()
    return decide(propose(by=by), by)


def announce(measure: str = "durable_job", valid_from: date = TODAY) -> ReviewThreshold:
    return announce_threshold(
        step=ReviewThreshold.Step.WARNING, measure=measure, beyond=ReviewThreshold.Limit.L95, periods=1,
        valid_from=valid_from, by=officer(), now=NOW,
    )  # fmt: skip


def convert_without_office() -> None:
    with mock.patch("scorecards.documents.shutil.which", return_value=None):
        convert_to_pdf(Path())


def rate_of_nobody() -> object:
    district = District.objects.create(name="North", jobbtorg="North")
    return set_employment_rate(district=district, year=2025, per_cent=Decimal(101), by=officer(), now=NOW)


HEARINGS: dict[str, Callable[[], object]] = {
    "scorecards_ahead": lambda: queue(until=TODAY),
    "scorecards_period": lambda: queue(first=date(2026, 1, 1)),
    "scorecards_unfinished": queue_twice,
    "scorecards_state": lambda: open_hearing(
        run=make_run(ScorecardState.FINAL), until=TODAY + timedelta(days=20), by=officer(), now=NOW
    ),
    "scorecards_revision": lambda: queue(revises=make_run(ScorecardState.HEARING)),
    "scorecards_revisable": lambda: queue(revises=make_run(), reason="A mistake."),
    "scorecards_attempts": lambda: compute_scorecards(
        make_run(ScorecardState.COMPUTING, attempts=ATTEMPTS_MOST, digest="", inputs_digest="").pk
    ),
    "hearing_deadline": lambda: open_hearing(run=make_run(), until=TODAY, by=officer(), now=NOW),
    "hearing_over": lambda: answer(make_run()),
    "hearing_answer": lambda: answer(make_run(ScorecardState.HEARING), " "),
    "hearing_concerned": lambda: answer(make_run(ScorecardState.HEARING), concerned=False),
    "hearing_open": finalise_while_some_are_silent,
    "hearing_missing": lambda: finalise(make_run()),
    "scorecards_final_before": finalise_beside_another,
    "review_not_final": lambda: propose(ScorecardState.HEARING),
    "review_open": propose_twice,
    "review_reasons": lambda: propose(reasons=""),
    "review_step": lambda: propose(proposal=Review.Proposal.WITHDRAW),
    "review_own": decide_own,
    "review_decided": lambda: decide(decide(propose())),
    "threshold_announced": lambda: announce(valid_from=TODAY - timedelta(days=1)),
    "threshold_measure": lambda: announce("points"),
    "target_measure": lambda: set_target(
        measure="happiness", value=Decimal(1), valid_from=TODAY, by=officer(), now=NOW
    ),
    "employment_rate": rate_of_nobody,
    "archive_empty": lambda: ask_archive(
        run=make_run(), kind=ScorecardArchive.Format.DOCX, language="sv", by=officer(), now=NOW
    ),
    "office_missing": convert_without_office,
}

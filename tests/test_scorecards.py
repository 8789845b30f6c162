"""Scorecards from facts to the final card: computed on the real database, heard, frozen, replayed, reviewed."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role
from outcomes.columns import FAR, to_day
from payouts.models import Line
from scorecards.models import Review, ReviewThreshold, Scorecard, ScorecardRun
from scorecards.reading import read_inputs
from scorecards.scope import Scope
from scorecards.selectors import answers_to, cards_for, findings_of, other_versions
from scorecards.services import (
    announce_threshold,
    answer_hearing,
    compute_scorecards,
    decide_review,
    finalise_scorecards,
    open_hearing,
    propose_review,
    queue_scorecards,
)
from scorecards.states import TRANSITIONS, ScorecardState
from tests.small_world import moment
from tests.town import Town, attendance, ended, grade, job, noon, person
from tests.wrong_examples_hearings import WORSE, make_card, make_run

FIRST, UNTIL = date(2025, 1, 1), date(2026, 6, 30)
TODAY = date(2026, 7, 1)
START = date(2025, 1, 13)


def play_town(placements: int = 8) -> Town:
    """A provider whose participants started in January 2025; the first got a durable job, the second a high grade."""
    town = Town()
    for number in range(1, placements + 1):
        town.refer(f"P{number}", date(2025, 1, 7), START)
    town.tell(date(2025, 3, 1), attendance("days", "P1", START, date(2025, 2, 14), 20))
    town.tell(date(2025, 7, 1), grade("course", "P2", date(2025, 6, 2), "SVA01", "B"))
    town.tell(date(2025, 7, 1), ended("exit", "P1", date(2025, 6, 30), "work"), ended("left", "P2", date(2025, 6, 30)))
    town.tell(date(2026, 1, 10), job("job", "P1", date(2025, 7, 1)))
    return town


def computed(town: Town, **more: object) -> ScorecardRun:
    run = queue_scorecards(first_month=FIRST, until=UNTIL, by=town.procurement, now=noon(TODAY), **more)  # type: ignore[arg-type]
    return compute_scorecards(run.pk, now=noon(TODAY))


@pytest.mark.django_db(transaction=True)
def test_what_is_read_is_what_was_verified_and_owed() -> None:
    town = play_town()
    town.pay(date(2026, 1, 31))
    inputs, names = read_inputs(Scope(FIRST, UNTIL), noon(TODAY))
    first, second = inputs.take(slice(0, 1)), inputs.take(slice(1, 2))
    assert len(inputs) == 8
    assert first.provider[0] == town.provider.pk
    assert names.services[first.service[0]].code == town.model.code
    assert (first.starts_on[0], first.exit_on[0]) == (to_day(START), to_day(date(2025, 6, 30)))
    assert first.job_on[0] == to_day(date(2025, 7, 1))
    assert first.durable_on[0] < FAR
    assert first.status_2[0] == 2
    assert first.attended[0] == 20
    assert (first.facts[0], second.facts[0]) == (3, 2)
    assert (second.courses[0], second.high_grades[0], second.points[0]) == (1, 1, 100)
    assert inputs.cost.sum() == sum(line.amount for line in Line.objects.all())
    assert second.durable_on[0] == FAR


@pytest.mark.django_db(transaction=True)
def test_from_preview_to_final_and_a_revision_beside_it() -> None:
    town = play_town()
    preview = computed(town)
    assert (preview.state, preview.done, preview.scorecards.count()) == (ScorecardState.COMPUTED, preview.total, 1)
    assert not cards_for(town.provider)  # officers only
    deadline = TODAY + timedelta(days=14)
    heard = open_hearing(run=preview, until=deadline, by=town.procurement, now=noon(TODAY))
    assert cards_for(town.provider).count() == 1
    answer_hearing(run=heard, provider=town.provider, text="P3 got a job.", by=town.reporter, now=noon(TODAY))
    town.tell(TODAY, job("late", "P3", date(2025, 3, 3)))
    again = computed(town, revises=heard, reason="A job was reported in the hearing.")
    assert again.digest != heard.digest
    final = finalise_scorecards(run=again, by=town.procurement, now=noon(TODAY))
    heard.refresh_from_db()
    assert (final.state, heard.state) == (ScorecardState.FINAL, ScorecardState.SUPERSEDED)
    (card,) = final.scorecards.all()
    assert [answer.text for answer in answers_to(card)] == ["P3 got a job."]

    revised = computed(town, revises=final, reason="A mistake of ours.")
    open_hearing(run=revised, until=deadline, by=town.procurement, now=noon(TODAY))
    after = noon(deadline + timedelta(days=1))
    revised = finalise_scorecards(run=revised, by=town.procurement, now=after)  # nobody answered in time
    (newer,) = revised.scorecards.all()
    assert [one.pk for one in other_versions(newer)] == [card.pk]
    assert {"queue_scorecards", "compute_scorecards", "open_hearing", "answer_hearing", "finalise_scorecards"} <= set(
        AuditEvent.objects.values_list("action", flat=True)
    )

    out = io.StringIO()
    call_command("replay_scorecards", stdout=out)
    assert out.getvalue().count("equal") == ScorecardRun.objects.count() == 3
    with pytest.raises(CommandError, match="no computed scorecards"):
        call_command("replay_scorecards", "999")


@pytest.mark.django_db(transaction=True)
def test_computing_twice_does_no_harm() -> None:
    town = play_town(placements=2)
    run = computed(town)
    again = compute_scorecards(run.pk, now=noon(TODAY))
    assert (again.attempts, again.digest, Scorecard.objects.count()) == (1, run.digest, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["digest = 'x'", "state = 'hearing'", "until = until + 1"])
def test_final_scorecards_never_change(change: str) -> None:
    by = person("upphandlare", Role.PROCUREMENT)
    run = make_run(ScorecardState.FINAL, finalised_at=moment(TODAY), finalised_by=by)
    card = make_card(run)
    for statement in (
        f"UPDATE scorecards_scorecardrun SET {change} WHERE id = {run.pk}",
        f"UPDATE scorecards_scorecard SET result = '{{}}' WHERE id = {card.pk}",
        f"DELETE FROM scorecards_scorecard WHERE id = {card.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("start", list(ScorecardState))
def test_a_hearing_opens_only_for_a_preview(start: ScorecardState) -> None:
    by = person("upphandlare", Role.PROCUREMENT)
    blank = {} if start not in ("queued", "computing") else {"digest": "", "inputs_digest": ""}
    run = make_run(start, **blank)
    if ScorecardState.HEARING in TRANSITIONS[start]:
        assert open_hearing(run=run, until=date(2026, 9, 1), by=by, now=moment(TODAY)).state == ScorecardState.HEARING
    else:
        with pytest.raises(DomainError):
            open_hearing(run=run, until=date(2026, 9, 1), by=by, now=moment(TODAY))


@pytest.mark.django_db
def test_thresholds_count_periods_in_a_row_and_lead_to_a_review_by_two_officers() -> None:
    by, other = person("upphandlare", Role.PROCUREMENT), person("kollega", Role.PROCUREMENT)
    for step, periods in ((ReviewThreshold.Step.WARNING, 1), (ReviewThreshold.Step.AUTHORISATION, 2)):
        announce_threshold(
            step=step, measure="durable_job", beyond=ReviewThreshold.Limit.L95, periods=periods,
            valid_from=date(2024, 1, 1), by=by, now=moment(date(2023, 12, 1)),
        )  # fmt: skip
    final = {"state": ScorecardState.FINAL, "finalised_at": moment(TODAY), "finalised_by": by}
    newer = make_card(make_run(**final))  # type: ignore[arg-type]
    assert [(one.below, one.is_reached) for one in findings_of(newer)] == [(1, True), (1, False)]
    older = make_run(**final, first_month=date(2024, 1, 1), until=date(2024, 12, 31))  # type: ignore[arg-type]
    Scorecard.objects.create(
        run=older,
        provider=newer.provider,
        service=newer.service,
        service_title="",
        result={"ratings": {"durable_job": WORSE}},
    )
    assert [(one.below, one.is_reached) for one in findings_of(newer)] == [(1, True), (2, True)]
    assert findings_of(make_card(make_run(first_month=date(2023, 1, 1)))) == []  # not announced before they started
    review = propose_review(
        scorecard=newer, proposal=Review.Proposal.WITHDRAW, reasons="Twice worse.", diarienummer="2026/7", by=by,
        now=moment(TODAY),
    )  # fmt: skip
    review = decide_review(review=review, is_approved=False, reasons="A plan first.", by=other, now=moment(TODAY))
    assert (review.is_approved, [one["is_reached"] for one in review.thresholds]) == (False, [True, True])

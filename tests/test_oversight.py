"""Following up: deviations through their states, site visits, complaints, and checks of subcontractors."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend.kernel.models import Role
from backend.kernel.web import cards_of
from providers import cards  # noqa: F401  # registers them
from providers.models import Deviation
from providers.selectors import deviations_for, open_complaints
from providers.services import (
    answer_deviation,
    approve_subcontractor,
    check_subcontractor,
    close_deviation,
    record_complaint,
    reopen_deviation,
    settle_complaint,
)
from providers.states import DEVIATION_TRANSITIONS, DeviationState
from tests.authorisation_steps import FIRST, applicant, complained, deviating, make_service, visited
from tests.small_world import NOW, make_member, make_provider, make_user, organisation_number
from tests.test_authorisation import refusals

pytestmark = pytest.mark.django_db
LATER = FIRST + timedelta(days=60)

SEEK: dict[DeviationState, Callable[[Deviation], object]] = {
    DeviationState.OPEN: lambda one: reopen_deviation(
        deviation=one, note="Inte nog.", deadline=LATER, by=make_user(Role.PROCUREMENT), now=NOW
    ),
    DeviationState.ANSWERED: lambda one: answer_deviation(
        deviation=one, note="Vi för närvaro.", by=applicant(one.provider), now=NOW
    ),
    DeviationState.CLOSED: lambda one: close_deviation(
        deviation=one, note="Åtgärdat.", by=make_user(Role.PROCUREMENT), now=NOW
    ),
}


@pytest.mark.parametrize("goal", list(DeviationState))
@pytest.mark.parametrize("state", list(DeviationState))
def test_every_pair_of_states(state: DeviationState, goal: DeviationState) -> None:
    deviation = deviating()
    if state != DeviationState.OPEN:
        SEEK[state](deviation)
    refused = refusals(lambda: SEEK[goal](deviation))
    deviation.refresh_from_db()
    if goal in DEVIATION_TRANSITIONS[state]:
        assert (deviation.state, refused) == (goal, set())
        assert deviation.steps.latest("pk").state == goal
    else:
        assert (deviation.state, refused) == (state, {"deviation_state"})


def test_a_new_deadline_stands_in_the_deviation_and_its_history() -> None:
    deviation = deviating()
    SEEK[DeviationState.ANSWERED](deviation)
    SEEK[DeviationState.OPEN](deviation)
    deviation.refresh_from_db()
    assert deviation.deadline == LATER
    assert [step.deadline for step in deviation.steps.order_by("pk")] == [FIRST + timedelta(days=30)] * 2 + [LATER]


def test_a_provider_sees_and_answers_its_own_deviations_only() -> None:
    mine, others = deviating(), deviating()
    me = make_member(mine.provider)
    assert list(deviations_for(me)) == [mine]
    assert list(deviations_for(make_user(Role.HANDLER))) == []
    assert refusals(lambda: answer_deviation(deviation=others, note="Nej.", by=me, now=NOW)) == {"not_a_member"}
    assert refusals(lambda: close_deviation(deviation=mine, note="Klart.", by=me, now=NOW)) == {"role_needed"}


def titles(user: object, today: date) -> set[str]:
    return {str(card.title) for card in cards_of(user, today)}  # type: ignore[arg-type]


def test_cards_say_whose_turn_it_is() -> None:
    deviation = deviating()
    provider, officer = make_member(deviation.provider), make_user(Role.PROCUREMENT)
    assert "avvikelser att åtgärda" in titles(provider, FIRST)
    assert "avvikelser att bedöma" not in titles(officer, FIRST)
    assert "avvikelser att bedöma" in titles(officer, deviation.deadline + timedelta(days=1))
    SEEK[DeviationState.ANSWERED](deviation)
    assert "avvikelser att åtgärda" not in titles(provider, FIRST)
    assert "avvikelser att bedöma" in titles(officer, FIRST)


def test_a_deviation_names_the_visit_or_complaint_where_it_was_seen() -> None:
    provider, service = make_provider(), make_service()
    visit, complaint = visited(provider, service), complained(provider, service)
    deviation = deviating(provider, visit=visit, complaint=complaint)
    assert list(visit.deviations.all()) == list(complaint.deviations.all()) == [deviation]


def test_a_complaint_waits_until_it_is_settled() -> None:
    complaint = complained(make_provider(), make_service())
    assert list(open_complaints()) == [complaint]
    settle_complaint(complaint=complaint, outcome="Ledde till avvikelse.", by=make_user(Role.PROCUREMENT), now=NOW)
    assert list(open_complaints()) == []
    by = applicant(complaint.provider)
    assert refusals(
        lambda: record_complaint(
            provider=complaint.provider,
            service=complaint.service,
            origin=complaint.Origin.OTHER,
            received_on=FIRST,
            text="x",
            by=by,
            now=NOW,
        )
    ) == {"role_needed"}


def test_a_subcontractor_is_checked_again_and_again() -> None:
    by = make_user(Role.PROCUREMENT)
    subcontractor = approve_subcontractor(
        provider=make_provider(),
        name="B",
        organisation_number=organisation_number(901),
        valid_from=FIRST,
        by=by,
        now=NOW,
    )
    for passed in (False, True):
        check_subcontractor(subcontractor=subcontractor, passed=passed, note="F-skatt.", by=by, now=NOW)
    assert [check.passed for check in subcontractor.checks.order_by("pk")] == [False, True]
    handler = make_user(Role.HANDLER)
    assert refusals(
        lambda: check_subcontractor(subcontractor=subcontractor, passed=True, note="x", by=handler, now=NOW)
    ) == {"role_needed"}

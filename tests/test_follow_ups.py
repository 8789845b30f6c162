"""What the city does with placements, and its own deadlines for it."""

from datetime import date, timedelta

import pytest

from backend.kernel.models import AuditEvent, Role
from outcomes.deadlines import Deadline, deadlines_of, late_placements
from outcomes.models import District, FollowUp, ParticipantBackground, Placement
from outcomes.services import Background, record_background
from tests.small_world import STARTS_ON, exit_on, make_placement, make_user, moment, report, verify
from tests.wrong_examples_placements import TODAY, done

pytestmark = pytest.mark.django_db
Kind = FollowUp.Kind
REFERRED = STARTS_ON - timedelta(days=7)


def settled() -> Placement:
    """A placement of a participant whose home district is known."""
    placement = make_placement()
    district = District.objects.create(name="Farsta", jobbtorg="Söderort")
    background = Background(district.pk, 1990, 12, "woman", "none", "language")
    by = make_user(Role.HANDLER)
    record_background(participant=placement.participant, background=background, by=by, now=moment(TODAY))
    return placement


def late(deadline: Deadline, today: date) -> bool:
    return late_placements(deadline, today).exists()


@pytest.mark.parametrize(("deadline", "last"), [(Deadline.MEETING, 2), (Deadline.PLAN, 5)])
def test_a_deadline_has_passed_on_the_day_after_it(deadline: Deadline, last: int) -> None:
    make_placement()
    assert not late(deadline, REFERRED + timedelta(days=last))
    assert late(deadline, REFERRED + timedelta(days=last + 1))


def test_a_plan_must_be_approved_by_the_home_district() -> None:
    placement = settled()
    done(Kind.MEETING, Kind.PLAN, placement=placement)
    assert (late(Deadline.MEETING, TODAY), late(Deadline.PLAN, TODAY)) == (False, True)
    done(Kind.APPROVAL, placement=placement)
    assert not late(Deadline.PLAN, TODAY)
    assert str(placement.follow_ups.get(kind=Kind.APPROVAL).district) == "Farsta"


def test_a_plan_is_reviewed_six_months_after_it_was_approved_or_reviewed() -> None:
    placement = settled()
    done(Kind.PLAN, Kind.APPROVAL, placement=placement)
    assert not late(Deadline.REVIEW, date(2025, 8, 3))
    assert late(Deadline.REVIEW, date(2025, 8, 4))
    done(Kind.REVIEW, on=TODAY, placement=placement)
    assert not late(Deadline.REVIEW, date(2025, 12, 3))
    assert late(Deadline.REVIEW, date(2025, 12, 4))


def test_a_placement_goes_on_for_eighteen_months_at_most() -> None:
    placement = make_placement()
    assert not late(Deadline.LIMIT, date(2026, 7, 27))
    assert late(Deadline.LIMIT, date(2026, 7, 28))
    verify(*report(placement, exit_on(placement, date(2025, 5, 1))))
    assert not late(Deadline.LIMIT, date(2026, 7, 28))


def test_who_did_not_come_is_not_too_long_in_a_placement() -> None:
    make_placement(starts_on=None)
    assert not late(Deadline.LIMIT, date(2026, 7, 28))


def test_a_placement_tells_its_deadlines_and_when_they_were_met() -> None:
    placement = settled()
    done(Kind.MEETING, Kind.PLAN, Kind.APPROVAL, placement=placement)
    done(Kind.REVIEW, on=TODAY, placement=placement)
    dues = deadlines_of(REFERRED, None, list(placement.follow_ups.all()))
    assert [(due.deadline, due.by, due.met_on) for due in dues] == [
        (Deadline.MEETING, date(2025, 1, 29), STARTS_ON),
        (Deadline.PLAN, date(2025, 2, 1), STARTS_ON),
        (Deadline.REVIEW, date(2025, 8, 3), TODAY),
        (Deadline.REVIEW, date(2025, 12, 3), None),
        (Deadline.LIMIT, date(2026, 7, 27), None),
    ]
    assert [due.is_late(TODAY) for due in dues] == [True, True, False, False, False]


def test_what_was_not_due_before_the_end_falls_away() -> None:
    dues = deadlines_of(REFERRED, REFERRED + timedelta(days=3), [])
    assert [due.deadline for due in dues] == [Deadline.MEETING, Deadline.LIMIT]


def test_the_audit_trail_tells_of_a_background_without_repeating_it() -> None:
    placement = settled()
    event = AuditEvent.objects.get(action="record_background")
    assert (event.object_id, event.earlier, event.later) == (str(placement.participant_id), None, None)
    assert ParticipantBackground.objects.get(participant=placement.participant).birth_year == 1990

"""What happened in a placement, as a timeline."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.kernel.money import show_kronor
from backend.kernel.timeline import Lane, Mark, Timeline
from outcomes.columns import Kind
from outcomes.models import Placement, PlacementVersion
from payouts.models import Line
from payouts.selectors import Row
from payouts.states import RunState

LANES = (
    (_("Interruptions"), (Kind.INTERRUPTION,)),
    (_("Attendance, reports"), (Kind.ATTENDANCE, Kind.REPORT)),
    (_("Milestones, grades, exit"), (Kind.MILESTONE, Kind.GRADE, Kind.EXIT)),
    (_("Jobs, studies, pay"), (Kind.EMPLOYMENT, Kind.STUDIES, Kind.EARNINGS)),
)


def placement_timeline(
    placement: Placement, newest: PlacementVersion, facts: Sequence[Row], lines: Iterable[Line], today: date
) -> Timeline:
    """Lanes of a placement. `facts` as the page says them; those that others replaced are left out."""
    standing = [row for row in facts if row["stands"]]
    lanes = [Lane(_("Placement"), list(_placement(placement, newest, today)))]
    lanes += [
        Lane(title, [_fact(row, today) for row in standing if row["fact"].kind in kinds]) for title, kinds in LANES
    ]
    lanes += [
        Lane(_("Decisions"), [_decision(row) for row in facts if row["decided"]]),
        Lane(_("Ledger lines"), [_line(line) for line in lines if line.run.state != RunState.CANCELLED]),
    ]
    days = [day for lane in lanes for mark in lane.marks for day in (mark.first, mark.last)]
    return Timeline([lane for lane in lanes if lane.marks], newest.referred_on, max(days), today)


def _placement(placement: Placement, newest: PlacementVersion, today: date) -> Iterator[Mark]:
    last = placement.period.upper - timedelta(days=1) if placement.period.upper else max(today, newest.referred_on)
    if newest.starts_on is None:
        yield Mark(newest.referred_on, last, gettext("did not come"), "bad")
        return
    if newest.starts_on > newest.referred_on:
        before = newest.starts_on - timedelta(days=1)
        yield Mark(newest.referred_on, before, gettext("referred on {day}").format(day=newest.referred_on), "wait")
    days = gettext("from {first} through {last}") if placement.period.upper else gettext("from {first}")
    yield Mark(newest.starts_on, max(last, newest.starts_on), days.format(first=newest.starts_on, last=last), "accent")


def _fact(row: Row, today: date) -> Mark:
    fact = row["fact"]
    last = fact.through_day or max(today, fact.from_day)
    days = f"{fact.from_day}" if last == fact.from_day else f"{fact.from_day} – {fact.through_day or ''}"
    return Mark(fact.from_day, last, f"{row['kind']} {days}: {row['contents']} ({row['state']})", row["tone"])


def _decision(row: Row) -> Mark:
    day = row["decided"].day
    return Mark(day, day, f"{day}: {row['fact'].external_id}, {row['decided'].word}", row["tone"])


def _line(line: Line) -> Mark:
    words = f"{line.qualifies_on}: {line.step.title}, {show_kronor(line.amount)}"
    return Mark(line.qualifies_on, line.qualifies_on, words, "bad" if line.amount < 0 else "good")

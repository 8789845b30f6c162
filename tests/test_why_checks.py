"""The checks of why and why not (PAYMENT_MODELS.md section 6): name, required, found, passed and the facts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from outcomes.columns import Kind, Placements, to_day
from payouts.engine.cases import case_book, read_case
from payouts.engine.evaluate import Book
from payouts.engine.why import Status, Why, why

STARTS_ON = date(2026, 3, 2)
Row = tuple[str, object, object, bool, tuple[str, ...]]


def told(on: date, **days: date) -> dict:
    """When a fact was reported and verified, unless told otherwise."""
    return {"reported": on, "verified": on} | days


def stay(first: date, last: date, days: int, **keys: date) -> dict:
    return {"kind": "attendance", "from": first, "through": last, "days": days, **told(last, **keys)}


def on_day(kind: str, on: date, **keys: object) -> dict:
    return {"kind": kind, "on": on, **told(on), **keys}


def job(first: date, last: date | None, verified: date, extent: int = 100, **keys: object) -> dict:
    spell = {"kind": "employment", "from": first, "employer": "E", "form": "permanent", "extent": extent, **keys}
    return spell | ({"through": last} if last else {}) | told(verified)


def answers(
    steps: Sequence[dict], as_of: date, *facts: dict, starts_on: date | None = STARTS_ON, **model: dict
) -> list[Why]:
    """The answers for a placement; its facts are called a, b, …"""
    placement = {"referred_on": date(2026, 2, 2)} | ({"starts_on": starts_on} if starts_on else {})
    case = {
        "title": "t",
        "through": "2026-12",
        "model": {
            "code": "m",
            "steps": [{"code": f"s{n}", "amount": "100.00"} | s for n, s in enumerate(steps)],
            **model,
        },
        "placement": placement,
        "fact": [{"id": chr(ord("a") + number)} | fact for number, fact in enumerate(facts)],
    }
    return why(case_book(read_case(case)).book, to_day(as_of))


def rows(answer: Why) -> list[Row]:
    letters = {number: chr(ord("a") + number - 1) for number in range(1, 10)}
    return [
        (check.name, check.required, check.found, check.passed, tuple(letters[fact] for fact in check.facts))
        for check in answer.checks
    ]


def ask(step: dict, as_of: date, *facts: dict, starts_on: date | None = STARTS_ON) -> tuple[str, object, list[Row]]:
    """Status, the day until which it can wait, and the checks of a single step."""
    (answer,) = answers([step], as_of, *facts, starts_on=starts_on)
    return answer.status.value, answer.until, rows(answer)


def n(month: int, day: int, year: int = 2026) -> int:
    return to_day(date(year, month, day))


def d(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


# --- Triggers with `within` ---

START = {"trigger": "attendance", "days": 20, "within": "P2M"}


def test_attendance_adds_up():
    few = stay(STARTS_ON, d(3, 20), 12), stay(d(3, 21), d(3, 31), 5)
    assert ask(START, d(4, 1), *few) == ("waiting", n(5, 2), [("attended_days", 20, 17, False, ("a", "b"))])
    enough = *few, stay(d(4, 1), d(4, 10), 3)
    checks = [("attended_days", 20, 20, True, ("a", "b", "c")), ("within", n(5, 2), n(4, 10), True, ("a", "b", "c"))]
    assert ask(START, d(4, 10), *enough) == ("owed", None, checks)


def test_attendance_too_late_and_never():
    late = stay(STARTS_ON, d(5, 3), 20)
    checks = [("attended_days", 20, 20, True, ("a",)), ("within", n(5, 2), n(5, 3), False, ("a",))]
    assert ask(START, d(5, 3), late) == ("missed", None, checks)
    none = [("attended_days", 20, 0, False, ()), ("within", n(5, 2), None, False, ())]
    assert ask(START, d(5, 2)) == ("missed", None, none)
    plain = START | {"extends_for_interruptions": False}
    assert ask(plain, d(4, 12)) == ("waiting", n(5, 2), none[:1])
    assert ask(plain, d(4, 13)) == ("missed", None, none[:1])  # nineteen days are left
    twelve = stay(STARTS_ON, d(3, 20), 12)
    assert [ask(plain, d(4, day), twelve)[0] for day in (24, 25)] == ["waiting", "missed"]  # eight days, seven


def test_enough_attendance_that_was_reported_too_late_is_missed():
    step = START | {"report_within": "P10D"}
    assert ask(step, d(4, 11), stay(STARTS_ON, d(3, 31), 20, reported=d(4, 11), verified=d(4, 11)))[0] == "missed"


def test_before_the_start_all_days_of_the_window_are_left():
    plain = {"trigger": "attendance", "days": 10, "within": "P9D", "extends_for_interruptions": False}
    assert ask(plain, d(2, 20))[:2] == ("waiting", n(3, 11))
    assert ask(plain | {"days": 11}, d(2, 20))[0] == "missed"


def test_reported_too_late():
    step = {"trigger": "milestone", "name": "plan", "report_within": "P10D"}
    made = on_day("milestone", d(3, 10), name="plan")
    assert ask(step, d(3, 10), made)[2][-1] == ("reported_within", "P10D", n(3, 10), True, ("a",))
    late = made | told(d(3, 21))
    checks = [("milestone", "plan", n(3, 10), True, ("a",)), ("reported_within", "P10D", n(3, 21), False, ("a",))]
    assert ask(step, d(3, 21), late) == ("missed", None, checks)


def test_of_several_reports_the_late_ones_are_named():
    step = {"trigger": "grade", "pass": ["E"], "report_within": "P10D"}
    courses = (on_day("grade", d(3, 10), course=course, grade="E") for course in ("A", "B", "C"))
    told_on = (told(d(3, day)) for day in (25, 10, 26))
    status, _, checks = ask(step, d(3, 30), *(fact | told for fact, told in zip(courses, told_on, strict=True)))
    assert (status, checks[-1]) == ("owed", ("reported_within", "P10D", n(3, 26), False, ("a", "c")))


def test_milestone():
    step = {"trigger": "milestone", "name": "plan", "within": "P1M"}
    other = on_day("milestone", d(3, 10), name="visit")
    assert ask(step, d(3, 10), other) == ("waiting", n(4, 2), [("milestone", "plan", None, False, ())])
    made = on_day("milestone", d(4, 2), name="plan")
    checks = [("milestone", "plan", n(4, 2), True, ("b",)), ("within", n(4, 2), n(4, 2), True, ("b",))]
    assert ask(step, d(4, 2), other, made) == ("owed", None, checks)


def test_grade():
    step = {"trigger": "grade", "pass": ["A", "E"]}
    failed, passed = (on_day("grade", d(3, day), course="A", grade=grade) for day, grade in ((9, "F"), (20, "E")))
    assert ask(step, d(3, 9), failed) == ("waiting", None, [("passing_grade", "A, E", 0, False, ("a",))])
    assert ask(step, d(3, 20), failed, passed) == ("owed", None, [("passing_grade", "A, E", 1, True, ("b",))])


def test_one_course_for_the_placement():
    step = {"trigger": "grade", "pass": ["E"], "once_per": "placement", "within": "P1M"}
    late, later = (on_day("grade", d(4, day), course=course, grade="E") for day, course in ((3, "A"), (4, "B")))
    checks = [("passing_grade", "E", 2, True, ("a", "b")), ("within", n(4, 2), n(4, 3), False, ("a", "b"))]
    assert ask(step, d(4, 4), late, later) == ("missed", None, checks)
    of_no_points = step | {"per": "point"}
    (zero,) = [on_day("grade", d(3, 10), course="A", grade="E", points=0)]
    assert ask(of_no_points, d(3, 10), zero)[0] == "missed"
    assert ask(of_no_points | {"once_per": "course"}, d(3, 10), zero)[0] == "waiting"


def test_earnings():
    step = {"trigger": "earnings", "threshold": "300.00"}
    first, second = (on_day("earnings", d(4, day), amount="150.00", employer="E") for day in (24, 25))
    assert ask(step, d(4, 24), first) == ("waiting", None, [("threshold", 30000, 15000, False, ("a",))])
    assert ask(step, d(4, 25), first, second) == ("owed", None, [("threshold", 30000, 30000, True, ("a", "b"))])


# --- Windows that interruptions extend ---


def away(first: date, through: date | None = None) -> dict:
    told_on = {"reported": d(3, 3), "verified": d(3, 3)}
    return {"kind": "interruption", "from": first, **told_on} | ({"through": through} if through else {})


@pytest.mark.parametrize(
    ("interruptions", "until"),
    [
        ([], n(4, 2)),
        ([away(d(3, 2), d(3, 2))], n(4, 2)),  # the day on which the window opens
        ([away(d(3, 1), d(3, 4))], n(4, 4)),
        ([away(d(3, 3), d(3, 3))], n(4, 3)),
        ([away(d(3, 9), d(3, 10)), away(d(3, 12), d(3, 13))], n(4, 6)),
        ([away(d(3, 9), d(3, 10)), away(d(3, 11), d(3, 12))], n(4, 6)),
        ([away(d(3, 9), d(3, 12)), away(d(3, 10), d(3, 11))], n(4, 6)),
        ([away(d(4, 2), d(4, 2))], n(4, 3)),
        ([away(d(4, 3), d(4, 3))], n(4, 2)),
        ([away(d(4, 2), d(4, 2)), away(d(4, 3), d(4, 3)), away(d(4, 5), d(4, 5))], n(4, 4)),
        ([away(d(3, 9))], n(4, 14)),  # twelve days through the cut-off
        ([away(d(3, 21))], n(4, 2)),
    ],
)
def test_windows_are_extended_by_the_interrupted_days_inside(interruptions: list[dict], until: int):
    step = {"trigger": "milestone", "name": "plan", "within": "P1M"}
    assert ask(step, d(3, 20), *interruptions)[:2] == ("waiting", until)
    plain = step | {"extends_for_interruptions": False}
    assert ask(plain, d(3, 20), *interruptions)[:2] == ("waiting", n(4, 2))


# --- Period ---


def test_period_counts_active_months():
    step = {"trigger": "period"}
    assert ask(step, d(3, 30)) == ("waiting", None, [("starts_after", "starts_on", 0, False, ())])
    assert ask(step, d(4, 30)) == ("owed", None, [("starts_after", "starts_on", 2, True, ())])


def test_period_lasts_first():
    step = {"trigger": "period", "first_after_days": 40}
    checks = [("starts_after", "starts_on", 1, True, ()), ("lasts", 40, 39, False, ())]
    assert ask(step, d(4, 9)) == ("waiting", None, checks)
    assert ask(step, d(4, 10)) == ("owed", None, [checks[0], ("lasts", 40, 40, True, ())])
    assert ask(step, d(2, 20))[2] == [("starts_after", "starts_on", 0, False, ()), ("lasts", 40, 0, False, ())]
    gone = on_day("exit", d(4, 9))
    assert ask(step, d(4, 30), gone)[:2] == ("missed", None)


def test_period_needs_reports():
    step = {"trigger": "period", "needs_report": True, "max_periods": 2}
    report = {"kind": "report", "month": "2026-04", **told(d(5, 4))}
    months = ("starts_after", "starts_on", 2, True, ())
    assert ask(step, d(4, 30)) == ("missed", None, [months, ("period_report", 2, 0, False, ())])
    assert ask(step, d(5, 4), report) == ("owed", None, [months, ("period_report", 2, 1, True, ("a",))])
    assert ask(step, d(3, 31))[0] == "waiting"


def test_period_after_the_exit_waits_while_its_month_goes_on():
    step = {"trigger": "period", "needs_report": True}
    gone = on_day("exit", d(4, 15))
    assert [ask(step, day, gone)[0] for day in (d(4, 15), d(4, 29), d(4, 30))] == ["waiting", "waiting", "missed"]
    assert ask(step | {"max_periods": 1}, d(4, 15), gone)[0] == "missed"
    assert ask(step | {"first_after_days": 60}, d(4, 15), gone)[0] == "missed"


def test_period_with_a_single_month_or_none():
    step = {"trigger": "period", "needs_report": True}
    gone = on_day("exit", d(3, 15))
    assert ask(step, d(3, 15), gone)[0] == "waiting"
    assert ask(step, d(3, 15), gone, away(STARTS_ON, d(3, 15)))[0] == "missed"


def test_a_no_show():
    for step in (START, {"trigger": "period"}, {"trigger": "grade", "pass": ["E"]}):
        assert ask(step, d(4, 30), starts_on=None) == ("missed", None, [("starts_after", "starts_on", None, False, ())])


# --- Requirements and caps ---


def test_what_is_required_is_told_with_its_status():
    steps: list[dict] = [START, {"trigger": "period", "requires": ["s0"]}, {"trigger": "period", "requires": ["s1"]}]
    first, second, third = answers(steps, d(3, 31))
    assert [answer.status for answer in (first, second, third)] == [Status.WAITING] * 3
    assert rows(second)[-1] == ("requires", "s0", "waiting", False, ())
    assert rows(third)[-1] == ("requires", "s1", "waiting", False, ())
    first, second, third = answers(steps, d(5, 2))
    assert [answer.status for answer in (first, second, third)] == [Status.MISSED] * 3
    assert rows(third)[-1] == ("requires", "s1", "missed", False, ())
    first, second, third = answers(steps, d(5, 2), stay(STARTS_ON, d(3, 31), 20))
    assert rows(second)[-1] == ("requires", "s0", "owed", True, ())
    assert (third.status, third.amount) == (Status.OWED, 9677 + 10000)  # thirty days of March, and April


def test_a_cap_is_told_where_something_is_owed():
    capped: dict = {"caps": {"per_placement": "150.00"}}
    steps = [{"trigger": "period", "prorate": False}]
    (one,) = answers(steps, d(3, 31), **capped)
    assert (rows(one)[-1], one.amount) == (("cap", 10000, 10000, True, ()), 10000)
    (two,) = answers(steps, d(4, 30), **capped)
    assert (rows(two)[-1], two.amount) == (("cap", 20000, 15000, False, ()), 15000)
    (none,) = answers(steps, d(3, 30), **capped)
    assert [row[0] for row in rows(none)] == ["starts_after"]


# --- Employment ---

WORK = {"trigger": "employment", "starts_within": "P2M", "lasts": "P30D"}
GONE = on_day("exit", d(4, 30))
FOUND = job(d(6, 1), d(6, 30), d(7, 1))


def test_a_job_that_lasts():
    checks = [
        ("exit_known", "exit", n(4, 30), True, ("a",)),
        ("starts_within", n(6, 30), n(6, 1), True, ("b",)),
        ("lasts", "P30D", 30, True, ("b",)),
    ]
    assert ask(WORK, d(7, 1), GONE, FOUND) == ("owed", None, checks)


def test_no_exit_is_known():
    status, until, checks = ask(WORK, d(7, 1), FOUND)
    assert (status, until) == ("waiting", None)
    assert checks == [
        ("exit_known", "exit", None, False, ()),
        ("starts_within", None, n(6, 1), True, ("a",)),
        ("lasts", "P30D", 30, True, ("a",)),
    ]


def test_no_job_is_known():
    exit_known = ("exit_known", "exit", n(4, 30), True, ("a",))
    nothing = [("starts_within", n(6, 30), None, False, ()), ("lasts", "P30D", 0, False, ())]
    assert ask(WORK, d(5, 1), GONE) == ("waiting", n(6, 30), [exit_known, *nothing])
    plain = WORK | {"extends_for_interruptions": False}
    assert ask(plain, d(6, 29), GONE) == ("waiting", n(6, 30), [exit_known, *nothing])
    assert ask(plain, d(6, 30), GONE) == ("missed", None, [exit_known, *nothing])
    assert ask(WORK | {"of": "start"}, d(5, 2))[2] == [("starts_within", n(5, 2), None, False, ()), nothing[1]]


def test_a_job_begun_too_late():
    late = job(d(7, 1), d(7, 31), d(8, 3))
    status, _, checks = ask(WORK, d(8, 3), GONE, late)
    assert (status, checks[1:]) == (
        "missed",
        [("starts_within", n(6, 30), n(7, 1), False, ("b",)), ("lasts", "P30D", 31, False, ("b",))],
    )


def test_of_jobs_that_do_not_last_the_longest_is_told():
    jobs = [job(d(5, day), d(5, last), d(6, 1), employer=f"E{day}") for day, last in ((4, 5), (11, 20), (26, 28))]
    assert ask(WORK, d(7, 1), GONE, *jobs)[2][1:] == [
        ("starts_within", n(6, 30), n(5, 11), True, ("b", "c", "d")),
        ("lasts", "P30D", 10, False, ("b", "c", "d")),
    ]


def test_of_jobs_that_last_the_first_is_told():
    jobs = job(d(5, 4), d(5, 5), d(9, 1)), job(d(5, 11), d(6, 9), d(9, 1)), job(d(6, 15), d(8, 30), d(9, 1))
    status, _, checks = ask(WORK, d(9, 1), GONE, *jobs)
    assert (status, checks[2]) == ("owed", ("lasts", "P30D", 30, True, ("b", "c", "d")))


def test_a_job_begun_on_the_last_day_of_the_window():
    jobs = job(d(5, 4), d(5, 5), d(9, 1)), job(d(6, 30), d(7, 29), d(9, 1))
    status, _, checks = ask(WORK, d(9, 1), GONE, *jobs)
    assert (status, checks[1]) == ("owed", ("starts_within", n(6, 30), n(6, 30), True, ("b", "c")))
    assert checks[2] == ("lasts", "P30D", 30, True, ("b", "c"))


def test_a_job_that_goes_on_waits_whether_or_not_the_window_is_open():
    going_on = job(d(6, 10), None, d(6, 20))
    assert ask(WORK, d(6, 29), GONE, going_on)[:2] == ("waiting", n(6, 30))
    assert ask(WORK, d(6, 30), GONE, going_on)[:2] == ("waiting", None)


def test_a_job_that_has_lasted_waits_for_nothing_but_its_day():
    lasted = job(d(5, 4), d(6, 2), d(6, 2))
    assert ask(WORK, d(6, 1), GONE, lasted | told(d(6, 1)))[:2] == ("waiting", n(6, 30))
    assert ask(WORK, d(6, 2), GONE, lasted)[:2] == ("waiting", None)
    assert ask(WORK, d(6, 3), GONE, lasted)[:2] == ("owed", None)


def test_days_that_are_added_up_are_told_from_first_to_last():
    jobs = job(d(5, 4), d(5, 5), d(9, 1)), job(d(5, 11), d(6, 6), d(9, 1))
    status, _, checks = ask(WORK | {"cumulative": True}, d(9, 1), GONE, *jobs)
    assert (status, checks[2]) == ("waiting", ("lasts", "P30D", 29, False, ("b", "c")))


def test_forms_that_do_not_count():
    step = WORK | {"forms": ["permanent", "probation"]}
    hourly = FOUND | {"form": "hourly", "from": d(5, 4), "through": d(5, 31), "employer": "H"}
    checks = ask(step, d(7, 1), GONE, hourly)[2]
    assert checks[1] == ("form", "permanent, probation", 0, False, ("b",))
    checks = ask(step, d(7, 1), GONE, hourly, FOUND)[2]
    assert checks[1] == ("form", "permanent, probation", 1, True, ("b", "c"))
    assert [check[0] for check in ask(step, d(7, 1), GONE, FOUND)[2]] == ["exit_known", "starts_within", "lasts"]


def test_an_old_side_job():
    old = job(d(3, 1), None, d(7, 1), employer="OLD")
    checks = ask(WORK, d(7, 1), GONE, old)[2]
    assert checks[1] == ("starts_after", n(3, 2), n(3, 1), False, ("b",))
    assert ask(WORK, d(7, 1), GONE, old, FOUND)[2][1] == ("starts_after", n(3, 2), n(3, 1), True, ("b", "c"))
    after = WORK | {"may_start_before_end": False}
    during = job(d(4, 30), d(6, 30), d(7, 1))
    assert ask(after, d(7, 1), GONE, during)[2][1] == ("starts_after", n(5, 1), n(4, 30), False, ("b",))
    next_day = ask(after, d(7, 1), GONE, during | {"from": d(5, 1)})
    assert [check[0] for check in next_day[2]] == ["exit_known", "starts_within", "lasts"]


def test_studies_have_their_own_old_ones():
    step = WORK | {"counts": ["employment", "studies"]}
    old = {"kind": "studies", "from": d(3, 1), **told(d(7, 1))}
    assert ask(step, d(7, 1), GONE, old, FOUND)[2][1] == ("starts_after", n(3, 2), n(3, 1), False, ("b",))


def test_too_little_work():
    step = WORK | {"extent_at_least": 50}
    little = FOUND | {"extent": 49}
    assert ask(step, d(7, 1), GONE, little)[2][1:] == [
        ("starts_within", n(6, 30), None, False, ()),
        ("lasts", "P30D", 0, False, ()),
        ("extent", 50, 49, False, ("b",)),
    ]
    assert ask(step, d(7, 1), GONE, FOUND | {"extent": 50})[2][3] == ("extent", 50, 50, True, ("b",))
    full = WORK | {"extent_at_least": 100}
    assert ask(full, d(7, 1), GONE, FOUND)[2][3] == ("extent", 100, 100, True, ("b",))


def test_of_too_little_work_the_most_on_one_day_is_told():
    step = WORK | {"extent_at_least": 50}
    jobs = [FOUND | {"extent": extent, "employer": f"E{extent}"} for extent in (10, 20, 15)]
    assert ask(step, d(7, 1), GONE, *jobs)[2][3] == ("extent", 50, 45, False, ("b", "c", "d"))
    assert ask(step, d(7, 1), GONE, FOUND | {"extent": 0})[2][3] == ("extent", 50, 0, False, ("b",))


def test_the_extent_of_a_job_that_does_not_last_is_the_mean_so_far():
    step = WORK | {"bands": [{"extent_at_least": 80, "share": "1"}, {"extent_at_least": 50, "share": "0.5"}]}
    for extent, enough in ((49, False), (50, True)):
        short = FOUND | {"extent": extent, "through": d(6, 20)}
        assert ask(step, d(7, 1), GONE, short)[2][3] == ("extent", 50, extent, enough, ("b",))


def test_one_block_of_enough_extent_is_enough():
    bands, blocks = [{"extent_at_least": 80, "share": "1"}], {"every": "P10D", "max": 2}
    step = WORK | {"lasts": "P10D", "bands": bands, "blocks": blocks}
    little, much = job(d(6, 1), d(6, 20), d(7, 1), extent=10), job(d(6, 21), d(6, 30), d(7, 1), extent=80, employer="F")
    assert ask(step, d(7, 1), GONE, little, much)[2][3] == ("extent", 80, 33, True, ("b", "c"))


def test_the_mean_extent_misses_every_band():
    step = WORK | {"bands": [{"extent_at_least": 80, "share": "1"}, {"extent_at_least": 50, "share": "0.5"}]}
    status, until, checks = ask(step, d(7, 1), GONE, FOUND | {"extent": 49})
    assert (status, until, checks[3]) == ("missed", None, ("extent", 50, 49, False, ("b",)))
    assert ask(step, d(7, 1), GONE, FOUND | {"extent": 50})[2][3] == ("extent", 50, 50, True, ("b",))
    # half of the days at 99 per cent and half at 100 are 99 in whole per cent
    halves = FOUND | {"through": d(6, 15), "extent": 99}, FOUND | {"from": d(6, 16)}
    assert ask(step, d(7, 1), GONE, *halves)[2][3] == ("extent", 50, 99, True, ("b", "c"))


def test_the_last_block_that_is_left_has_too_little_work():
    """Seventeen days of 10 % reach block 1, nine more leave one day of block 2: it cannot come to a mean of 80 %."""
    band, blocks = {"extent_at_least": 80, "share": "1"}, {"every": "P10D", "max": 2}
    step = WORK | {"lasts": "P7D", "cumulative": True, "blocks": blocks, "bands": [band]}
    little = job(d(5, 4), d(5, 29), d(5, 29), extent=10)
    assert ask(step, d(5, 29), GONE, little)[0] == "missed"
    assert ask(step | {"blocks": blocks | {"max": 3}}, d(5, 29), GONE, little)[0] == "waiting"


@pytest.mark.parametrize("keys", [{}, {"cumulative": True}, {"may_start_before_end": False}])
def test_nothing_waits_where_no_band_pays(keys: dict):
    step = WORK | {"bands": [{"extent_at_least": 0, "share": "0"}]} | keys
    assert ask(step, d(5, 4), GONE)[0] == "missed"
    assert ask(step, d(4, 1))[0] == "missed"


def test_a_job_reported_too_late():
    step = WORK | {"report_within": "P10D"}
    late = FOUND | told(d(7, 12))
    assert ask(step, d(7, 12), GONE, late)[2][-1] == ("reported_within", "P10D", n(7, 12), False, ("b",))
    assert ask(step, d(7, 12), late)[2][-1][0] == "lasts"  # nothing qualifies before an exit is known


CASE = {
    "title": "t",
    "through": "2026-12",
    "model": {"code": "m", "steps": [{"code": "s", "trigger": "period", "amount": "1.00"}]},
    "placement": {"referred_on": date(2026, 2, 2), "starts_on": STARTS_ON},
}


@pytest.mark.parametrize(("as_of", "knows"), [(d(2, 20), True), (d(2, 1), False)])
def test_a_placement_that_is_not_known_yet_has_no_answers(as_of: date, knows: bool):
    book = case_book(read_case(CASE)).book
    book.placements.known[:] = to_day(date(2026, 2, 2))
    assert bool(why(book, to_day(as_of))) is knows


def test_the_version_that_holds_at_the_knowledge_answers():
    """Of a placement whose first day was corrected at the knowledge 7, counted by runs and not by days."""
    made = case_book(read_case(CASE)).book
    later = replace(made.placements, starts_on=made.placements.starts_on + 60, known=np.array([7], np.int32))
    first = replace(made.placements, superseded=np.array([7], np.int32))
    book = Book(made.models, Placements.join([first, later]), made.shelves[Kind.EXIT].facts, made.subjects)
    for knowledge, status in ((6, Status.OWED), (7, Status.WAITING), (None, Status.WAITING)):
        (answer,) = why(book, n(3, 31), knowledge)
        assert answer.status is status

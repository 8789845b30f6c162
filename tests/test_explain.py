"""The command `explain`, and the question behind it: what was known by a day, in sentences."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from backend.kernel.models import Role
from contracts.library import library_model
from outcomes.models import Placement
from outcomes.services import change_placement
from payouts.engine.why import Status
from payouts.explaining import ask_placement
from tests.test_words import plain
from tests.town import Town, attendance, grade, noon, person

pytestmark = pytest.mark.django_db

START = date(2026, 1, 15)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def placement(town: Town) -> Placement:
    """Attended long enough by 13 February, reported late and verified on 2 March."""
    placement = town.refer("P1", date(2026, 1, 10), START, tier=1)
    town.verify(date(2026, 3, 2), town.report(date(2026, 2, 27), attendance("a1", "P1", START, date(2026, 2, 13), 22)))
    return placement


def statuses(placement: Placement, as_of: date) -> dict[str, Status]:
    return {answer.step.code: answer.status for answer in ask_placement(placement, as_of)}


def test_a_day_knows_the_facts_verified_by_it(placement: Placement) -> None:
    assert statuses(placement, date(2026, 3, 1))["start"] is Status.WAITING
    assert statuses(placement, date(2026, 3, 2))["start"] is Status.OWED


def test_a_day_knows_the_version_recorded_by_it(town: Town, placement: Placement) -> None:
    change_placement(
        placement=placement, tier=2, price=None, referred_on=date(2026, 1, 10), starts_on=START,
        by=town.handler, now=noon(date(2026, 4, 1)),
    )  # fmt: skip
    assert [ask_placement(placement, date(2026, month, 31))[0].amount for month in (3, 5)] == [800_000, 1_000_000]
    at = noon(date(2026, 3, 31))
    assert ask_placement(placement, date(2026, 5, 31), at=at)[0].amount == 800_000


def test_a_replaced_fact_counts_until_its_correction_is_verified(town: Town, placement: Placement) -> None:
    (wrong,) = town.tell(date(2026, 3, 3), grade("g1", "P1", date(2026, 2, 20), "MATMAT01a", "C"))
    back = town.report(date(2026, 3, 9), grade("g2", "P1", date(2026, 2, 20), "MATMAT01a", "F", replaces="g1"))
    town.verify(date(2026, 3, 12), back, by=person("handläggare-2", Role.HANDLER))
    assert statuses(placement, date(2026, 3, 11))["betyg"] is Status.OWED
    assert statuses(placement, date(2026, 3, 12))["betyg"] is Status.WAITING
    assert wrong < back[0]


def test_before_it_was_recorded_there_is_no_answer(placement: Placement) -> None:
    assert ask_placement(placement, date(2026, 1, 9)) == []


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Runs the command and gives its lines."""

    def run(*arguments: str) -> list[str]:
        call_command("explain", *arguments)
        return plain(capsys.readouterr().out).splitlines()

    return run


def test_in_swedish(placement: Placement, explain: Callable[..., list[str]]) -> None:
    told = explain("P1", "--as-of", "2026-03-31")
    assert told[:4] == [
        "P1, 2026-03-31",
        "Startdel: ska betalas, 8 000,00 kr, uppnått 2026-02-13.",
        "✓ Uppfyllt: Närvaro i minst 20 dagar krävs; hittills är det 22 dagar. (uppgift a1)",
        "✓ Uppfyllt: Det ska ske senast 2026-04-15; det skedde 2026-02-13. (uppgift a1)",
    ]
    assert "Matchningspeng: väntar." in told


def test_in_english(placement: Placement, explain: Callable[..., list[str]]) -> None:
    told = explain("P1", "--as-of", "2026-03-31", "--language", "en")
    assert told[1] == "Startdel: owed, 8 000,00 kr, reached 2026-02-13."
    assert "Matchningspeng: waiting." in told


def test_a_course_goes_by_its_code(explain: Callable[..., list[str]]) -> None:
    town = Town(library_model("komvux-kurs"))
    town.refer("P9", date(2026, 1, 10), START, price=600_000)
    town.tell(date(2026, 3, 3), grade("g1", "P9", date(2026, 2, 20), "MATMAT01a", "C"))
    assert any(line.startswith("– MATMAT01a: ") for line in explain("P9", "--as-of", "2026-03-31"))


def test_before_the_placement_was_known(placement: Placement, explain: Callable[..., list[str]]) -> None:
    assert explain("P1", "--as-of", "2026-01-09", "--language", "en") == [
        "P1, 2026-01-09",
        "The placement was not known on that day, or no payment model governs it.",
    ]


def test_an_unknown_placement_is_refused(explain: Callable[..., list[str]]) -> None:
    with pytest.raises(CommandError, match=r"^placement = P404: there is no placement with this number$") as refused:
        explain("P404", "--language", "en")
    assert refused.value.returncode == 1

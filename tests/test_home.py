"""What waits for whom: the cards count what is there, and the sums are what the engine would pay."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client, TransactionTestCase
from django.utils.timezone import localdate
from pytest_django import DjangoDbBlocker

from backend import urls  # noqa: F401  # the apps fill the home page when their addresses are loaded
from backend.kernel.models import Role, User
from backend.kernel.web import Card, cards_of
from outcomes.services import FactReport, ask_for_more, verify_facts
from outcomes.waiting import waiting_facts
from payouts.stakes import stakes
from providers.services import admit_member
from tests.small_world import NOW, make_user
from tests.town import Town, attendance, noon, person

pytestmark = pytest.mark.django_db
TODAY = date(2025, 4, 15)
START_PART = 6_000_00  # öre, of the model that the town's contract follows


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    """A run that waits for its attest, one fact to decide and one of which more is asked for."""
    with django_db_blocker.unblock():
        town = Town()
        for number in ("S-1", "S-2", "S-3"):
            town.refer(number, date(2025, 1, 7), date(2025, 1, 13))
        town.tell(date(2025, 2, 11), days("one", "S-1"))
        town.compute(date(2025, 2, 28))
        town.report(date(2025, 3, 3), days("two", "S-2"))
        (three,) = town.report(date(2025, 3, 5), days("three", "S-3"))
        ask_for_more(facts=[three], reason_code="evidence_unclear", by=town.handler, now=noon(date(2025, 3, 6)))
        town.starter, town.examiner, town.decider  # noqa: B018  # made once for all tests
        yield town
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def days(name: str, placement: str) -> FactReport:
    return attendance(name, placement, date(2025, 1, 13), date(2025, 2, 10), 20)


def cards(reader: User) -> dict[str, Card]:
    return {str(card.title): card for card in cards_of(reader, TODAY)}


def test_handlers_see_what_to_decide_with_the_money_and_the_oldest_day(town: Town) -> None:
    found = cards(town.handler)
    waiting = found["uppgifter väntar på beslut"]
    assert (waiting.count, waiting.amount, waiting.since) == (1, START_PART, date(2025, 3, 3))
    asked = found["uppgifter med begärd komplettering är obesvarade"]
    assert (asked.count, asked.amount, asked.since) == (1, START_PART, date(2025, 3, 5))


def test_the_sum_at_stake_is_what_the_next_run_then_writes(town: Town) -> None:
    facts = list(waiting_facts())
    promised = stakes([fact.placement_id for fact in facts], localdate())
    before = stakes([fact.placement_id for fact in facts], date(2025, 2, 1))
    assert sum(promised.values()) == 2 * START_PART
    assert sum(before.values()) == 0  # on that day the twenty days were not over
    verify_facts(facts=[fact.pk for fact in facts], by=town.handler, now=noon(date(2025, 3, 10)))
    assert stakes([fact.placement_id for fact in facts], localdate()) == dict.fromkeys(promised, 0)


def test_only_who_may_sign_is_asked_to(town: Town) -> None:
    title = "körning väntar på din attest"
    assert cards(town.examiner)[title].amount == START_PART
    assert title not in cards(town.starter)  # started it
    assert title not in cards(make_user(Role.AUDITOR))
    assert title in cards(town.decider)


def test_providers_see_what_is_asked_of_them_and_nothing_of_others(town: Town) -> None:
    other = make_user(Role.PROVIDER)
    admit_member(provider=Town(number=7).provider, user=other, by=make_user(Role.ADMINISTRATOR), now=NOW)
    title = "uppgifter behöver mer från er"
    assert cards(town.reporter)[title].count == 1
    assert cards(other) == {}
    for reader, expected in ((town.reporter, ["three"]), (other, [])):
        client = Client()
        client.force_login(reader)
        rows = client.get("/facts/asked/").context["table"].rows
        assert [row.record.external_id for row in rows] == expected


def test_what_costs_most_to_wait_with_stands_first() -> None:
    def card(name: str, **more: object) -> Card:
        return Card(title=name, count=1, url="/", explanation="", **more)  # type: ignore[arg-type]

    late = card("late", until=TODAY - timedelta(days=1))
    large_new = card("large", amount=100_000, since=TODAY - timedelta(days=1))
    small_old = card("old", amount=10_000, since=TODAY - timedelta(days=30))
    order = sorted([large_new, small_old, late], key=lambda one: one.urgency(TODAY), reverse=True)
    assert [one.title for one in order] == ["late", "old", "large"]


def test_administrators_are_told_of_accounts_to_look_after() -> None:
    dormant = make_user(Role.HANDLER)
    User.objects.filter(pk=dormant.pk).update(date_joined=noon(TODAY) - timedelta(days=1000))
    found = cards(person("administratör", Role.ADMINISTRATOR))
    assert found["konton har inte använts på 90 dagar"].count == 1
    assert found["konton saknar andra faktor"].count >= 2


def test_each_card_leads_to_what_it_counts(town: Town) -> None:
    readers = [town.handler, town.examiner, town.procurement, town.reporter]
    readers += [person("revisor", Role.AUDITOR), person("administratör", Role.ADMINISTRATOR)]
    followed = set()
    for reader in readers:
        client = Client()
        client.force_login(reader)
        for card in cards_of(reader, localdate()):
            response = client.get(card.url)
            assert response.status_code == 200, card
            if "page_obj" in response.context and "is_filtered" in response.context:
                assert response.context["table"].paginator.count == card.count, card
                followed.add(response.wsgi_request.path)
    assert {"/facts/waiting/", "/facts/asked/", "/accounts/"} <= followed

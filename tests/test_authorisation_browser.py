"""From an application to a decision in a real browser: a provider applies, one officer assesses, another decides."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backend.kernel.models import Role, User
from providers.models import Decision
from tests.authorisation_steps import PDF, make_catalogue
from tests.pages_town import make_people
from tests.small_world import make_provider
from tests.test_browser import DESK, WHOLE, browser, check_page, new_context
from tests.town import member, person

__all__ = ["browser"]  # the fixture

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    """A provider that may apply for one service, and two officers."""
    people = make_people()
    make_catalogue(codes=("K1",))
    member(make_provider(authorised=False), people["provider"])
    person("second", Role.PROCUREMENT)
    return people


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def test_from_an_application_to_a_decision(
    people: dict[str, User], live_server: LiveServer, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    tabs = {
        name: new_context(browser, live_server.url, name, "light", "sv", DESK, complaints).new_page()
        for name in ("provider", "procurement", "second", "anonymous")
    }
    provider, officer, second = tabs["provider"], tabs["procurement"], tabs["second"]
    evidence = tmp_path / "intyg.pdf"
    evidence.write_bytes(PDF)

    def look(page: Page) -> None:
        check_page(page, "on the way", WHOLE)

    provider.goto(f"{live_server.url}/authorisations/")
    follow(provider, "Påbörja en ansökan")
    provider.get_by_label("Tjänst").select_option(index=1)
    press(provider, "Påbörja en ansökan")
    look(provider)
    follow(provider, "Lägg till underlag")
    provider.get_by_label("Handling").set_input_files(evidence)
    look(provider)
    press(provider, "Lägg till handlingen")
    expect(provider.get_by_role("link", name="intyg.pdf")).to_be_visible()
    follow(provider, "Lämna in")
    press(provider, "Lämna in ansökan")
    expect(provider.get_by_text("inlämnad", exact=True).first).to_be_visible()

    officer.goto(live_server.url)
    officer.get_by_role("link", name="1 ansökningar att bedöma").click()
    officer.get_by_role("cell", name="Provider").get_by_role("link").click()
    follow(officer, "Ta upp")
    officer.get_by_label("Diarienummer").fill("AMN 2026/5")
    press(officer, "Ta upp")
    follow(officer, "Bedöm")
    look(officer)
    officer.get_by_label("uppfyllt", exact=True).check()
    officer.get_by_label("Varför").fill("Intyget visar det.")
    press(officer, "Spara bedömningen")
    follow(officer, "Föreslå beslut")
    look(officer)
    officer.get_by_label("Skäl").fill("Kravet är uppfyllt.")
    press(officer, "Föreslå")
    look(officer)
    expect(officer.get_by_role("link", name="Besluta", exact=True)).to_have_count(0)  # not one's own

    second.goto(live_server.url)
    second.get_by_role("link", name="1 beslut om auktorisation att fatta").click()
    follow(second, "Besluta")
    look(second)
    press(second, "Besluta")
    with second.expect_download() as saved:
        follow(second, "Spara handlingen")
    decision = Decision.objects.get()
    assert Path(saved.value.path()).read_bytes() == bytes(decision.document)
    look(second)

    tabs["anonymous"].goto(f"{live_server.url}/register/")
    expect(tabs["anonymous"].get_by_role("cell", name=decision.proposal.provider.name)).to_be_visible()
    assert complaints == []

"""The pages in a real browser: the way from the log-in to a why-not, and accessibility in light and dark."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.pages_town import PASSWORD, PagesTown, make_pages_town, make_people

pytestmark = pytest.mark.needs("chromium")

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )


@pytest.fixture
def town(transactional_db: None) -> PagesTown:
    make_people()
    return make_pages_town()


def log_in(page: Page, base: str, name: str) -> None:
    page.goto(base)
    page.get_by_label("Användarnamn").fill(name)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Det som väntar på dig")


def test_from_the_log_in_to_a_why_not(town: PagesTown, live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page(base_url=live_server.url, viewport=DESK)
    log_in(page, live_server.url, "examiner")
    page.goto(f"{live_server.url}/runs/")
    page.get_by_role("cell", name="2", exact=True).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Körning 2, mars 2025")
    expect(page.get_by_text("återkrav", exact=True)).to_be_visible()
    page.get_by_role("link", name=town.placement.number, exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Placering {town.placement.number}")
    step = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Startdel"))
    page.get_by_label("Per den").fill("2025-06-30")
    page.get_by_role("button", name="Fråga").click()
    expect(step).to_contain_text("missat")
    expect(step).to_contain_text("Inte uppfyllt")
    page.locator(".me > summary").click()
    page.get_by_role("button", name="English").click()
    expect(step).to_contain_text("Not passed")
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are logged out")


def test_by_keyboard_the_content_is_one_step_away(town: PagesTown, live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK)
    log_in(page, live_server.url, "handler")
    page.goto(f"{live_server.url}/runs/2/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_no_page_has_an_accessibility_fault_or_needs_sideways_scrolling(
    town: PagesTown, live_server: LiveServer, browser: Browser
) -> None:
    pages = ["/runs/", "/runs/2/", "/runs/2/?step=0", "/placements/", f"/placements/{town.placement.pk}/", "/nowhere/"]
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport=PHONE, bypass_csp=True)  # axe is a script
        page = context.new_page()
        page.goto(f"{live_server.url}/login/")
        page.get_by_role("button", name="Logga in").click()  # with errors
        check_page(page, scheme)
        log_in(page, live_server.url, "handler")
        for path in pages:
            page.goto(live_server.url + path)
            check_page(page, scheme)
        page.set_viewport_size(DESK)
        check_page(page, scheme)


def check_page(page: Page, scheme: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url} {scheme}:\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} is too wide"

"""The pages in a real browser: the way from the log-in to a why-not, the look, and the accessibility of every page."""

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from django.db import connections
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from backend.benchmarks.addresses import address
from backend.kernel.models import Role, User
from payouts.services import cancel_run, compute_run, queue_run
from tests.access import ALLOWED, ANONYMOUS
from tests.pages_town import PASSWORD, PagesTown, make_pages_town, make_people

pytestmark = pytest.mark.needs("chromium")

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
# Each theme and each language, each width: a fault of one of them is seen in one of the two passes.
PASSES = [("light", "sv", PHONE), ("dark", "en", DESK)]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        connections.close_all()  # beside playwright's loop a test has connections of its own


@pytest.fixture
def town(transactional_db: None) -> PagesTown:
    make_people()
    return make_pages_town()


def log_in(page: Page, base: str, name: str) -> None:
    page.goto(base)
    page.get_by_label("Användarnamn").fill(name)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vad som väntar på dig")


def test_from_the_log_in_to_a_why_not(town: PagesTown, live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page(base_url=live_server.url, viewport=DESK)
    log_in(page, live_server.url, "examiner")
    page.get_by_role("link", name="Körningar", exact=True).click()
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
    page.locator(".person summary").click()
    page.get_by_role("button", name="English").click()
    expect(step).to_contain_text("Not passed")
    page.locator(".person summary").click()
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


def test_a_run_shows_that_it_is_going_on_until_it_is_computed(
    town: PagesTown, live_server: LiveServer, browser: Browser
) -> None:
    cancel_run(run=town.second, reason="again", by=User.objects.get(username="ekonom"), now=now())
    run = queue_run(cutoff=town.second.cutoff, by=User.objects.get(username="ekonom"), now=now())
    page = browser.new_page(viewport=DESK)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    log_in(page, live_server.url, "examiner")
    page.goto(f"{live_server.url}/runs/{run.sequence}/")
    expect(page.get_by_role("progressbar")).to_be_visible()
    compute_run(run.pk, now=now())
    expect(page.locator(".title .label")).to_have_text("beräknad, ska attesteras")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert complaints == []


def test_light_or_dark_is_remembered(town: PagesTown, live_server: LiveServer, browser: Browser) -> None:
    page = browser.new_page(viewport=DESK, color_scheme="light")
    page.goto(f"{live_server.url}/login/")
    light = background(page)
    page.locator(".person summary").click()
    page.get_by_role("button", name="Mörkt").click()
    dark = background(page)
    assert dark != light
    page.goto(f"{live_server.url}/accessibility/")
    assert background(page) == dark
    page.locator(".person summary").click()
    page.get_by_role("button", name="Ljust eller mörkt som systemet").click()
    assert background(page) == light


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_no_page_has_an_accessibility_fault_or_needs_sideways_scrolling(
    town: PagesTown, live_server: LiveServer, browser: Browser, settings: Settings
) -> None:
    settings.DEMONSTRATION = True  # else there is no page of components
    for scheme, language, size in PASSES:
        contexts: dict[str, BrowserContext] = {}
        for name, allowed in ALLOWED.items():
            if not allowed or name == "health":
                continue
            role = next((role for role in (*Role, ANONYMOUS) if role in allowed), ANONYMOUS)
            if role not in contexts:
                contexts[role] = browser.new_context(color_scheme=scheme, viewport=size, bypass_csp=True)  # type: ignore[arg-type]  # axe is a script
                contexts[role].add_cookies(cookies(role, language, live_server.url))  # type: ignore[arg-type]
            page = contexts[role].new_page()
            page.goto(live_server.url + address(name))
            check_page(page, f"{name}, {scheme}")
            page.close()
        page = next(iter(contexts.values())).new_page()
        for path in ("/nowhere/", "/runs/2/?step=0", "/search/?q=S-", "/login/?next=/runs/"):
            page.goto(live_server.url + path)
            check_page(page, f"{path}, {scheme}")


def cookies(role: str, language: str, base: str) -> list[dict[str, str]]:
    """Those of somebody with a role who is logged in and has chosen a language."""
    client = Client()
    if role != ANONYMOUS:
        client.force_login(User.objects.get(username=role))
    values = {name: morsel.value for name, morsel in client.cookies.items()}
    return [
        {"name": name, "value": value, "url": base}
        for name, value in (values | {site.LANGUAGE_COOKIE_NAME: language}).items()
    ]


def check_page(page: Page, what: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url} {what}:\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} {what} is too wide"


def test_nothing_on_the_components_page_breaks_the_policy(
    town: PagesTown, live_server: LiveServer, browser: Browser, settings: Settings
) -> None:
    """Charts, menus and forms work under the strict policy: Chromium has nothing to complain about."""
    settings.DEMONSTRATION = True
    context = browser.new_context(viewport=DESK)
    context.add_cookies(cookies(Role.EXAMINER, "sv", live_server.url))  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(live_server.url + address("components"))
    expect(page.locator(".chart svg")).to_be_visible()
    assert complaints == []

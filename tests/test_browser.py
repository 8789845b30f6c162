"""The pages in a real browser: the way from the log-in to a why-not, and accessibility in light and dark."""

import os
import shutil
from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from backend.benchmarks.addresses import pages
from backend.kernel.models import Role, User
from outcomes.services import report_facts
from tests.pages_town import PASSWORD, PagesTown, make_pages_town, make_people
from tests.town import milestone

pytestmark = pytest.mark.needs("chromium")

ANONYMOUS = "anonymous"
# Pages of a handler that are no `Page`, or with something wrong.
OTHERS = [
    "/account/second-factor/", "/account/second-factor/totp/activate/", "/account/reauthenticate/",
    "/account/password/", "/account/sessions/", "/account/second-factor/webauthn/",
    "/runs/2/?step=0", "/search/?q=S-", "/nowhere/", "/audit/",
]  # fmt: skip
OPEN = [
    "/register/",
    "/login/",
    "/login/?next=/runs/",
    "/accessibility/",
    "/account/new-password/x/y/",
    "/account/inactive/",
]
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
WHOLE: dict[str, object] = {"rules": {"target-size": {"enabled": True}}}  # WCAG 2.2 AA, too
COLOURS: dict[str, object] = {"runOnly": ["color-contrast", "html-lang-valid", "document-title", "link-in-text-block"]}
# Each theme, each language and each width is in one of the passes; what a page is built of need be tested only once.
PASSES = [
    ("light", "sv", PHONE, WHOLE),
    ("dark", "en", DESK, COLOURS),
]


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


def fill_log_in(page: Page, base: str, name: str) -> None:
    page.goto(base)
    page.get_by_label("Användarnamn").fill(name)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()


def log_in(page: Page, base: str, name: str) -> None:
    fill_log_in(page, base, name)
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


def test_a_verified_fact_is_checked_again_by_keyboard(
    town: PagesTown, live_server: LiveServer, browser: Browser
) -> None:
    page = browser.new_page(viewport=PHONE)
    log_in(page, live_server.url, "handler")
    page.get_by_role("link", name="verifierade uppgifter ska kontrolleras på nytt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera en verifierad uppgift")
    page.get_by_label("rätt", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Resultatet är sparat.")).to_be_visible()
    expect(page.get_by_text("helt kontrollerat")).to_be_visible()


def test_a_security_key_is_set_up_and_then_opens_the_account(
    town: PagesTown, live_server: LiveServer, browser: Browser, settings: Settings
) -> None:
    settings.STAFF_MFA = True
    context = browser.new_context(viewport=DESK, locale="sv")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key | {"hasUserVerification": True}})
    fill_log_in(page, live_server.url, "handler")
    page.goto(f"{live_server.url}/runs/")
    expect(page).to_have_url(f"{live_server.url}/account/second-factor/")  # before anything else
    page.goto(f"{live_server.url}/account/second-factor/webauthn/add/")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Bekräfta").click()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/**")
    context.clear_cookies()
    fill_log_in(page, live_server.url, "handler")
    page.locator("#mfa_webauthn_authenticate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Det som väntar på dig")


def test_the_queue_is_worked_with_keys(town: PagesTown, live_server: LiveServer, browser: Browser) -> None:
    """j and k walk, Enter opens, r and m lead to their fields, v verifies; none of them while somebody types."""
    visit = milestone("visit", "S-1", date(2025, 3, 13), "visit")
    reporter = User.objects.get(username="provider")
    report_facts(provider=town.placement.contract.provider, reports=[visit], by=reporter)
    page = browser.new_page(base_url=live_server.url, viewport=DESK)
    log_in(page, live_server.url, "handler")
    page.goto("/facts/waiting/?state=decide")
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(2)
    for key, row in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(rows.nth(row).get_by_role("link").first).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#ask_reason_code")).to_be_focused()
    page.locator("#ask_note").fill("vrm")
    expect(page.locator("#ask_note")).to_have_value("vrm")
    page.locator("main").focus()
    page.keyboard.press("r")
    expect(page.locator("#reject_reason_code")).to_be_focused()
    page.locator("main").focus()
    page.keyboard.press("j")
    page.wait_for_url("**/facts/*/?state=decide")
    page.keyboard.press("v")
    expect(page.get_by_role("status")).to_have_text("Uppgiften är verifierad. Det här är nästa.")
    page.goto("/facts/waiting/?state=decide")
    expect(rows).to_have_count(1)
    page.get_by_label("Använd tangenterna").uncheck()
    page.keyboard.press("j")
    expect(rows.first.get_by_role("link").first).not_to_be_focused()


def test_no_page_has_an_accessibility_fault_or_needs_sideways_scrolling(
    town: PagesTown, live_server: LiveServer, browser: Browser, settings: Settings
) -> None:
    """Every page of the site, as somebody who may open it; nor does any page break the content security policy."""
    settings.DEMONSTRATION = True  # with the page of components
    for scheme, language, size, rules in PASSES:
        complaints: list[str] = []
        tabs = {
            role: new_context(browser, live_server.url, role, scheme, language, size, complaints).new_page()
            for role in {address.role for address in pages()} | {ANONYMOUS}
        }
        places: list[tuple[str, str]] = [(address.role, address.path()) for address in pages()]
        places += [(Role.HANDLER, path) for path in OTHERS] + [(ANONYMOUS, path) for path in OPEN]
        for role, path in places:
            tabs[role].goto(live_server.url + path)
            check_page(tabs[role], f"{role} {scheme} {language}", rules)
        assert complaints == []


def new_context(
    browser: Browser, base: str, role: str, scheme: str, language: str, size: ViewportSize, complaints: list[str]
) -> BrowserContext:
    """Of somebody with a role who is logged in and has chosen a language; what the browser complains of is added."""
    client = Client()
    if role != ANONYMOUS:
        client.force_login(User.objects.get(username=role))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()} | {site.LANGUAGE_COOKIE_NAME: language}
    context = browser.new_context(color_scheme=scheme, viewport=size)  # type: ignore[arg-type]  # light or dark
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    context.on("console", lambda message: _note(message, complaints))
    return context


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error" and "Failed to load resource" not in message.text:  # pages that are to fail
        complaints.append(message.text)


def check_page(page: Page, what: str, rules: dict[str, object]) -> None:
    found = Axe().run(page, options=rules | {"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url} {what}:\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} {what} is too wide"

"""A real browser for the tests of the page: fixtures that a module takes over, and what all of them ask of a page."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from page_server import PageServer
from script_kit import loaded

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PATIENCE = 30_000
# How a browser tells on its console that a connection was lost, also in the middle of a file.
NETWORK = tuple(
    f"net::ERR_{name}" for name in ("CONNECTION", "CONTENT_LENGTH", "EMPTY", "INCOMPLETE", "INTERNET", "NETWORK")
)
# What the browser itself writes to the console when the server refuses a write, as it must in some of the tests.
REFUSED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once a module: the one without windows where there is one, which takes a third of the time.

    Where there is none on the PATH or in VM_TEST_CHROMIUM, the test is skipped.
    """
    with _started(loaded("scripts/check").find_chromium()) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole_browser() -> Iterator[Browser]:
    """Chromium as people have it, likewise."""
    check = loaded("scripts/check")
    with _started(check.find_chromium(windows=True) or check.find_chromium()) as opened:
        yield opened


@contextmanager
def _started(found: str) -> Iterator[Browser]:
    chromium = os.environ.get("VM_TEST_CHROMIUM") or found
    if not chromium:
        pytest.skip("No Chromium on PATH (chromium, chromium-browser or google-chrome): the page is not tested here.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    """A server that the module's tests share, with a profile in which a person decides (`reviewed`)."""
    started = PageServer(tmp_path_factory.mktemp("page"))
    started.start()
    yield started
    started.kill()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[PageServer]:
    """A server on an empty workspace."""
    started = PageServer(tmp_path)
    started.start()
    yield started
    started.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; any error on its console but a lost connection fails the test."""
    with watched_page(browser) as opened:
        yield opened


def ask_one_by_one(page: Page) -> None:
    """Nothing is answered ahead: what a test answers in the server's place is asked for."""
    page.route("**/api/v2/first-look*", lambda route: route.fulfill(json={"answers": {}}))


@pytest.fixture
def refused(browser: Browser) -> Iterator[Page]:
    """A page on which the server may say no."""
    with watched_page(browser, refusals=True) as opened:
        yield opened


@contextmanager
def watched_page(
    browser: Browser,
    *,
    refusals: bool = False,
    **context: Any,  # noqa: ANN401 - whatever a browser context takes
) -> Iterator[Page]:
    """A page, in English unless `context` says otherwise; what is wrong on its console fails the test.

    A connection may be lost; where `refusals` are expected, the server may say no.
    """
    options = {
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "locale": "en-GB",
        "timezone_id": "UTC",
        **context,
    }
    opened = browser.new_context(**options)
    page = opened.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    opened.close()
    allowed = (*NETWORK, *([REFUSED] if refusals else []))
    wrong = [error for error in errors if not any(word in error for word in allowed)]
    assert not wrong, wrong


def send(page: Page, text: str) -> None:
    """Ask for a new version."""
    page.locator("#workflow-request-input").fill(text)
    page.get_by_role("button", name="Ask for version").click()


def open_from_palette(page: Page, verb: str) -> None:
    """Choose what the palette calls so; a dialog opens."""
    expect(page.locator("#thread-title")).to_be_visible()
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill(verb)
    expect(page.locator("#palette-0")).to_contain_text(verb)
    page.keyboard.press("Enter")
    expect(page.locator("dialog.card.form")).to_be_visible()


def versions(page: Page, status: str) -> Locator:
    """The rows of the list of versions that have the status."""
    return page.locator(f"#workflow-runs-list [data-run-id][data-status={status}]")


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Waits for what no element shows, asking after each of the page's frames.

    The page cannot be left to ask by itself, as `wait_for_function` would have it: its policy admits no `eval`.
    """
    patience = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < patience, "It did not come to hold."
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")


def until_all_came(page: Page) -> None:
    """Waits for what comes behind the first deliverable, so that it is there when the server is not."""
    last = ("unreadable", "request_options", "comparison", "sides", "welcome")
    asked = "performance.getEntriesByType('resource').map((one) => one.name).join()"
    until(page, lambda: all(f"/{name}.js" in page.evaluate(asked) for name in last))


def violations(page: Page) -> list[str]:
    """What axe finds, with the contrasts of both themes: the other one is put on for them, for nothing else differs.

    With a dialog open it looks at that alone, for the page behind it is as it was without. Axe is evaluated rather than
    loaded, for the page's policy admits no foreign script.
    """
    found = violations_in_this_theme(page)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if dark else "dark")
    page.evaluate("document.getAnimations().forEach((one) => one instanceof CSSTransition && one.finish())")
    found += _asked(page, "runOnly: ['color-contrast'],")
    page.emulate_media(color_scheme="dark" if dark else "light")
    return found


def violations_in_this_theme(page: Page) -> list[str]:
    """What axe finds as it is, for tests that run in either theme."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return _asked(page, "")


def _asked(page: Page, rules: str) -> list[str]:
    place = "document.querySelector('dialog[open]') ?? document"
    found = page.evaluate(f"axe.run({place}, {{ {rules} preload: false, resultTypes: ['violations'] }})")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def assert_sound(page: Page, width: int) -> None:
    """Axe finds nothing, and nothing sticks out sideways."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"

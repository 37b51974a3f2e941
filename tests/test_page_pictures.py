"""Pictures of the page's main states, in both themes, for docs/design.md and the README.

They are taken by each run of the tests, so that a state that cannot be reached any more is noticed; they are kept in
docs/images only where VM_PICTURES=on asks for it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import browser, send, versions, violations_in_this_theme, watched_page
from page_server import PageServer
from test_llm_runs import answers, answers_whatever_is_asked

from chat_server import ChatServer, Exchange, refuses, says
from halting_writer import HaltingWriter
from llm_works import REQUEST

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["browser"]

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
FIELDS: Final = {
    "Your brand": "Acme",
    "Project": "Oat-milk ice cream",
    "Thread (a piece of work)": "Launch in Lisbon",
    "What do you need?": REQUEST,
}
STATES: Final = (
    "first",
    "writing",
    "retrying",
    "deliverable",
    "calendar",
    "comparing",
    "palette",
    "waiting",
    "inbox",
    "failed",
    "lost",
    "phone",
)


@pytest.fixture
def modelled(tmp_path: Path, chat: ChatServer) -> Iterator[PageServer]:
    """A server with a model that writes as the test says, and a profile in which a person decides."""
    chat.otherwise = answers_whatever_is_asked
    settings = {"VM_LLM": "openai:gpt-5.2", "VM_LLM_BASE_URL": chat.url, "VM_LLM_API_KEY": "sk-any"}
    server = PageServer(tmp_path, environment=settings)
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_states_can_be_shown(
    modelled: PageServer, chat: ChatServer, browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """From the empty workspace to a deliverable, by way of writing, waiting and failing; axe finds nothing in any."""
    folder = IMAGES if os.environ.get("VM_PICTURES") == "on" else tmp_path
    with watched_page(browser, refusals=True, color_scheme=scheme) as page:

        def take(name: str) -> None:
            page.mouse.move(640, 20)
            assert violations_in_this_theme(page) == []
            page.screenshot(path=folder / f"{name}-{scheme}.png")

        page.goto(modelled.url)
        for label, text in FIELDS.items():
            page.get_by_label(label).fill(text)
        take("first")
        writer = HaltingWriter(2 / 3)
        chat.will(writer)
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".draft-text")).not_to_be_empty()
        take("writing")
        writer.go_on.set()
        expect(versions(page, "completed")).to_have_count(1)

        chat.will(refuses(503, headers={"Retry-After": "45"}))
        chat.otherwise = _another_answer
        send(page, "The same for families, with e-mail in place of TikTok.")
        expect(page.locator(".step[data-status=retrying]")).to_have_count(1)
        take("retrying")
        page.get_by_role("button", name="Try now").click()
        expect(versions(page, "completed")).to_have_count(2)
        expect(page.locator(".reader[data-status=ready]")).to_be_visible()
        take("deliverable")
        _take_views(page, take)

        chat.otherwise = _refuses_the_message
        _take_decision(page, take)
        page.goto(f"{modelled.url}/#/threads/t-elsewhere")
        expect(page.locator(".blank .drawing")).to_be_visible()
        take("lost")
        page.set_viewport_size({"width": 390, "height": 844})
        _open(page, modelled, "completed")
        page.reload()
        expect(page.locator(".reader[data-status=ready]")).to_be_visible()
        take("phone")
    for name in STATES:
        assert (folder / f"{name}-{scheme}.png").stat().st_size > 10_000


def _take_views(page: Page, take: Callable[[str], None]) -> None:
    """The finished version in other views: its calendar, beside the version before it, and under the palette."""
    page.get_by_role("link", name="Calendar", exact=True).click()
    page.locator(".forms a[data-name='calendar.ics']").click()
    page.get_by_role("button", name="Next month").click()
    page.get_by_role("button", name="Next month").click()
    take("calendar")
    page.get_by_role("link", name="Brief", exact=True).click()
    expect(page.locator(".reader .prose")).to_be_visible()
    page.locator("[data-action=compare]").click()
    expect(page.locator(".comparison[data-status=ready]")).to_be_visible()
    take("comparing")
    page.locator("[data-action=close]").click()
    expect(page.locator(".reader .prose")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.type("do")
    take("palette")
    page.keyboard.press("Escape")
    page.locator("#workflow-runs-list a").first.click()


def _take_decision(page: Page, take: Callable[[str], None]) -> None:
    """A version that waits for a person, the same in the inbox, and how it fails once it is approved."""
    page.locator("#workflow-request-input").focus()
    page.get_by_label("Kind of work").select_option("reviewed")
    send(page, "A small campaign for the tasting day, brief first.")
    expect(page.locator("vm-approval [data-action=approve]")).to_be_visible()
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("waiting")
    page.locator("vm-inbox-link a").click()
    expect(page.locator(".inbox-prose")).not_to_be_empty()
    take("inbox")
    page.go_back()
    page.locator("vm-approval [data-action=approve]").click()
    expect(versions(page, "failed")).to_have_count(1)
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("failed")


def _open(page: Page, server: PageServer, status: str) -> None:
    run = next(run for run in server.get("/api/v2/workflow-runs")["runs"] if run["status"] == status)
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator(".run-head")).to_have_attribute("data-run-id", run["run_id"])
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()


def _another_answer(exchange: Exchange) -> None:
    """What the model says when it is asked again: other words in some places, so that there is something to compare."""
    text = answers()[exchange.body["response_format"]["json_schema"]["name"]]
    for before, after in (
        ("TikTok", "E-mail"),
        ("parents with", "families with"),
        ("demand already waiting", "a waiting list"),
    ):
        text = text.replace(before, after)
    says(text)(exchange)


def _refuses_the_message(exchange: Exchange) -> None:
    kind = exchange.body["response_format"]["json_schema"]["name"]
    (refuses(401) if kind == "message" else answers_whatever_is_asked)(exchange)

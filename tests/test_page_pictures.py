"""Pictures of the page's main states, in both themes, for docs/design.md and the README.

They are taken by each run of the tests, so that a state that cannot be reached any more is noticed; they are kept in
docs/images only where VM_PICTURES=on asks for it.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from page_kit import PATIENCE, browser, send, versions, violations
from page_server import PageServer
from test_llm_runs import answers, answers_whatever_is_asked

from chat_server import ChatServer, Exchange, refuses

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["browser"]

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
REQUEST: Final = (
    "Plan the 90 days around the launch of our new spring range: audience and message, channels, a dated calendar, "
    "and the first texts for each channel. Keep it doable for a team of two."
)
STATES: Final = ("first", "writing", "retrying", "deliverable", "waiting", "failed", "phone")


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
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)

    def take(name: str) -> None:
        assert violations(page) == []
        page.screenshot(path=folder / f"{name}-{scheme}.png")

    page.goto(modelled.url)
    page.get_by_role("button", name="Launch plan").click()
    page.get_by_label("Your brand").fill("Mill & Crumb")
    take("first")
    release = threading.Event()
    chat.will(Halting(release))
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".draft-text")).not_to_be_empty()
    take("writing")
    release.set()
    expect(versions(page, "completed")).to_have_count(1)

    chat.will(refuses(503, headers={"Retry-After": "45"}))
    send(page, "The same with a smaller budget, and nothing on weekends.")
    expect(page.locator(".step[data-status=retrying]")).to_have_count(1)
    take("retrying")
    page.get_by_role("button", name="Try now").click()
    expect(versions(page, "completed")).to_have_count(2)
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("deliverable")

    chat.otherwise = _refuses_the_message
    page.locator("#workflow-request-input").focus()
    page.get_by_label("Kind of work").select_option("reviewed")
    send(page, "A small campaign for the open day, brief first.")
    expect(page.locator("vm-approval [data-action=approve]")).to_be_visible()
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("waiting")
    page.locator("vm-approval [data-action=approve]").click()
    expect(versions(page, "failed")).to_have_count(1)
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("failed")

    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, modelled, "completed")
    page.reload()
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    take("phone")
    context.close()
    for name in STATES:
        assert (folder / f"{name}-{scheme}.png").stat().st_size > 10_000


def _open(page: Page, server: PageServer, status: str) -> None:
    run = next(run for run in server.get("/api/v2/workflow-runs")["runs"] if run["status"] == status)
    page.goto(f"{server.url}/#/runs/{run['run_id']}")
    expect(page.locator(".run-head")).to_have_attribute("data-run-id", run["run_id"])
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()


class Halting:
    """Writes most of a brief, and the rest when it is let go."""

    def __init__(self, release: threading.Event) -> None:
        self.release = release

    def __call__(self, exchange: Exchange) -> None:
        """Reply to one request."""
        text = answers()["brief"]
        most = len(text) * 2 // 3
        exchange.begin(200, "text/event-stream")
        exchange.chunk(choices=[_delta(text[:most])])
        assert self.release.wait(60)
        exchange.chunk(choices=[_delta(text[most:])])
        exchange.chunk(choices=[_delta("", "stop")])
        exchange.chunk(choices=[], usage={"prompt_tokens": 900, "completion_tokens": 500, "total_tokens": 1400})
        exchange.send("data: [DONE]\n\n")


def _refuses_the_message(exchange: Exchange) -> None:
    kind = exchange.body["response_format"]["json_schema"]["name"]
    (refuses(401) if kind == "message" else answers_whatever_is_asked)(exchange)


def _delta(text: str, finish: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}

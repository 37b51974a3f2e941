"""The page when the wire goes silent: it notices, says so, and afterwards shows what happened meanwhile once.

The clock is the page's own and is driven by the test; the wire is a real one that stops carrying.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from page_kit import browser, page, send, versions
from page_server import PageServer
from sleeping_wire import SleepingWire

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
__all__ = ["browser", "page"]

A_WHILE = 24_000
# Before the connection's own end would tell.
SOON = 12_000
A_NIGHT = 8 * 60 * 60 * 1000


@pytest.fixture
def wire() -> Iterator[SleepingWire]:
    """A wire to nowhere yet."""
    with SleepingWire() as wire:
        yield wire


@pytest.fixture
def server(tmp_path: Path, wire: SleepingWire) -> Iterator[PageServer]:
    """A server that answers to the wire's address as well."""
    server = PageServer(tmp_path, environment={"VM_ALLOWED_HOSTS": f"127.0.0.1:{wire.port}"})
    server.start()
    wire.to(server.port)
    yield server
    server.kill()


def test_silence_is_noticed_and_what_was_missed_is_shown_once(
    server: PageServer, wire: SleepingWire, page: Page
) -> None:
    """A connection that nothing comes through is given up; the next one brings what happened, nothing twice."""
    thread_id = _open(server, wire, page)
    wire.sleep()
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said into the silence"})
    page.clock.fast_forward(A_WHILE)
    expect(page.locator("vm-live")).to_contain_text("Not live", timeout=SOON)
    wire.wake()
    _let_time_pass_until_live(page)

    expect(page.locator("vm-comments .note-text")).to_have_text(["Said into the silence"])
    assert _positions_of(server, thread_id) == _positions_on(page)


def test_a_laptop_that_slept_catches_up(server: PageServer, wire: SleepingWire, page: Page) -> None:
    """After a night the clock has jumped and the connections are dead; the work of the night is there."""
    thread_id = _open(server, wire, page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    wire.sleep()
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said in the night"})
    server.make_run(thread_id, "Made in the night")
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    page.clock.fast_forward(A_NIGHT)
    expect(page.locator("vm-live")).to_contain_text("Not live", timeout=SOON)
    wire.wake()
    _let_time_pass_until_live(page)

    _let_time_pass(page, until="#workflow-runs-list [data-run-id][data-status=completed]")
    expect(page.locator("vm-comments .note-text")).to_have_text(["Said in the night"])
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)
    assert _positions_of(server, thread_id) == _positions_on(page)


def test_a_request_into_the_silence_is_made_once(server: PageServer, wire: SleepingWire, page: Page) -> None:
    """What was sent while nothing came through is sent again by itself under its key: one version results."""
    thread_id = _open(server, wire, page)
    wire.sleep()
    send(page, "Asked into the silence")
    expect(page.locator("#workflow-request-input")).to_have_value("Asked into the silence")
    page.clock.fast_forward(A_WHILE)
    expect(page.locator("vm-live")).to_contain_text("Not live", timeout=SOON)
    wire.wake()
    _let_time_pass_until_live(page)

    _let_time_pass(page, until="#workflow-runs-list [data-run-id][data-status=completed]")
    expect(page.locator("#workflow-request-input")).to_have_value("")
    expect(versions(page, "completed")).to_have_count(1)
    assert len(server.get(f"/api/v2/threads/{thread_id}/workflow-runs")["runs"]) == 1


def _open(server: PageServer, wire: SleepingWire, page: Page) -> str:
    """Open a new thread through the wire, under a clock that can be driven; its id."""
    thread_id = server.make_thread()
    page.clock.install()
    page.goto(f"http://127.0.0.1:{wire.port}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    return thread_id


def _let_time_pass_until_live(page: Page) -> None:
    """Tries are far apart by the clock: time goes on until one of them succeeds."""
    _let_time_pass(page, until="vm-live [data-live=live]")


def _let_time_pass(page: Page, *, until: str) -> None:
    """Lets the page's clock go on, some seconds at a time, until there is such an element."""
    found = page.locator(until)
    for _ in range(60):
        if found.count():
            return
        page.clock.run_for(3_000)
    expect(found).not_to_have_count(0)


def _positions_on(page: Page) -> list[int]:
    """The positions of the timeline's events as the page has them, repeats included."""
    found = page.locator("vm-timeline [data-position]").evaluate_all("all => all.map((one) => +one.dataset.position)")
    return sorted(int(position) for position in found)


def _positions_of(server: PageServer, thread_id: str) -> list[int]:
    items = server.get(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    return sorted(item["global_position"] for item in items)

"""What keeps the page quick, as far as it is no time: what it asks for, what travels, that nothing moves or doubles.

How long it takes, bench/page.py measures.
"""

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from page_kit import browser, page
from page_server import PageServer

sys.path.append(str(Path(__file__).resolve().parent.parent / "bench"))

from store import Store
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.thread_messages import AddComment
from work_unit import make_threads, open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
__all__ = ["browser", "page"]

RUNS = 400
ROWS = 320
MOST_REQUESTS = 14
MOST_BYTES = 150 * 1024
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries()) window.shift += hadRecentInput ? 0 : value;
}).observe({ type: "layout-shift", buffered: true });
"""
MARKED = """() => new Promise((done) => {
  new PerformanceObserver((list) => list.getEntriesByName("vm-interactive").length && done())
    .observe({ type: "mark", buffered: true });
})"""
BEFORE = """() => {
  const [mark] = performance.getEntriesByName("vm-interactive");
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return all
    .filter((one) => one.startTime < mark.startTime && one.transferSize && !one.name.endsWith("/events"))
    .map(({ name, encodedBodySize }) => [name, encodedBodySize]);
}"""


@pytest.fixture(scope="module")
def long_thread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PageServer, str]]:
    """A server on a store of many runs, and in it a thread with many events that belong to no run."""
    root = tmp_path_factory.mktemp("many")
    store = Store(root)
    store.grow(RUNS)
    store.release()
    host = open_workspace(root)
    (thread_id,) = make_threads(host, 1)
    for number in range(ROWS - 1):
        comment = AddComment(thread_id=thread_id, comment_id=new_id("c"), text=f"Said {number}")
        host.commands.handle(comment, by=OWNER)
    host.close()
    server = PageServer(root)
    server.start()
    server.make_run(store.threads[0], "Launch the cold brew in Lisbon in March", mode="plan_90d")
    yield server, thread_id
    server.kill()


def test_the_first_deliverable_needs_little_and_nothing_moves(long_thread: tuple[PageServer, str], page: Page) -> None:
    """A first visit finds the newest deliverable by itself, with few requests and few bytes, and stands still."""
    server, _ = long_thread
    page.add_init_script(WATCH)
    page.goto(server.url)
    expect(page.locator(".reader[data-status=ready] .reader-body")).to_contain_text("Lisbon")
    _wait_for_mark(page)
    found: list[tuple[str, int]] = page.evaluate(BEFORE)
    asked = [name for name, _ in found if "/api/" in name]
    page.locator("#workflow-runs-list [data-run-id]").last.scroll_into_view_if_needed()

    assert len(found) <= MOST_REQUESTS, found
    assert [name.removeprefix(server.url) for name in asked] == ["/api/v2/first-look"]
    assert sum(size for _, size in found) - _text_within(server) < MOST_BYTES, found
    assert page.evaluate("window.shift") < 0.01


def test_a_link_to_one_version_stands_still_as_well(long_thread: tuple[PageServer, str], page: Page) -> None:
    """What the address names is read while the rest comes, and shown at once."""
    server, _ = long_thread
    run = server.get("/api/v2/workflow-runs?limit=1")["runs"][0]["run_id"]
    page.add_init_script(WATCH)
    page.goto(f"{server.url}/#/runs/{run}")
    expect(page.locator(".reader[data-status=ready] .reader-body")).to_contain_text("Lisbon")
    _wait_for_mark(page)

    assert page.evaluate("window.shift") < 0.01


def test_the_typeface_comes_behind_the_deliverable_and_stays(long_thread: tuple[PageServer, str], page: Page) -> None:
    """The first visit reads in the system's serif, the next one in the typeface of deliverables."""
    server, _ = long_thread
    page.goto(server.url)
    _wait_for_mark(page)
    first = page.evaluate(BEFORE)
    page.evaluate("document.fonts.load('1rem \"Source Serif 4\"').then(() => new Promise((done) => setTimeout(done)))")
    page.reload()
    expect(page.locator(".reader[data-status=ready] .prose")).to_have_css("font-family", re.compile("^.?Source Serif"))

    assert [name for name, _ in first if "source-serif" in name] == []


def test_a_long_timeline_comes_in_pages_and_every_row_is_reached(
    long_thread: tuple[PageServer, str], page: Page
) -> None:
    """Going on to its end brings in all rows, in order, each once; those out of sight cost no layout."""
    server, thread_id = long_thread
    page.add_init_script("localStorage.setItem('vm-details', 'on')")
    page.goto(f"{server.url}/#/threads/{thread_id}")
    rows = page.locator("vm-timeline .timeline > li")
    page.locator("vm-timeline > details > summary").click()
    while rows.count() < ROWS:
        page.locator(".beside").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    expect(page.locator("vm-timeline .timeline > li:empty")).to_have_count(0)
    positions = rows.locator("[data-position]").evaluate_all("all => all.map((one) => +one.dataset.position)")

    assert len(positions) == len(set(positions)) == ROWS
    assert positions == sorted(positions, reverse=True)
    assert rows.last.evaluate("one => getComputedStyle(one.parentElement).contentVisibility") == "auto"
    rows.last.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(rows.last.locator("pre")).to_contain_text("ThreadCreated")


def test_what_was_answered_ahead_is_taken_once_and_not_for_long(
    long_thread: tuple[PageServer, str], page: Page
) -> None:
    """Then, and where there was no answer, it is asked for by itself."""
    server, _ = long_thread
    page.goto(server.url)
    _wait_for_mark(page)
    found = page.evaluate(
        """async () => {
            const { FirstLook } = await import("/web/lib/first_look.js");
            const answers = { "/one": 1, "/two": 2, "/three": 3 };
            const answer = { said: { answers }, headers: new Headers({ date: "now" }) };
            const told = [];
            const look = new FirstLook(Promise.resolve(answer), (headers) => told.push(headers.get("date")));
            const taken = [await look.take("/one"), await look.take("/one")];
            const now = Date.now;
            Date.now = () => now() + 20_000;
            taken.push(await look.take("/two"));
            Date.now = now;
            look.forget();
            taken.push(await look.take("/three"));
            for (const none of [Promise.resolve(null), undefined, Promise.resolve(false)])
                taken.push(await new FirstLook(none, () => told.push("never")).take("/one"));
            return [taken.map((one) => one ?? null), told];
        }"""
    )
    assert found == [[1, None, None, None, None, None, None], ["now"]]


def _text_within(server: PageServer) -> int:
    """What the deliverable itself takes of the first look, as it travels."""
    answers = server.get("/api/v2/first-look")["answers"]
    (text,) = [answer for answer in answers.values() if isinstance(answer, str)]
    return len(gzip.compress(text.encode(), 5))


def _wait_for_mark(page: Page) -> None:
    """Until the page says that it can be used."""
    page.evaluate(MARKED)

"""The page in a real Chromium: from the navigation until it can be used, and a long timeline while it is scrolled.

Usable is what the page marks as `vm-interactive`: behind the first frame that shows the newest deliverable's text, in
a task of its own, so that what a person presses is answered. A first visit has an empty cache; the next one, in the
same browser, has what the first one kept. The browser is open, with an empty page before; where it is not, the start of
its process for the page is waited for as well. A page of one line, fetched by the same browser from the same server in
the same round, says what machine and browser take for anything at all: compare with that, not with another hour.
"""

import gzip
import json
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.request import urlopen

from child import serving
from rounds import interleave, percentile
from store import Store
from table import Row
from vm_webapp.commands import OWNER, new_id
from vm_webapp.domain.thread_messages import AddComment
from work_unit import make_threads, open_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS: Final = 60_000
_SETTLES_MS: Final = 700
_USABLE_BY_MS: Final = 2_000
_AIM_MS: Final = 300
_AIM_KIB: Final = 150
_LONG_TASK_MS: Final = 50
_STEP_PX: Final = 400
_VISIT: Final = """() => {
  const [mark] = performance.getEntriesByName("vm-interactive");
  if (!mark) return null;
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const asked = all.filter((one) => one.transferSize && !one.name.endsWith("/events"));
  const before = asked.filter((one) => one.startTime < mark.startTime);
  const bytes = before.reduce((sum, one) => sum + one.encodedBodySize, 0);
  return { usable: mark.startTime, requests: before.length, bytes, shift: window.shift };
}"""
_WATCH: Final = """
window.shift = 0;
window.tasks = [];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value } of list.getEntries()) window.shift += hadRecentInput ? 0 : value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: "longtask", buffered: true });
"""
_TO_THE_END: Final = """async (rows) => {
  const list = document.querySelector(".beside");
  const count = () => document.querySelectorAll("vm-timeline .timeline > li").length;
  while (count() < rows) {
    list.scrollTop = list.scrollHeight;
    await new Promise((done) => setTimeout(done, 20));
  }
  return count();
}"""
_SCROLL: Final = """(step) => new Promise((done) => {
  const list = document.querySelector(".beside");
  const frames = [];
  list.scrollTop = 0;
  let before = null;
  const frame = (at) => {
    if (before !== null) frames.push(at - before);
    before = at;
    list.scrollTop += step;
    if (list.scrollTop + list.clientHeight < list.scrollHeight - 1) requestAnimationFrame(frame);
    else done(frames);
  };
  requestAnimationFrame(frame);
})"""


def measure(*, store: Store, runs: int, visits: int, rows: int) -> list[Row]:
    """The rows of the page; without Chromium and playwright one that says so."""
    with _chromium() as browser:
        if browser is None:
            return [Row("the page", (), note="not measured: no Chromium, or no playwright")]
        store.grow(runs)
        long_thread = _make_long_thread(store, rows)
        command = [sys.executable, "-m", "vm_webapp", "serve", "--port", "0", "--workspace", str(store.root)]
        with serving(command) as (host, port):
            _make_deliverable(host, port, store)
            url = f"http://{host}:{port}"
            return [*_visits(browser, url, visits, len(store.runs)), *_scrolling(browser, url, long_thread, rows)]


def _visits(browser: "Browser", url: str, visits: int, runs: int) -> list[Row]:
    kept = browser.new_context()
    _visit(kept, url)
    parts = {
        "line": lambda: _line(browser, url),
        "first": lambda: _first(browser, url),
        "cold": lambda: _first(browser, url, settles=0),
        "next": lambda: _visit(kept, url),
    }
    interleave(parts, 1)
    found = interleave(parts, visits)
    kept.close()
    line = [one["usable"] for one in found["line"]]
    rows = [Row("a page of one line, nothing kept", line, unit="ms")]
    names = {"first": "first visit, nothing kept", "cold": "the same, its process started", "next": "next visit"}
    for name, said in names.items():
        times = [one["usable"] for one in found[name]]
        row = f"{said}, to usable, {runs:,} runs"
        held = percentile(times, 50) < _AIM_MS
        rows.append(Row(row, times, unit="ms", target=f"below {_AIM_MS} ms", held=held))
    first = found["first"]
    text = _text_within(url)
    kib = [(one["bytes"] - text) / 1024 for one in first]
    rows += [
        Row("first visit, requests until then", [one["requests"] for one in first]),
        Row("first visit, received until then, without the deliverable itself", kib, unit="KiB",
            target=f"below {_AIM_KIB} KiB", held=max(kib) < _AIM_KIB),
        Row("first visit, layout shift", [one["shift"] for one in first], target="0"),
    ]  # fmt: skip
    return rows


def _text_within(url: str) -> int:
    """What the deliverable itself takes of the first look, as it travels: bytes."""
    with urlopen(f"{url}/api/v2/first-look") as answer:  # noqa: S310 - a server of our own
        answers = json.load(answer)["answers"]
    (text,) = [one for one in answers.values() if isinstance(one, str)]
    return len(gzip.compress(text.encode(), 5))


def _first(browser: "Browser", url: str, *, settles: int = _SETTLES_MS) -> dict[str, float]:
    context = browser.new_context()
    try:
        return _visit(context, url, settles=settles)
    finally:
        context.close()


def _line(browser: "Browser", url: str) -> dict[str, float]:
    """Until a page of one line is loaded: the icon."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.wait_for_timeout(_SETTLES_MS)
        page.goto(f"{url}/web/icon.svg")
        took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        return {"usable": float(took)}
    finally:
        context.close()


def _visit(context: "BrowserContext", url: str, *, settles: int = _SETTLES_MS) -> dict[str, float]:
    """Nothing is asked of the page before it can be used: questions would be answered by the same processor."""
    page = context.new_page()
    try:
        page.add_init_script(_WATCH)
        page.wait_for_timeout(settles)
        page.goto(url)
        page.wait_for_timeout(_USABLE_BY_MS)
        return dict(_until(page, _VISIT))
    finally:
        page.close()


def _scrolling(browser: "Browser", url: str, thread_id: str, rows: int) -> list[Row]:
    """All rows are brought in as a reader would, by going on to the end; then it is scrolled from top to bottom."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(f"{url}/#/threads/{thread_id}")
    page.locator("vm-timeline > details > summary").click(timeout=_PATIENCE_MS)
    count = page.evaluate(_TO_THE_END, rows)
    filled = "document.querySelector('vm-timeline .timeline > li:empty') ? null : true"
    _until(page, filled)
    loading = page.evaluate("window.tasks")
    page.evaluate("window.tasks = []")
    browser.start_tracing(page=page, categories=["toplevel"])
    frames = page.evaluate(_SCROLL, _STEP_PX)
    busy = _processor_times(browser.stop_tracing())
    scrolling = page.evaluate("window.tasks")
    context.close()
    longest = max(busy, default=0.0)
    said = f"{count:,} rows of a timeline"
    return [
        Row(f"{said}, while they come: longest task", [max(loading, default=0.0)], unit="ms"),
        Row(f"{said}, scrolled: tasks over {_LONG_TASK_MS} ms", [len(scrolling)]),
        Row(
            f"{said}, scrolled: longest task, its processor time",
            [longest],
            unit="ms",
            target=f"below {_LONG_TASK_MS} ms",
            held=longest < _LONG_TASK_MS,
        ),
        Row(f"{said}, scrolled: frames, p50", [percentile(frames, 50)], unit="ms"),
        Row(f"{said}, scrolled: frames, p99", [percentile(frames, 99)], unit="ms"),
    ]


def _processor_times(trace: bytes) -> list[float]:
    """What each task of the page's main thread took of a processor, whoever else wanted it: milliseconds."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [event["tdur"] / 1000 for event in events if "tdur" in event and (event["pid"], event["tid"]) in mains]


def _until(page: "Page", question: str) -> Any:  # noqa: ANN401 - whatever the page answers
    """Ask until there is an answer; the page's policy allows no polling of the browser's own."""
    while (answer := page.evaluate(question)) is None:
        page.wait_for_timeout(50)
    return answer


def _make_long_thread(store: Store, rows: int) -> str:
    """A thread with so many events, none of which belongs to a run: each is a row."""
    store.release()
    host = open_workspace(store.root)
    try:
        (thread_id,) = make_threads(host, 1)
        for number in range(1, rows):
            text = f"Row {number}: the second poster needs the tram line in its corner."
            comment = AddComment(thread_id=thread_id, comment_id=new_id("c"), text=text)
            host.commands.handle(comment, by=OWNER)
    finally:
        host.close()
    return thread_id


def _make_deliverable(host: str, port: int, store: Store) -> None:
    """A whole plan, the newest work of all, in the busiest thread: what the page opens by itself."""
    connection = HTTPConnection(host, port)
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    body = {"request_text": "Launch our cold brew in Lisbon in March, with Instagram, e-mail and a tasting event"}
    connection.request("POST", f"/api/v2/threads/{store.threads[0]}/workflow-runs", json.dumps(body), headers)
    answer = connection.getresponse()
    run = json.loads(answer.read())
    connection.close()
    if run.get("status") != "completed":
        msg = f"the run is {run}"
        raise RuntimeError(msg)
    store.note_request(store.threads[0])


@contextmanager
def _chromium() -> Iterator["Browser | None"]:
    found = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if found is None or find_spec("playwright") is None:
        yield None
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only a developer has it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()

"""Hostile texts: whatever people, models and files say, nothing is executed, and nothing is loaded from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import xss_corpus
from page_kit import PATIENCE, browser, until
from page_library import Library
from page_server import PageServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["browser"]

FILES = {
    "hostile.md": xss_corpus.markdown(),
    "hostile.csv": xss_corpus.csv(),
    "hostile.ics": xss_corpus.ics(),
    "calendar.json": xss_corpus.calendar_json(),
    "tree.json": xss_corpus.tree_json(),
    "hostile.svg": xss_corpus.svg(),
    "hostile.txt": xss_corpus.markdown(),
    "x' onerror=window.hacked=1 '.md": "# A hostile name\n",
}
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    window.violations.push(`${violatedDirective} ${blockedURI}`);
});
window.alert = window.confirm = window.prompt = () => { window.hacked = "dialog"; };
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A workspace full of hostile texts."""

    server: PageServer
    thread_id: str
    run_ids: list[str]


@dataclass(slots=True, kw_only=True)
class Watched:
    """A page of which everything that must not happen is written down."""

    page: Page
    origin: str
    requested: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def harm(self) -> list[Any]:
        """What happened that must not."""
        elsewhere = [url for url in self.requested if not url.startswith((self.origin, "blob:", "data:"))]
        found: list[Any] = self.page.evaluate("[...window.violations, window.hacked ?? null].filter(Boolean)")
        added = self.page.evaluate(
            "document.querySelectorAll('main :is(script, iframe, object, embed, style, base, meta, link)').length"
        )
        return [*elsewhere, *found, *self.errors, *(["foreign elements"] if added else [])]


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    root = tmp_path_factory.mktemp("hostile")
    with Library(root) as library:
        name, script, template = xss_corpus.NAMES
        thread_id = library.thread(script, name=name)
        runs = [
            library.version(thread_id, FILES, request=name + template),
            library.version(thread_id, {**FILES, "hostile.md": xss_corpus.markdown()[::-1]}, request=script),
        ]
        gated = library.version(thread_id, {"note.md": xss_corpus.markdown()}, request=script, mode="gated")
        said = xss_corpus.markdown().replace("\x01", "")[:5000]
        for text in (*xss_corpus.NAMES, said):
            library.api.make(f"/api/v2/threads/{thread_id}/comments", {"text": text, "run_id": runs[0]})
            library.api.make(f"/api/v2/threads/{thread_id}/tasks", {"title": " ".join(text.split())[:150]})
    server = PageServer(root)
    server.start()
    yield Trap(server=server, thread_id=thread_id, run_ids=[*runs, gated])
    server.kill()


@pytest.fixture
def watched(browser: Browser, trap: Trap) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.add_init_script(WATCH)
    watching = Watched(page=page, origin=trap.server.url)
    page.on("request", lambda request: watching.requested.append(request.url))
    page.on("pageerror", lambda error: watching.errors.append(str(error)))
    page.on("console", lambda message: watching.errors.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: watching.errors.append(dialog.message))
    yield watching
    context.close()


@pytest.mark.parametrize("name", FILES)
def test_files_never_execute(trap: Trap, watched: Watched, name: str) -> None:
    """Every kind of file, formatted and as its source, with everything in it opened, pressed and focused."""
    page = watched.page
    path = name.replace(" ", "%20").replace("'", "%27")
    page.goto(f"{trap.server.url}/#/runs/{trap.run_ids[0]}/files/note/{path}")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    expect(page.locator("#reader-title")).to_have_text(name)
    page.locator("[data-action=origin]").click()
    press_everything(page)
    source = page.locator("[data-action=source]")
    if source.count():
        source.click()
        expect(page.locator(".reader-body pre.plain")).to_be_visible()

    assert watched.harm() == []


def test_comparing_never_executes(trap: Trap, watched: Watched) -> None:
    """Two hostile versions side by side, everything unfolded."""
    page = watched.page
    newer, older = trap.run_ids[1], trap.run_ids[0]
    for name in ("hostile.md", "tree.json", "hostile.csv"):
        page.goto(f"{trap.server.url}/#/runs/{newer}/compared-with/{older}/files/note/{name}")
        expect(page.locator(".comparison[data-status=ready]")).to_be_visible()
        expect(page.locator(".versus-file option:checked")).to_contain_text(name)

    assert watched.harm() == []


def test_names_comments_tasks_and_requests_never_execute(trap: Trap, watched: Watched) -> None:
    """Titles, requests, comments and tasks are text, in the thread, its timeline, the inbox and the search."""
    page = watched.page
    page.goto(f"{trap.server.url}/#/threads/{trap.thread_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(xss_corpus.NAMES[1])
    for closed in page.locator("main details:not([open]) > summary, aside details:not([open]) > summary").all():
        if closed.is_visible():
            closed.click()
    page.goto(f"{trap.server.url}/#/runs/{trap.run_ids[2]}")
    expect(page.locator(".reader[data-status=ready]")).to_be_visible()
    page.goto(f"{trap.server.url}/#/inbox")
    expect(page.locator("body[data-view=inbox]")).to_be_visible()
    trap.server.wait_for_index("window", 1)
    page.goto(f"{trap.server.url}/#/search/window/-/all")
    expect(page.locator(".result").first).to_be_visible()

    assert watched.harm() == []


def test_hostile_addresses_lead_nowhere(trap: Trap, watched: Watched) -> None:
    """What stands in the address is data too."""
    page = watched.page
    for hash_ in (
        "#/runs/<img src=x onerror=window.hacked=1>",
        f"#/runs/{trap.run_ids[0]}/files/note/%3Cimg%20src=x%20onerror=window.hacked=1%3E",
        f"#/runs/{trap.run_ids[0]}/compared-with/%22%3E%3Cscript%3E",
        "#javascript:window.hacked=1",
        "#/threads/%E0%A4%A",
    ):
        page.goto(f"{trap.server.url}/{hash_}")
        expect(page.locator("body:not([data-view=loading])")).to_be_visible()

    watched.errors = [error for error in watched.errors if "status of 4" not in error]
    assert watched.harm() == []


@pytest.mark.parametrize("markup", ["<img src=https://evil.example/x.png>", "<img src=x onerror=alert(1)>"])
def test_the_watch_sees_harm(trap: Trap, watched: Watched, markup: str) -> None:
    """The control: where a payload does get into the page, what it tries is seen."""
    page = watched.page
    page.goto(f"{trap.server.url}/#/inbox")
    expect(page.locator("body[data-view=inbox]")).to_be_visible()
    page.evaluate("markup => { document.querySelector('main').innerHTML = markup; }", markup)
    until(page, lambda: page.evaluate("window.violations.length > 0"))

    assert watched.harm() != []


def press_everything(page: Page) -> None:
    """Opens what folds, focuses what can be focused, and presses the links that lead to no web page or mail."""
    page.evaluate(
        """() => {
            for (const details of document.querySelectorAll(".reader-body details")) details.open = true;
            for (const element of document.querySelectorAll(".reader-body *")) {
                element.focus?.();
                element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
            }
            const others = ".reader-body a:not([href^=http], [href^=mailto])";
            for (const link of document.querySelectorAll(others)) link.click();
        }"""
    )
    links = page.locator(".reader-body a[href]").evaluate_all("all => all.map((link) => link.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}

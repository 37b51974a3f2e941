"""The page in a real browser, against the real server as a child process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PATIENCE = 30_000
# What the browser itself writes to the console while the server or the network is away.
# How a browser tells that a connection was lost, also in the middle of a file.
NETWORK = tuple(
    f"net::ERR_{name}" for name in ("CONNECTION", "CONTENT_LENGTH", "EMPTY", "INCOMPLETE", "INTERNET", "NETWORK")
)
HOSTILE = "<img src=x onerror=\"window.hacked='name'\"><script>window.hacked='script'</script>"
REVIEWED = """
title: Reviewed campaign
description: A person looks at the brief first.
version: 1
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: message, title: Message, kind: message, needs: [brief]}
"""
HOSTILE_MARKDOWN = """# Title <img src=x onerror="window.hacked=1">

<script>window.hacked = 2</script>
<a href="javascript:window.hacked=3">one</a> [two](javascript:window.hacked=4) [three](https://example.org)
![far](https://example.org/pixel.png)
<svg onload="window.hacked=5"><style>* { display: none }</style></svg>
<form action="https://example.org"><input name="attributes"></form>
<iframe srcdoc="<script>parent.hacked=6</script>"></iframe>
"""


class Server:
    """The program itself, on a port and a workspace that stay the same when it is killed and started again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            **os.environ,
            "VM_WORKSPACE_ROOT": str(self.root),
            "VM_DB_PATH": str(self.root / "workspace.sqlite3"),
        }
        command = [sys.executable, "-m", "vm_webapp", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.kill()
                pytest.fail("The server did not come up:\n" + (self.root / "server.log").read_text())
            time.sleep(0.05)

    def kill(self) -> None:
        """Power off: no signal handler, no farewell to open connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers to a read."""
        answer = httpx2.get(self.url + path, timeout=60)
        return dict(answer.raise_for_status().json())

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the server answers to a write, as another client than the page sends it."""
        answer = httpx2.post(self.url + path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}, timeout=60)
        return dict(answer.raise_for_status().json())

    def make_thread(self, title: str = "A piece of work", name: str = "A brand") -> str:
        """Make a brand and a project of that name, and in them a thread."""
        brand = self.post("/api/v2/brands", {"name": name})["brand_id"]
        project = self.post("/api/v2/projects", {"brand_id": brand, "name": name})["project_id"]
        thread = self.post("/api/v2/threads", {"brand_id": brand, "project_id": project, "title": title})
        return str(thread["thread_id"])

    def _answers(self) -> bool:
        try:
            return bool(self.get("/api/v1/health")["ok"])
        except (OSError, httpx2.TransportError):
            return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("No Chromium on PATH (chromium, chromium-browser or google-chrome): the page is not tested here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("page"))
    (server.root / "profiles").mkdir()
    (server.root / "profiles" / "reviewed.yaml").write_text(REVIEWED)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; any error on its console but a lost connection fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [error for error in errors if not any(word in error for word in NETWORK)] == []


def test_first_steps_lead_to_finished_work(fresh: Server, page: Page) -> None:
    """One form makes brand, project and thread and sends an example; the run then finishes by itself."""
    page.goto(fresh.url)
    page.get_by_role("button", name="Launch plan").click()
    page.get_by_label("Your brand").fill("Mill & Crumb")
    page.get_by_role("button", name="Start").click()

    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_attribute("data-status", "completed")
    expect(page.locator("vm-live")).to_have_text("Live")
    expect(page.locator(".step[data-status=completed]")).to_have_count(page.locator(".step").count())
    assert page.locator("#workflow-artifacts-list [data-stage-key]").count() == page.locator(".step").count() > 0


def test_brand_project_and_thread_are_made_and_changed_in_forms(server: Server, page: Page) -> None:
    """Brand, project and thread are made in their forms, and the thread is renamed, closed and reopened."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    page.get_by_role("button", name="New brand").click()
    page.get_by_label("Name").fill("Second brand")
    page.get_by_role("button", name="Create").click()
    page.locator("vm-pick").get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Autumn")
    page.get_by_label("Channels").fill("newsletter, market")
    page.get_by_label("Due").fill("2030-09-01")
    page.get_by_role("button", name="Create").click()
    page.locator("vm-pick").get_by_role("button", name="New thread in Autumn").click()
    page.get_by_label("What is this piece of work?").fill("The harvest")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The harvest")

    page.get_by_role("button", name="Rename").click()
    page.get_by_label("What is this piece of work?").fill("The late harvest")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The late harvest")
    page.get_by_role("button", name="Close thread").click()
    expect(page.get_by_role("button", name="Send request")).to_be_disabled()
    page.get_by_role("button", name="Reopen thread").click()
    expect(page.get_by_role("button", name="Send request")).to_be_enabled()


def test_second_request_makes_a_second_run_beside_the_first(server: Server, page: Page) -> None:
    """A second request leaves the first version as it is, both are listed, and each shows its own files."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    _send(page, "Plan the spring launch")
    expect(_cards(page, "completed")).to_have_count(1)
    first = page.locator("#workflow-runs-list [data-run-id]").get_attribute("data-run-id")
    _send(page, "Plan it again, smaller")

    expect(_cards(page, "completed")).to_have_count(2)
    expect(page.locator("#workflow-runs-list strong")).to_have_text(["Version 2", "Version 1"])
    expect(page.locator(".run-head")).to_contain_text("Plan it again, smaller")
    page.goto(f"{server.url}/#/runs/{first}")
    expect(page.locator(".run-head")).to_contain_text("Plan the spring launch")


def test_files_are_read_in_the_pane(server: Server, page: Page) -> None:
    """A click reads a file, the next one is a click away, and closing returns to where one was."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    _send(page, "Plan the spring launch")
    expect(_cards(page, "completed")).to_have_count(1)
    names = page.locator(".file-name").all_inner_texts()
    page.locator(".file-read").first.click()

    expect(page.locator("#reader-title")).to_have_text(names[0])
    expect(page.locator(".reader[data-status=ready] .reader-body")).not_to_be_empty()
    page.get_by_role("link", name=f"Next file: {names[1]}").click()
    expect(page.locator("#reader-title")).to_have_text(names[1])
    page.keyboard.press("Escape")
    expect(page.locator(".reader")).to_have_count(0)


def test_whole_version_and_single_files_can_be_downloaded(server: Server, page: Page) -> None:
    """The version's zip and a file's own link are downloads with the right names."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    _send(page, "Plan the spring launch")
    expect(_cards(page, "completed")).to_have_count(1)
    name = page.locator(".file-name").first.inner_text()

    with page.expect_download() as single:
        page.get_by_role("link", name=f"Download {name}", exact=True).first.click()
    with page.expect_download() as whole:
        page.get_by_role("link", name="Download all files").click()

    assert name == single.value.suggested_filename
    assert whole.value.suggested_filename.endswith(".zip")


def test_person_approves_or_rejects_a_stage(server: Server, page: Page) -> None:
    """A stage that waits says so; a yes lets the run go on, a no with its reason ends the version."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    page.get_by_label("Profile", exact=True).select_option(label="Reviewed campaign")
    _send(page, "Launch the new bread")
    page.get_by_role("button", name="Approve").click()
    expect(_cards(page, "completed")).to_have_count(1)

    _send(page, "Launch it again")
    page.get_by_text("Reject…").click()
    page.get_by_label("What is wrong with it?").fill("Too long for our readers")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(_cards(page, "failed")).to_have_count(1)
    expect(page.locator(".run-head")).to_contain_text("Too long for our readers")


def test_page_recovers_when_the_server_is_killed(fresh: Server, page: Page) -> None:
    """After a SIGKILL the page says that it is not live, comes back by itself, and misses and repeats nothing."""
    thread_id = fresh.make_thread()
    page.goto(f"{fresh.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    fresh.kill()
    expect(page.locator("vm-live")).to_contain_text("Not live: trying again…")
    page.locator("#workflow-request-input").fill("Typed while the server was away")
    fresh.start()
    expect(page.locator("vm-live")).to_have_text("Live")
    fresh.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said by somebody else"})
    page.get_by_role("button", name="Send request").click()

    expect(page.locator("vm-comments .note-text")).to_have_text("Said by somebody else")
    expect(_cards(page, "completed")).to_have_count(1)
    assert _positions_of(fresh, thread_id) == _positions_on(page)


def test_page_recovers_when_the_network_returns(server: Server, page: Page) -> None:
    """A page that lost the network says so at once and shows what it missed when the network is back."""
    thread_id = server.make_thread()
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    page.context.set_offline(offline=True)
    expect(page.locator("vm-live")).to_contain_text("Not live: trying again…")
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "Said meanwhile"})
    page.context.set_offline(offline=False)

    expect(page.locator("vm-live")).to_have_text("Live")
    expect(page.locator("vm-comments .note-text")).to_have_text("Said meanwhile")
    assert _positions_of(server, thread_id) == _positions_on(page)


def test_what_others_do_appears_by_itself(server: Server, page: Page) -> None:
    """A run, a comment and a task that another client made are on the page without a reload."""
    thread_id = server.make_thread()
    page.goto(f"{server.url}/#/threads/{thread_id}")
    expect(page.locator("vm-live")).to_have_text("Live")
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "From afar"})
    task = server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": "Call the printer"})
    server.post(f"/api/v2/threads/{thread_id}/workflow-runs", {"request_text": "Asked elsewhere"})

    expect(page.locator("vm-comments .note-text")).to_have_text("From afar")
    expect(_cards(page, "completed")).to_have_count(1)
    expect(page.get_by_label("Complete: Call the printer")).to_be_visible()
    server.post(f"/api/v2/tasks/{task['task_id']}/completion", {})
    expect(page.get_by_text("1 completed task")).to_be_visible()
    assert _positions_of(server, thread_id) == _positions_on(page)


def test_one_submission_keeps_its_key_when_the_network_fails(server: Server, page: Page) -> None:
    """When the answer to a request is lost, the page sends it again under the same key, and one version results."""
    page.goto(f"{server.url}/#/threads/{server.make_thread()}")
    expect(page.locator("vm-live")).to_have_text("Live")
    keys: list[str | None] = []

    def lose_first_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fetch()
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/workflow-runs", lose_first_answer)
    _send(page, "Only once, please")

    expect(page.locator("#workflow-request-input")).to_have_value("")
    expect(_cards(page, "completed")).to_have_count(1)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    page.reload()
    expect(page.locator("#workflow-runs-list [data-run-id]")).to_have_count(1)


def test_hostile_names_stay_text(server: Server, page: Page) -> None:
    """Markup in names, titles, requests, comments and tasks is shown, never executed."""
    thread_id = server.make_thread(title=HOSTILE, name=HOSTILE)
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": HOSTILE})
    server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": HOSTILE})
    page.goto(f"{server.url}/#/threads/{thread_id}")
    _send(page, HOSTILE)
    expect(_cards(page, "completed")).to_have_count(1)
    for file in page.locator(".file-read").all():
        file.click()
        expect(page.locator(".reader[data-status=ready], .reader[data-status=loading]")).to_be_visible()
    page.locator("vm-timeline summary").first.click()

    assert page.get_by_role("heading", level=1).inner_text() == HOSTILE
    assert page.evaluate("window.hacked ?? null") is None
    assert page.locator("img[src=x], main script, .reader script").count() == 0


def test_hostile_markdown_is_harmless(server: Server, page: Page) -> None:
    """Scripts, handlers, frames, forms, styles, script links and remote images do not survive the reader's Markdown."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(server.url)
    page.evaluate(
        """async (text) => {
            const { renderMarkdown } = await import("/web/lib/markdown.js");
            document.querySelector("main").append(renderMarkdown(text));
        }""",
        HOSTILE_MARKDOWN,
    )

    prose = page.locator(".prose")
    expect(prose.get_by_role("link")).to_have_count(1)
    assert prose.get_by_role("link").get_attribute("href") == "https://example.org"
    assert (
        prose.locator("img, script, svg, style, form, input, iframe, [onerror], [onload], [style], [id]").count() == 0
    )
    assert page.evaluate("window.hacked ?? null") is None
    assert [url for url in requested if not url.startswith(server.url)] == []


def test_event_parser_reads_any_cut_of_the_stream(server: Server, page: Page) -> None:
    """The parser gives the same events however the network cuts the text, comments and all."""
    page.goto(server.url)
    events = page.evaluate(
        """async () => {
            const { EventParser } = await import("/web/lib/sse.js");
            const text = ": hi\\r\\n\\r\\nid: 1\\nevent: A\\ndata: one\\ndata: two\\n\\n: ping\\n\\nid:2\\n"
                + "data:three\\n\\nid: 3\\ndata: cut";
            return Array.from({ length: text.length + 1 }, (_, at) => {
                const parser = new EventParser();
                return JSON.stringify([...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))]);
            });
        }"""
    )

    assert {json.dumps([{"id": "1", "event": "A", "data": "one\ntwo"}, {"id": "2", "data": "three"}])} == {
        json.dumps(json.loads(cut)) for cut in events
    }


def test_csv_is_read_with_quotes_and_separators(server: Server, page: Page) -> None:
    """Quoted commas, quotes and line breaks stay in their cell, and a semicolon separates where it is the custom."""
    page.goto(server.url)
    rows = page.evaluate(
        r"""async () => {
            const { parseCsv } = await import("/web/lib/csv.js");
            return [parseCsv('a,b\r\n"1,5","say ""hi""\nthere"\r\n'), parseCsv("a;b\n1,5;2")];
        }"""
    )

    assert rows == [[["a", "b"], ["1,5", 'say "hi"\nthere']], [["a", "b"], ["1,5", "2"]]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(server: Server, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    """No accessibility violation: thread, open timeline, form and reader, in both themes, wide and at 320 px."""
    thread_id = server.make_thread()
    server.post(f"/api/v2/threads/{thread_id}/comments", {"text": "A comment"})
    server.post(f"/api/v2/threads/{thread_id}/tasks", {"title": "A task"})
    for width in (1440, 320):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{server.url}/#/threads/{thread_id}")
        _send(page, "Plan the spring launch")
        expect(page.locator(".run-head")).to_have_attribute("data-status", "completed", timeout=PATIENCE)
        page.locator("vm-timeline summary").first.click()
        assert _axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Rename").click()
        assert _axe(page) == []
        page.keyboard.press("Escape")
        page.locator(".file-read").first.click()
        expect(page.locator(".reader[data-status=ready]")).to_be_visible()
        assert _axe(page) == []
        context.close()


def test_axe_finds_nothing_in_an_empty_workspace(fresh: Server, page: Page) -> None:
    """No accessibility violation on the first steps, which work by keyboard alone."""
    page.goto(fresh.url)
    expect(page.get_by_label("Your brand")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your brand")).to_be_focused()
    page.keyboard.type("Mill & Crumb")
    page.keyboard.press("Enter")

    expect(_cards(page, "completed")).to_have_count(1)


def _send(page: Page, text: str) -> None:
    page.locator("#workflow-request-input").fill(text)
    page.get_by_role("button", name="Send request").click()


def _cards(page: Page, status: str) -> Locator:
    return page.locator(f"#workflow-runs-list [data-run-id][data-status={status}]")


def _positions_on(page: Page) -> list[int]:
    """The positions of the timeline's events as the page has them, repeats included."""
    found = page.locator("vm-timeline [data-position]").evaluate_all("all => all.map((one) => +one.dataset.position)")
    return sorted(int(position) for position in found)


def _positions_of(server: Server, thread_id: str) -> list[int]:
    items = server.get(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"]
    return sorted(item["global_position"] for item in items)


def _axe(page: Page) -> list[str]:
    """The rules that are violated; evaluated rather than loaded, for the page's policy admits no foreign script."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { preload: false, resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"

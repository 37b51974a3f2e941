"""A real browser and the real server for the tests of the page: fixtures, and what they all ask."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PATIENCE = 30_000
# How a browser tells on its console that a connection was lost, also in the middle of a file.
NETWORK = tuple(
    f"net::ERR_{name}" for name in ("CONNECTION", "CONTENT_LENGTH", "EMPTY", "INCOMPLETE", "INTERNET", "NETWORK")
)
_PROGRAM = (sys.executable, "-m", "vm_webapp")


class PageServer:
    """The program itself, on a port and a workspace that stay the same when it is killed and started again."""

    def __init__(self, root: Path, settings: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.environment = {
            **os.environ,
            "VM_WORKSPACE_ROOT": str(root),
            "VM_DB_PATH": str(root / "workspace.sqlite3"),
            **(settings or {}),
        }
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [*_PROGRAM, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
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

    def command(self, *words: str) -> str:
        """What the command line says, on the same workspace."""
        done = subprocess.run([*_PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers to a read."""
        answer = httpx2.get(self.url + path, timeout=60)
        return dict(answer.raise_for_status().json())

    def post(self, path: str, body: dict[str, Any], *, prefer: str | None = None) -> dict[str, Any]:
        """What the server answers to a write, as another client than the page sends it."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **({"Prefer": prefer} if prefer else {})}
        answer = httpx2.post(self.url + path, json=body, headers=headers, timeout=60)
        return dict(answer.raise_for_status().json())

    def make_thread(self, title: str = "A piece of work", name: str = "A brand") -> str:
        """Make a brand and a project of that name, and in them a thread."""
        brand = self.post("/api/v2/brands", {"name": name})["brand_id"]
        project = self.post("/api/v2/projects", {"brand_id": brand, "name": name})["project_id"]
        thread = self.post("/api/v2/threads", {"brand_id": brand, "project_id": project, "title": title})
        return str(thread["thread_id"])

    def make_run(self, thread_id: str, text: str, *, mode: str = "single_campaign") -> dict[str, Any]:
        """Request a run and wait until it is settled or waits for a person."""
        return self.post(f"/api/v2/threads/{thread_id}/workflow-runs", {"request_text": text, "mode": mode})

    def _answers(self) -> bool:
        try:
            return httpx2.get(self.url + "/api/v1/health", timeout=5).status_code == 200
        except (OSError, httpx2.TransportError):
            return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, started once a module."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("No Chromium on PATH (chromium, chromium-browser or google-chrome): the page is not tested here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[PageServer]:
    """A server on an empty workspace."""
    server = PageServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, in English; any error on its console but a lost connection fails the test."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-GB", timezone_id="UTC"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [error for error in errors if not any(word in error for word in NETWORK)] == []


def send(page: Page, text: str) -> None:
    """Ask for a new version."""
    page.locator("#workflow-request-input").fill(text)
    page.get_by_role("button", name="Ask for version").click()


def versions(page: Page, status: str) -> Locator:
    """The rows of the list of versions that have the status."""
    return page.locator(f"#workflow-runs-list [data-run-id][data-status={status}]")


def violations(page: Page) -> list[str]:
    """What axe finds; evaluated rather than loaded, for the page's policy admits no foreign script."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { preload: false, resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"

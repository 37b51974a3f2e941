"""What browser tests share: the program itself as a child process, Chromium, a page that tolerates no error, axe."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

PATIENCE = int(os.environ.get("VM_TEST_PATIENCE", "30000"))
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# What the browser itself writes to the console when the server refuses a write, as it must in some of the tests.
REFUSED = "Failed to load resource: the server responded with a status of 4"


class PageServer:
    """The server on a workspace of its own, with a client that speaks to it as other programs do."""

    def __init__(
        self, root: Path, *, profiles: Mapping[str, str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.token: str | None = None
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        (root / "profiles").mkdir(parents=True, exist_ok=True)
        for mode, text in profiles.items():
            (root / "profiles" / f"{mode}.yaml").write_text(text)

    @property
    def environment(self) -> dict[str, str]:
        """What the program, and its command line, is told."""
        return {
            **os.environ,
            "VM_WORKSPACE_ROOT": str(self.root),
            "VM_DB_PATH": str(self.root / "workspace.sqlite3"),
            **self._environment,
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "vm_webapp", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                pytest.fail("The server did not come up:\n" + (self.root / "server.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers to a read."""
        answer = httpx2.get(self.url + path, headers=self._headers(), timeout=60)
        return dict(answer.raise_for_status().json())

    def post(self, path: str, body: dict[str, Any] | None = None, *, token: str | None = None) -> dict[str, Any]:
        """What the server answers to a write, as another client than the page sends it."""
        headers = {**self._headers(token), "Idempotency-Key": str(uuid.uuid4())}
        answer = httpx2.post(self.url + path, json=body or {}, headers=headers, timeout=60)
        return dict(answer.raise_for_status().json())

    def make_thread(self, title: str = "A piece of work", name: str = "A brand") -> dict[str, str]:
        """Make a brand and a project of that name, and in them a thread; their ids."""
        brand = self.post("/api/v2/brands", {"name": name})["brand_id"]
        project = self.post("/api/v2/projects", {"brand_id": brand, "name": name})["project_id"]
        thread = self.post("/api/v2/threads", {"brand_id": brand, "project_id": project, "title": title})
        return {"brand_id": brand, "project_id": project, "thread_id": thread["thread_id"]}

    def request(self, thread_id: str, text: str, mode: str = "plan_90d", *, token: str | None = None) -> dict[str, Any]:
        """Make a run and wait until it is settled or waits for a person."""
        body = {"request_text": text, "mode": mode}
        return self.post(f"/api/v2/threads/{thread_id}/workflow-runs", body, token=token)

    def runs(self, thread_id: str) -> list[dict[str, Any]]:
        """The thread's runs, newest first."""
        return list(self.get(f"/api/v2/threads/{thread_id}/workflow-runs")["runs"])

    def _headers(self, token: str | None = None) -> dict[str, str]:
        shown = token or self.token
        return {"Authorization": f"Bearer {shown}"} if shown else {}

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/api/v1/health", timeout=60).is_success
        except (OSError, httpx2.TransportError):
            return False


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; without one on PATH the test is skipped."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("No Chromium on PATH (chromium, chromium-browser or google-chrome): the page is not tested here.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def watched_page(
    browser: Browser,
    *,
    refusals: bool = False,
    **context: Any,  # noqa: ANN401 - whatever a browser context takes
) -> Iterator[Page]:
    """A page of its own; anything wrong on its console fails the test. `refusals`: the server may say no."""
    options = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **context}
    opened = browser.new_context(**options)
    page = opened.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(_told(message)) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    opened.close()
    wrong = [error for error in errors if not (refusals and error.startswith(REFUSED))]
    if wrong:
        pytest.fail("The page's console: " + "\n".join(wrong))


def axe_finds(page: Page) -> list[str]:
    """The rules that are violated; evaluated rather than loaded, for the page's policy admits no foreign script."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, { preload: false, resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location.get('url', '')})"

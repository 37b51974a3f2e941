"""What the API's tests share: an app on a fresh workspace, and a client that sends keys with its writes.

A test module takes the fixture over with `api = fresh_api`.
"""

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from vm_webapp.api.server import build_server, listen
from vm_webapp.app import create_app
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter

GATED = """\
title: Gated
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: plan, title: Plan, kind: plan, needs: [brief]}
"""


class Api:
    """A client of one app; `write` makes a new Idempotency-Key unless it is given one."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self._keys = (f"key-{number}" for number in itertools.count(1))

    @property
    def app(self) -> FastAPI:
        """The app that is talked to."""
        app = self.client.app
        assert isinstance(app, FastAPI)
        return app

    def get(self, path: str, **headers: str) -> Response:
        """GET; the names of headers are written with underscores."""
        return self.client.get(path, headers=_headers(headers))

    def read(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The JSON at `path`, which has to be there."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def write(self, method: str, path: str, body: object = None, *, key: str | None = None, **headers: str) -> Response:
        """A write."""
        sent = {"Idempotency-Key": key or next(self._keys), **_headers(headers)}
        return self.client.request(method, path, json=body, headers=sent)

    def post(self, path: str, body: object = None, *, key: str | None = None, **headers: str) -> Response:
        """POST."""
        return self.write("POST", path, body, key=key, **headers)

    def make(self, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """POST that has to succeed; the answer's JSON."""
        response = self.post(path, body, **headers)
        assert response.status_code in (200, 202), response.text
        made: dict[str, Any] = response.json()
        return made

    def brand(self, name: str = "Aurora") -> str:
        """A new brand's id."""
        return str(self.make("/api/v2/brands", {"name": name})["brand_id"])

    def project(self, brand_id: str | None = None) -> Mapping[str, Any]:
        """A new project."""
        return self.make("/api/v2/projects", {"brand_id": brand_id or self.brand(), "name": "Spring"})

    def thread(self, title: str = "Launch") -> str:
        """A new thread's id, in a project of its own."""
        project = self.project()
        values = {"brand_id": project["brand_id"], "project_id": project["project_id"], "title": title}
        return str(self.make("/api/v2/threads", values)["thread_id"])

    def run(self, thread_id: str, text: str = "Launch the cold brew", mode: str = "plan_90d") -> dict[str, Any]:
        """A run, as its start was answered."""
        return self.make(f"/api/v2/threads/{thread_id}/workflow-runs", {"request_text": text, "mode": mode})

    def begin(self, thread_id: str, mode: str = "plan_90d") -> str:
        """The id of a run whose start was answered at once."""
        path = f"/api/v2/threads/{thread_id}/workflow-runs"
        return str(self.make(path, {"request_text": "Go", "mode": mode}, prefer="respond-async")["run_id"])

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        self.app.state.host.orchestrator.catch_up()
        self.app.state.host.orchestrator.settle(60)


class Gate:
    """A writer's behaviour that waits until the gate is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _work: StageWork, cancellation: Cancellation) -> None:
        """Wait, and look up now and then whether the work is to be stopped."""
        self.reached.set()
        while not self.opened.wait(0.01):
            cancellation.check()


@contextmanager
def running(app: FastAPI) -> Iterator[Api]:
    """A client of the app, whose lifespan is entered and left."""
    with TestClient(app) as client:
        yield Api(client)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The URL of a real server for the app, in a thread; it is stopped at the end."""
    ready = threading.Event()
    listener = listen("127.0.0.1", 0)
    server = build_server(app, listener, host="127.0.0.1", log_level="ERROR", on_ready=lambda _url: ready.set())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert ready.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
        assert not thread.is_alive()


def add_profile(settings: Settings, mode: str, text: str) -> None:
    """Put a profile into the workspace."""
    folder: Path = settings.vm_workspace_root / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{mode}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def fresh_api(settings: Settings, writer: FixedWriter) -> Iterator[Api]:
    """A client of an app on an empty workspace, whose stages are written by the test's writer."""
    add_profile(settings, "gated", GATED)
    with running(create_app(settings, llm=writer)) as client:
        yield client


def _headers(named: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in named.items()}

"""The program as a child process, for browser tests: started, killed, started again, and asked by other clients."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from loaded_program import AS_MODULE, CAN_FORK, Started, run

REVIEWED = """
title: Reviewed campaign
description: A person looks at the brief first.
version: 1
stages:
  - {key: brief, title: Brief, kind: brief, approval: required}
  - {key: message, title: Message, kind: message, needs: [brief]}
"""
_PROGRAM = (sys.executable, "-m", "vm_webapp")


class PageServer:
    """The program on a port and a workspace that stay the same when it is killed and started again.

    `profiles` (mode -> YAML) are the team's own; `environment` is what the program is told besides.
    """

    def __init__(
        self,
        root: Path,
        *,
        profiles: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.token: str | None = None
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | Started | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        (root / "profiles").mkdir(parents=True, exist_ok=True)
        for mode, text in ({"reviewed": REVIEWED} if profiles is None else profiles).items():
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

    def tell(self, **environment: str) -> None:
        """Tell the program something else at its next start."""
        self._environment.update(environment)

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.root / "server.log").open("ab") as log, Path(os.devnull).open("rb") as nothing:
            if CAN_FORK:
                self._process = Started(
                    [AS_MODULE, *words],
                    folder=Path.cwd(),
                    environment=self.environment,
                    streams=[nothing, log, log],
                )
            else:
                self._process = subprocess.Popen([*_PROGRAM, *words], env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 180
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.kill()
                pytest.fail("The server did not come up:\n" + (self.root / "server.log").read_text())
            time.sleep(0.02)

    def start_guarded(self, name: str, role: str) -> tuple[str, str]:
        """Start it so that it asks for tokens; the token of somebody with that role, and the id of a thread."""
        secret = str(json.loads(self.command("token", "create", name, "--role", role, "--json"))["secret"])
        self.start()
        thread_id = self.make_thread("A shared work")
        self.kill()
        self.tell(VM_AUTH="on")
        self.start()
        return secret, thread_id

    def kill(self) -> None:
        """Power off: no signal handler, no farewell to open connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def command(self, *words: str) -> str:
        """What the command line says, on the same workspace."""
        if CAN_FORK:
            done = run([AS_MODULE, *words], folder=Path.cwd(), environment=self.environment)
        else:
            done = subprocess.run(
                [*_PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=False
            )
        done.check_returncode()
        return done.stdout

    def get(self, path: str) -> dict[str, Any]:
        """What the server answers to a read."""
        answer = httpx2.get(self.url + path, headers=self._headers(), timeout=60)
        return dict(answer.raise_for_status().json())

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, prefer: str = "", token: str | None = None
    ) -> dict[str, Any]:
        """What the server answers to a write, as another client than the page sends it."""
        headers = {
            **self._headers(token),
            "Idempotency-Key": str(uuid.uuid4()),
            **({"Prefer": prefer} if prefer else {}),
        }
        answer = httpx2.post(self.url + path, json=body or {}, headers=headers, timeout=60)
        return dict(answer.raise_for_status().json())

    def make_place(self, title: str = "A piece of work", name: str = "A brand") -> dict[str, str]:
        """Make a brand and a project of that name, and in them a thread; their ids."""
        brand = self.post("/api/v2/brands", {"name": name})["brand_id"]
        project = self.post("/api/v2/projects", {"brand_id": brand, "name": name})["project_id"]
        thread = self.post("/api/v2/threads", {"brand_id": brand, "project_id": project, "title": title})
        return {"brand_id": brand, "project_id": project, "thread_id": thread["thread_id"]}

    def make_thread(self, title: str = "A piece of work", name: str = "A brand") -> str:
        """Make a thread as `make_place` does; its id."""
        return self.make_place(title, name)["thread_id"]

    def make_run(
        self, thread_id: str, text: str, *, mode: str = "single_campaign", token: str | None = None
    ) -> dict[str, Any]:
        """Request a run and wait until it is settled or waits for a person."""
        body = {"request_text": text, "mode": mode}
        return self.post(f"/api/v2/threads/{thread_id}/workflow-runs", body, token=token)

    def runs(self, thread_id: str) -> list[dict[str, Any]]:
        """The thread's runs, newest first."""
        return list(self.get(f"/api/v2/threads/{thread_id}/workflow-runs")["runs"])

    def wait_for_index(self, word: str, results: int) -> None:
        """Until so many deliverables are found: the index follows the log in a thread of its own, and says how far."""
        written = self.get("/api/v1/health")["position"]
        for _ in range(2_000):
            found = self.get(f"/api/v2/search?q={word}")
            if found["indexed_to"] >= written and len(found["results"]) >= results:
                return
        pytest.fail(f"The index did not come to position {written}.")

    def _headers(self, token: str | None = None) -> dict[str, str]:
        shown = token or self.token
        return {"Authorization": f"Bearer {shown}"} if shown else {}

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/api/v1/health", timeout=5).is_success
        except (OSError, httpx2.TransportError):
            return False

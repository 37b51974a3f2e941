"""Many clients at once, on two apps of one workspace: everything is answered, and the database is never locked."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import Api
from fixed_writer import FixedWriter

CLIENTS = 50
REQUESTS = 12


def test_fifty_clients_on_two_apps_of_one_workspace(
    settings: Settings, writer: FixedWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reads and writes mixed: no 5xx, no conflict, every acknowledged write is there, every run settles."""
    settings.vm_log_level = "WARNING"
    apps = [create_app(settings, llm=writer) for _ in range(2)]
    api = Api(TestClient(apps[0]))
    threads = [api.thread(f"Thread {number}") for number in range(10)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        jobs = [pool.submit(_use, Api(TestClient(apps[at % 2])), threads, at) for at in range(CLIENTS)]
        answers = [answer for job in jobs for answer in job.result(120)]
    api.settle()
    assert Counter(answer.status_code // 100 for _, answer in answers) == {2: CLIENTS * REQUESTS}
    comments = [answer.json()["comment_id"] for kind, answer in answers if kind == "comment"]
    kept = [row["comment_id"] for thread in threads for row in _all(api, thread, "comments")]
    assert sorted(kept) == sorted(comments)
    started = [answer.json()["run_id"] for kind, answer in answers if kind == "start"]
    runs = {row["run_id"]: row["status"] for thread in threads for row in _all(api, thread, "runs")}
    assert runs == dict.fromkeys(started, "completed")
    assert "locked" not in capsys.readouterr().err
    for app in apps:
        app.state.host.close()


def _use(api: Api, threads: list[str], at: int) -> list[tuple[str, Response]]:
    """One client's requests; its number decides which."""
    chosen = random.Random(at)  # noqa: S311 - repeatable, guards nothing
    return [_do(api, chosen.choice(threads), f"{at}-{number}", chosen) for number in range(REQUESTS)]


def _do(api: Api, thread_id: str, key: str, chosen: random.Random) -> tuple[str, Response]:
    path = f"/api/v2/threads/{thread_id}"
    kinds: dict[str, Callable[[], Response]] = {
        "comment": lambda: api.post(f"{path}/comments", {"text": key}, key=key),
        "task": lambda: api.post(f"{path}/tasks", {"title": key}, key=key),
        "rename": lambda: api.write("PATCH", path, {"title": key}, key=key),
        "start": lambda: api.post(f"{path}/workflow-runs", {"request_text": key}, key=key, prefer="respond-async"),
        "brand": lambda: api.post("/api/v2/brands", {"name": key}, key=key),
        "timeline": lambda: api.get(f"{path}/timeline?limit=100"),
        "runs": lambda: api.get("/api/v2/workflow-runs?limit=100"),
        "thread": lambda: api.get(path),
        "health": lambda: api.get("/api/v1/health"),
    }
    weights = [4, 2, 1, 1, 1, 4, 4, 4, 1]
    (kind,) = chosen.choices(list(kinds), weights)
    return kind, kinds[kind]()


def _all(api: Api, thread_id: str, name: str) -> list[dict[str, str]]:
    path = {"runs": "workflow-runs"}.get(name, name)
    rows: list[dict[str, str]] = api.read(f"/api/v2/threads/{thread_id}/{path}?limit=200")[name]
    return rows

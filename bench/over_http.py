"""The latency of one W as a client of the HTTP API sees it: from the POST to its 200, by a real server on loopback."""

import json
import uuid
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from child import script, serving
from floor import Floor
from rounds import Watch, fresh_folder, interleave, median_ratio, percentile
from table import Row
from work_unit import MODE, REQUEST


def measure(*, samples: int, base: Path | None) -> list[Row]:
    """The rows of latency over HTTP, one client on one connection; the server is a process of its own."""
    with fresh_folder(base) as folder, serving(script("serve_fixed.py", folder / "engine")) as address:
        client = _Client(HTTPConnection(*address))
        floor = Floor(folder / "floor")
        try:
            runs = f"/api/v2/threads/{_make_thread(client)}/workflow-runs"

            def engine_once() -> float:
                watch = Watch()
                run = client.post(runs, {"request_text": REQUEST, "mode": MODE})
                milliseconds = watch.read().seconds * 1000
                if run["status"] != "completed":
                    msg = f"the run is {run['status']}"
                    raise RuntimeError(msg)
                return milliseconds

            def floor_once() -> float:
                watch = Watch()
                floor.run_once()
                return watch.read().seconds * 1000

            parts = {"engine": engine_once, "floor": floor_once}
            interleave(parts, min(5, samples))
            found = interleave(parts, samples)
        finally:
            floor.close()
            client.close()
    engine, below = found["engine"], found["floor"]
    return [
        Row("one W over HTTP, p50", [percentile(engine, 50)], unit="ms"),
        Row("one W over HTTP, p95", [percentile(engine, 95)], unit="ms"),
        Row("the floor without HTTP, p50", [percentile(below, 50)], unit="ms"),
        Row("the floor without HTTP, p95", [percentile(below, 95)], unit="ms"),
        Row("over HTTP / floor", [median_ratio(engine, below)], unit="x"),
    ]


class _Client:
    """Posts over one connection that stays open."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON of the 200; every call has an idempotency key of its own."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        self._connection.request("POST", path, json.dumps(body).encode(), headers)
        response = self._connection.getresponse()
        found: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            msg = f"{path} answered {response.status}: {found}"
            raise RuntimeError(msg)
        return found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _make_thread(client: _Client) -> str:
    brand = client.post("/api/v2/brands", {"name": "Aurora"})
    project = client.post("/api/v2/projects", {"brand_id": brand["brand_id"], "name": "Spring"})
    of = {"brand_id": brand["brand_id"], "project_id": project["project_id"]}
    return str(client.post("/api/v2/threads", {**of, "title": "Launch"})["thread_id"])

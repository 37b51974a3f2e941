"""Live events: replay, then follow, without gap or repeat; over a real server."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from fastapi.testclient import TestClient

from vm_webapp.api.stream import Follower
from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import Api, Gate, fresh_api, serving
from fixed_writer import FixedWriter

api = fresh_api


@pytest.fixture
def live(settings: Settings, writer: FixedWriter) -> Iterator[tuple[Api, httpx2.Client]]:
    """A client of the app and one of its real server."""
    app = create_app(settings, llm=writer)
    with serving(app) as url, httpx2.Client(base_url=url, timeout=30) as client:
        yield Api(TestClient(app)), client


def read_events(lines: Iterator[str], until: str) -> Iterator[Mapping[str, str]]:
    """The events of a stream up to the first one of the type `until`."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            fields[name] = value
        elif "data" in fields:
            yield fields
            if fields["event"] == until:
                return
            fields = {}


def test_a_stream_replays_and_then_follows(live: tuple[Api, httpx2.Client]) -> None:
    """What a client collects while a run goes on is the timeline, item by item, each once and in order."""
    api, client = live
    thread_id = api.thread()
    api.make(f"/api/v2/threads/{thread_id}/comments", {"text": "before"})
    with client.stream("GET", f"/api/v2/threads/{thread_id}/events?after=0") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.headers["Cache-Control"] == "no-store"
        assert stream.headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in stream.headers
        api.begin(thread_id)
        events = list(read_events(stream.iter_lines(), "WorkflowRunCompleted"))
    items = api.read(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"][::-1]
    assert [httpx2.Response(200, text=event["data"]).json() for event in events] == items
    assert [event["event"] for event in events] == [item["event_type"] for item in items]
    assert [int(event["id"]) for event in events] == [item["global_position"] for item in items]


def test_a_stream_is_resumed_without_gap_or_repeat(live: tuple[Api, httpx2.Client]) -> None:
    """A client that is cut off after every third event and comes back with Last-Event-ID misses and repeats nothing."""
    api, client = live
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}/events"
    api.begin(thread_id)
    seen: list[Mapping[str, str]] = []
    while not seen or seen[-1]["event"] != "WorkflowRunCompleted":
        headers = {"Last-Event-ID": seen[-1]["id"]} if seen else {}
        with client.stream("GET", f"{path}?after=0", headers=headers) as stream:
            for at, event in enumerate(read_events(stream.iter_lines(), "WorkflowRunCompleted"), start=1):
                seen.append(event)
                if at == 3:
                    break
    items = api.read(f"/api/v2/threads/{thread_id}/timeline?limit=200")["items"][::-1]
    assert [int(event["id"]) for event in seen] == [item["global_position"] for item in items]


def test_without_a_position_a_stream_begins_now(live: tuple[Api, httpx2.Client]) -> None:
    """What happened before is not sent; a position that is not reached yet means now as well."""
    api, client = live
    thread_id = api.thread()
    for query in ("", "?after=999999999"):
        with client.stream("GET", f"/api/v2/events{query}") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            comment = api.make(f"/api/v2/threads/{thread_id}/comments", {"text": "now"})
            (event,) = read_events(lines, "CommentAdded")
        assert comment["comment_id"] in event["data"]


def test_a_stream_of_a_thread_is_silent_on_others(live: tuple[Api, httpx2.Client]) -> None:
    """Only the thread's own events are sent."""
    api, client = live
    here, there = api.thread(), api.thread()
    with client.stream("GET", f"/api/v2/threads/{here}/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        api.make(f"/api/v2/threads/{there}/comments", {"text": "there"})
        api.make(f"/api/v2/threads/{here}/comments", {"text": "here"})
        (event,) = read_events(lines, "CommentAdded")
    assert '"here"' in event["data"]


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "", "9223372036854775808", "1" * 30, "٣"])
def test_a_position_that_is_none_is_refused(api: Api, position: str) -> None:
    """422 for both ways to say it; the header wins over the query."""
    assert api.client.get("/api/v2/events", params={"after": position}).status_code == 422
    headers = {b"Last-Event-ID": position.encode()}
    assert api.client.get("/api/v2/events?after=0", headers=headers).status_code == 422


def test_a_quiet_stream_has_a_heart_beat(api: Api) -> None:
    """A comment line comes when nothing else does, also while other threads are busy."""
    thread_id = api.thread()
    follower = Follower(api.app.state.host, api.app.state.watch, thread_id, 10**6, heartbeat=0.05)
    busy = threading.Event()

    def be_busy() -> None:
        while not busy.wait(0.005):
            api.app.state.host.database.committed.notify()

    async def listen() -> list[bytes]:
        lines: AsyncIterator[bytes] = follower.lines()
        return [await anext(lines) for _ in range(4)]

    noise = threading.Thread(target=be_busy)
    noise.start()
    lines = asyncio.run(listen())
    busy.set()
    noise.join()
    assert lines == [b"retry: 1000\n\n", *[b": ping\n\n"] * 3]


def test_a_client_that_leaves_is_let_go(live: tuple[Api, httpx2.Client]) -> None:
    """The generator behind a closed connection ends, and waits for nothing any more."""
    api, client = live
    signal = api.app.state.host.database.committed
    with client.stream("GET", "/api/v2/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        _until(lambda: len(signal._loops) == 1)
    _until(lambda: not signal._loops)


def test_a_server_stops_while_clients_listen_and_wait(settings: Settings, writer: FixedWriter) -> None:
    """Open streams end, a start that waits is answered with 202, and the server is gone within moments."""
    gate = Gate()
    writer.on("brief", gate)
    app = create_app(settings, llm=writer)
    opened = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        with serving(app) as url:
            path = f"{url}/api/v2/threads/{Api(TestClient(app)).thread()}/workflow-runs"
            start = pool.submit(_start, path)
            listening = pool.submit(_listen, url, opened)
            assert gate.reached.wait(20)
            assert opened.wait(20)
            began = time.monotonic()
        assert time.monotonic() - began < 20
        assert start.result(20) == (202, "running")
        assert listening.result(20) == "ended"


def _start(path: str) -> tuple[int, str]:
    answer = httpx2.post(path, json={"request_text": "Go"}, headers={"Idempotency-Key": "k"}, timeout=60)
    return answer.status_code, answer.json()["status"]


def _listen(url: str, opened: threading.Event) -> str:
    with httpx2.stream("GET", f"{url}/api/v2/events", timeout=60) as stream:
        for _ in stream.iter_lines():
            opened.set()
    return "ended"


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)

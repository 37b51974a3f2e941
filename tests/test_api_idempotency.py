"""Writes that are repeated: one effect, one answer, byte for byte."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from vm_webapp.app import create_app
from vm_webapp.settings import Settings

from api_client import Api, Gate, fresh_api, running, serving
from fixed_writer import FixedWriter

api = fresh_api


def test_the_same_request_gets_the_stored_answer(api: Api) -> None:
    """Same status, same bytes, one brand; white space and the order of names in the JSON do not count."""
    first = api.post("/api/v2/brands", {"name": "Aurora", "voice": "warm"}, key="k")
    api.write("PATCH", f"/api/v2/brands/{first.json()['brand_id']}", {"name": "Changed"})
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    again = api.client.post("/api/v2/brands", content=b'{ "voice": "warm", "name":"Aurora" }', headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(api.read("/api/v2/brands")["brands"]) == 1


def test_a_key_speaks_of_one_request(api: Api) -> None:
    """Another body or query under the same key is 422; the same key on another path is another key."""
    api.post("/api/v2/brands", {"name": "Aurora"}, key="k")
    other = api.post("/api/v2/brands", {"name": "Borealis"}, key="k")
    query = api.post("/api/v2/brands?x=1", {"name": "Aurora"}, key="k")
    elsewhere = api.post("/api/v2/projects", {"brand_id": "b-none", "name": "Aurora"}, key="k")
    assert [other.status_code, query.status_code, elsewhere.status_code] == [422, 422, 404]
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", "with space", "k" * 201, "tab\t", "ä"])
def test_a_key_is_visible_ascii(api: Api, key: str) -> None:
    """400 for a key that is malformed."""
    sent = {b"Idempotency-Key": key.encode("latin-1")}
    answer = api.client.post("/api/v2/brands", json={"name": "A"}, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/brands"),
        ("PATCH", "/api/v2/brands/b-1"),
        ("PATCH", "/api/v2/projects/p-1"),
        ("POST", "/api/v2/threads/t-1/closing"),
        ("DELETE", "/api/v2/threads/t-1/modes/plan_90d"),
        ("POST", "/api/v2/tasks/tsk-1/completion"),
        ("POST", "/api/v2/threads/t-1/workflow-runs"),
        ("POST", "/api/v2/workflow-runs/r-1/cancellation"),
        ("POST", "/api/v2/workflow-runs/r-1/retry"),
        ("POST", "/api/v2/workflow-runs/r-1/stages/brief/approval"),
    ],
)
def test_every_write_needs_a_key(api: Api, method: str, path: str) -> None:
    """400 without one."""
    answer = api.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_a_refusal_leaves_no_receipt(api: Api) -> None:
    """What was refused may be sent again under its key, and then has its effect."""
    body = {"brand_id": "b-late", "name": "Spring"}
    assert api.post("/api/v2/projects", body, key="k").status_code == 404
    api.make("/api/v2/brands", {"name": "Late", "brand_id": "b-late"})
    assert api.post("/api/v2/projects", body, key="k").status_code == 200


def test_no_body_and_an_empty_one_are_the_same(api: Api) -> None:
    """`{}` and nothing at all have one fingerprint."""
    path = f"/api/v2/threads/{api.thread()}/closing"
    assert api.post(path, {}, key="k").content == api.post(path, key="k").content


def test_a_delete_is_repeated_safely(api: Api) -> None:
    """The second time the mode is gone, and the answer is still the first one."""
    path = f"/api/v2/threads/{api.thread()}/modes"
    api.make(path, {"mode": "plan_90d"})
    first = api.write("DELETE", f"{path}/plan_90d", key="k")
    again = api.write("DELETE", f"{path}/plan_90d", key="k")
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'"\\ud800"'])
def test_a_body_that_nobody_reads_does_no_harm(api: Api, body: bytes) -> None:
    """A DELETE takes no body; whatever is in it is part of what makes the request the same."""
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    path = f"/api/v2/threads/{api.thread()}/modes/plan_90d"
    assert api.client.request("DELETE", path, content=body, headers=headers).status_code == 404


def test_a_run_started_twice_at_once_is_one_run(api: Api, writer: FixedWriter) -> None:
    """The second request waits for the run of the first and gets the same answer."""
    gate = Gate()
    writer.on("brief", gate)
    path = f"/api/v2/threads/{api.thread()}/workflow-runs"
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(api.post, path, {"request_text": "Go"}, key="k") for _ in range(4)]
        assert gate.reached.wait(20)
        gate.opened.set()
        bodies = {answer.result(60).content for answer in answers}
    assert len(bodies) == 1
    assert [row["status"] for row in api.read(path)["runs"]] == ["completed"]


def test_the_first_answer_given_is_the_stored_one(api: Api) -> None:
    """A start that was answered with 202 is answered so for ever, with its Location."""
    path = f"/api/v2/threads/{api.thread()}/workflow-runs"
    first = api.post(path, {"request_text": "Go"}, key="k", prefer="respond-async")
    api.settle()
    again = api.post(path, {"request_text": "Go"}, key="k")
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["Location"] == first.headers["Location"]


def test_an_answer_lost_in_a_crash_is_made_by_whoever_asks_again(settings: Settings, writer: FixedWriter) -> None:
    """A run was begun and its answer never stored: after a restart the same request waits for that run."""
    gate = Gate()
    writer.on("brief", gate)
    app = create_app(settings, llm=writer)
    with running(app) as api:
        path = f"/api/v2/threads/{api.thread()}/workflow-runs"
        api.post(path, {"request_text": "Go"}, key="k", prefer="respond-async")
        with app.state.host.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE receipts SET status = NULL, body = NULL WHERE key = 'k'")
        gate.opened.set()
    with running(create_app(settings, llm=writer)) as api:
        answer = api.post(path, {"request_text": "Go"}, key="k")
        assert (answer.status_code, answer.json()["status"]) == (200, "completed")
        assert len(api.read(path)["runs"]) == 1


def test_a_thousand_equal_starts_at_once_are_one_run(settings: Settings, writer: FixedWriter) -> None:
    """Over a real server: a thousand answers of 200, all the same bytes, and one run."""
    app = create_app(settings, llm=writer)
    with serving(app) as url:
        starts, runs = asyncio.run(_start_at_once(url, 1_000))
    assert Counter(status for status, _ in starts) == {200: 1_000}
    assert len({body for _, body in starts}) == 1
    assert [run["status"] for run in runs] == ["completed"]


async def _start_at_once(url: str, times: int) -> tuple[list[tuple[int, bytes]], list[dict[str, str]]]:
    limits = httpx2.Limits(max_connections=times, max_keepalive_connections=0)
    async with httpx2.AsyncClient(base_url=url, timeout=120, limits=limits) as client:

        async def make(path: str, body: dict[str, str]) -> str:
            answer = await client.post(path, json=body, headers={"Idempotency-Key": "make"})
            return str(answer.json()[path.rpartition("/")[2].removesuffix("s") + "_id"])

        brand_id = await make("/api/v2/brands", {"name": "A"})
        project_id = await make("/api/v2/projects", {"name": "A", "brand_id": brand_id})
        values = {"title": "A", "brand_id": brand_id, "project_id": project_id}
        path = f"/api/v2/threads/{await make('/api/v2/threads', values)}/workflow-runs"

        async def start() -> tuple[int, bytes]:
            answer = await client.post(path, json={"request_text": "Go"}, headers={"Idempotency-Key": "start"})
            return answer.status_code, answer.content

        starts = await asyncio.gather(*(start() for _ in range(times)))
        return starts, (await client.get(path)).json()["runs"]

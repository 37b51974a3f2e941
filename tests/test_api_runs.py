"""Runs over HTTP: started, waited for, retried, canceled, approved."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from vm_webapp.api.prefer import wait_seconds
from vm_webapp.errors import StageError

from api_client import Api, Gate, fresh_api
from fixed_writer import FixedWriter

api = fresh_api


def test_a_start_answers_with_the_settled_run(api: Api) -> None:
    """200, completed, with every stage and the digests of what it published."""
    thread_id = api.thread()
    run = api.run(thread_id)
    assert (run["status"], run["number"], run["mode"]) == ("completed", 1, "plan_90d")
    assert {stage["status"] for stage in run["stages"]} == {"completed"}
    assert [stage["position"] for stage in run["stages"]] == list(range(1, len(run["stages"]) + 1))
    assert api.read(f"/api/v2/workflow-runs/{run['run_id']}") == run
    (row,) = api.read(f"/api/v2/threads/{thread_id}/workflow-runs")["runs"]
    assert row == {name: run[name] for name in row}


def test_the_mode_is_plan_90d_where_none_is_named(api: Api) -> None:
    """The body needs a text alone."""
    answer = api.make(f"/api/v2/threads/{api.thread()}/workflow-runs", {"request_text": "Go"})
    assert answer["requested_mode"] == "plan_90d"


def test_respond_async_answers_at_once(api: Api, writer: FixedWriter) -> None:
    """202 with a Location, while the first stage is still being written."""
    gate = Gate()
    writer.on("brief", gate)
    path = f"/api/v2/threads/{api.thread()}/workflow-runs"
    answer = api.post(path, {"request_text": "Go"}, prefer="respond-async")
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v2/workflow-runs/{answer.json()['run_id']}"
    assert answer.json()["status"] in ("queued", "running")
    gate.opened.set()
    api.settle()
    assert api.read(answer.headers["Location"])["status"] == "completed"


def test_a_wait_that_is_over_answers_with_202(api: Api, writer: FixedWriter) -> None:
    """`Prefer: wait=0` does not wait, `wait=1` not longer than a second."""
    gate = Gate()
    writer.on("brief", gate)
    path = f"/api/v2/threads/{api.thread()}/workflow-runs"
    began = time.monotonic()
    answer = api.post(path, {"request_text": "Go"}, prefer="wait=1")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    assert time.monotonic() - began > 0.9
    gate.opened.set()


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", 30.0),
        ("respond-async", 0.0),
        ("wait=10", 10.0),
        ("respond-async, wait=10", 10.0),
        ('Wait="7"; x=y', 7.0),
        ("wait=999999", 300.0),
        ("wait=soon", 30.0),
        ("wait=-1, handling=lenient", 30.0),
        ("return=minimal", 30.0),
    ],
)
def test_preferences_are_read_as_rfc_7240_has_them(prefer: str, seconds: float) -> None:
    """What is not understood is ignored."""
    assert wait_seconds(prefer, 30.0) == seconds


def test_a_failed_run_is_retried_as_a_new_one(api: Api, writer: FixedWriter) -> None:
    """The failure says code, message, stage and whether to try again; the retry carries over what was finished."""

    def refuse(_work: object, _cancellation: object) -> None:
        raise StageError("refused", "The writer refused.", retryable=False)

    writer.on("positioning", refuse)
    failed = api.run(api.thread())
    expected = {"code": "refused", "message": "The writer refused.", "stage_key": "positioning", "retryable": False}
    assert (failed["status"], failed["error"]) == ("failed", expected)
    again = api.make(f"/api/v2/workflow-runs/{failed['run_id']}/retry", {})
    assert (again["status"], again["number"]) == ("completed", 2)
    assert again["forked_from"] == {"run_id": failed["run_id"], "stage_key": "positioning"}
    assert again["stages"][0]["carried_from"] == {"run_id": failed["run_id"], "stage_key": "brief"}
    refused = api.post(f"/api/v2/workflow-runs/{again['run_id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


def test_a_run_is_canceled_and_a_settled_one_is_not(api: Api, writer: FixedWriter) -> None:
    """A run in line is canceled at once; a completed one is final."""
    gate = Gate()
    writer.on("brief", gate)
    thread_id = api.thread()
    first, second = api.begin(thread_id), api.begin(thread_id)
    canceled = api.make(f"/api/v2/workflow-runs/{second}/cancellation")
    assert (canceled["status"], canceled["cancel_requested"]) == ("canceled", True)
    gate.opened.set()
    api.settle()
    late = api.post(f"/api/v2/workflow-runs/{first}/cancellation", {})
    assert (late.status_code, late.json()["code"]) == (409, "run_settled")
    assert api.post("/api/v2/workflow-runs/r-none/cancellation").status_code == 404


def test_runs_of_all_threads_are_listed_by_status(api: Api, writer: FixedWriter) -> None:
    """Newest first, and only those of the status that is named."""
    done = api.run(api.thread())["run_id"]
    gate = Gate()
    writer.on("brief", gate)
    waiting = api.begin(api.thread())
    assert gate.reached.wait(20)
    assert [row["run_id"] for row in api.read("/api/v2/workflow-runs")["runs"]] == [waiting, done]
    assert [row["run_id"] for row in api.read("/api/v2/workflow-runs?status=completed")["runs"]] == [done]
    assert api.get("/api/v2/workflow-runs?status=done").status_code == 422
    gate.opened.set()


def test_a_stage_is_approved_by_the_digest_that_was_shown(api: Api) -> None:
    """A gated run answers 200 and waits; other bytes are a conflict; the approval lets it go on."""
    run = api.run(api.thread(), mode="gated")
    assert run["status"] == "waiting_approval"
    path = f"/api/v2/workflow-runs/{run['run_id']}/stages/brief"
    other = api.post(f"{path}/approval", {"manifest_sha256": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    digest = run["stages"][0]["manifest_sha256"]
    approved = api.make(f"{path}/approval", {"manifest_sha256": digest, "comment": "Good."})
    assert approved["stages"][0]["status"] == "completed"
    api.settle()
    assert api.read(f"/api/v2/workflow-runs/{run['run_id']}")["status"] == "completed"
    assert api.post(f"{path}/approval", {"manifest_sha256": digest}).status_code == 409


def test_a_rejection_fails_the_run_with_its_reason(api: Api) -> None:
    """The reason stands in the log; an unknown stage is 404, a digest that is none 422."""
    run = api.run(api.thread(), mode="gated")
    path = f"/api/v2/workflow-runs/{run['run_id']}/stages"
    digest = run["stages"][0]["manifest_sha256"]
    assert api.post(f"{path}/nope/rejection", {"manifest_sha256": digest, "reason": "x"}).status_code == 404
    assert api.post(f"{path}/brief/rejection", {"manifest_sha256": "abc", "reason": "x"}).status_code == 422
    api.make(f"{path}/brief/rejection", {"manifest_sha256": digest, "reason": "Too long."})
    api.settle()
    assert api.read(f"/api/v2/workflow-runs/{run['run_id']}")["status"] == "failed"
    items = api.read(f"/api/v2/threads/{run['thread_id']}/timeline?limit=200")["items"]
    assert [item["payload"]["reason"] for item in items if item["event_type"] == "ApprovalRejected"] == ["Too long."]


def test_refused_requests_leave_no_run(api: Api) -> None:
    """An unknown mode, an empty text and an unknown thread are refused with nothing recorded."""
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}/workflow-runs"
    assert api.post(path, {"request_text": "Go", "mode": "nonsense"}).json()["code"] == "unknown_mode"
    assert api.post(path, {"request_text": " "}).status_code == 422
    assert api.post(path, {"request_text": "Go", "mode": None}).status_code == 422
    assert api.post("/api/v2/threads/t-none/workflow-runs", {"request_text": "Go"}).status_code == 404
    assert api.read(path)["runs"] == []


def test_starts_in_several_threads_wait_side_by_side(api: Api) -> None:
    """Waiting holds no worker: more starts wait at once than there are workers."""
    threads = [api.thread(f"Thread {number}") for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        runs = list(pool.map(api.run, threads))
    assert {run["status"] for run in runs} == {"completed"}
    assert len({run["run_id"] for run in runs}) == 12


def test_who_asked_for_the_runs_of_a_thread_is_listed_once(api: Api) -> None:
    """Nobody while there is none, then each person once; of a thread that is not there, 404."""
    thread_id = api.thread()
    path = f"/api/v2/threads/{thread_id}/requesters"
    assert api.get(path).json() == {"requesters": []}
    asked = [api.make(f"/api/v2/threads/{thread_id}/workflow-runs", {"request_text": "Go"}) for _ in range(2)]
    assert api.get(path).json() == {"requesters": [asked[0]["requested_by"]]}
    assert api.get("/api/v2/threads/t-none/requesters").status_code == 404

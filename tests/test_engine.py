"""The engine end to end: a request becomes a run with files, whatever happens on the way."""

import threading
from collections.abc import Mapping
from typing import Any

from vm_webapp import artifacts, repo
from vm_webapp.commands import OWNER, new_id
from vm_webapp.db import session_scope
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.errors import StageError
from vm_webapp.events import EventEnvelope
from vm_webapp.host import Host
from vm_webapp.orchestrator_v2 import process_new_events
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter


def make_thread(host: Host) -> tuple[str, str, str]:
    """A brand, a project and a thread; their ids."""
    brand_id, project_id, thread_id = new_id("b"), new_id("p"), new_id("t")
    host.commands.handle(CreateBrand(brand_id=brand_id, name="Aurora"), by=OWNER)
    host.commands.handle(CreateProject(project_id=project_id, brand_id=brand_id, name="Spring"), by=OWNER)
    host.commands.handle(
        CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title="Launch"), by=OWNER
    )
    return brand_id, project_id, thread_id


def request(host: Host, thread_id: str, mode: str = "plan_90d") -> str:
    """Ask for a run and return its id at once."""
    command = host.requests.new(thread_id=thread_id, request_text="Launch the cold brew", mode=mode, by=OWNER)
    host.commands.handle(command, by=OWNER)
    return command.run_id


def settle(host: Host) -> None:
    """Wait until nothing is left to do."""
    host.orchestrator.catch_up()
    host.orchestrator.settle(60)


def run_of(host: Host, run_id: str) -> Mapping[str, Any]:
    """The run as it is now."""
    with host.database.read() as connection:
        return repo.get_run(connection, run_id)


def event_types(host: Host, thread_id: str) -> list[str]:
    """The thread's event types, oldest first."""
    with host.database.read() as connection:
        return [event.event_type for event in repo.list_timeline_items_view(connection, thread_id=thread_id)][::-1]


def test_a_request_becomes_a_completed_run_whose_files_hold(host: Host) -> None:
    """Every stage is published with a manifest whose digests hold, and the log names the manifest's digest."""
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    settle(host)
    run = run_of(host, run_id)
    assert run["status"] == "completed"
    for stage in run["stages"].values():
        folder = host.workspace.stage_dir(run_id, stage["position"], stage["stage_key"])
        assert artifacts.verify_stage(folder, sha256=stage["manifest_sha256"]) == []
    assert (host.workspace.run_dir(run_id) / "run.json").is_file()


def test_a_bare_event_is_executed_by_process_new_events(host: Host) -> None:
    """An appended WorkflowRunRequested without a run id is committed, executed, and seen in the timeline."""
    brand_id, project_id, thread_id = make_thread(host)
    payload = {
        "thread_id": thread_id,
        "brand_id": brand_id,
        "project_id": project_id,
        "request_text": "Launch",
        "mode": "plan_90d",
    }
    with session_scope(host.engine) as session:
        repo.append_event(
            session,
            EventEnvelope(
                event_id="evt-1",
                event_type="WorkflowRunRequested",
                aggregate_type="thread",
                aggregate_id=thread_id,
                stream_id=f"thread:{thread_id}",
                expected_version=1,
                actor_type="human",
                actor_id="workspace-owner",
                payload=payload,
                thread_id=thread_id,
                brand_id=brand_id,
                project_id=project_id,
            ),
        )
        process_new_events(session)
    with session_scope(host.engine) as session:
        (run,) = repo.list_runs_by_thread(session, thread_id)
        types = {item.event_type for item in repo.list_timeline_items_view(session, thread_id=thread_id)}
    assert run.status == "completed"
    assert "WorkflowRunCompleted" in types


def test_two_runs_of_a_thread_without_events_stand_beside_each_other(host: Host) -> None:
    """execute_thread_run twice on a thread that no event created gives two completed runs."""
    values = {"thread_id": "t-1", "brand_id": "b-1", "project_id": "p-1", "request_text": "Go", "mode": "plan_90d"}
    first = host.runtime.execute_thread_run(**values, actor_id="me")
    second = host.runtime.execute_thread_run(**values, actor_id="me")
    assert first["run_id"] != second["run_id"]
    assert [first["status"], second["status"]] == ["completed", "completed"]
    assert [first["number"], second["number"]] == [1, 2]


def test_a_retryable_failure_is_tried_again_and_kept(host: Host, writer: FixedWriter) -> None:
    """The second attempt completes the stage; the first one's files stay under attempts/1."""
    writer.on("brief", _fail("busy", retryable=True))
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    settle(host)
    stage = run_of(host, run_id)["stages"]["brief"]
    assert run_of(host, run_id)["status"] == "completed"
    assert [attempt["status"] for attempt in stage["attempts"]] == ["failed", "completed"]
    kept = host.workspace.stage_dir(run_id, 1, "brief") / "attempts" / "1" / "error.json"
    assert '"error_code": "busy"' in kept.read_text()


def test_a_final_failure_fails_the_run_and_keeps_finished_stages(host: Host, writer: FixedWriter) -> None:
    """The run fails with the stage's error; what was published stays; a retry carries it over and goes on."""
    writer.on("positioning", _fail("refused", retryable=False))
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    settle(host)
    run = run_of(host, run_id)
    assert (run["status"], run["error"]["code"]) == ("failed", "refused")
    assert run["stages"]["brief"]["status"] == "completed"
    retry = host.requests.retry(run_id, by=OWNER)
    host.commands.handle(retry, by=OWNER)
    calls = len(writer.calls)
    settle(host)
    again = run_of(host, retry.run_id)
    assert again["status"] == "completed"
    assert again["forked_from"] == {"run_id": run_id, "stage_key": "positioning"}
    assert again["stages"]["brief"]["carried_from"] == {"run_id": run_id, "stage_key": "brief"}
    assert "brief" not in {call[1] for call in writer.calls[calls:]}
    before, after = (r["stages"]["brief"]["artifacts"] for r in (run, again))
    assert [item["sha256"] for item in before] == [item["sha256"] for item in after]


def test_cancel_stops_a_writer_at_work(host: Host, writer: FixedWriter) -> None:
    """A cancel reaches the writer in the middle of a stage; the run settles as canceled and the rest is skipped."""
    begun = threading.Event()

    def wait(_work: StageWork, cancellation: Cancellation) -> None:
        begun.set()
        while True:
            cancellation.check()
            threading.Event().wait(0.005)

    writer.on("brief", wait)
    thread_id = make_thread(host)[2]
    run_id = request(host, thread_id)
    assert begun.wait(20)
    host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
    settle(host)
    run = run_of(host, run_id)
    assert run["status"] == "canceled"
    assert run["stages"]["plan"]["status"] == "skipped"


def test_a_thread_runs_one_run_at_a_time_in_the_order_of_requests(host: Host) -> None:
    """Of five requests at once each starts after the one before has settled."""
    thread_id = make_thread(host)[2]
    runs = [request(host, thread_id) for _ in range(5)]
    settle(host)
    with host.database.read() as connection:
        items = repo.list_timeline_items_view(connection, thread_id=thread_id)[::-1]
    order = [
        (item.event_type, item.run_id)
        for item in items
        if item.event_type in ("WorkflowRunStarted", "WorkflowRunCompleted")
    ]
    expected = [(name, run) for run in runs for name in ("WorkflowRunStarted", "WorkflowRunCompleted")]
    assert expected == order


def _fail(code: str, *, retryable: bool) -> Any:  # noqa: ANN401 - a behaviour
    def behave(_work: StageWork, _cancellation: Cancellation) -> None:
        raise StageError(code, "The writer failed.", retryable=retryable)

    return behave

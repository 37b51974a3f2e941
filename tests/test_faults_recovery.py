"""What is derived may be broken, an event unreadable, another process the owner: it starts, or says why not."""

import sqlite3
import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from vm_webapp import event_store, pending_files, repo
from vm_webapp.commands import OWNER, new_id
from vm_webapp.db import session_scope
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.run_commands import RequestCancel
from vm_webapp.domain.thread_messages import AddComment, CreateThread
from vm_webapp.errors import StageError
from vm_webapp.events import EventEnvelope
from vm_webapp.host import Host, open_host
from vm_webapp.models import ThreadView
from vm_webapp.orchestrator_v2 import Orchestrator, process_new_events
from vm_webapp.settings import Settings
from vm_webapp.writers import Cancellation, StageWork

from fixed_writer import FixedWriter
from invariants import read_views, violations


def make_thread(host: Host) -> str:
    """A thread in a project of a brand, all new."""
    brand_id, project_id, thread_id = new_id("b"), new_id("p"), new_id("t")
    host.commands.handle(CreateBrand(brand_id=brand_id, name="Aurora"), by=OWNER)
    host.commands.handle(CreateProject(project_id=project_id, brand_id=brand_id, name="Spring"), by=OWNER)
    host.commands.handle(
        CreateThread(thread_id=thread_id, brand_id=brand_id, project_id=project_id, title="Launch"), by=OWNER
    )
    return thread_id


def request(host: Host, thread_id: str) -> str:
    """Ask for a run and return its id at once."""
    command = host.requests.new(thread_id=thread_id, request_text="Launch the cold brew", mode="plan_90d", by=OWNER)
    host.commands.handle(command, by=OWNER)
    return command.run_id


def settle(host: Host) -> None:
    """Wait until nothing is left to do."""
    host.orchestrator.catch_up()
    assert host.orchestrator.settle(60)


def status_of(host: Host, run_id: str) -> str:
    """The run's status."""
    with host.database.read() as connection:
        return str(repo.get_run(connection, run_id)["status"])


def append_bare(session: Session, thread_id: str, payload: dict[str, Any], event_type: str = "") -> str:
    """Put an event of any shape on a thread's stream, as a program outside may."""
    event_id = new_id("evt")
    repo.append_event(
        session,
        EventEnvelope(
            event_id=event_id,
            event_type=event_type or "WorkflowRunRequested",
            aggregate_type="thread",
            aggregate_id=thread_id,
            stream_id=f"thread:{thread_id}",
            actor_type="human",
            actor_id="workspace-owner",
            payload={"thread_id": thread_id, **payload},
            thread_id=thread_id,
        ),
    )
    return event_id


DERIVED: dict[str, str] = {
    "runs emptied": "DELETE FROM runs_view",
    "one run lost": "DELETE FROM runs_view WHERE rowid = (SELECT min(rowid) FROM runs_view)",
    "a run of an earlier day": "UPDATE runs_view SET version = version - 1, status = 'running', settled_at = NULL",
    "a run's stages garbled": "UPDATE runs_view SET settled_at = NULL, stages_json = '{half a'",
    "runs missing": "DROP TABLE runs_view",
    "threads emptied": "DELETE FROM threads_view",
    "brands missing": "DROP TABLE brands_view",
    "comments emptied": "DELETE FROM comments_view",
    "a column missing": "ALTER TABLE comments_view DROP COLUMN text",
    "counts emptied": "DELETE FROM thread_runs_view",
    "checkpoints emptied": "DELETE FROM checkpoints",
    "a checkpoint beyond the log": "UPDATE checkpoints SET position = position + 100",
    "dead letters of nobody": "INSERT INTO dead_letters VALUES ('evt-gone', 99, 'orchestrator', 'none', 'no time')",
    "files of nobody": "INSERT INTO pending_files (run_id, paths_json, content) VALUES ('../../up', '[[1, 1]]', x'61')",
}


@pytest.mark.parametrize("name", DERIVED)
def test_whatever_is_derived_may_be_broken_at_start(name: str, settings: Settings) -> None:
    """The host starts, the views come out as they were, and work goes on."""
    with opened(settings) as host:
        thread_id = make_thread(host)
        host.commands.handle(AddComment(thread_id=thread_id, comment_id="c-1", text="Go."), by=OWNER)
        request(host, thread_id)
        settle(host)
        with host.database.read() as connection:
            before = read_views(connection)
    break_database(settings, DERIVED[name])
    with opened(settings) as host:
        with host.database.read() as connection:
            assert read_views(connection) == before
        run_id = request(host, thread_id)
        settle(host)
        assert status_of(host, run_id) == "completed"


def test_garbage_beside_the_log_keeps_nothing_from_starting(settings: Settings) -> None:
    """owner.json as garbage or as a folder, leftovers under temporary names, a run.json cut short."""
    with opened(settings) as host:
        run_id = request(host, make_thread(host))
        settle(host)
        workspace = host.workspace
    workspace.owner.write_bytes(b"\xff{")
    (workspace.run_dir(run_id) / "run.json").write_text("{")
    with opened(settings) as host:
        assert status_of(host, run_id) == "completed"
    workspace.owner.unlink()
    workspace.owner.mkdir()
    with opened(settings) as host:
        assert status_of(host, run_id) == "completed"


def test_leftovers_of_published_files_are_swept_at_start(host: Host) -> None:
    """A temporary file beside one that is whole already goes, though nothing has to be written again."""
    run_id = request(host, make_thread(host))
    settle(host)
    path = host.workspace.run_dir(run_id) / "run.json"
    content = path.read_bytes()
    host.database.write(lambda connection: pending_files.keep(connection, run_id, {"run.json": content}))
    path.with_name("run.json.tmp").write_text("half")
    host._recover()
    assert violations(host) == []


def test_a_thread_put_there_by_hand_survives_a_rebuild(settings: Settings) -> None:
    """A row that stands in no event is not derived, and nothing could make it again."""
    with opened(settings) as host:
        with session_scope(host.engine) as session:
            session.add(
                ThreadView(
                    thread_id="t-hand",
                    brand_id="b-1",
                    project_id="p-1",
                    title="By hand",
                    status="open",
                    modes_json="[]",
                )
            )
        run_id = request(host, "t-hand")
        settle(host)
    break_database(settings, "DELETE FROM runs_view")
    with opened(settings) as host:
        assert status_of(host, run_id) == "completed"
        with host.database.read() as connection:
            assert repo.get_thread(connection, "t-hand")["title"] == "By hand"


BARE: dict[str, dict[str, Any]] = {
    "an unknown mode": {"brand_id": "b", "project_id": "p", "request_text": "Go", "mode": "no_such_mode"},
    "a mode that is no text": {"brand_id": "b", "project_id": "p", "request_text": "Go", "mode": ["plan_90d"]},
    "no mode": {"brand_id": "b", "project_id": "p", "request_text": "Go"},
    "no request": {"brand_id": "b", "project_id": "p", "request_text": None, "mode": "plan_90d"},
    "a request that is no text": {"brand_id": "b", "project_id": "p", "request_text": {"a": 1}, "mode": "plan_90d"},
    "an empty request": {"brand_id": "b", "project_id": "p", "request_text": " ", "mode": "plan_90d"},
    "a brand that is no text": {"brand_id": {}, "project_id": "p", "request_text": "Go", "mode": "plan_90d"},
    "a run id that leads out": {
        "brand_id": "b",
        "project_id": "p",
        "request_text": "Go",
        "mode": "plan_90d",
        "run_id": "../../up",
    },
    "a run id that is no text": {
        "brand_id": "b",
        "project_id": "p",
        "request_text": "Go",
        "mode": "plan_90d",
        "run_id": 7,
    },
    "nothing at all": {},
}


@pytest.mark.parametrize("name", BARE)
def test_a_request_that_cannot_be_processed_is_buried(name: str, host: Host) -> None:
    """It goes to the dead letters with its reason; its own thread and all others go on, also after a restart."""
    thread_id, other_id = make_thread(host), make_thread(host)
    with session_scope(host.engine) as session:
        event_id = append_bare(session, thread_id, BARE[name])
        process_new_events(session)
    runs = [request(host, thread_id), request(host, other_id)]
    host.commands.handle(AddComment(thread_id=thread_id, comment_id=new_id("c"), text="Still here."), by=OWNER)
    settle(host)
    assert [status_of(host, run_id) for run_id in runs] == ["completed", "completed"]
    with host.database.read() as connection:
        (letter,) = event_store.list_dead_letters(connection)
    assert (letter.event_id, letter.reader) == (event_id, "orchestrator")
    assert letter.reason
    assert violations(host) == []


def test_an_event_of_an_unknown_type_disturbs_nobody(host: Host) -> None:
    """A thread whose stream holds an event that this program does not know takes commands as before."""
    thread_id = make_thread(host)
    with session_scope(host.engine) as session:
        append_bare(session, thread_id, {"mood": "good"}, event_type="MoodNoted")
        process_new_events(session)
    run_id = request(host, thread_id)
    settle(host)
    assert status_of(host, run_id) == "completed"
    assert violations(host) == []


def test_trouble_of_the_machine_buries_nothing(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event whose processing fails for want of a disk is processed later, not put to the dead letters."""
    thread_id = make_thread(host)
    queue = host.runtime.queue_requested
    failures = iter([OSError(5, "Input/output error")])

    def failing(event: Any) -> None:  # noqa: ANN401 - an event
        for failure in failures:
            raise failure
        queue(event)

    monkeypatch.setattr(host.runtime, "queue_requested", failing)
    with session_scope(host.engine) as session:
        append_bare(session, thread_id, {"brand_id": "b", "project_id": "p", "request_text": "Go", "mode": "plan_90d"})
    while True:
        seen = host.database.committed.count
        with host.database.read() as connection:
            if any(run.status == "completed" for run in repo.list_runs_by_thread(connection, thread_id)):
                break
        assert host.database.committed.wait(seen, 30)
    with host.database.read() as connection:
        assert event_store.list_dead_letters(connection) == []


def test_what_was_not_read_before_is_left_alone_where_nothing_is_to_be_resumed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was in line at a crash is not executed by a command that only says something; the next start does."""
    with opened(settings) as crashed:
        monkeypatch.setattr(crashed.orchestrator, "catch_up", lambda: 0)
        run_id = request(crashed, make_thread(crashed))
    passing = open_host(settings, llm=FixedWriter(), resume=False)
    make_thread(passing)
    passing.orchestrator.catch_up()
    passing.orchestrator.settle()
    assert status_of(passing, run_id) == "queued"
    passing.close()
    with opened(settings) as host:
        host.orchestrator.settle()
        assert status_of(host, run_id) == "completed"
        assert violations(host) == []


def test_a_run_that_cannot_be_driven_is_settled_and_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that lies in the run fails it after three drives; nothing in it stays active, the workers go on."""
    monkeypatch.setattr("vm_webapp.workflow_runtime_v2.drive.render_draft", _interrupt)
    thread_id = make_thread(host)
    run_id = request(host, thread_id)
    settle(host)
    monkeypatch.undo()
    assert status_of(host, run_id) == "failed"
    again = request(host, thread_id)
    settle(host)
    assert status_of(host, again) == "completed"
    assert violations(host) == []


def test_a_run_that_cannot_even_be_given_up_ends_no_worker(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Giving up fails twice, then succeeds; the dispatcher gets idle and other runs are executed."""
    give_up = Orchestrator.give_up
    failures = iter([ValueError("first"), ValueError("second")])

    def failing(self: Orchestrator, run_id: str, error: Exception) -> None:
        for failure in failures:
            raise failure
        give_up(self, run_id, error)

    monkeypatch.setattr(Orchestrator, "give_up", failing)
    monkeypatch.setattr("vm_webapp.dispatch.embedded.backoff_seconds", lambda *_: 0.0)
    monkeypatch.setattr("vm_webapp.workflow_runtime_v2.drive.render_draft", _interrupt)
    run_id = request(host, make_thread(host))
    settle(host)
    assert status_of(host, run_id) == "failed"


def test_nothing_is_waited_for_on_behalf_of_a_settled_run(host: Host, writer: FixedWriter) -> None:
    """A run that is canceled while it waits for a retry leaves no timer behind."""

    def fail(_work: StageWork, _cancellation: Cancellation) -> None:
        raise StageError("busy", "The writer failed.", retryable=True)

    host.dispatcher._timers.clear()
    writer.on("brief", fail)
    thread_id = make_thread(host)
    run_id = request(host, thread_id)
    while not host.dispatcher._timers:
        seen = host.database.committed.count
        host.database.committed.wait(seen, 0.05)
    with host.dispatcher._changed:
        host.dispatcher._timers[0] = (host.dispatcher._timers[0][0].replace(year=9000), run_id)
    host.commands.handle(RequestCancel(run_id=run_id), by=OWNER)
    settle(host)
    assert status_of(host, run_id) == "canceled"


def test_a_run_that_is_canceled_in_line_has_its_run_json(host: Host, writer: FixedWriter) -> None:
    """Settled before anybody drove it, it is described on disk like any other."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_work: StageWork, _cancellation: Cancellation) -> None:
        begun.set()
        assert go_on.wait(20)

    writer.on("brief", wait)
    thread_id = make_thread(host)
    runs = [request(host, thread_id) for _ in range(2)]
    assert begun.wait(20)
    host.commands.handle(RequestCancel(run_id=runs[1]), by=OWNER)
    go_on.set()
    settle(host)
    assert [status_of(host, run_id) for run_id in runs] == ["completed", "canceled"]
    assert violations(host) == []


def test_a_host_that_was_closed_writes_no_more(settings: Settings) -> None:
    """Closed in the middle of many runs, it leaves a log that no thread of its own adds to."""
    for _ in range(5):
        host = open_host(settings, llm=FixedWriter())
        threads = [make_thread(host) for _ in range(3)]
        for thread_id in threads:
            request(host, thread_id)
        host.close()
        names = {thread.name for thread in threading.enumerate()}
        assert not {name for name in names if name.startswith(("runs-", "stage-", "confirm", "orchestrator"))}
    with opened(settings) as host:
        settle(host)
        assert violations(host) == []


class opened:  # noqa: N801 - reads as a word in a with statement
    """A host that is open within the with statement."""

    def __init__(self, settings: Settings) -> None:
        self._host = open_host(settings, llm=FixedWriter())

    def __enter__(self) -> Host:
        return self._host

    def __exit__(self, *_error: object) -> None:
        self._host.close()


def break_database(settings: Settings, statement: str) -> None:
    """Execute the statement behind everybody's back."""
    connection = sqlite3.connect(settings.database_path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def _interrupt(*_arguments: object, **_options: object) -> None:
    raise KeyError("stage")

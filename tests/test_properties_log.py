"""The log and its views: appends in any order, commands in any order, keys used at once by many."""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store, projections
from vm_webapp.commands import OWNER, Command, Commands
from vm_webapp.db import Database, build_engine, database_of, init_db
from vm_webapp.domain.brands import AddBrandRule, CreateBrand, RetireBrandRule, SetBrandBudget, UpdateBrand
from vm_webapp.domain.plans import RunPlan, StagePlan
from vm_webapp.domain.projects import CreateProject, SetProjectBudget, UpdateProject
from vm_webapp.domain.run_commands import CompleteStage, ContinueRun, FailStage, GrantApproval, RequestCancel
from vm_webapp.domain.thread_messages import (
    AddComment,
    AddThreadMode,
    CloseThread,
    CompleteTask,
    CreateTask,
    CreateThread,
    RemoveThreadMode,
    RenameThread,
    ReopenThread,
    RequestRun,
)
from vm_webapp.errors import AlreadyExists, Invalid, KeyReused, VersionConflict, VmError
from vm_webapp.events import CATALOGUE, UPCASTERS, EventEnvelope, derive_id, upcast
from vm_webapp.receipts import Answer, ReceiptKey

from invariants import read_views, stream_violations

PLAN = RunPlan(
    profile="p",
    version=1,
    title="Plan",
    digest="0" * 64,
    stages=(
        StagePlan(key="a", title="A", kind="brief"),
        StagePlan(key="b", title="B", kind="brief", needs=("a",), approval="required"),
    ),
)
ASKED: dict[str, Any] = {
    "request_text": "Go",
    "mode": "p",
    "plan": PLAN,
    "requested_by": "me",
    "dated_on": "2026-01-01",
}
NAMES = st.sampled_from(["Aurora", "Borealis", "  ", "é" * 201, "plain"])
IDS = st.sampled_from(["1", "2"])


@contextmanager
def fresh_database() -> Iterator[Database]:
    """A database of one's own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = build_engine(Path(folder) / "workspace.sqlite3")
        init_db(engine)
        yield database_of(engine)
        database_of(engine).close()


@pytest.fixture
def database() -> Iterator[Database]:
    """The same as a fixture."""
    with fresh_database() as made:
        yield made


def envelope(event_id: str, stream_id: str = "note:1", **values: Any) -> EventEnvelope:  # noqa: ANN401 - any field
    """An event of a type that nobody projects."""
    kind, _, aggregate_id = stream_id.partition(":")
    given: dict[str, Any] = {
        "event_id": event_id,
        "event_type": "Noted",
        "aggregate_type": kind,
        "aggregate_id": aggregate_id,
        "stream_id": stream_id,
        "actor_type": "human",
        "actor_id": "me",
    }
    return EventEnvelope(**{**given, **values})


def append(database: Database, *envelopes: EventEnvelope) -> list[int]:
    """Append in a transaction of its own; the positions."""
    return [
        event.global_position for event in database.write(lambda connection: event_store.append(connection, envelopes))
    ]


def whole_log(database: Database) -> list[Any]:
    """Every event."""
    with database.read() as connection:
        return event_store.read_after(connection, 0, limit=100_000)


def commands(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Command:
    """Any command, right or wrong for what is there."""
    one, two = draw(IDS), draw(IDS)
    brand, project, thread, run = f"b-{one}", f"p-{one}", f"t-{one}", f"r-{two}"
    key, name = draw(st.sampled_from(["a", "b"])), draw(NAMES)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    outcome: dict[str, Any] = {"run_id": run, "stage_key": key, "attempt": draw(st.integers(1, 2)), "now": now}
    done: dict[str, Any] = {
        "writer": "w",
        "manifest_sha256": "1" * 64,
        "artifacts": (),
        "started_at": "",
        "finished_at": "",
    }
    failed: dict[str, Any] = {"error_code": "x", "error_message": "y", "retryable": draw(st.booleans()), "jitter": 0.5}
    choices: list[Command] = [
        CreateBrand(brand_id=brand, name=name),
        UpdateBrand(brand_id=brand, voice=name, do=(name,)),
        AddBrandRule(brand_id=brand, rule_id=f"rule-{two}", text=name),
        RetireBrandRule(brand_id=brand, rule_id=f"rule-{two}"),
        SetBrandBudget(brand_id=brand, limit_usd=draw(st.sampled_from([None, "1.50", "much"]))),
        SetProjectBudget(project_id=project, limit_usd="2"),
        CreateProject(project_id=project, brand_id=f"b-{two}", name=name, channels=("blog", name)),
        UpdateProject(project_id=project, objective=name, due_on=draw(st.sampled_from([None, "2026-02-30", ""]))),
        CreateThread(thread_id=thread, brand_id=brand, project_id=f"p-{two}", title=name),
        RenameThread(thread_id=thread, title=name),
        CloseThread(thread_id=thread),
        ReopenThread(thread_id=thread),
        AddThreadMode(thread_id=thread, mode=name),
        RemoveThreadMode(thread_id=thread, mode=name),
        AddComment(thread_id=thread, comment_id=f"c-{two}", text=name),
        CreateTask(thread_id=thread, task_id=f"k-{two}", title=name),
        CompleteTask(thread_id=thread, task_id=f"k-{two}"),
        RequestRun(run_id=run, thread_id=thread, **ASKED),
        ContinueRun(run_id=run, now=now, turn=False, in_hand=frozenset({"a", "b"})),
        ContinueRun(run_id=run, now=now, turn=False),
        CompleteStage(**outcome, **done),
        FailStage(**outcome, **failed),
        RequestCancel(run_id=run),
        GrantApproval(run_id=run, stage_key=key, manifest_sha256="1" * 64, approver="ana", role="approver"),
    ]
    at: int = draw(st.integers(0, len(choices) - 1))
    return choices[at]


@settings(max_examples=60)
@given(data=st.data())
def test_a_rebuild_equals_the_live_views_after_any_history(data: st.DataObject) -> None:
    """Commands in any order, many refused: the log is dense, the views come out equal, kept states are the log's."""
    with fresh_database() as database:
        handler = Commands(database)
        for command in (
            CreateBrand(brand_id="b-1", name="Aurora"),
            CreateProject(project_id="p-1", brand_id="b-1", name="Spring"),
            CreateThread(thread_id="t-1", brand_id="b-1", project_id="p-1", title="Launch"),
        ):
            handler.handle(command, by=OWNER)
        for _ in range(data.draw(st.integers(0, 40), label="commands")):
            with suppress(VmError):
                handler.handle(commands(data.draw), by=OWNER)
        with database.read() as connection:
            live = read_views(connection)
            assert projections.is_current(connection)
        database.write(projections.rebuild)
        with database.read() as connection:
            assert read_views(connection) == live
            assert list(stream_violations(event_store.read_after(connection, 0, limit=100_000))) == []
            streams = {event.stream_id for event in event_store.read_after(connection, 0, limit=100_000)}
        for stream_id in streams:
            assert database.write(partial(_load, handler, stream_id)) == database.write(
                partial(_load, Commands(database), stream_id)
            )


def _load(handler: Commands, stream_id: str, connection: Connection) -> object:
    return handler.load(connection, stream_id)


def test_a_stream_takes_an_event_at_its_version_only(database: Database) -> None:
    """The expected version must be the stream's; None is taken at any."""
    append(database, envelope("evt-1", expected_version=0), envelope("evt-2"))
    for wrong in (0, 1, 3):
        with pytest.raises(VersionConflict):
            append(database, envelope("evt-3", expected_version=wrong))
    append(database, envelope("evt-3", expected_version=2))
    assert [event.stream_version for event in whole_log(database)] == [1, 2, 3]


def test_an_event_is_recorded_once(database: Database) -> None:
    """A second event of the same id is refused, in another stream as well."""
    append(database, envelope("evt-1"))
    with pytest.raises(AlreadyExists):
        append(database, envelope("evt-1", "note:2"))
    assert len(whole_log(database)) == 1


def test_all_events_of_an_append_are_recorded_or_none(database: Database) -> None:
    """Refused in the middle, nothing of it stays, even where the caller goes on in the same transaction."""
    append(database, envelope("evt-1"))

    def go_on(connection: Connection) -> None:
        with suppress(VmError):
            event_store.append(connection, [envelope("evt-2", "note:2"), envelope("evt-1", "note:2")])

    database.write(go_on)
    assert [event.event_id for event in whole_log(database)] == ["evt-1"]


def test_one_append_is_of_one_stream(database: Database) -> None:
    """Events of two streams, and actors of no kind, are refused."""
    with pytest.raises(Invalid):
        append(database, envelope("evt-1"), envelope("evt-2", "note:2"))
    with pytest.raises(Invalid):
        append(database, envelope("evt-1", actor_type="ghost"))
    assert whole_log(database) == []


@pytest.mark.parametrize("statement", ["UPDATE events SET payload = '{}'", "DELETE FROM events"])
def test_the_log_is_append_only(database: Database, statement: str) -> None:
    """Triggers forbid what no code here does."""
    append(database, envelope("evt-1"))
    with pytest.raises(DatabaseError, match="append-only"):
        database.write(lambda connection: connection.exec_driver_sql(statement))
    assert len(whole_log(database)) == 1


def test_a_position_is_never_used_twice(database: Database) -> None:
    """What was rolled back leaves no position to be given to another event that anybody has seen."""
    (first,) = append(database, envelope("evt-1"))

    def fail(connection: Connection) -> None:
        event_store.append(connection, [envelope("evt-2")])
        raise ValueError

    with suppress(ValueError):
        database.write(fail)
    (second,) = append(database, envelope("evt-3"))
    assert first < second
    database.write(lambda connection: connection.exec_driver_sql("DROP TRIGGER events_no_delete"))
    database.write(lambda connection: connection.exec_driver_sql("DELETE FROM events WHERE event_id = 'evt-3'"))
    (third,) = append(database, envelope("evt-4"))
    assert second < third


@pytest.mark.parametrize("fingerprints", [["same"] * 16, ["one", "two"] * 8])
def test_a_key_has_one_effect_however_many_use_it_at_once(database: Database, fingerprints: list[str]) -> None:
    """One run is queued; every request with the first's fingerprint gets its bytes, the others are refused."""
    handler = Commands(database)
    handler.handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    handler.handle(CreateProject(project_id="p-1", brand_id="b-1", name="Spring"), by=OWNER)
    handler.handle(CreateThread(thread_id="t-1", brand_id="b-1", project_id="p-1", title="Launch"), by=OWNER)

    def ask(at: int) -> bytes | None:
        receipt = ReceiptKey(actor_id="me", route="runs", key="k-1", fingerprint=fingerprints[at])
        command = RequestRun(run_id=f"r-{at}", thread_id="t-1", **ASKED)
        body = f"r-{at}".encode()
        try:
            found = handler.answer(command, by=OWNER, receipt=receipt, render=lambda _: Answer(200, body))
        except KeyReused:
            return None
        return found.answer.body if found.answer else b""

    with ThreadPoolExecutor(16) as threads:
        bodies = list(threads.map(ask, range(16)))
    queued = [event.aggregate_id for event in whole_log(database) if event.event_type == "WorkflowRunQueued"]
    assert len(queued) == 1
    assert {body for body in bodies if body is not None} == {queued[0].encode()}
    assert bodies.count(None) == len(fingerprints) - fingerprints.count(fingerprints[int(queued[0][2:])])


def test_an_old_request_gets_its_run_id_from_its_event() -> None:
    """Version 1 of WorkflowRunRequested, the shape that is fixed by contract, is read as version 2."""
    old = {"thread_id": "t-1", "brand_id": "b-1", "project_id": "p-1", "request_text": "Go", "mode": "plan_90d"}
    new = upcast("WorkflowRunRequested", 1, old, "evt-1")
    assert new == {**old, "run_id": derive_id("r", "evt-1"), "on_busy": "enqueue"}
    assert upcast("WorkflowRunRequested", 2, new, "evt-1") == new
    assert upcast("Unknown", 1, {"a": 1}, "evt-1") == {"a": 1}


def test_every_old_version_has_its_upcaster() -> None:
    """From each version below today's there is a way to the next."""
    wanted = {(name, version) for name, newest in CATALOGUE.items() for version in range(1, newest)}
    assert set(UPCASTERS) == wanted

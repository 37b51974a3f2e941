"""A store of many runs, filled in bulk by the events of one real W, again and again under new ids.

One W goes through the whole program; its events are then appended by `event_store.append` and shown by `projections`,
as a rebuild would, a few transactions in all. The process manager's checkpoint goes along: there is nothing that it
would have to catch up with. Only the files of the copied runs are missing; nothing measured on the store reads them.
There is a thread per hundred runs, and they take turns; every tenth run is in one busy thread.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from vm_webapp import event_store, orchestrator_v2, projections
from vm_webapp.commands import new_id
from vm_webapp.db import Database, build_engine, database_of
from vm_webapp.events import CATALOGUE, EventEnvelope, RecordedEvent
from work_unit import make_threads, open_workspace, run_and_read

_RUNS_PER_THREAD = 100
_BUSY_EVERY = 10
_RUNS_AT_ONCE = 100
_RUNS_PER_COMMIT = 5_000
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_KEPT = (
    "event_type",
    "aggregate_type",
    "aggregate_id",
    "actor_type",
    "actor_id",
    "brand_id",
    "project_id",
    "thread_id",
    "run_id",
)


class Store:
    """A workspace whose number of runs only grows; `threads` and `runs` are the ids, the busy thread's is the first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / "workspace.sqlite3"
        self.threads: list[str] = []
        self.runs: list[str] = []
        self._requests: dict[str, int] = {}
        self._database: Database | None = None
        host = open_workspace(root)
        try:
            self.threads += make_threads(host, 1)
            run_and_read(host, self.threads[0])
            with host.database.read() as connection:
                events = event_store.read_after(connection, 0)
        finally:
            host.close()
        self._pattern = _Pattern(events)
        self.runs.append(self._pattern.run_id)
        self._requests[self.threads[0]] = 1

    @property
    def database(self) -> Database:
        """The store's database, open."""
        if self._database is None:
            self._database = database_of(build_engine(self.path))
        return self._database

    def release(self) -> None:
        """Close the database, its log folded in, so that another process can have it."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def note_request(self, thread_id: str) -> None:
        """Somebody else asked for a run in the thread, which is one more event on its stream."""
        self._requests[thread_id] = self._requests.get(thread_id, 0) + 1

    def grow(self, runs: int) -> None:
        """Fill the store until it has so many runs."""
        fresh = [new_id("t") for _ in range(max(1, runs // _RUNS_PER_THREAD - len(self.threads)))]
        if len(self.runs) < runs:
            self.database.write(partial(self._add_threads, fresh=fresh))
        while len(self.runs) < runs:
            count = min(_RUNS_PER_COMMIT, runs - len(self.runs))
            self.database.write(partial(self._add_runs, count=count, fresh=fresh))

    def _add_threads(self, connection: Connection, *, fresh: Sequence[str]) -> None:
        events = [self._append(connection, [self._pattern.thread(thread_id)], version=1) for thread_id in fresh]
        projections.project(connection, [event for each in events for event in each])
        self.threads += fresh

    def _add_runs(self, connection: Connection, *, count: int, fresh: Sequence[str]) -> None:
        for start in range(0, count, _RUNS_AT_ONCE):
            recorded: list[RecordedEvent] = []
            for _ in range(min(_RUNS_AT_ONCE, count - start)):
                number = len(self.runs)
                recorded += self._add_run(connection, self._thread_of(number, fresh), number)
            projections.project(connection, recorded)
        event_store.save_checkpoint(connection, orchestrator_v2.CHECKPOINT, event_store.last_position(connection))

    def _thread_of(self, number: int, fresh: Sequence[str]) -> str:
        turns, rest = divmod(number, _BUSY_EVERY)
        return fresh[(number - turns) % len(fresh)] if rest else self.threads[0]

    def _add_run(self, connection: Connection, thread_id: str, number: int) -> list[RecordedEvent]:
        run_id = new_id("r")
        requested, *rest = self._pattern.run(run_id, thread_id, number)
        asked = self._requests.get(thread_id, 0) + 1
        self._requests[thread_id] = asked
        self.runs.append(run_id)
        first = self._append(connection, [requested], version=1 + asked)
        return first + self._append(connection, rest, version=1)

    def _append(
        self, connection: Connection, envelopes: Sequence[EventEnvelope], *, version: int
    ) -> list[RecordedEvent]:
        return event_store.append(connection, envelopes, known_version=version - 1)


class _Pattern:
    """The events of a real thread and of its real run, to be had again under other ids."""

    def __init__(self, events: Sequence[RecordedEvent]) -> None:
        (created,) = [event for event in events if event.event_type == "ThreadCreated"]
        of_run = [event for event in events if event.run_id is not None]
        self.run_id = str(of_run[0].run_id)
        self._thread_id = created.aggregate_id
        self._thread = _as_text([created])
        self._run = _as_text(of_run)

    def thread(self, thread_id: str) -> EventEnvelope:
        """The beginning of a thread."""
        (event,) = json.loads(self._thread.replace(self._thread_id, thread_id))
        return _envelope(event, at=_BEGAN)

    def run(self, run_id: str, thread_id: str, number: int) -> list[EventEnvelope]:
        """A run from the request to its completion; the first event is the thread's, the others are the run's own."""
        text = self._run.replace(self._thread_id, thread_id).replace(self.run_id, run_id)
        at = _BEGAN + timedelta(seconds=number)
        return [_envelope(event, at=at) for event in json.loads(text)]


def _as_text(events: Sequence[RecordedEvent]) -> str:
    kept = [{name: getattr(event, name) for name in (*_KEPT, "payload")} for event in events]
    return json.dumps(kept, ensure_ascii=False)


def _envelope(event: dict[str, Any], *, at: datetime) -> EventEnvelope:
    event_id = new_id("evt")
    payload = event["payload"] | ({"attempt_id": event_id} if "attempt_id" in event["payload"] else {})
    return EventEnvelope(
        **{name: event[name] for name in _KEPT},
        event_id=event_id,
        stream_id=f"{event['aggregate_type']}:{event['aggregate_id']}",
        payload=payload,
        payload_version=CATALOGUE[event["event_type"]],
        correlation_id=event["run_id"],
        occurred_at=at,
    )

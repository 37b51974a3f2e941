"""The process manager: reads the log past its checkpoint and hands runs whose turn it is to the dispatcher.

`v2` is the API's generation. What it keeps in memory can be lost at any moment: open runs are found again at start, and
reading an event twice does what reading it once does, since ids are derived and a run in line stays in line once.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from sqlalchemy.orm import Session

from vm_webapp import event_store, repo
from vm_webapp.commands import SYSTEM, Commands
from vm_webapp.db import Database
from vm_webapp.dispatch import TROUBLE, Dispatcher
from vm_webapp.domain.run_commands import AbandonRun
from vm_webapp.domain.texts import NAME_LIMIT, printable
from vm_webapp.domain.thread_messages import CompleteTask, CreateTask
from vm_webapp.errors import NotFound, NotReadable
from vm_webapp.events import RecordedEvent, derive_id
from vm_webapp.signals import Signal
from vm_webapp.workflow_runtime_v2 import WorkflowRuntimeV2

log = structlog.get_logger(__name__)

CHECKPOINT: Final = "orchestrator"
_OPTION: Final = "vm_orchestrator"
_BATCH: Final = 500
_SAVE_EVERY: Final = 1_000
_DECIDED: Final = frozenset({"rejected"})
"""Failures that somebody wanted."""


class Orchestrator:
    """Reacts to events of one database."""

    def __init__(
        self, *, database: Database, commands: Commands, runtime: WorkflowRuntimeV2, dispatcher: Dispatcher
    ) -> None:
        self._database = database
        self._commands = commands
        self._runtime = runtime
        self._dispatcher = dispatcher
        self._reading = threading.Lock()
        self._position = 0
        self._saved = 0
        self._saves = True
        self._thread: threading.Thread | None = None
        self._closed = False
        self._wake = Signal()
        database.listen(self._heard)
        runtime.leave = dispatcher.submit
        database.writer.update_execution_options(**{_OPTION: self})

    def start(self, *, resume: bool = True) -> None:
        """Take up every open run unless told not to, then follow the log in a thread of its own.

        What was not read before is left alone as well then: it is for the next start, and the checkpoint stays.
        """
        with self._database.read() as connection:
            last = event_store.last_position(connection)
            self._saved = min(event_store.load_checkpoint(connection, CHECKPOINT), last)
            self._position = self._saved if resume else last
            self._saves = self._position == self._saved
            open_runs = repo.list_open_runs(connection) if resume else []
        for run in open_runs:
            if run.status == "queued":
                self._consider(run.thread_id)
            else:
                self._dispatcher.submit(run.run_id)
        if open_runs:
            log.info("orchestrator.resumed", runs=len(open_runs))
        self._thread = threading.Thread(target=self._follow, name="orchestrator", daemon=True)
        self._thread.start()

    def catch_up(self) -> int:
        """React to every event that is not read yet; returns how many there were."""
        count = 0
        with self._reading:
            while True:
                with self._database.read() as connection:
                    end = event_store.last_position(connection)
                    events = event_store.read_after(connection, self._position, limit=_BATCH, types=_REACTIONS)
                if not events:
                    self._position = max(self._position, end)  # so that nothing is read past twice
                    break
                for event in events:
                    self._react(event)
                    self._position = event.global_position
                count += len(events)
            if self._saves and self._position - self._saved >= _SAVE_EVERY:
                self._save()
        return count

    def settle(self, timeout: float | None = None) -> bool:
        """Return when nothing is left to do: every event is read, nothing is in line, in work or on a timer.

        False when `timeout` seconds passed first.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not self._dispatcher.wait_idle(left):
                return False
            if not self.catch_up() and self._dispatcher.wait_idle(0):
                return True

    def give_up(self, run_id: str, error: Exception) -> None:
        """Settle a run that cannot be executed at all, and keep the reason with the dead letters."""
        with self._database.read() as connection:
            (queued, *_) = event_store.load_stream(connection, f"run:{run_id}")
        self._bury(queued, error)
        message = f"The run could not be executed: an unforeseen error ({type(error).__name__})."
        command = AbandonRun(run_id=run_id, error_code="internal_error", error_message=message)
        if self._commands.handle(command, by=SYSTEM).events:
            self._dispatcher.submit(run_id)  # once more, to describe it in its run.json

    def close(self) -> None:
        """Stop following the log."""
        self._closed = True
        self._wake.notify()
        if self._thread:
            self._thread.join(10)
        with self._reading:
            if self._saves and self._position > self._saved:
                try:
                    self._save()
                except TROUBLE as error:
                    log.warning("checkpoint.not_saved", error=str(error))  # events are read twice then, no harm done

    def _follow(self) -> None:
        while not self._closed:
            seen = self._wake.count
            try:
                self.catch_up()
            except Exception:
                log.exception("orchestrator.trouble")
                self._wake.wait(seen, 1.0)
                continue
            self._wake.wait(seen)

    def _heard(self, types: frozenset[str]) -> None:
        if not types.isdisjoint(_REACTIONS):
            self._wake.notify()

    def _react(self, event: RecordedEvent) -> None:
        try:
            _REACTIONS[event.event_type](self, event)
        except TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - one event's trouble must not stop the reading of the others
            log.warning("event.buried", event_id=event.event_id, event_type=event.event_type, reason=str(error))
            self._bury(event, error)

    def _bury(self, event: RecordedEvent, error: Exception) -> None:
        now = self._commands.clock()
        reason = f"{type(error).__name__}: {error}"
        self._database.write(
            lambda connection: event_store.bury(connection, event, reader=CHECKPOINT, reason=reason, now=now)
        )

    def _save(self) -> None:
        position = self._position
        self._database.write(lambda connection: event_store.save_checkpoint(connection, CHECKPOINT, position))
        self._saved = position

    def _requested(self, event: RecordedEvent) -> None:
        """A request that came as a bare event gets its run; one that came by command has it already."""
        run_id = event.payload["run_id"]
        with self._database.read() as connection:
            known = event_store.stream_version(connection, f"run:{run_id}")
        if not known:
            self._runtime.queue_requested(event)

    def _queued(self, event: RecordedEvent) -> None:
        """A run is in line; where it goes on from a failed one, that one's task is done."""
        source = event.payload["forked_from"]
        if source:
            self._on_task(CompleteTask(task_id=task_of(source["run_id"]), thread_id=event.payload["thread_id"]))
        self._consider(event.payload["thread_id"])

    def _failed(self, event: RecordedEvent) -> None:
        """A run failed for good: somebody has to look at it, unless a person decided so."""
        self._left(event)
        payload = event.payload
        if event.thread_id and payload["error_code"] not in _DECIDED:
            title = " ".join(f"A run failed: {printable(payload['error_message'])}".split())[:NAME_LIMIT]
            run_id = payload["run_id"]
            task = CreateTask(task_id=task_of(run_id), thread_id=event.thread_id, title=title, run_id=run_id)
            self._on_task(task)

    def _on_task(self, command: CreateTask | CompleteTask) -> None:
        """Ids are derived, so doing it twice does it once; a thread or task that is not there has none."""
        with contextlib.suppress(NotFound):
            self._commands.handle(command, by=SYSTEM)

    def _left(self, event: RecordedEvent) -> None:
        """The run no longer holds its thread's turn."""
        if event.thread_id:
            self._consider(event.thread_id)

    def _decided(self, event: RecordedEvent) -> None:
        self._dispatcher.submit(event.payload["run_id"])

    def _cancel(self, event: RecordedEvent) -> None:
        self._runtime.signal_cancel(event.payload["run_id"])
        self._dispatcher.submit(event.payload["run_id"])

    def _consider(self, thread_id: str) -> None:
        """Hand on what may go on in the thread: runs whose person has decided, then the oldest in line."""
        with self._database.read() as connection:
            ready = repo.list_ready_runs(connection, thread_id)
        for run_id in ready:
            self._dispatcher.submit(run_id)


_REACTIONS: Final[Mapping[str, Callable[[Orchestrator, RecordedEvent], None]]] = {
    "WorkflowRunRequested": Orchestrator._requested,  # noqa: SLF001 - the table stands below the class it belongs to
    "WorkflowRunQueued": Orchestrator._queued,  # noqa: SLF001 - likewise
    "WorkflowRunWaitingApproval": Orchestrator._left,  # noqa: SLF001 - likewise
    "WorkflowRunCompleted": Orchestrator._left,  # noqa: SLF001 - likewise
    "WorkflowRunResumed": Orchestrator._decided,  # noqa: SLF001 - likewise
    "WorkflowRunFailed": Orchestrator._failed,  # noqa: SLF001 - likewise
    "WorkflowRunCanceled": Orchestrator._left,  # noqa: SLF001 - likewise
    "WorkflowRunCancelRequested": Orchestrator._cancel,  # noqa: SLF001 - likewise
    "ApprovalGranted": Orchestrator._decided,  # noqa: SLF001 - likewise
    "ApprovalRejected": Orchestrator._decided,  # noqa: SLF001 - likewise
}


def task_of(run_id: str) -> str:
    """The id of the task that a failed run leaves to people."""
    return derive_id("tsk", run_id, "failed")


def process_new_events(session: Session) -> None:
    """Act on what the caller appended in this session: commit it first, then return when nothing is left to do.

    An event is acted on only once it is durable, so the session's transaction ends here. Raises NotReadable when the
    session's engine belongs to no running host.
    """
    session.commit()
    bind = session.get_bind()
    orchestrator = bind.get_execution_options().get(_OPTION)
    if not isinstance(orchestrator, Orchestrator):
        raise NotReadable(path="this session", problem="no orchestrator runs on its engine; make the app first")
    orchestrator.catch_up()
    orchestrator.settle()

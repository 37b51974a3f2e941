"""The runtime: what may be asked of it from outside."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from vm_webapp import event_store, projections, repo
from vm_webapp.commands import Actor, Commands, new_id
from vm_webapp.db import database_of
from vm_webapp.domain.policy import Done, Step, WaitForPerson, WaitUntil
from vm_webapp.domain.run_commands import QueueRun
from vm_webapp.domain.texts import check_text
from vm_webapp.domain.threads import facts_of
from vm_webapp.errors import Invalid, StageError
from vm_webapp.events import EventEnvelope, RecordedEvent
from vm_webapp.live_text import LiveText
from vm_webapp.memory import MemoryIndex
from vm_webapp.profiles import ProfileLibrary
from vm_webapp.records import run_record
from vm_webapp.workflow_runtime_v2.drafting import Recall
from vm_webapp.workflow_runtime_v2.drive import RunDrive, Tools
from vm_webapp.workspace import Workspace
from vm_webapp.writers import Writer
from vm_webapp.writers.library import WriterLibrary
from vm_webapp.writers.offline import OfflineWriter

_LOOK_AGAIN_SECONDS = 5.0


class WorkflowRuntimeV2:
    """Executes runs of one workspace; `llm` is the writer, None for the offline one.

    `writers` are those that a request may choose from, `recall` finds earlier approved deliverables of a brand, `live`
    shows text while it is written.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        workspace: Workspace,
        memory: MemoryIndex,
        llm: Writer | None = None,
        writers: WriterLibrary | None = None,
        recall: Recall | None = None,
        live: LiveText | None = None,
        commands: Commands | None = None,
        profiles: ProfileLibrary | None = None,
    ) -> None:
        self.database = database_of(engine)
        self.workspace = workspace
        self.memory = memory
        self.commands = commands or Commands(self.database)
        self.profiles = profiles or ProfileLibrary(workspace.profiles)
        self.writers = writers or WriterLibrary(llm or OfflineWriter(), None)
        self.live = live or LiveText()
        self._tools = Tools(
            commands=self.commands,
            database=self.database,
            workspace=workspace,
            live=self.live,
            writer_of=self._writer_of,
            recall=recall or (lambda _brand, _words, _run: ()),
        )
        self._drives: dict[str, RunDrive] = {}
        self.leave: Callable[[str], object] = lambda _run_id: None
        """Who goes on with a run that its caller's thread has to leave open; the orchestrator names its dispatcher."""

    def execute_thread_run(
        self, *, thread_id: str, brand_id: str, project_id: str, request_text: str, mode: str, actor_id: str
    ) -> dict[str, Any]:
        """Create a run of the thread and execute it to its end in the caller's thread; returns the run.

        The thread need not have been created by an event. Earlier runs of the thread are waited for. Raises
        UnknownMode, InvalidProfile and InvalidText before anything is written.
        """
        self.profiles.resolve(mode)
        payload = {
            "thread_id": thread_id,
            "brand_id": brand_id,
            "project_id": project_id,
            "request_text": check_text(request_text, "request_text"),
            "mode": mode,
        }
        envelope = EventEnvelope(
            event_id=new_id("evt"),
            event_type="WorkflowRunRequested",
            aggregate_type="thread",
            aggregate_id=thread_id,
            stream_id=f"thread:{thread_id}",
            actor_type="human",
            actor_id=actor_id,
            payload=payload,
            brand_id=brand_id,
            project_id=project_id,
            thread_id=thread_id,
        )
        requested = self.database.write(lambda connection: _append(connection, envelope))
        self.queue_requested(requested)
        run_id: str = requested.payload["run_id"]
        try:
            self._to_the_end(run_id)
        except BaseException:
            self.leave(run_id)
            raise
        with self.database.read() as connection:
            return run_record(repo.get_run(connection, run_id))

    def queue_requested(self, event: RecordedEvent) -> None:
        """Put the run that a WorkflowRunRequested asks for in line; done already, it does nothing.

        Raises UnknownMode or InvalidProfile where the mode cannot be resolved.
        """
        payload = event.payload
        command = QueueRun(
            run_id=payload["run_id"],
            thread_id=payload["thread_id"],
            brand_id=payload["brand_id"],
            project_id=payload["project_id"],
            request_text=payload["request_text"],
            mode=payload["mode"],
            plan=self.profiles.resolve(payload["mode"]),
            requested_by=event.actor_id,
            dated_on=event.occurred_at.astimezone().date().isoformat(),
            facts=self.database.write(lambda connection: self._facts(connection, payload)),
        )
        self.commands.handle(command, by=Actor(event.actor_type, event.actor_id))

    def advance(self, run_id: str) -> Step | None:
        """Drive the run until it is settled or has to wait; None when it is being driven elsewhere in this process.

        An error that interrupts it is raised; the run stays as the log has it and may be advanced again.
        """
        if not self.database.claims.claim(run_id):
            return None
        try:
            drive = self._drives[run_id] = RunDrive(run_id, self._tools)
            return drive.go()
        finally:
            self._drives.pop(run_id, None)
            self.database.claims.release(run_id)

    def signal_cancel(self, run_id: str) -> None:
        """Tell the writers at work on a run to stop; its CancelRequested is in the log already."""
        if drive := self._drives.get(run_id):
            drive.cancel()

    def halt(self) -> None:
        """Leave all work where it is, because the program ends; it is taken up at the next start."""
        for drive in list(self._drives.values()):
            drive.halt()

    def _writer_of(self, name: str) -> Writer:
        try:
            return self.writers.get(name)
        except Invalid as error:
            raise StageError(error.code, f"{error} {error.hint}", retryable=False) from error

    def _to_the_end(self, run_id: str) -> None:
        while True:
            seen = self.database.committed.count
            step = self.advance(run_id)
            if isinstance(step, Done | WaitForPerson):
                if isinstance(step, WaitForPerson) and step.until:
                    self.leave(run_id)  # whoever goes on with it minds the time
                return
            timeout = _LOOK_AGAIN_SECONDS
            if isinstance(step, WaitUntil):
                timeout = max(0.0, (step.at - datetime.now(UTC)).total_seconds())
            self.database.committed.wait(seen, timeout)

    def _facts(self, connection: Connection, payload: Mapping[str, Any]) -> dict[str, Any]:
        states = [self.commands.load(connection, f"{kind}:{payload[f'{kind}_id']}")[1] for kind in _KINDS]
        return facts_of(*states)


_KINDS = ("thread", "brand", "project")


def _append(connection: Connection, envelope: EventEnvelope) -> RecordedEvent:
    (recorded,) = event_store.append(connection, [envelope])
    projections.project(connection, [recorded])
    return recorded

"""One drive of one run: from where the log has it until it is settled or has to wait.

The drive's knowledge of which stages it has in hand changes only inside the line of writers, in the order in which
facts are recorded, so that two stages that finish at the same moment see each other.
"""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection

from vm_webapp import artifacts, pending_files, repo
from vm_webapp.artifacts import StageFiles
from vm_webapp.commands import SYSTEM, Actor, Commands, Outcome
from vm_webapp.db import Database
from vm_webapp.domain.policy import Done, Step, Work
from vm_webapp.domain.run_commands import CompleteStage, ContinueRun, FailStage
from vm_webapp.domain.runs import Run
from vm_webapp.domain.states import StageStatus
from vm_webapp.errors import StageError
from vm_webapp.live_text import LiveDraft, LiveText
from vm_webapp.models import utc_text
from vm_webapp.records import run_record
from vm_webapp.workflow_runtime_v2 import drafting
from vm_webapp.workflow_runtime_v2.attempt import (
    AttemptCancellation,
    HaltedError,
    WriterAttempt,
    call_writer,
    guarded,
)
from vm_webapp.workflow_runtime_v2.drafting import Drafted, Recall
from vm_webapp.workflow_runtime_v2.holds import Holds
from vm_webapp.workflow_runtime_v2.stage_files import (
    Source,
    adoptable,
    failure_files,
    read_source,
    render_draft,
    stage_work,
)
from vm_webapp.workspace import Workspace, stage_folder
from vm_webapp.writers import Writer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a drive works with."""

    commands: Commands
    database: Database
    workspace: Workspace
    live: LiveText
    writer_of: Callable[[str], Writer]
    recall: Recall


class RunDrive:
    """Drives one run once; `go` may be called once."""

    def __init__(self, run_id: str, tools: Tools) -> None:
        self.run_id = run_id
        self._tools = tools
        self._in_hand: dict[str, AttemptCancellation] = {}
        self._holds = Holds()
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._step: Step = Work()
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._halted = False
        self._run = Run()
        self._settled_json = b""

    def go(self) -> Step:
        """Take every step there is; stages that are ready together are executed side by side."""
        started = self._begin()
        self._chain(started)
        for thread in self._threads:  # the list grows while it is walked
            thread.join()
        if self._errors:
            raise self._errors[0]
        return self._step

    def cancel(self) -> None:
        """Stop the writers at work."""
        for cancellation in list(self._in_hand.values()):
            cancellation.cancel()

    def halt(self) -> None:
        """Leave everything where it is."""
        self._halted = True
        for cancellation in list(self._in_hand.values()):
            cancellation.halt()

    def _begin(self) -> tuple[str, ...]:
        """Adopt what a crash left whole, then let the policy proceed."""
        go_on = ContinueRun(run_id=self.run_id, now=self._tools.commands.clock(), turn=False)
        outcome = self._tools.database.write(lambda connection: self._first_job(connection, go_on))
        if outcome is not None:
            return self._after(outcome)
        running = self._run.keys(StageStatus.RUNNING)
        found = {key: files for key in running if (files := adoptable(self._tools.workspace, self._run, key))}
        self._in_hand = {key: AttemptCancellation(0) for key in found}
        for key in set(running) - set(found):
            artifacts.discard(self._stage_dir(key), attempt=self._run.stages[key].attempt)
        started: tuple[str, ...] = ()
        for key, files in found.items():
            started += self._publish(
                key,
                files,
                adopted=True,
                carried_from=self._carried_from(key),
                breaches=tuple(breach["rule_id"] for breach in files.manifest.get("rules", {}).get("breaches", ())),
            )
        return started or self._record(go_on, {})

    def _first_job(self, connection: Connection, go_on: ContinueRun) -> Outcome | None:
        """Let the policy proceed, unless attempts were cut off: then only look, for their files are read first."""
        self._run = self._tools.commands.load(connection, f"run:{self.run_id}")[1]
        if self._run.keys(StageStatus.RUNNING):
            return None
        return self._job(connection, go_on, {})

    def _chain(self, keys: tuple[str, ...]) -> None:
        """Execute the first stage here and the others beside it, then whatever they started."""
        try:
            while keys and not self._halted:
                for key in keys[1:]:
                    thread = threading.Thread(target=self._chain, args=((key,),), name=f"stage-{key}", daemon=True)
                    self._threads.append(thread)
                    thread.start()
                keys = self._execute(keys[0])
        except HaltedError:
            return
        except BaseException as error:  # noqa: BLE001 - raised again by `go`, in the thread that drives the run
            self._errors.append(error)

    def _execute(self, key: str) -> tuple[str, ...]:
        with structlog.contextvars.bound_contextvars(run_id=self.run_id, stage=key, correlation_id=self.run_id):
            given: dict[str, Any] = {}
            started_at = self._now()
            try:
                drafted = guarded(lambda: self._draft(key, given))
                files = guarded(lambda: self._rendered(key, drafted, given=given, started_at=started_at))
                guarded(lambda: artifacts.write_files(self._stage_dir(key), files.files, sync=False))
            except StageError as error:
                log.warning("stage.failed", error_code=error.error_code, error=str(error))
                return self._fail(key, given, error)
            finally:
                self._holds.release(key)
                self._tools.live.forget((self.run_id, key, self._run.stages[key].attempt))
            self._outputs[key] = drafted.draft.output
            return self._publish(key, files, carried_from=self._carried_from(key), breaches=drafted.breaches)

    def _rendered(self, key: str, drafted: Drafted, *, given: Mapping[str, Any], started_at: str) -> StageFiles:
        now = self._now()
        facts = drafted.facts
        return render_draft(
            self._run, key, drafted.draft, given=given, facts=facts, started_at=started_at, finished_at=now
        )

    def _draft(self, key: str, given: dict[str, Any]) -> Drafted:
        """The draft: carried over, a person's own, or a writer's; fills `given` with what goes into input.json."""
        run, tools = self._run, self._tools
        source = self._source(key)
        if key in run.carried and source is not None:
            return drafting.carried(source, given)
        outputs = {need: self._output(need) for need in self._finished()}
        work = stage_work(run, key, outputs, previous=source.draft.output if source else None)
        if key in run.edits:
            return drafting.edited(run, work, source, given)
        writer = tools.writer_of(run.writer)
        cancellation = self._in_hand[key]
        cancellation.check()
        draft = LiveDraft(
            brand_id=run.brand_id,
            thread_id=run.thread_id,
            run_id=run.run_id,
            stage_key=key,
            attempt=work.attempt,
            text="",
        )
        by = Actor("agent", writer.name)
        attempt = WriterAttempt(
            cancellation,
            record=partial(tools.commands.handle, by=by),
            holds=self._holds,
            draft=draft,
            live=tools.live,
        )
        write = partial(call_writer, writer, attempt=attempt, cancellation=cancellation)
        return drafting.written(run, work, writer=writer, recall=tools.recall, write=write, given=given)

    def _source(self, key: str) -> Source | None:
        """The stage as it was published before this run, where it matters here."""
        run = self._run
        if run.forked_from is None or not (key in run.carried or key in run.edits or key in run.feedback):
            return None
        publisher = self._publisher(key)
        return read_source(self._tools.workspace, publisher, key) if publisher else None

    def _publisher(self, key: str) -> Mapping[str, Any] | None:
        """The nearest run that this one goes back to and that has published the stage."""
        older = self._run.forked_from
        while older is not None:
            with self._tools.database.read() as connection:
                row = repo.get_run(connection, older["run_id"])
            if row["stages"].get(key, {}).get("manifest_sha256"):
                return row
            older = row["forked_from"]
        return None

    def _publish(
        self,
        key: str,
        files: StageFiles,
        *,
        adopted: bool = False,
        carried_from: Mapping[str, str] | None = None,
        breaches: tuple[str, ...] = (),
    ) -> tuple[str, ...]:
        folder = stage_folder(self._run.resolved.position(key), key)
        command = CompleteStage(
            run_id=self.run_id,
            stage_key=key,
            attempt=files.manifest["attempt"],
            writer=files.manifest["writer"],
            manifest_sha256=files.manifest_sha256,
            artifacts=tuple(files.manifest["artifacts"]),
            started_at=files.manifest["started_at"],
            finished_at=files.manifest["finished_at"],
            now=self._tools.commands.clock(),
            adopted=adopted,
            carried_from=carried_from,
            breaches=breaches,
        )
        started = self._record(command, {f"{folder}/{path}": content for path, content in files.files.items()})
        log.info("stage.published", attempt=command.attempt, files=len(command.artifacts), adopted=adopted)
        return started

    def _fail(self, key: str, given: Mapping[str, Any], error: StageError) -> tuple[str, ...]:
        files = failure_files(self._run, key, given, error)
        command = FailStage(
            run_id=self.run_id,
            stage_key=key,
            attempt=self._run.stages[key].attempt,
            error_code=error.error_code,
            error_message=str(error),
            retryable=error.retryable,
            retry_after_seconds=error.retry_after_seconds or 0.0,
            jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
            now=self._tools.commands.clock(),
            files={path.rpartition("/")[2]: artifacts.digest(content) for path, content in files.items()},
        )
        try:
            artifacts.discard(self._stage_dir(key), attempt=command.attempt)
            artifacts.write_files(self._tools.workspace.run_dir(self.run_id), files, sync=False)
        except OSError as unwritten:
            log.warning("attempt.not_kept", error=str(unwritten))  # the copies in the commit are written later
        return self._record(command, files)

    def _record(self, command: ContinueRun | CompleteStage | FailStage, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Record the command with the durable copies of its files; returns the stages that started by it."""
        outcome: Outcome = self._tools.database.write(lambda connection: self._job(connection, command, files))
        return self._after(outcome)

    def _after(self, outcome: Outcome) -> tuple[str, ...]:
        content, self._settled_json = self._settled_json, b""
        if content:
            self._write_run_json(content)
        return tuple(event.payload["stage_key"] for event in outcome.events if event.event_type == "StageStarted")

    def _job(
        self,
        connection: Connection,
        command: ContinueRun | CompleteStage | FailStage,
        files: Mapping[str, bytes],
    ) -> Outcome:
        in_hand = frozenset(self._in_hand) - {getattr(command, "stage_key", None)}
        outcome = self._tools.commands.handle_in(connection, replace(command, in_hand=in_hand), SYSTEM)
        if files:
            pending_files.keep(connection, self.run_id, files)
        if isinstance(outcome.step, Done) and (outcome.events or not self._is_described()):
            self._describe(connection)
        self._take_in_hand(outcome)
        return outcome

    def _describe(self, connection: Connection) -> None:
        """Keep run.json in this transaction; of an erased run nothing is written again."""
        row = repo.get_run(connection, self.run_id)
        if row["erased"] is None:
            self._settled_json = artifacts.to_json(run_record(row))
            pending_files.keep(connection, self.run_id, {"run.json": self._settled_json})

    def _take_in_hand(self, outcome: Outcome) -> None:
        """A stage stays in hand after its result: should this commit fail, it is not taken for cut off by a crash."""
        self._run, self._step = outcome.state, outcome.step
        kept = dict(self._in_hand)
        for event in outcome.events:
            if event.event_type == "StageStarted":
                key = event.payload["stage_key"]
                kept[key] = AttemptCancellation(self._run.resolved.stage(key).timeout_seconds)
        self._in_hand = kept

    def _is_described(self) -> bool:
        """Whether run.json is there; a run that was settled before any drive had a hand in it has none yet."""
        return (self._tools.workspace.run_dir(self.run_id) / "run.json").is_file()

    def _write_run_json(self, content: bytes) -> None:
        try:
            run_dir = self._tools.workspace.run_dir(self.run_id)
            artifacts.write_files(run_dir, {"run.json": content}, sync=False)
        except OSError as error:
            log.warning("run_json.not_written", error=str(error))  # the copy in the commit is written later

    def _output(self, key: str) -> Mapping[str, Any]:
        if key not in self._outputs:
            folder = self._stage_dir(key)
            manifest = artifacts.read_manifest(folder, sha256=self._run.stages[key].manifest_sha256)
            self._outputs[key] = artifacts.read_json(folder, manifest["output"])
        return self._outputs[key]

    def _finished(self) -> tuple[str, ...]:
        return self._run.keys(StageStatus.COMPLETED)

    def _carried_from(self, key: str) -> dict[str, str] | None:
        publisher = self._publisher(key) if key in self._run.carried else None
        return {"run_id": publisher["run_id"], "stage_key": key} if publisher else None

    def _stage_dir(self, key: str) -> Path:
        return self._tools.workspace.stage_dir(self.run_id, self._run.resolved.position(key), key)

    def _now(self) -> str:
        return utc_text(self._tools.commands.clock())

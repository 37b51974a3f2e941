"""What a run allows: `decide_run` turns a command into events and lets the policy proceed in the same breath."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from vm_webapp.domain import calls, gates
from vm_webapp.domain.imports import decide_import
from vm_webapp.domain.policy import Step, Surroundings, Work, failed_run, proceed
from vm_webapp.domain.retries import decide_retry
from vm_webapp.domain.run_commands import (
    AbandonRun,
    CompleteStage,
    ContinueRun,
    FailStage,
    GrantApproval,
    ImportRun,
    QueueRun,
    RejectApproval,
    RequestCancel,
    ReserveCall,
    ResumeRun,
    RunCommand,
    SettleCall,
)
from vm_webapp.domain.run_events import (
    ArtifactPublished,
    RunEvent,
    StageCompleted,
    StageFailed,
    WorkflowRunCanceled,
    WorkflowRunCancelRequested,
    WorkflowRunFailed,
    WorkflowRunResumed,
)
from vm_webapp.domain.runs import Run, evolve_run, queued
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.domain.texts import printable
from vm_webapp.errors import NotFound, RunSettled


@dataclass(frozen=True, slots=True)
class Decision:
    """Events to append, and the step that then needs the world outside."""

    events: tuple[RunEvent, ...]
    step: Step


def decide_run(command: RunCommand, run: Run) -> Decision:
    """The events that the command leads to, and what the run does next."""
    if isinstance(command, QueueRun):
        return Decision(() if run.exists else (queued(command),), Work())
    if isinstance(command, ImportRun):
        return Decision(decide_import(command, run.imported_head, exists=run.exists), Work())
    if not run.exists:
        raise NotFound(kind="run", id=command.run_id)
    if isinstance(command, ContinueRun):
        around = Surroundings(now=command.now, turn=command.turn, in_hand=command.in_hand)
        return Decision(*proceed(run, around))
    if isinstance(command, CompleteStage | FailStage):
        return _record(command, run)
    decide: Callable[[Any, Run], tuple[RunEvent, ...]] = _DECIDE[type(command)]
    return Decision(decide(command, run), Work())


def _record(command: CompleteStage | FailStage, run: Run) -> Decision:
    """What came of an attempt; a result of another attempt than the present one comes too late and changes nothing."""
    at_work = run.status is RunStatus.RUNNING  # then it has its turn; a late result gives it none
    around = Surroundings(now=command.now, turn=at_work, in_hand=command.in_hand)
    stage = run.stages[command.stage_key]
    if stage.status is not StageStatus.RUNNING or stage.attempt != command.attempt:
        return Decision(*proceed(run, around))
    events = _completed(command, run) if isinstance(command, CompleteStage) else (_failed(command, run),)
    for event in events:
        run = evolve_run(run, event)
    more, step = proceed(run, around)
    return Decision((*events, *more), step)


def _completed(command: CompleteStage, run: Run) -> tuple[RunEvent, ...]:
    key = command.stage_key
    completed = StageCompleted(
        run_id=run.run_id,
        stage_key=key,
        attempt=command.attempt,
        writer=command.writer,
        manifest_sha256=command.manifest_sha256,
        started_at=command.started_at,
        finished_at=command.finished_at,
        adopted=command.adopted,
        carried_from=command.carried_from,
        breaches=list(command.breaches),
    )
    published = [
        ArtifactPublished(
            run_id=run.run_id,
            stage_key=key,
            manifest_sha256=command.manifest_sha256,
            path=item["path"],
            kind=item["kind"],
            media_type=item["media_type"],
            sha256=item["sha256"],
            size=item["size"],
        )
        for item in command.artifacts
    ]
    return (completed, *published, *gates.ask(run, command))


def _failed(command: FailStage, run: Run) -> StageFailed:
    retry_at = decide_retry(
        run.resolved.stage(command.stage_key).retry,
        failures=run.stages[command.stage_key].failures + 1,
        retryable=command.retryable,
        now=command.now,
        jitter=command.jitter,
        at_least=command.retry_after_seconds,
    )
    return StageFailed(
        run_id=run.run_id,
        stage_key=command.stage_key,
        attempt=command.attempt,
        error_code=command.error_code,
        error_message=printable(command.error_message),
        retryable=command.retryable,
        retry_at=retry_at.astimezone(UTC).isoformat() if retry_at else None,
        files=dict(command.files),
    )


def _abandon(command: AbandonRun, run: Run) -> tuple[RunEvent, ...]:
    """Attempts that were left in the middle fail with the run, so that nothing in a settled run is running."""
    if run.settled:
        return ()
    cut_off = tuple(
        StageFailed(
            run_id=run.run_id,
            stage_key=key,
            attempt=run.stages[key].attempt,
            error_code=command.error_code,
            error_message=command.error_message,
            retryable=False,
            retry_at=None,
            files={},
        )
        for key in run.keys(StageStatus.RUNNING)
    )
    return (
        *cut_off,
        WorkflowRunFailed(
            run_id=run.run_id,
            stage_key=None,
            error_code=command.error_code,
            error_message=command.error_message,
            retryable=False,
        ),
    )


def _cancel(_command: RequestCancel, run: Run) -> tuple[RunEvent, ...]:
    """A run that executes nothing is canceled at once; else its driver stops it."""
    if run.status is RunStatus.CANCELED or (run.cancel_requested and not run.settled):
        return ()
    if run.settled:
        raise RunSettled(run_id=run.run_id, status=run.status.value)
    requested = WorkflowRunCancelRequested(run_id=run.run_id)
    if run.status is RunStatus.RUNNING:
        return (requested,)
    return (requested, WorkflowRunCanceled(run_id=run.run_id))


def _reject(command: RejectApproval, run: Run) -> tuple[RunEvent, ...]:
    """A no settles a run that waits, at once; one that executes something is settled by its driver."""
    rejected = gates.reject(command, run)
    if run.status is not RunStatus.WAITING_APPROVAL:
        return rejected
    for event in rejected:
        run = evolve_run(run, event)
    return (*rejected, failed_run(run))


def _resume(_command: ResumeRun, run: Run) -> tuple[RunEvent, ...]:
    """Waiting for the next attempt's time ends; a run that waits for nothing of that kind goes on as it is."""
    if run.settled:
        raise RunSettled(run_id=run.run_id, status=run.status.value)
    waits = run.status is RunStatus.RUNNING and any(
        stage.not_before for stage in run.stages.values() if stage.status is StageStatus.PENDING
    )
    return (WorkflowRunResumed(run_id=run.run_id),) if waits else ()


_DECIDE: Mapping[type, Callable[[Any, Run], tuple[RunEvent, ...]]] = {
    AbandonRun: _abandon,
    RequestCancel: _cancel,
    ResumeRun: _resume,
    ReserveCall: calls.reserve,
    SettleCall: calls.settle,
    GrantApproval: gates.grant,
    RejectApproval: _reject,
}

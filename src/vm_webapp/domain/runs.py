"""A run: its state, what it allows, how it changes.

A run's stream begins with WorkflowRunQueued, which carries the whole snapshot: what is executed later follows from this
stream alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from vm_webapp.domain.imports import past_events
from vm_webapp.domain.plans import RunPlan, plan_from_json, plan_to_json
from vm_webapp.domain.recoveries import approvals_lost
from vm_webapp.domain.run_commands import QueueRun
from vm_webapp.domain.run_events import (
    ApprovalExpired,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalRequested,
    ModelCallReserved,
    ModelCallSettled,
    RunEvent,
    RunRecovered,
    StageCompleted,
    StageFailed,
    StageStarted,
    WorkflowRunCanceled,
    WorkflowRunCancelRequested,
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunImported,
    WorkflowRunQueued,
    WorkflowRunResumed,
    WorkflowRunStarted,
    WorkflowRunWaitingApproval,
)
from vm_webapp.domain.spending import usd_of
from vm_webapp.domain.states import SETTLED, RunStatus, StageStatus
from vm_webapp.domain.texts import check_id, check_text

INTERRUPTED = "interrupted"
"""The error code of an attempt that a crash cut off; it does not count against the retry policy."""
REJECTED = "rejected"
"""The error code of a stage that a person rejected, or that counts as rejected because nobody decided."""
EXPIRED_REJECTION = "Nobody decided in time; the profile says that this counts as a rejection."


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a stage waits for: the request for approval, and who has granted it so far."""

    asked: ApprovalRequested
    granted_by: tuple[str, ...] = ()

    @property
    def expires_at(self) -> datetime | None:
        """When nobody needs to decide any more, UTC."""
        return datetime.fromisoformat(self.asked.expires_at) if self.asked.expires_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage's state; `attempt` is the newest one (0 before the first), `failures` counts towards the last.

    `calls` counts requests to models, `reserved` is the one that was not settled yet.
    """

    status: StageStatus = StageStatus.PENDING
    attempt: int = 0
    attempt_id: str = ""
    failures: int = 0
    not_before: datetime | None = None
    manifest_sha256: str | None = None
    error_code: str = ""
    error_message: str = ""
    retryable: bool = False
    gate: Gate | None = None
    calls: int = 0
    reserved: ModelCallReserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run's state; `plan` is None before its first event, `stages` has one entry per stage of the plan.

    `imported_head` is the digest of the run's last event in the log that it was brought from, None for one made here.
    `gates_known` is False for a run that was recovered from its folder: no manifest tells whether a stage had to be
    approved.
    """

    run_id: str = ""
    thread_id: str = ""
    brand_id: str = ""
    project_id: str = ""
    request_text: str = ""
    mode: str = ""
    requested_by: str = ""
    dated_on: str = ""
    plan: RunPlan | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    writer: str = ""
    budget_usd: str | None = None
    spent_usd: Decimal = Decimal(0)
    forked_from: Mapping[str, str] | None = None
    carried: tuple[str, ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    status: RunStatus = RunStatus.QUEUED
    cancel_requested: bool = False
    imported_head: str | None = None
    gates_known: bool = True
    stages: Mapping[str, Stage] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether the run was ever put in line."""
        return self.plan is not None

    @property
    def resolved(self) -> RunPlan:
        """The plan of an existing run."""
        if self.plan is None:
            msg = "the run has no events"
            raise LookupError(msg)
        return self.plan

    @property
    def settled(self) -> bool:
        """Whether the run is final."""
        return self.status in SETTLED

    def keys(self, status: StageStatus) -> tuple[str, ...]:
        """The stages of that status, in plan order."""
        return tuple(key for key, stage in self.stages.items() if stage.status is status)


def queued(command: QueueRun) -> WorkflowRunQueued:
    """The first event of a run's stream."""
    return WorkflowRunQueued(
        run_id=check_id(command.run_id, "run_id"),
        thread_id=command.thread_id,
        brand_id=command.brand_id,
        project_id=command.project_id,
        request_text=check_text(command.request_text, "request_text"),
        requested_mode=command.mode,
        effective_mode=command.plan.profile,
        plan=plan_to_json(command.plan),
        requested_by=command.requested_by,
        dated_on=command.dated_on,
        facts=dict(command.facts),
        writer=command.writer,
        budget_usd=command.budget_usd or command.plan.budget_usd,
        forked_from=dict(command.forked_from) if command.forked_from else None,
        carried=list(command.carried),
        changes=dict(command.changes),
        feedback={key: check_text(text, "feedback") for key, text in command.feedback.items()},
        edits=dict(command.edits),
    )


def evolve_run(run: Run, event: RunEvent) -> Run:
    """The run after the event."""
    evolve: Callable[[Run, Any], Run] | None = _EVOLVE.get(type(event))
    return evolve(run, event) if evolve else run


def _queued(_run: Run, event: WorkflowRunQueued) -> Run:
    plan = plan_from_json(event.plan)
    return Run(
        run_id=event.run_id,
        thread_id=event.thread_id,
        brand_id=event.brand_id,
        project_id=event.project_id,
        request_text=event.request_text,
        mode=event.effective_mode,
        requested_by=event.requested_by,
        dated_on=event.dated_on,
        plan=plan,
        facts=event.facts,
        writer=event.writer,
        budget_usd=event.budget_usd,
        forked_from=event.forked_from,
        carried=tuple(event.carried),
        feedback=event.feedback,
        edits=event.edits,
        stages={stage.key: Stage() for stage in plan.stages},
    )


def _imported(run: Run, event: WorkflowRunImported) -> Run:
    payload = {"thread_id": event.thread_id, "brand_id": event.brand_id, "project_id": event.project_id}
    for past in past_events({**payload, "past": event.past}):
        run = evolve_run(run, past.fact)
    return replace(run, imported_head=event.head_sha256)


def _with_status(status: RunStatus) -> Callable[[Run, object], Run]:
    def evolve(run: Run, _event: object) -> Run:
        return replace(run, status=status)

    return evolve


def _settled(status: RunStatus) -> Callable[[Run, object], Run]:
    def evolve(run: Run, _event: object) -> Run:
        stages = {
            key: replace(stage, status=StageStatus.SKIPPED) if stage.status is StageStatus.PENDING else stage
            for key, stage in run.stages.items()
        }
        return replace(run, status=status, stages=stages)

    return evolve


def _stage(run: Run, key: str, **changes: Any) -> Run:  # noqa: ANN401 - the fields of Stage
    return replace(run, stages={**run.stages, key: replace(run.stages[key], **changes)})


def _stage_started(run: Run, event: StageStarted) -> Run:
    return _stage(
        run,
        event.stage_key,
        status=StageStatus.RUNNING,
        attempt=event.attempt,
        attempt_id=event.attempt_id,
        not_before=None,
        reserved=None,
    )


def _resumed(run: Run, _event: WorkflowRunResumed) -> Run:
    """Nothing waits for a time any more."""
    stages = {key: replace(stage, not_before=None) for key, stage in run.stages.items()}
    return replace(run, status=RunStatus.RUNNING, stages=stages)


def _stage_completed(run: Run, event: StageCompleted) -> Run:
    return _stage(run, event.stage_key, status=StageStatus.COMPLETED, manifest_sha256=event.manifest_sha256)


def _stage_failed(run: Run, event: StageFailed) -> Run:
    again = event.retry_at is not None
    return _stage(
        run,
        event.stage_key,
        status=StageStatus.PENDING if again else StageStatus.FAILED,
        failures=run.stages[event.stage_key].failures + (event.error_code != INTERRUPTED),
        not_before=datetime.fromisoformat(event.retry_at) if event.retry_at else None,
        error_code=event.error_code,
        error_message=event.error_message,
        retryable=event.retryable,
    )


def _approval_requested(run: Run, event: ApprovalRequested) -> Run:
    return _stage(run, event.stage_key, status=StageStatus.WAITING_APPROVAL, gate=Gate(asked=event))


def _approval_granted(run: Run, event: ApprovalGranted) -> Run:
    gate = run.stages[event.stage_key].gate
    if gate is not None:
        gate = replace(gate, granted_by=(*gate.granted_by, event.approver))
    status = StageStatus.WAITING_APPROVAL if event.remaining else StageStatus.COMPLETED
    return _stage(run, event.stage_key, status=status, gate=gate)


def _approval_expired(run: Run, event: ApprovalExpired) -> Run:
    rejected = event.outcome == "rejected"
    return _stage(
        run,
        event.stage_key,
        status=StageStatus.FAILED,
        error_code=REJECTED if rejected else "approval_expired",
        error_message=EXPIRED_REJECTION if rejected else "Nobody decided in time.",
        retryable=False,
    )


def _call_reserved(run: Run, event: ModelCallReserved) -> Run:
    run = replace(run, spent_usd=run.spent_usd + usd_of(event.cost_usd))
    return _stage(run, event.stage_key, calls=event.call, reserved=event)


def _call_settled(run: Run, event: ModelCallSettled) -> Run:
    spent = run.spent_usd - usd_of(event.reserved_usd) + usd_of(event.cost_usd)
    return _stage(replace(run, spent_usd=spent), event.stage_key, reserved=None)


def _approval_rejected(run: Run, event: ApprovalRejected) -> Run:
    return _stage(
        run,
        event.stage_key,
        status=StageStatus.FAILED,
        error_code=REJECTED,
        error_message=event.reason,
        retryable=False,
    )


def _recovered(run: Run, event: RunRecovered) -> Run:
    return replace(run, gates_known=not approvals_lost(event.unknown, imported=run.imported_head is not None))


_EVOLVE: Mapping[type, Callable[[Run, Any], Run]] = {
    WorkflowRunQueued: _queued,
    WorkflowRunStarted: _with_status(RunStatus.RUNNING),
    WorkflowRunResumed: _resumed,
    WorkflowRunWaitingApproval: _with_status(RunStatus.WAITING_APPROVAL),
    WorkflowRunCompleted: _settled(RunStatus.COMPLETED),
    WorkflowRunFailed: _settled(RunStatus.FAILED),
    WorkflowRunCanceled: _settled(RunStatus.CANCELED),
    WorkflowRunCancelRequested: lambda run, _: replace(run, cancel_requested=True),
    StageStarted: _stage_started,
    StageCompleted: _stage_completed,
    StageFailed: _stage_failed,
    ApprovalRequested: _approval_requested,
    ApprovalGranted: _approval_granted,
    ApprovalRejected: _approval_rejected,
    ApprovalExpired: _approval_expired,
    ModelCallReserved: _call_reserved,
    ModelCallSettled: _call_settled,
    WorkflowRunImported: _imported,
    RunRecovered: _recovered,
}

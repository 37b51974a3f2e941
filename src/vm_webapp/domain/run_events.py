"""What can have happened in a run; every field is a JSON value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunQueued:
    """A run was put in line, with everything that it will execute."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    thread_id: str
    brand_id: str
    project_id: str
    request_text: str
    requested_mode: str
    effective_mode: str
    plan: Mapping[str, Any]
    requested_by: str
    dated_on: str
    facts: Mapping[str, Any]
    forked_from: Mapping[str, str] | None
    carried: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunStarted:
    """A run got its turn."""

    aggregate: ClassVar[str] = "run"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunWaitingApproval:
    """Nothing is left to execute until a person decides."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_keys: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunResumed:
    """A run goes on after a person's decision."""

    aggregate: ClassVar[str] = "run"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCompleted:
    """Every stage is published."""

    aggregate: ClassVar[str] = "run"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunFailed:
    """A stage failed for good; finished stages stay valid."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str | None
    error_code: str
    error_message: str
    retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCancelRequested:
    """Somebody asked to stop the run."""

    aggregate: ClassVar[str] = "run"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunCanceled:
    """The run stopped on request."""

    aggregate: ClassVar[str] = "run"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """An attempt at a stage began; `attempt_id` is this event's id and stands in the manifest."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    stage_position: int
    attempt: int
    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCompleted:
    """A stage's files were published; `adopted` says they were found after a crash, not made again."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    attempt: int
    writer: str
    manifest_sha256: str
    started_at: str
    finished_at: str
    adopted: bool
    carried_from: Mapping[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailed:
    """An attempt failed; `retry_at` says when the next is due, null when there is none."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    attempt: int
    error_code: str
    error_message: str
    retryable: bool
    retry_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactPublished:
    """A file was published with its stage."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    manifest_sha256: str
    path: str
    kind: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """A person is asked to approve exactly these bytes."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted:
    """A person approved exactly these bytes."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRejected:
    """A person rejected exactly these bytes."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    reason: str


RunEvent: TypeAlias = (
    WorkflowRunQueued
    | WorkflowRunStarted
    | WorkflowRunWaitingApproval
    | WorkflowRunResumed
    | WorkflowRunCompleted
    | WorkflowRunFailed
    | WorkflowRunCancelRequested
    | WorkflowRunCanceled
    | StageStarted
    | StageCompleted
    | StageFailed
    | ArtifactPublished
    | ApprovalRequested
    | ApprovalGranted
    | ApprovalRejected
)
RUN_EVENTS = (
    WorkflowRunQueued,
    WorkflowRunStarted,
    WorkflowRunWaitingApproval,
    WorkflowRunResumed,
    WorkflowRunCompleted,
    WorkflowRunFailed,
    WorkflowRunCancelRequested,
    WorkflowRunCanceled,
    StageStarted,
    StageCompleted,
    StageFailed,
    ArtifactPublished,
    ApprovalRequested,
    ApprovalGranted,
    ApprovalRejected,
)

"""What can have happened in a run; every field is a JSON value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunQueued:
    """A run was put in line, with everything that it will execute; version 2 of the payload."""

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
    writer: str
    budget_usd: str | None
    forked_from: Mapping[str, str] | None
    carried: list[str]
    changes: Mapping[str, Any]
    feedback: Mapping[str, str]
    edits: Mapping[str, Mapping[str, Any]]


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
    """A run goes on: after a person's decision, or before the time of its next attempt because somebody asked."""

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
    """A stage's files were published; `adopted` says they were found after a crash, not made again.

    `breaches` are the ids of the brand's rules that the files break, with the evidence in the manifest; version 2.
    """

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
    breaches: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFailed:
    """An attempt failed; `retry_at` says when the next is due, null when there is none.

    `files` are the digests of what is kept of it, by name in its folder. Version 2 of the payload.
    """

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    attempt: int
    error_code: str
    error_message: str
    retryable: bool
    retry_at: str | None
    files: Mapping[str, str]


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
    """People are asked to approve exactly these bytes, under this policy; times are UTC. Version 2 of the payload."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    role: str
    quorum: int
    four_eyes: bool
    expires_at: str | None
    on_expiry: str
    breaches: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted:
    """A person approved exactly these bytes; `remaining` people are still asked. Version 2 of the payload.

    `waived` are the rules whose breach this person accepts, for the reason in `comment`.
    """

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    comment: str
    approver: str
    remaining: int
    waived: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRejected:
    """A person rejected exactly these bytes."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalExpired:
    """Nobody decided in time; `outcome` says what that counts as: failed or rejected."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    approval_id: str
    manifest_sha256: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallReserved:
    """A request to a model is about to be sent; its cost counts as spent until it is settled, null where unknown."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    attempt: int
    call: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallSettled:
    """What a request to a model has cost; `estimated` where it was cut off and nobody told the tokens."""

    aggregate: ClassVar[str] = "run"
    run_id: str
    stage_key: str
    attempt: int
    call: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: str | None
    reserved_usd: str | None
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunImported:
    """A settled run was brought here from another log; `past` is what was recorded of it there, see domain/imports.

    `bundle_sha256` is the digest of the bundle kept beside the run, `origin`, `key` and `fingerprint` name the log that
    signed `checkpoint` (the note), `head_sha256` is the digest of the run's last event there.
    """

    aggregate: ClassVar[str] = "run"
    run_id: str
    thread_id: str
    brand_id: str
    project_id: str
    bundle_sha256: str
    origin: str
    key: str
    fingerprint: str
    checkpoint: str
    head_sha256: str
    past: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecovered:
    """A run was rebuilt from its folder; version 2 of the payload.

    `stages` are the manifests that hold, by stage; `said` is what run.json said, which nothing proves, with its digest;
    `unknown` names what can be said neither way, such as "approvals".
    """

    aggregate: ClassVar[str] = "run"
    run_id: str
    stages: Mapping[str, str]
    problems: list[str]
    said_sha256: str | None
    said: Mapping[str, Any]
    unknown: list[str]


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
    | ApprovalExpired
    | ModelCallReserved
    | ModelCallSettled
    | WorkflowRunImported
    | RunRecovered
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
    ApprovalExpired,
    ModelCallReserved,
    ModelCallSettled,
    WorkflowRunImported,
    RunRecovered,
)

"""What can be asked of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from vm_webapp.domain.plans import RunPlan
from vm_webapp.domain.spending import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRun:
    """Put a requested run in line; `plan` is what it will execute, `facts` what brand, project and thread said then.

    `writer` is "" for the configured one. `changes` says what a fork changed, name -> {from, to}; `feedback` and
    `edits` go to the stages named: what is to be changed, and a person's own output ({"text"} or {"output"}).
    """

    run_id: str
    thread_id: str
    brand_id: str
    project_id: str
    request_text: str
    mode: str
    plan: RunPlan
    requested_by: str
    dated_on: str
    facts: Mapping[str, Any]
    writer: str = ""
    budget_usd: str | None = None
    forked_from: Mapping[str, str] | None = None
    carried: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    feedback: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueRun:
    """Let the policy take the steps that are due; `in_hand` are the stages being executed right now."""

    run_id: str
    now: datetime
    turn: bool
    in_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteStage:
    """Record a stage's published files; `breaches` are the brand's rules that they break."""

    run_id: str
    stage_key: str
    attempt: int
    writer: str
    manifest_sha256: str
    artifacts: tuple[Mapping[str, Any], ...]
    started_at: str
    finished_at: str
    now: datetime
    adopted: bool = False
    carried_from: Mapping[str, str] | None = None
    breaches: tuple[str, ...] = ()
    in_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStage:
    """Record a failed attempt; `jitter` is a random number in [0, 1), `retry_after_seconds` what a server asked for.

    `files` are the digests of what is kept of it, by name.
    """

    run_id: str
    stage_key: str
    attempt: int
    error_code: str
    error_message: str
    retryable: bool
    jitter: float
    now: datetime
    retry_after_seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    in_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonRun:
    """Settle a run that cannot be executed at all."""

    run_id: str
    error_code: str
    error_message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCancel:
    """Stop a run as soon as can be."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRun:
    """Let a run that waits for the time of its next attempt go on now."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveCall:
    """Ask for one request to a model; `limits` are the budgets beyond the run's own, with what is spent of them."""

    run_id: str
    stage_key: str
    attempt: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCall:
    """Record what the request that was reserved last has cost."""

    run_id: str
    stage_key: str
    attempt: int
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantApproval:
    """Approve a stage's files by the digest of their manifest; `approver` is who, `role` what they may."""

    run_id: str
    stage_key: str
    manifest_sha256: str
    approver: str
    role: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectApproval:
    """Reject a stage's files by the digest of their manifest, with the reason."""

    run_id: str
    stage_key: str
    manifest_sha256: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """Bring in a settled run of another log, which was verified; the fields are those of WorkflowRunImported."""

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
    past: tuple[Mapping[str, Any], ...]


RunCommand: TypeAlias = (
    QueueRun
    | ContinueRun
    | CompleteStage
    | FailStage
    | AbandonRun
    | RequestCancel
    | ResumeRun
    | ReserveCall
    | SettleCall
    | GrantApproval
    | RejectApproval
    | ImportRun
)

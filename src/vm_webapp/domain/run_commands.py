"""What can be asked of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from vm_webapp.domain.plans import RunPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRun:
    """Put a requested run in line; `plan` is what it will execute, `facts` what brand, project and thread said then."""

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
    forked_from: Mapping[str, str] | None = None
    carried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueRun:
    """Let the policy take the steps that are due; `in_hand` are the stages being executed right now."""

    run_id: str
    now: datetime
    turn: bool
    in_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteStage:
    """Record a stage's published files."""

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
    in_hand: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStage:
    """Record a failed attempt; `jitter` is a random number in [0, 1)."""

    run_id: str
    stage_key: str
    attempt: int
    error_code: str
    error_message: str
    retryable: bool
    jitter: float
    now: datetime
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
class GrantApproval:
    """Approve a stage's files by the digest of their manifest."""

    run_id: str
    stage_key: str
    manifest_sha256: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectApproval:
    """Reject a stage's files by the digest of their manifest, with the reason."""

    run_id: str
    stage_key: str
    manifest_sha256: str
    reason: str


RunCommand: TypeAlias = (
    QueueRun | ContinueRun | CompleteStage | FailStage | AbandonRun | RequestCancel | GrantApproval | RejectApproval
)

"""The event envelope, the catalogue of event types, and the upcasters that read old payload shapes.

An event is a fact: once appended it is never changed. Its payload has a version; a payload written in an older shape is
upcast when it is read, one version at a time, and stays as it was written in the log.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

Payload = Mapping[str, Any]
Upcaster = Callable[[Payload, str], Payload]

ACTOR_TYPES: Final = ("human", "agent", "system")

ERASED: Final = "[erased]"
"""What stands for a text whose key was destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEnvelope:
    """An event on its way into the log.

    `expected_version` is the stream's version that the writer knows, None where any will do. `occurred_at` (UTC) and
    `correlation_id` are filled in on append where they are None. A `payload_version` of None means 1, the shape that
    the contract with the outside fixes.
    """

    event_id: str
    event_type: str
    aggregate_type: str
    aggregate_id: str
    stream_id: str
    expected_version: int | None = None
    actor_type: str
    actor_id: str
    payload: Payload = field(default_factory=dict)
    brand_id: str | None = None
    project_id: str | None = None
    thread_id: str | None = None
    run_id: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    occurred_at: datetime | None = None
    payload_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event as the log has it; `stream_version` and `global_position` count from 1; the payload is upcast.

    `sha256` is the digest of what was recorded, `previous_sha256` that of the stream's event before (ADR 10); both are
    None in events from before there was a chain. `erased` where texts of the payload are gone, and ERASED stands there.
    """

    global_position: int
    event_id: str
    event_type: str
    aggregate_type: str
    aggregate_id: str
    stream_id: str
    stream_version: int
    actor_type: str
    actor_id: str
    payload: Payload
    brand_id: str | None
    project_id: str | None
    thread_id: str | None
    run_id: str | None
    correlation_id: str | None
    causation_id: str | None
    occurred_at: datetime
    sha256: str | None = None
    previous_sha256: str | None = None
    erased: bool = False


CATALOGUE: Final[Mapping[str, int]] = {
    "BrandCreated": 2,
    "BrandUpdated": 2,
    "BrandRuleAdded": 1,
    "BrandRuleRetired": 1,
    "BrandBudgetSet": 1,
    "ProjectCreated": 2,
    "ProjectUpdated": 2,
    "ProjectBudgetSet": 1,
    "TokenCreated": 1,
    "TokenRevoked": 1,
    "AccessRefused": 1,
    "WorkspaceRecovered": 1,
    "RunRecovered": 2,
    "WebhookCreated": 1,
    "WebhookUpdated": 1,
    "WebhookDisabled": 1,
    "WebhookRedeliveryRequested": 1,
    "WebhookSecretRotated": 1,
    "WebhookDeleted": 1,
    "ThreadCreated": 1,
    "ThreadRenamed": 1,
    "ThreadClosed": 1,
    "ThreadReopened": 1,
    "ThreadModeAdded": 1,
    "ThreadModeRemoved": 1,
    "CommentAdded": 1,
    "TaskCreated": 1,
    "TaskCompleted": 1,
    "BestVersionMarked": 1,
    "ContentErased": 1,
    "WorkflowRunRequested": 2,
    "WorkflowRunQueued": 2,
    "WorkflowRunStarted": 1,
    "WorkflowRunWaitingApproval": 1,
    "WorkflowRunResumed": 1,
    "WorkflowRunCompleted": 1,
    "WorkflowRunFailed": 1,
    "WorkflowRunCancelRequested": 1,
    "WorkflowRunCanceled": 1,
    "StageStarted": 1,
    "StageCompleted": 2,
    "StageFailed": 2,
    "ArtifactPublished": 1,
    "ApprovalRequested": 2,
    "ApprovalGranted": 2,
    "ApprovalRejected": 1,
    "ApprovalExpired": 1,
    "ModelCallReserved": 1,
    "ModelCallSettled": 1,
    "WorkflowRunImported": 1,
}


def derive_id(prefix: str, *parts: str) -> str:
    """An id that follows from what caused it, so that doing it twice names the same thing."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}-{digest[:32]}"


def _requested_run_gets_its_id(payload: Payload, event_id: str) -> Payload:
    """Version 1 named no run: the run's id follows from the event's."""
    return {"run_id": derive_id("r", event_id), "on_busy": "enqueue", **payload}


def _with(**defaults: Any) -> Upcaster:  # noqa: ANN401 - JSON values
    """An older shape that had not these fields yet."""

    def add(payload: Payload, _event_id: str) -> Payload:
        return {**defaults, **payload}

    return add


_GATE: Final = {"role": "editor", "quorum": 1, "four_eyes": False, "expires_at": None, "on_expiry": "fail"}


UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {
    ("BrandCreated", 1): _with(do=[], dont=[]),
    ("BrandUpdated", 1): _with(do=[], dont=[]),
    ("ProjectCreated", 1): _with(kpis=[]),
    ("ProjectUpdated", 1): _with(kpis=[]),
    ("WorkflowRunRequested", 1): _requested_run_gets_its_id,
    ("WorkflowRunQueued", 1): _with(writer="", budget_usd=None, changes={}, feedback={}, edits={}),
    ("StageFailed", 1): _with(files={}),
    ("StageCompleted", 1): _with(breaches=[]),
    ("RunRecovered", 1): _with(unknown=["approvals"]),  # of an imported run they are known all the same
    ("ApprovalRequested", 1): _with(**_GATE, breaches=[]),
    ("ApprovalGranted", 1): _with(approver="", remaining=0, waived=[]),
}


def upcast(
    event_type: str,
    version: int,
    payload: Payload,
    event_id: str,
    *,
    catalogue: Mapping[str, int] = CATALOGUE,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> Payload:
    """The payload in today's shape; an unknown type passes through as it is."""
    for old in range(version, catalogue.get(event_type, version)):
        payload = upcasters[event_type, old](payload, event_id)
    return payload

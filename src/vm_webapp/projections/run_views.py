"""The view of a run: one row, its stages and their attempts folded into it as JSON."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vm_webapp.domain.recoveries import UNKNOWN, approvals_lost
from vm_webapp.domain.states import RunStatus, StageStatus
from vm_webapp.events import RecordedEvent
from vm_webapp.models import RunView, ThreadRunsView, utc_text
from vm_webapp.projections.inbox_views import close_item
from vm_webapp.projections.rows import Apply, Row, Rows

Fold = Callable[[Row, RecordedEvent], None]


def _queued(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    plan = payload["plan"]
    source = payload["forked_from"]
    carried = {
        "forked_from_json": source,
        "forked_from_run_id": source["run_id"] if source else None,
        "changes_json": payload["changes"],
        "feedback_json": payload["feedback"],
        "edited_json": list(payload["edits"]),
        "imported_json": None,
        "erased_json": None,
        "writer": payload["writer"],
        "budget_usd": payload["budget_usd"],
        "usage_json": None,
    }
    row = {name: payload[name] for name in ("run_id", "thread_id", "brand_id", "project_id", "request_text")}
    row |= {
        "number": _next_number(rows, payload["thread_id"]),
        "status": RunStatus.QUEUED.value,
        "requested_mode": payload["requested_mode"],
        "mode": payload["effective_mode"],
        "requested_by": payload["requested_by"],
        "created_at": event.occurred_at,
        "started_at": None,
        "settled_at": None,
        "cancel_requested": 0,
        "stages_total": len(plan["stages"]),
        "stages_done": 0,
        "error_json": None,
        "profile_json": {name: plan[name] for name in ("version", "title", "digest")} | {"mode": plan["profile"]},
        "stages_json": {stage["key"]: _new_stage(stage, at) for at, stage in enumerate(plan["stages"], start=1)},
        "version": event.stream_version,
        "requested_position": event.global_position,
    }
    rows.put(RunView, payload["run_id"], row | carried)


def _next_number(rows: Rows, thread_id: str) -> int:
    count = rows.find(ThreadRunsView, thread_id) or {"thread_id": thread_id, "runs": 0}
    count["runs"] += 1
    rows.put(ThreadRunsView, thread_id, count)
    return int(count["runs"])


def _new_stage(stage: Mapping[str, Any], position: int) -> Row:
    return {
        "stage_key": stage["key"],
        "position": position,
        "title": stage["title"],
        "kind": stage["kind"],
        "needs": stage["needs"],
        "approval": stage["approval"],
        "status": StageStatus.PENDING.value,
        "attempt": 0,
        "attempts": [],
        "started_at": None,
        "finished_at": None,
        "retry_at": None,
        "writer": None,
        "manifest_sha256": None,
        "artifacts": [],
        "carried_from": None,
        "breaches": [],
        "gate": None,
    }


def folded(fold: Fold) -> Apply:
    """What brings a run's row up to an event by changing it in place."""

    def apply(rows: Rows, event: RecordedEvent) -> None:
        row = rows.find(RunView, event.payload["run_id"])
        if row is not None:
            fold(row, event)
            row["version"] = event.stream_version
            rows.put(RunView, row["run_id"], row)

    return apply


def _status(status: RunStatus) -> Apply:
    def fold(row: Row, event: RecordedEvent) -> None:
        row["status"] = status.value
        if status is RunStatus.RUNNING and row["started_at"] is None:
            row["started_at"] = event.occurred_at

    return folded(fold)


def _settle(status: RunStatus) -> Apply:
    def fold(row: Row, event: RecordedEvent) -> None:
        row["status"] = status.value
        row["settled_at"] = event.occurred_at
        for stage in row["stages_json"].values():
            if stage["status"] == StageStatus.PENDING:
                stage |= {"status": StageStatus.SKIPPED.value, "retry_at": None}
        if status is RunStatus.FAILED:
            payload = event.payload
            row["error_json"] = {
                "code": payload["error_code"],
                "message": payload["error_message"],
                "stage_key": payload["stage_key"],
                "retryable": payload["retryable"],
            }

    return folded(fold)


def _settled(status: RunStatus) -> Apply:
    """Settle the run's row, and have nobody asked any more for what it waited for."""
    settle = _settle(status)

    def apply(rows: Rows, event: RecordedEvent) -> None:
        settle(rows, event)
        row = rows.find(RunView, event.payload["run_id"])
        for stage in row["stages_json"].values() if row else ():
            if stage["status"] == StageStatus.WAITING_APPROVAL:
                close_item(rows, stage["gate"]["approval_id"])

    return apply


def _cancel_requested(row: Row, _event: RecordedEvent) -> None:
    row["cancel_requested"] = 1


def _stage_started(row: Row, event: RecordedEvent) -> None:
    at = utc_text(event.occurred_at)
    attempt = {
        "attempt": event.payload["attempt"],
        "status": "running",
        "started_at": at,
        "finished_at": None,
        "error_code": None,
        "error_message": None,
        "retryable": None,
        "retry_at": None,
        "usage": None,
    }
    stage = stage_of(row, event)
    stage |= {"status": StageStatus.RUNNING.value, "attempt": attempt["attempt"], "retry_at": None}
    stage["started_at"] = stage["started_at"] or at
    stage["attempts"].append(attempt)


def _stage_completed(row: Row, event: RecordedEvent) -> None:
    at = utc_text(event.occurred_at)
    payload = event.payload
    stage = stage_of(row, event)
    stage["attempts"][-1] |= {"status": "completed", "finished_at": at}
    stage |= {
        "status": StageStatus.COMPLETED.value,
        "finished_at": at,
        "writer": payload["writer"],
        "manifest_sha256": payload["manifest_sha256"],
        "carried_from": payload["carried_from"],
        "breaches": payload["breaches"],
    }
    row["stages_done"] += 1


def _stage_failed(row: Row, event: RecordedEvent) -> None:
    at = utc_text(event.occurred_at)
    payload = event.payload
    stage = stage_of(row, event)
    failure = {name: payload[name] for name in ("error_code", "error_message", "retryable", "retry_at")}
    stage["attempts"][-1] |= {"status": "failed", "finished_at": at, **failure}
    again = payload["retry_at"] is not None
    stage |= {
        "status": (StageStatus.PENDING if again else StageStatus.FAILED).value,
        "finished_at": None if again else at,
        "retry_at": payload["retry_at"],
    }


def _artifact_published(row: Row, event: RecordedEvent) -> None:
    item = {name: event.payload[name] for name in ("path", "kind", "media_type", "sha256", "size")}
    stage_of(row, event)["artifacts"].append(item)


def _recovered(row: Row, event: RecordedEvent) -> None:
    """Nobody knows what was asked for before the database was lost."""
    if approvals_lost(event.payload["unknown"], imported=row["imported_json"] is not None):
        for stage in row["stages_json"].values():
            stage["approval"] = UNKNOWN


def stage_of(row: Row, event: RecordedEvent) -> Row:
    """The part of a run's row that is the event's stage."""
    stage: Row = row["stages_json"][event.payload["stage_key"]]
    return stage


RUNS: Final[Mapping[str, Apply]] = {
    "WorkflowRunQueued": _queued,
    "WorkflowRunStarted": _status(RunStatus.RUNNING),
    "WorkflowRunResumed": _status(RunStatus.RUNNING),
    "WorkflowRunWaitingApproval": _status(RunStatus.WAITING_APPROVAL),
    "WorkflowRunCompleted": _settled(RunStatus.COMPLETED),
    "WorkflowRunFailed": _settled(RunStatus.FAILED),
    "WorkflowRunCanceled": _settled(RunStatus.CANCELED),
    "WorkflowRunCancelRequested": folded(_cancel_requested),
    "StageStarted": folded(_stage_started),
    "StageCompleted": folded(_stage_completed),
    "StageFailed": folded(_stage_failed),
    "ArtifactPublished": folded(_artifact_published),
    "RunRecovered": folded(_recovered),
}

RUN_FOLDS: Final[Mapping[str, Apply]] = {
    **RUNS,
    "WorkflowRunCompleted": _settle(RunStatus.COMPLETED),
    "WorkflowRunFailed": _settle(RunStatus.FAILED),
    "WorkflowRunCanceled": _settle(RunStatus.CANCELED),
}
"""The same, where nothing but the run's own row is to be touched."""

"""What waits for a person: gates in the view of their run, approvals in the inbox."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.domain.states import StageStatus
from vm_webapp.events import RecordedEvent
from vm_webapp.models import RunView, utc_text
from vm_webapp.projections.inbox_views import close_item, open_item
from vm_webapp.projections.rows import Apply, Row, Rows
from vm_webapp.projections.run_views import folded, stage_of

_POLICY: Final = (
    "approval_id",
    "manifest_sha256",
    "role",
    "quorum",
    "four_eyes",
    "expires_at",
    "on_expiry",
    "breaches",
)


def _asked(rows: Rows, event: RecordedEvent) -> None:
    _fold_asked(rows, event)
    row = rows.find(RunView, event.payload["run_id"])
    if row is not None:
        title = stage_of(row, event)["title"]
        payload = event.payload
        open_item(
            rows,
            event,
            kind="approval",
            item_id=payload["approval_id"],
            title=title,
            expires_at=payload["expires_at"],
        )


@folded
def _fold_asked(row: Row, event: RecordedEvent) -> None:
    stage = stage_of(row, event)
    stage["status"] = StageStatus.WAITING_APPROVAL.value
    stage["gate"] = {
        **{name: event.payload[name] for name in _POLICY},
        "asked_at": utc_text(event.occurred_at),
        "granted": [],
        "decision": None,
    }
    row["stages_done"] -= 1


@folded
def _fold_granted(row: Row, event: RecordedEvent) -> None:
    stage = stage_of(row, event)
    word = {"by": event.actor_id, "at": utc_text(event.occurred_at), "comment": event.payload["comment"]}
    stage["gate"]["granted"].append({**word, "waived": event.payload["waived"]})
    if not event.payload["remaining"]:
        stage["status"] = StageStatus.COMPLETED.value
        stage["gate"]["decision"] = "granted"
        row["stages_done"] += 1


@folded
def _fold_rejected(row: Row, event: RecordedEvent) -> None:
    stage = stage_of(row, event)
    stage["status"] = StageStatus.FAILED.value
    stage["gate"]["decision"] = "rejected"
    word = {"by": event.actor_id, "at": utc_text(event.occurred_at), "reason": event.payload["reason"]}
    stage["gate"]["rejected"] = word


@folded
def _fold_expired(row: Row, event: RecordedEvent) -> None:
    stage = stage_of(row, event)
    stage["status"] = StageStatus.FAILED.value
    stage["gate"]["decision"] = "expired"


def _granted(rows: Rows, event: RecordedEvent) -> None:
    _fold_granted(rows, event)
    if not event.payload["remaining"]:
        close_item(rows, event.payload["approval_id"])


def _rejected(rows: Rows, event: RecordedEvent) -> None:
    _fold_rejected(rows, event)
    close_item(rows, event.payload["approval_id"])


def _expired(rows: Rows, event: RecordedEvent) -> None:
    _fold_expired(rows, event)
    close_item(rows, event.payload["approval_id"])


GATES: Final[Mapping[str, Apply]] = {
    "ApprovalRequested": _asked,
    "ApprovalGranted": _granted,
    "ApprovalRejected": _rejected,
    "ApprovalExpired": _expired,
}

GATE_FOLDS: Final[Mapping[str, Apply]] = {
    "ApprovalRequested": _fold_asked,
    "ApprovalGranted": _fold_granted,
    "ApprovalRejected": _fold_rejected,
    "ApprovalExpired": _fold_expired,
}
"""The same, where nothing but the run's own row is to be touched."""

"""The inbox: what waits for a person, across threads."""

from collections.abc import Mapping
from typing import Any

from vm_webapp.events import RecordedEvent
from vm_webapp.models import InboxView
from vm_webapp.projections.rows import Rows


def open_item(rows: Rows, event: RecordedEvent, *, kind: str, item_id: str, **said: Any) -> None:  # noqa: ANN401 - columns
    """Something waits for a person from this event on."""
    scope: Mapping[str, Any] = {name: getattr(event, name) for name in ("brand_id", "project_id", "thread_id")}
    item = {
        "item_id": item_id,
        "kind": kind,
        "status": "open",
        **scope,
        "run_id": event.payload.get("run_id"),
        "stage_key": event.payload.get("stage_key"),
        "expires_at": None,
        "opened_at": event.occurred_at,
        "opened_position": event.global_position,
        **said,
    }
    rows.put(InboxView, item_id, item)


def close_item(rows: Rows, item_id: str) -> None:
    """The item waits for nobody any more."""
    item = rows.find(InboxView, item_id)
    if item is not None:
        rows.put(InboxView, item_id, item | {"status": "done"})

"""The views of threads, their comments and tasks."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import RecordedEvent
from vm_webapp.models import CommentView, TaskView, ThreadView, utc_text
from vm_webapp.projections.catalog_views import created, touched
from vm_webapp.projections.inbox_views import close_item, open_item
from vm_webapp.projections.rows import Apply, Row, Rows


def _created(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    row = {name: payload[name] for name in ("thread_id", "brand_id", "project_id", "title")}
    rows.put(
        ThreadView,
        payload["thread_id"],
        {**row, "status": "open", "modes_json": [], "best_json": None, **created(event), **touched(event)},
    )


def _changed(rows: Rows, event: RecordedEvent) -> None:
    """Every event of the thread's stream moves its version; some change what is shown."""
    row = rows.find(ThreadView, event.payload["thread_id"])
    if row is None:
        return  # a thread that no event created: there is no row to keep
    if event.event_type == "ThreadRenamed":
        row["title"] = event.payload["title"]
    elif event.event_type in _STATUS:
        row["status"] = _STATUS[event.event_type]
    elif event.event_type == "BestVersionMarked":
        row["best_json"] = _best(event)
    elif event.event_type == "ThreadModeAdded":
        row["modes_json"] = [*row["modes_json"], event.payload["mode"]]
    elif event.event_type == "ThreadModeRemoved":
        row["modes_json"] = [mode for mode in row["modes_json"] if mode != event.payload["mode"]]
    rows.put(ThreadView, row["thread_id"], row | touched(event))


def _best(event: RecordedEvent) -> Row | None:
    payload = event.payload
    if payload["run_id"] is None:
        return None
    said = {"run_id": payload["run_id"], "reason": payload["reason"]}
    return {**said, "by": event.actor_id, "at": utc_text(event.occurred_at)}


def _comment(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    row = {name: payload[name] for name in ("comment_id", "thread_id", "run_id", "stage_key", "text")}
    rows.put(
        CommentView, payload["comment_id"], {**row, "actor_id": event.actor_id, "erased_at": None, **created(event)}
    )
    _changed(rows, event)


def _task(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    row = {name: payload[name] for name in ("task_id", "thread_id", "run_id", "title")}
    rows.put(TaskView, payload["task_id"], {**row, "status": "open", "completed_at": None, **created(event)})
    open_item(rows, event, kind="task", item_id=payload["task_id"], title=payload["title"])
    _changed(rows, event)


def _task_completed(rows: Rows, event: RecordedEvent) -> None:
    row = rows.find(TaskView, event.payload["task_id"])
    if row is not None:
        rows.put(TaskView, row["task_id"], row | {"status": "completed", "completed_at": event.occurred_at})
        close_item(rows, row["task_id"])
    _changed(rows, event)


_STATUS: Final = {"ThreadClosed": "closed", "ThreadReopened": "open"}

THREADS: Final[Mapping[str, Apply]] = {
    "ThreadCreated": _created,
    "ThreadRenamed": _changed,
    "ThreadClosed": _changed,
    "ThreadReopened": _changed,
    "ThreadModeAdded": _changed,
    "ThreadModeRemoved": _changed,
    "CommentAdded": _comment,
    "TaskCreated": _task,
    "TaskCompleted": _task_completed,
    "BestVersionMarked": _changed,
    "WorkflowRunRequested": _changed,
}

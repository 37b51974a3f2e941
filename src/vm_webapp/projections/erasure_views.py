"""What views say of erased texts: the same live and in a rebuild, which meets the events with keys or without."""

from collections.abc import Mapping
from typing import Final

from vm_webapp.events import ERASED, RecordedEvent
from vm_webapp.models import CommentView, InboxView, RunView, TaskView, ThreadView, utc_text
from vm_webapp.projections.catalog_views import touched
from vm_webapp.projections.rows import Apply, Row, Rows


def _erased(rows: Rows, event: RecordedEvent) -> None:
    payload = event.payload
    for run_id in payload["runs"]:
        if run := rows.find(RunView, run_id):
            _blank_run(run)
            run["erased_json"] = {"by": event.actor_id, "at": utc_text(event.occurred_at), "reason": payload["reason"]}
            rows.put(RunView, run_id, run)
    for comment_id in payload["comments"]:
        if comment := rows.find(CommentView, comment_id):
            rows.put(CommentView, comment_id, comment | {"text": ERASED, "erased_at": event.occurred_at})
    for task_id in payload["tasks"]:
        _blank_task(rows, task_id)
    if thread := rows.find(ThreadView, payload["thread_id"]):
        _blank_thread(thread, payload)
        rows.put(ThreadView, thread["thread_id"], thread | touched(event))


def _blank_run(row: Row) -> None:
    row |= {"request_text": ERASED, "changes_json": {}, "feedback_json": {}, "edited_json": []}
    if row["error_json"]:
        row["error_json"] = {**row["error_json"], "message": _gone(row["error_json"]["message"])}
    for stage in row["stages_json"].values():
        for attempt in stage["attempts"]:
            attempt["error_message"] = _gone(attempt["error_message"])
        _blank_gate(stage["gate"] or {})


def _blank_gate(gate: Row) -> None:
    for word in gate.get("granted", ()):
        word["comment"] = _gone(word["comment"])
    if "rejected" in gate:
        gate["rejected"]["reason"] = _gone(gate["rejected"]["reason"])


def _blank_task(rows: Rows, task_id: str) -> None:
    for view in (TaskView, InboxView):
        if row := rows.find(view, task_id):
            rows.put(view, task_id, row | {"title": ERASED})


def _blank_thread(row: Row, payload: Mapping[str, object]) -> None:
    """The title goes with the whole thread; why a run is the best one goes with that run, too."""
    best = row["best_json"]
    if payload["scope"] == "thread":
        row["title"] = ERASED
    if best and (payload["scope"] == "thread" or best["run_id"] == payload["subject_id"]):
        row["best_json"] = {**best, "reason": _gone(best["reason"])}


def _gone(text: str | None) -> str | None:
    """What stands for a text; there was none where it is empty."""
    return ERASED if text else text


ERASURES: Final[Mapping[str, Apply]] = {"ContentErased": _erased}

"""The command timeline: what happened in a thread, read from the log."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vm_webapp import repo
from vm_webapp.cli.choose import no_such
from vm_webapp.cli.exits import Exit
from vm_webapp.cli.invocation import Invocation
from vm_webapp.cli.opening import nothing_yet, reading
from vm_webapp.cli.runs import choose_thread
from vm_webapp.cli.screen import cell, clock, console, say_aside, show_json, show_table
from vm_webapp.events import RecordedEvent
from vm_webapp.records import event_record

_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "ThreadCreated": ("title",),
    "ThreadRenamed": ("title",),
    "ThreadModeAdded": ("mode",),
    "ThreadModeRemoved": ("mode",),
    "CommentAdded": ("comment_id", "text"),
    "TaskCreated": ("title",),
    "WorkflowRunRequested": ("mode", "request_text"),
    "WorkflowRunFailed": ("error_message",),
    "StageStarted": ("stage_key",),
    "StageCompleted": ("stage_key",),
    "StageFailed": ("stage_key", "error_message"),
    "ArtifactPublished": ("stage_key", "path"),
    "ApprovalRequested": ("stage_key",),
    "ApprovalGranted": ("stage_key", "comment"),
    "ApprovalRejected": ("stage_key", "reason"),
    "ContentErased": ("scope", "reason"),
}
"""What of an event's payload is said in the timeline."""


def timeline(call: Invocation, *, thread: str, limit: int, as_json: bool) -> int:
    """Tell the newest events of the thread, oldest first; JSON has them newest first, as HTTP does."""
    with reading(call) as records:
        if records is None:
            nothing_yet(call)
            raise no_such("thread", thread, [])
        with records.database.read() as connection:
            thread_id = choose_thread(connection, thread)["thread_id"]
            items = repo.list_timeline_items_view(connection, thread_id=thread_id, limit=limit + 1)
    if as_json:
        show_json({"thread_id": thread_id, "items": [event_record(item) for item in items[:limit]]})
    else:
        _print_table(call, items[:limit][::-1])
        if len(items) > limit:
            say_aside(call, f"These are the newest {limit:,}; --limit shows more.")
    return Exit.OK


def _print_table(call: Invocation, items: Sequence[RecordedEvent]) -> None:
    rows = [
        [
            cell(clock(item.occurred_at)),
            cell(item.actor_id),
            cell(_words(item.event_type)),
            cell(_said(item)),
        ]
        for item in items
    ]
    show_table(console(call), ("when", "who", "what", ""), rows)


def _words(event_type: str) -> str:
    """The event type as words: `StageCompleted` is `stage completed`."""
    return "".join(f" {one.lower()}" if one.isupper() else one for one in event_type.removeprefix("Workflow")).strip()


def _said(item: RecordedEvent) -> str:
    values: list[Any] = [item.payload.get(name) for name in _SAID.get(item.event_type, ())]
    return ": ".join(str(value) for value in values if value)

"""What there is to erase of a thread, a run or a comment, as the log and the views have it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from vm_webapp.db import execute, first_value
from vm_webapp.domain.thread_messages import Erasable, ErasureScope
from vm_webapp.errors import NotFound
from vm_webapp.events import ERASED, derive_id
from vm_webapp.sealing import PERSONAL, SEALED, personal_fields

_EVENTS: Final = (
    "SELECT event_id, event_type, run_id, payload,"
    " (SELECT length(key) FROM event_keys WHERE event_keys.event_id = events.event_id)"
    " FROM events WHERE thread_id = ? ORDER BY global_position"
)
_OPEN: Final = (
    "SELECT run_id, forked_from_run_id FROM runs_view"
    " WHERE thread_id = ? AND status IN ('queued', 'running', 'waiting_approval')"
)
_RUNS: Final = "SELECT run_id, NULL FROM runs_view WHERE thread_id = ? AND erased_json IS NULL"
_IN_THREAD: Final[Mapping[str, str]] = {
    "run": "SELECT 1 FROM runs_view WHERE run_id = ? AND thread_id = ?",
    "comment": "SELECT 1 FROM comments_view WHERE comment_id = ? AND thread_id = ?",
}
_COMMENT: Final = "SELECT 1 FROM comments_view WHERE comment_id = ? AND erased_at IS NULL"
_TASK: Final = f"SELECT 1 FROM tasks_view WHERE task_id = ? AND title <> '{ERASED}'"  # noqa: S608 - a constant
_REQUESTED: Final = "WorkflowRunRequested"
_IMPORTED: Final = "WorkflowRunImported"


class _Said(NamedTuple):
    """An event with the ids by which it is found, and its payload as it is stored."""

    event_id: str
    event_type: str
    run_id: str | None
    payload: Mapping[str, Any]
    key_length: int | None


def find_erasable(connection: Connection, thread_id: str, *, scope: ErasureScope, subject_id: str) -> Erasable:
    """What there is; NotFound for a run or a comment that is not in the thread."""
    if scope in _IN_THREAD and not first_value(connection, _IN_THREAD[scope], (subject_id, thread_id)):
        raise NotFound(kind=f"{scope} in this thread", id=subject_id)
    said = [event for event in _events(connection, thread_id) if _belongs(event, scope, subject_id)]
    return Erasable(
        events=tuple(event.event_id for event in said if event.key_length),
        runs=tuple(_ids(connection, _RUNS, thread_id, scope, subject_id)),
        comments=tuple(_shown(connection, _COMMENT, [event.payload.get("comment_id") for event in said])),
        tasks=tuple(_shown(connection, _TASK, [event.payload.get("task_id") for event in said])),
        in_clear=tuple(event.event_id for event in said if _is_in_clear(event)),
        unsettled=tuple(_ids(connection, _OPEN, thread_id, scope, subject_id)),
    )


def _events(connection: Connection, thread_id: str) -> Iterator[_Said]:
    wanted = {*PERSONAL, _IMPORTED}
    for event_id, event_type, run_id, payload, key_length in execute(connection, _EVENTS, (thread_id,)):
        if event_type in wanted:
            yield _Said(event_id, event_type, run_id, json.loads(payload), key_length)


def _belongs(event: _Said, scope: ErasureScope, subject_id: str) -> bool:
    if scope == "thread":
        return True
    if scope == "comment":
        return event.event_type == "CommentAdded" and event.payload["comment_id"] == subject_id
    return subject_id in (event.run_id, event.payload.get("run_id")) or (
        event.event_type == _REQUESTED and derive_id("r", event.event_id) == subject_id
    )


def _is_in_clear(event: _Said) -> bool:
    """Whether it is of before texts had keys, and shows some still."""
    if SEALED in event.payload or event.key_length is not None:
        return False
    return bool(personal_fields(event.event_type, event.payload))


def _ids(connection: Connection, query: str, thread_id: str, scope: ErasureScope, subject_id: str) -> list[str]:
    """The runs that the query finds and that are meant; one at work on the files of a run is meant with it."""
    if scope == "comment":
        return []
    found = execute(connection, query, (thread_id,)).fetchall()
    return [str(run_id) for run_id, source in found if scope == "thread" or subject_id in (run_id, source)]


def _shown(connection: Connection, query: str, ids: Sequence[str | None]) -> Iterator[str]:
    """Those of the ids whose text is still shown."""
    for found in ids:
        if found is not None and first_value(connection, query, (found,)):
            yield found

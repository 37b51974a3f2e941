"""The read side: rows of the views as they are, lists by keyset; and `append_event` for whoever holds a session.

A list is newest first. Its cursor is the position of the last row seen: rows that are added meanwhile move nothing.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Executable, Row, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from vm_webapp import event_store, projections
from vm_webapp.db import execute, first_value
from vm_webapp.errors import NotFound
from vm_webapp.events import EventEnvelope, RecordedEvent
from vm_webapp.models import Base, BrandView, CommentView, EventRow, ProjectView, RunView, TaskView, ThreadView

Reader: TypeAlias = Session | Connection
DEFAULT_LIMIT = 50

_RUN_ROW_COLUMNS = [
    column for column in RunView.__table__.columns if column.name not in {"profile_json", "stages_json"}
]
_OPEN = ("queued", "running", "waiting_approval")


def append_event(session: Session, envelope: EventEnvelope) -> RecordedEvent:
    """Append one event and bring the views up to it, in the session's transaction."""
    connection = session.connection()
    (recorded,) = event_store.append(connection, [envelope])
    projections.project(connection, [recorded])
    return recorded


def get_brand(reader: Reader, brand_id: str) -> Mapping[str, Any]:
    """The brand; NotFound where there is none."""
    return _get(reader, BrandView, "brand", brand_id)


def list_brands(reader: Reader, *, limit: int = DEFAULT_LIMIT, before: int | None = None) -> list[Mapping[str, Any]]:
    """Brands, newest first."""
    return _page(reader, select(BrandView.__table__), BrandView.created_position, limit=limit, before=before)


def get_project(reader: Reader, project_id: str) -> Mapping[str, Any]:
    """The project; NotFound where there is none."""
    return _get(reader, ProjectView, "project", project_id)


def list_projects(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Projects, newest first; of one brand where named."""
    query = select(ProjectView.__table__)
    if brand_id is not None:
        query = query.where(ProjectView.brand_id == brand_id)
    return _page(reader, query, ProjectView.created_position, limit=limit, before=before)


def get_thread(reader: Reader, thread_id: str) -> Mapping[str, Any]:
    """The thread; NotFound where there is none."""
    return _get(reader, ThreadView, "thread", thread_id)


def list_threads(
    reader: Reader, *, project_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Threads, newest first; of one project where named."""
    query = select(ThreadView.__table__)
    if project_id is not None:
        query = query.where(ThreadView.project_id == project_id)
    return _page(reader, query, ThreadView.created_position, limit=limit, before=before)


def get_run(reader: Reader, run_id: str) -> Mapping[str, Any]:
    """The run with its stages; NotFound where there is none."""
    return _get(reader, RunView, "run", run_id)


def list_runs_by_thread(
    reader: Reader, thread_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Any]:
    """The thread's runs, newest first, without their stages; rows have the columns as attributes."""
    query = select(*_RUN_ROW_COLUMNS).where(RunView.thread_id == thread_id)
    return _rows(reader, query, RunView.requested_position, limit=limit, before=before)


def list_runs(
    reader: Reader, *, status: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Any]:
    """Runs of all threads, newest first, without their stages; rows have the columns as attributes."""
    query = select(*_RUN_ROW_COLUMNS)
    if status is not None:
        query = query.where(RunView.status == status)
    return _rows(reader, query, RunView.requested_position, limit=limit, before=before)


def list_comments(
    reader: Reader, thread_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """The thread's comments, newest first."""
    query = select(CommentView.__table__).where(CommentView.thread_id == thread_id)
    return _page(reader, query, CommentView.created_position, limit=limit, before=before)


def get_comment(reader: Reader, comment_id: str) -> Mapping[str, Any]:
    """The comment; NotFound where there is none."""
    return _get(reader, CommentView, "comment", comment_id)


def list_tasks(
    reader: Reader,
    thread_id: str,
    *,
    status: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Mapping[str, Any]]:
    """The thread's tasks, newest first; open or completed ones where named."""
    query = select(TaskView.__table__).where(TaskView.thread_id == thread_id)
    if status is not None:
        query = query.where(TaskView.status == status)
    return _page(reader, query, TaskView.created_position, limit=limit, before=before)


def get_task(reader: Reader, task_id: str) -> Mapping[str, Any]:
    """The task; NotFound where there is none."""
    return _get(reader, TaskView, "task", task_id)


def list_timeline_items_view(
    reader: Reader, *, thread_id: str, limit: int = 500, before: int | None = None
) -> list[RecordedEvent]:
    """The thread's events, newest first: the timeline is the log, read."""
    query = select(EventRow.__table__).where(EventRow.thread_id == thread_id)
    rows = _rows(reader, query, EventRow.global_position, limit=limit, before=before)
    return [event_store.recorded(dict(row._mapping)) for row in rows]  # noqa: SLF001 - a row's public mapping


def list_open_runs(reader: Reader) -> list[Any]:
    """Every run that is not settled, oldest first: run_id, thread_id, status."""
    query = (
        select(RunView.run_id, RunView.thread_id, RunView.status)
        .where(RunView.status.in_(_OPEN))
        .order_by(RunView.requested_position)
    )
    return list(_execute(reader, query, {}))


def list_ready_runs(connection: Connection, thread_id: str) -> list[str]:
    """The thread's runs that may go on: those that waited for a person, then the oldest in line if none is running."""
    rows = execute(
        connection,
        "SELECT run_id, status FROM runs_view WHERE thread_id = ?"
        " AND status IN ('queued', 'running', 'waiting_approval') ORDER BY requested_position",
        (thread_id,),
    ).fetchall()
    waiting = [run_id for run_id, status in rows if status == "waiting_approval"]
    if any(status == "running" for _, status in rows):
        return waiting
    return [*waiting, *[run_id for run_id, status in rows if status == "queued"][:1]]


def turn_is_free(connection: Connection, *, thread_id: str, run_id: str) -> bool:
    """Whether no other run of the thread is running, and none that was asked for earlier is in line."""
    found = first_value(
        connection,
        "SELECT 1 FROM runs_view WHERE thread_id = ? AND run_id <> ? AND (status = 'running' OR (status = 'queued'"
        " AND requested_position < (SELECT requested_position FROM runs_view WHERE run_id = ?))) LIMIT 1",
        (thread_id, run_id, run_id),
    )
    return found is None


def as_mapping(row: Row[Any]) -> Mapping[str, Any]:
    """A row of a list of runs as a dict, its `*_json` columns as JSON values under their plain names."""
    return _read(row)


def _get(reader: Reader, view: type[Base], kind: str, key: str) -> Mapping[str, Any]:
    table: Any = view.__table__
    (column,) = table.primary_key.columns
    rows = _execute(reader, select(table).where(column == bindparam("key")), {"key": key})
    if not rows:
        raise NotFound(kind=kind, id=key)
    return _read(rows[0])


def _page(
    reader: Reader,
    query: Select[Any],
    order: InstrumentedAttribute[int],
    *,
    limit: int,
    before: int | None,
) -> list[Mapping[str, Any]]:
    return [_read(row) for row in _rows(reader, query, order, limit=limit, before=before)]


def _rows(
    reader: Reader,
    query: Select[Any],
    order: InstrumentedAttribute[int],
    *,
    limit: int,
    before: int | None,
) -> list[Row[Any]]:
    if before is not None:
        query = query.where(order < before)
    return list(_execute(reader, query.order_by(order.desc()).limit(limit), {}))


def _execute(reader: Reader, query: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    return reader.execute(query, values).all()


def _read(row: Row[Any]) -> Mapping[str, Any]:
    """The row as a dict, its `*_json` columns as JSON values under their plain names."""
    return {
        name.removesuffix("_json"): json.loads(value) if name.endswith("_json") and value is not None else value
        for name, value in row._mapping.items()  # noqa: SLF001 - a row's public mapping
    }

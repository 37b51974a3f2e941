"""Threads, and what is said and to be done in them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from vm_webapp import event_store
from vm_webapp.db import execute
from vm_webapp.events import RecordedEvent
from vm_webapp.models import (
    CommentView,
    EventKey,
    EventRow,
    InboxView,
    RunView,
    TaskView,
    ThreadView,
)
from vm_webapp.repo.reading import DEFAULT_LIMIT, Reader, get_row, of_brand, page, rows_of


def get_thread(reader: Reader, thread_id: str) -> Mapping[str, Any]:
    """The thread; NotFound where there is none."""
    return get_row(reader, ThreadView, "thread", thread_id)


def list_threads(
    reader: Reader,
    *,
    project_id: str | None = None,
    brand_id: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Mapping[str, Any]]:
    """Threads, newest first; of one project, of one brand where named."""
    query = of_brand(select(ThreadView.__table__), ThreadView.brand_id, brand_id)
    if project_id is not None:
        query = query.where(ThreadView.project_id == project_id)
    return page(reader, query, ThreadView.created_position, limit=limit, before=before)


def list_comments(
    reader: Reader, thread_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """The thread's comments, newest first."""
    query = select(CommentView.__table__).where(CommentView.thread_id == thread_id)
    return page(reader, query, CommentView.created_position, limit=limit, before=before)


def get_comment(reader: Reader, comment_id: str) -> Mapping[str, Any]:
    """The comment; NotFound where there is none."""
    return get_row(reader, CommentView, "comment", comment_id)


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
    return page(reader, query, TaskView.created_position, limit=limit, before=before)


def get_task(reader: Reader, task_id: str) -> Mapping[str, Any]:
    """The task; NotFound where there is none."""
    return get_row(reader, TaskView, "task", task_id)


def list_timeline_items_view(
    reader: Reader, *, thread_id: str, limit: int = 500, before: int | None = None
) -> list[RecordedEvent]:
    """The thread's events, newest first: the timeline is the log, read."""
    key = select(EventKey.key).where(EventKey.event_id == EventRow.event_id).scalar_subquery().label("key")
    query = select(EventRow.__table__, key).where(EventRow.thread_id == thread_id)
    rows = rows_of(reader, query, EventRow.global_position, limit=limit, before=before)
    return [event_store.recorded(dict(row._mapping)) for row in rows]  # noqa: SLF001 - a row's public mapping


def list_newest_comments(connection: Connection, thread_id: str) -> tuple[Mapping[str, str], ...]:
    """The thread's newest comments, up to twenty, oldest first: by, text, said_at."""
    query = (
        "SELECT actor_id, text, created_at FROM comments_view WHERE thread_id = ?"
        " AND erased_at IS NULL ORDER BY created_position DESC LIMIT 20"
    )
    found = execute(connection, query, (thread_id,)).fetchall()
    return tuple({"by": by, "text": text, "said_at": at} for by, text, at in reversed(found))


def list_inbox(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """What waits for a person, newest first, with the title of its thread and the number of its run."""
    query = (
        select(InboxView.__table__, ThreadView.title.label("thread_title"), RunView.number.label("run_number"))
        .outerjoin(ThreadView, ThreadView.thread_id == InboxView.thread_id)
        .outerjoin(RunView, RunView.run_id == InboxView.run_id)
        .where(InboxView.status == "open")
    )
    if brand_id is not None:
        query = query.where(InboxView.brand_id == brand_id)
    return page(reader, query, InboxView.opened_position, limit=limit, before=before)

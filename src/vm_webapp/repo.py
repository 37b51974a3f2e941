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
from vm_webapp.models import (
    Base,
    BrandView,
    CommentView,
    EventRow,
    InboxView,
    ProjectView,
    RuleView,
    RunView,
    SpendingView,
    TaskView,
    ThreadView,
    TokenView,
    WebhookAttempt,
    WebhookView,
)

Reader: TypeAlias = Session | Connection
DEFAULT_LIMIT = 50

_RUN_ROW_COLUMNS = [
    column for column in RunView.__table__.columns if column.name not in {"profile_json", "stages_json"}
]
_PARENTS = 200
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


def list_brands(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Brands, newest first; that one alone where named."""
    query = _of_brand(select(BrandView.__table__), BrandView.brand_id, brand_id)
    return _page(reader, query, BrandView.created_position, limit=limit, before=before)


def get_rule(reader: Reader, rule_id: str) -> Mapping[str, Any]:
    """The rule; NotFound where there is none."""
    return _get(reader, RuleView, "rule", rule_id)


def list_rules(
    reader: Reader,
    brand_id: str,
    *,
    status: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Mapping[str, Any]]:
    """The brand's rules, newest first; active or retired ones where named."""
    query = select(RuleView.__table__).where(RuleView.brand_id == brand_id)
    if status is not None:
        query = query.where(RuleView.status == status)
    return _page(reader, query, RuleView.created_position, limit=limit, before=before)


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
    reader: Reader,
    *,
    project_id: str | None = None,
    brand_id: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Mapping[str, Any]]:
    """Threads, newest first; of one project, of one brand where named."""
    query = _of_brand(select(ThreadView.__table__), ThreadView.brand_id, brand_id)
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
    reader: Reader,
    *,
    status: str | None = None,
    brand_id: str | None = None,
    limit: int = DEFAULT_LIMIT,
    before: int | None = None,
) -> list[Any]:
    """Runs of all threads or of one brand, newest first, without their stages; rows have the columns as attributes."""
    query = _of_brand(select(*_RUN_ROW_COLUMNS), RunView.brand_id, brand_id)
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


def get_token(reader: Reader, token_id: str) -> Mapping[str, Any]:
    """The token; NotFound where there is none."""
    return _get(reader, TokenView, "token", token_id)


def list_tokens(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Tokens, newest first; of one brand where named."""
    query = _of_brand(select(TokenView.__table__), TokenView.brand_id, brand_id)
    return _page(reader, query, TokenView.created_position, limit=limit, before=before)


def get_webhook(reader: Reader, webhook_id: str) -> Mapping[str, Any]:
    """One webhook; NotFound where there is none, or none any more."""
    found = _get(reader, WebhookView, "webhook", webhook_id)
    if found["status"] == "deleted":
        raise NotFound(kind="webhook", id=webhook_id)
    return found


def list_webhooks(
    reader: Reader, *, brand_id: str | None = None, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Webhooks, newest first; of one brand where named, without those that are gone."""
    query = _of_brand(select(WebhookView.__table__), WebhookView.brand_id, brand_id)
    kept = query.where(WebhookView.status != "deleted")
    return _page(reader, kept, WebhookView.created_position, limit=limit, before=before)


def get_webhook_attempt(reader: Reader, attempt_id: int) -> Mapping[str, Any]:
    """One try at telling a webhook."""
    query = select(WebhookAttempt.__table__).where(WebhookAttempt.attempt_id == attempt_id)
    return _read(_execute(reader, query, {})[0])


def list_webhook_attempts(
    reader: Reader, webhook_id: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[Mapping[str, Any]]:
    """Every try at telling a webhook, newest first."""
    query = select(WebhookAttempt.__table__).where(WebhookAttempt.webhook_id == webhook_id)
    return _page(reader, query, WebhookAttempt.attempt_id, limit=limit, before=before)


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


def list_newest_stages(connection: Connection, mode: str, *, limit: int) -> list[Mapping[str, Any]]:
    """The stages of the newest completed runs of a profile, newest first; of the newest few hundred runs of all."""
    newest = (
        "SELECT mode, stages_json FROM runs_view WHERE status = 'completed' ORDER BY requested_position DESC LIMIT 300"
    )
    query = f"SELECT stages_json FROM ({newest}) WHERE mode = ? LIMIT ?"  # noqa: S608 - ours
    return [json.loads(stages) for (stages,) in execute(connection, query, (mode, limit)).fetchall()]


def list_busy_runs(connection: Connection, thread_id: str) -> list[tuple[str, str]]:
    """The thread's runs that are at work or in line, oldest first: run_id and status."""
    query = (
        "SELECT run_id, status FROM runs_view WHERE thread_id = ? AND status IN ('queued', 'running')"
        " ORDER BY requested_position"
    )
    return [(run_id, status) for run_id, status in execute(connection, query, (thread_id,)).fetchall()]


def list_newest_comments(connection: Connection, thread_id: str) -> tuple[Mapping[str, str], ...]:
    """The thread's newest comments, up to twenty, oldest first: by, text, said_at."""
    query = (
        "SELECT actor_id, text, created_at FROM comments_view WHERE thread_id = ?"
        " ORDER BY created_position DESC LIMIT 20"
    )
    found = execute(connection, query, (thread_id,)).fetchall()
    return tuple({"by": by, "text": text, "said_at": at} for by, text, at in reversed(found))


def spent_nano(connection: Connection, scope_id: str) -> int:
    """What is spent in a scope such as `brand:<id>`, in 10^-9 dollar, with what is reserved."""
    query = "SELECT cost_nano + reserved_nano FROM spending_view WHERE scope_id = ?"
    return int(first_value(connection, query, (scope_id,)) or 0)


def get_spending(reader: Reader, scope_id: str) -> Mapping[str, int]:
    """The sums of a scope such as `thread:<id>`; zeros where nothing was spent."""
    table: Any = SpendingView.__table__
    rows = _execute(reader, select(table).where(table.c.scope_id == scope_id), {})
    names = ("calls", "input_tokens", "output_tokens", "cost_nano", "reserved_nano", "unpriced")
    return {name: int(getattr(rows[0], name)) if rows else 0 for name in names}


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
    return _page(reader, query, InboxView.opened_position, limit=limit, before=before)


def list_ancestors(reader: Reader, run_id: str) -> list[Mapping[str, Any]]:
    """The runs that this one was forked from, the nearest first."""
    found: list[Mapping[str, Any]] = []
    run = _execute(reader, select(*_RUN_ROW_COLUMNS).where(RunView.run_id == run_id), {})
    while run and run[0].forked_from_run_id:
        run = _execute(reader, select(*_RUN_ROW_COLUMNS).where(RunView.run_id == run[0].forked_from_run_id), {})
        found += [_read(row) for row in run]
    return found


def list_descendants(reader: Reader, run_id: str) -> list[Mapping[str, Any]]:
    """The runs that were forked from this one, directly or through others, the nearest first."""
    found: list[Mapping[str, Any]] = []
    waiting, seen = [run_id], {run_id}
    while waiting:
        query = select(*_RUN_ROW_COLUMNS).where(RunView.forked_from_run_id.in_(waiting[:_PARENTS]))
        rows = [_read(row) for row in _execute(reader, query.order_by(RunView.requested_position), {})]
        fresh = [row for row in rows if row["run_id"] not in seen]
        found += fresh
        seen |= {row["run_id"] for row in fresh}
        waiting = waiting[_PARENTS:] + [row["run_id"] for row in fresh]
    return found


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


def _of_brand(query: Select[Any], column: InstrumentedAttribute[Any], brand_id: str | None) -> Select[Any]:
    return query if brand_id is None else query.where(column == brand_id)


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

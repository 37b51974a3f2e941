"""Event -> view rows: applied in the transaction of the append, or again from zero.

Everything here is derived: `rebuild` empties the views and reads the whole log, and must come out equal to what the
appends left behind. A batch of events is folded in memory first and written row by row once at its end, so that one
commit costs one statement per touched table and a rebuild runs at the speed of reading.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DatabaseError

from vm_webapp import event_store
from vm_webapp.events import RecordedEvent
from vm_webapp.models import VIEWS, Base, ThreadView
from vm_webapp.projections.access_views import ACCESS
from vm_webapp.projections.catalog_views import CATALOG
from vm_webapp.projections.erasure_views import ERASURES
from vm_webapp.projections.gate_views import GATES
from vm_webapp.projections.import_views import IMPORTS
from vm_webapp.projections.rows import Apply, Rows
from vm_webapp.projections.run_views import RUNS
from vm_webapp.projections.spending_views import SPENDING
from vm_webapp.projections.thread_views import THREADS
from vm_webapp.projections.webhook_views import WEBHOOKS

CHECKPOINT: Final = "views"
_BATCH: Final = 2_000
_APPLY: Final[Mapping[str, Apply]] = {
    **CATALOG,
    **ACCESS,
    **THREADS,
    **RUNS,
    **GATES,
    **SPENDING,
    **WEBHOOKS,
    **IMPORTS,
    **ERASURES,
}


def project(connection: Connection, events: Sequence[RecordedEvent]) -> None:
    """Bring the views up to these events, which are the newest, and move the checkpoint with them."""
    rows = Rows(connection)
    for event in events:
        if apply := _APPLY.get(event.event_type):
            apply(rows, event)
    rows.flush()
    event_store.save_checkpoint(connection, CHECKPOINT, events[-1].global_position)


def catch_up(connection: Connection, *, progress: Callable[[int], None] | None = None) -> int:
    """Read the log from the checkpoint on to its end; returns the number of events read."""
    position = event_store.load_checkpoint(connection, CHECKPOINT)
    count = 0
    while events := event_store.read_after(connection, position, limit=_BATCH):
        project(connection, events)
        position = events[-1].global_position
        count += len(events)
        if progress:
            progress(count)
    return count


def rebuild(connection: Connection, *, progress: Callable[[int], None] | None = None) -> int:
    """Empty the views and read the whole log again, in the caller's transaction; returns the number of events read."""
    for view in VIEWS:
        emptied = delete(view)
        if view is ThreadView:
            emptied = emptied.where(ThreadView.created_position > 0)  # a row put there by hand stands in no event
        connection.execute(emptied)
    event_store.save_checkpoint(connection, CHECKPOINT, 0)
    return catch_up(connection, progress=progress)


def is_current(connection: Connection) -> bool:
    """Whether the views stand where the log ends, and none of them has lost what the log tells of."""
    try:
        if event_store.load_checkpoint(connection, CHECKPOINT) != event_store.last_position(connection):
            return False
        for view in VIEWS:
            connection.execute(select(view.__table__).limit(0))
        return all(connection.exec_driver_sql(check).scalar() for check in _CHECKS)
    except DatabaseError:
        return False


def restore(connection: Connection, *, progress: Callable[[int], None] | None = None) -> int:
    """Rebuild views that may be garbled or missing, tables and all; returns the number of events read."""
    tables = [view.__table__ for view in VIEWS]
    try:
        with connection.begin_nested():
            Base.metadata.create_all(connection, tables=tables)
            return rebuild(connection, progress=progress)
    except DatabaseError:
        Base.metadata.drop_all(connection, tables=tables)
        Base.metadata.create_all(connection, tables=tables)
        return rebuild(connection, progress=progress)


def _versions(view: str, kind: str) -> str:
    """Whether the versions in a view add up to the number of events of its streams."""
    events = f"SELECT count(*) FROM events WHERE stream_id >= '{kind}:' AND stream_id < '{kind};'"  # noqa: S608 - ours
    return f"SELECT (SELECT coalesce(sum(version), 0) FROM {view}) = ({events})"  # noqa: S608 - likewise


def _any(view: str, kind: str, *event_types: str) -> str:
    """Whether a view has rows if the log has streams of the kind, or events of these types in them."""
    types = f" AND event_type IN ({', '.join(repr(name) for name in event_types)})" if event_types else ""
    events = f"SELECT 1 FROM events WHERE stream_id >= '{kind}:' AND stream_id < '{kind};'{types}"  # noqa: S608 - ours
    return f"SELECT EXISTS (SELECT 1 FROM {view}) OR NOT EXISTS ({events})"  # noqa: S608 - likewise


def _sound(which: str) -> str:
    """Whether these runs stand at the version of their streams and can be read."""
    runs = f"SELECT run_id, version, stages_json FROM runs_view {which}"  # noqa: S608 - ours
    version = "SELECT max(stream_version) FROM events WHERE stream_id = 'run:' || seen.run_id"
    unsound = f"version <> ({version}) OR NOT json_valid(stages_json)"
    return f"SELECT NOT EXISTS (SELECT 1 FROM ({runs}) AS seen WHERE {unsound})"  # noqa: S608 - likewise


# They stay within a few index entries per thread, however many runs there are: every start waits for them.
_CHECKS: Final = (
    _versions("brands_view", "brand"),
    _versions("projects_view", "project"),
    _versions("tokens_view", "token"),
    _versions("webhooks_view", "webhook"),
    _any("rules_view", "brand", "BrandRuleAdded"),
    _any("runs_view", "run"),
    _any("comments_view", "thread", "CommentAdded"),
    _any("tasks_view", "thread", "TaskCreated"),
    (
        "SELECT (SELECT count(*) FROM tasks_view WHERE status = 'open')"
        " = (SELECT count(*) FROM inbox_view WHERE status = 'open' AND kind = 'task')"
    ),
    (
        "SELECT (SELECT count(*) FROM inbox_view WHERE status = 'open' AND kind = 'approval') = (SELECT count(*)"
        " FROM runs_view, json_each(runs_view.stages_json) AS stage"
        " WHERE runs_view.status IN ('queued', 'running', 'waiting_approval')"
        " AND json_extract(stage.value, '$.status') = 'waiting_approval')"
    ),
    (
        "SELECT EXISTS (SELECT 1 FROM spending_view) OR NOT EXISTS (SELECT 1 FROM (SELECT usage_json FROM runs_view"
        " ORDER BY requested_position DESC LIMIT 200) WHERE usage_json IS NOT NULL)"
    ),
    (
        "SELECT (SELECT count(*) FROM threads_view WHERE created_position > 0) = (SELECT count(*) FROM events"
        " WHERE stream_id >= 'thread:' AND stream_id < 'thread;' AND stream_version = 1"
        " AND event_type = 'ThreadCreated')"
    ),
    (  # a log that an older build recovered, which took approvals that nobody knows for none: its first run tells
        "SELECT CASE (SELECT event_type FROM events ORDER BY global_position LIMIT 1) WHEN 'WorkspaceRecovered' THEN"
        " NOT EXISTS (SELECT 1 FROM (SELECT payload_version, stages_json FROM events CROSS JOIN runs_view"
        " ON stream_id = 'run:' || runs_view.run_id WHERE event_type = 'RunRecovered' AND imported_json IS NULL"
        " ORDER BY global_position LIMIT 1) WHERE payload_version = 1"
        """ AND stages_json NOT LIKE '%"approval":"unknown"%') ELSE 1 END"""
    ),
    "SELECT (SELECT coalesce(sum(runs), 0) FROM thread_runs_view) = (SELECT count(*) FROM runs_view)",
    _sound("WHERE status IN ('queued', 'running', 'waiting_approval')"),
    (
        "SELECT NOT EXISTS (SELECT 1 FROM (SELECT stages_json FROM runs_view ORDER BY requested_position DESC"
        " LIMIT 200) WHERE NOT json_valid(stages_json))"
    ),
)

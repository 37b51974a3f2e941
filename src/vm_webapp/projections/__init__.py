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
from vm_webapp.projections.catalog_views import CATALOG
from vm_webapp.projections.rows import Apply, Rows
from vm_webapp.projections.run_views import RUNS
from vm_webapp.projections.thread_views import THREADS

CHECKPOINT: Final = "views"
_BATCH: Final = 2_000
_APPLY: Final[Mapping[str, Apply]] = {**CATALOG, **THREADS, **RUNS}


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
    """Whether the views stand where the log ends, and show as many things and changes as it tells of."""
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
    """Whether the versions in a view add up to the number of events of its streams; read from an index alone."""
    events = f"SELECT count(*) FROM events WHERE stream_id >= '{kind}:' AND stream_id < '{kind};'"  # noqa: S608 - ours
    return f"SELECT (SELECT coalesce(sum(version), 0) FROM {view}) = ({events})"  # noqa: S608 - likewise


def _rows(view: str, event_type: str, *, comparison: str) -> str:
    """Whether a view has as many rows as the threads' streams have events of a type (`=`), or any at all (`<=`)."""
    threads = "stream_id >= 'thread:' AND stream_id < 'thread;'"
    events = f"SELECT count(*) FROM events WHERE {threads} AND event_type = '{event_type}'"  # noqa: S608 - ours
    rows = f"SELECT count(*) FROM {view} WHERE created_position > 0"  # noqa: S608 - ours
    return f"SELECT min(1, ({events})) {comparison} ({rows})" if comparison == "<=" else f"SELECT ({events}) = ({rows})"


_CHECKS: Final = (
    _versions("brands_view", "brand"),
    _versions("projects_view", "project"),
    _versions("runs_view", "run"),
    _rows("threads_view", "ThreadCreated", comparison="="),
    _rows("comments_view", "CommentAdded", comparison="<="),
    _rows("tasks_view", "TaskCreated", comparison="<="),
    "SELECT (SELECT coalesce(sum(runs), 0) FROM thread_runs_view) = (SELECT count(*) FROM runs_view)",
    "SELECT NOT EXISTS (SELECT 1 FROM runs_view WHERE settled_at IS NULL AND NOT json_valid(stages_json))",
)

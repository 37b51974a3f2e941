"""Event -> view rows: applied in the transaction of the append, or again from zero.

Everything here is derived: `rebuild` empties the views and reads the whole log, and must come out equal to what the
appends left behind. A batch of events is folded in memory first and written row by row once at its end, so that one
commit costs one statement per touched table and a rebuild runs at the speed of reading.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete

from vm_webapp import event_store
from vm_webapp.events import RecordedEvent
from vm_webapp.models import VIEWS
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
        connection.execute(delete(view))
    event_store.save_checkpoint(connection, CHECKPOINT, 0)
    return catch_up(connection, progress=progress)


def is_current(connection: Connection) -> bool:
    """Whether the views stand where the log ends."""
    return event_store.load_checkpoint(connection, CHECKPOINT) == event_store.last_position(connection)

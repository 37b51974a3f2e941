"""The database in a backup: what is noted of it when it is copied, and whether a copy is what was noted."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any, Final

from vm_webapp.backups.inventory import Inventory
from vm_webapp.backups.shelf import Source
from vm_webapp.cloud_events import log_name
from vm_webapp.db import connect, driver_error
from vm_webapp.errors import IntegrityError

_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_FIRST: Final = "SELECT event_id FROM events ORDER BY global_position LIMIT 1"
_LAST: Final = "SELECT max(global_position) FROM events"


def count_rows(ask: Callable[[str], Any]) -> dict[str, int]:
    """The number of rows of every table."""
    names = [str(name) for (name,) in ask(_TABLES).fetchall()]
    counted = 'SELECT count(*) FROM "{}"'
    return {name: int(ask(counted.format(name)).fetchone()[0]) for name in names}


def check_copy(made: sqlite3.Connection, tables: Mapping[str, int], *, path: str) -> None:
    """IntegrityError, which names the path, where SQLite finds a fault or a table has another number of rows."""
    said = [str(one) for (one,) in made.execute("PRAGMA integrity_check(5)")]
    if said != ["ok"]:
        raise IntegrityError(path=path, problem=f"SQLite says: {'; '.join(said)[:300]}")
    if count_rows(made.execute) != dict(tables):
        raise IntegrityError(path=path, problem="its tables have other numbers of rows than were copied")


def check_copied(source: Source, inventory: Inventory) -> None:
    """Open the backup's database, read only, and hold it against the inventory; IntegrityError where it does not hold.

    Its bytes are held against their digest elsewhere.
    """
    place = inventory.database.place
    try:
        with source.at(place) as path, closing(connect(path, read_only=True)) as found:
            check_copy(found, inventory.tables, path=place)
            for problem in _contradictions(found, inventory):
                raise IntegrityError(path=place, problem=problem)
    except driver_error() as error:
        raise IntegrityError(path=place, problem=str(error)) from error


def _contradictions(found: sqlite3.Connection, inventory: Inventory) -> Iterator[str]:
    position = int((found.execute(_LAST).fetchone() or (0,))[0] or 0)
    if position != inventory.position:
        yield f"its log ends at position {position}, and the inventory says {inventory.position}"
    (first,) = found.execute(_FIRST).fetchone() or ("",)
    if log_name(str(first)) != inventory.source:
        yield "its log is another than the one that the inventory names"

"""Makes a backup while the workspace is at work, in this process or in another: nothing of it is held up.

The database is copied with SQLite's online backup from one read snapshot (https://sqlite.org/backup.html), then
checked: its own integrity check, and the rows of every table against those of the snapshot. The files are those that
this snapshot speaks of, each held against its digest while it is copied, and read back afterwards.
"""

import io
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Connection

from vm_webapp import __version__, artifacts, event_store
from vm_webapp.backups.contents import Wanted, read_wanted, wanted_files
from vm_webapp.backups.copied import check_copy, count_rows
from vm_webapp.backups.inventory import Inventory, Item
from vm_webapp.backups.shelf import Shelf, digest_of, is_one_file, shelf_at
from vm_webapp.cloud_events import source_of
from vm_webapp.db import SCHEMA_REVISION, Database, connect, driver_error
from vm_webapp.errors import Conflict, IntegrityError, Invalid, NotReadable
from vm_webapp.models import utc_text
from vm_webapp.workspace import Workspace

DATABASE: Final = "workspace.sqlite3"
Progress = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Backup:
    """What was done; `damaged` are files that were not what was published, which are not in the backup."""

    position: int = 0
    files: int = 0
    copied: int = 0
    bytes: int = 0
    damaged: list[Mapping[str, str]] = field(default_factory=list)


def make_backup(
    database: Database,
    workspace: Workspace,
    target: Path,
    *,
    with_keys: bool = False,
    progress: Progress = lambda _: None,
) -> Backup:
    """Back the workspace up to a folder or a .tar file.

    Raises Invalid for a target inside the workspace, Conflict for one that holds something else, NotReadable when the
    disk fails or is full; the backup that stood there before then stands there still.
    """
    if target.absolute().is_relative_to(workspace.root.absolute()):
        raise Invalid(f"{target} lies inside the workspace, and would be lost with it; name a place outside.")
    try:
        with shelf_at(target) as shelf:
            return _make(database, workspace, shelf, target, with_keys=with_keys, progress=progress)
    except OSError as error:
        raise NotReadable(path=target, problem=error.strerror or str(error)) from error
    except driver_error() as error:
        raise NotReadable(path=target, problem=str(error)) from error


def _make(
    database: Database, workspace: Workspace, shelf: Shelf, target: Path, *, with_keys: bool, progress: Progress
) -> Backup:
    done = Backup()
    copy = _beside(target)
    try:
        with database.read() as connection:
            inventory = _begin(connection, shelf, copy)
        done.position = inventory.position
        with copy.open("rb") as file:
            size, sha256 = digest_of(file)
        item = Item(path=DATABASE, place=f"log/{sha256}.sqlite3", sha256=sha256, size=size)
        _put(shelf, item, copy, done)
        with closing(connect(copy)) as snapshot:
            files = _copy_files(snapshot, workspace, shelf, done, with_keys=with_keys, progress=progress)
    finally:
        for path in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm"), Path(f"{copy}-journal")):
            path.unlink(missing_ok=True)
    shelf.finish(replace(inventory, database=item, files=files, damaged=done.damaged))
    return done


def _begin(connection: Connection, shelf: Shelf, copy: Path) -> Inventory:
    """The database's copy, checked, and what there is to say of it; all of one snapshot."""
    source, position = source_of(connection), event_store.last_position(connection)
    before = shelf.before()
    if before is not None and before.source != source:
        raise Conflict("The folder holds the backup of another workspace; name another one.")
    tables = count_rows(_rows_of(connection))
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    with closing(connect(copy)) as made:
        cast("Any", connection.connection.driver_connection).backup(made)
        made.execute("PRAGMA journal_mode=DELETE")
        check_copy(made, tables, path=DATABASE)
    nothing = Item(path=DATABASE, place=DATABASE, sha256="0" * 64, size=0)
    return Inventory(
        made_at=utc_text(datetime.now(UTC)),
        version=__version__,
        source=source,
        position=position,
        schema=SCHEMA_REVISION,
        tables=tables,
        database=nothing,
        files=(),
    )


def _rows_of(connection: Connection) -> Callable[[str], Any]:
    return cast("Any", connection.connection.driver_connection).execute  # type: ignore[no-any-return]  # the driver's


def _copy_files(
    snapshot: sqlite3.Connection,
    workspace: Workspace,
    shelf: Shelf,
    done: Backup,
    *,
    with_keys: bool,
    progress: Progress,
) -> Sequence[Item]:
    files: list[Item] = []
    before = shelf.before()
    known = {item.path: item for item in before.files} if before else {}
    for wanted in wanted_files(snapshot, workspace, with_keys=with_keys):
        item = _copy_file(wanted, workspace, shelf, done, known.get(wanted.path))
        if item is not None:
            files.append(item)
        progress(len(files))
    return files


def _copy_file(wanted: Wanted, workspace: Workspace, shelf: Shelf, done: Backup, known: Item | None) -> Item | None:
    """The file's item once it is on the shelf; None for a damaged one, which is noted."""
    try:
        content = read_wanted(workspace, wanted)
    except IntegrityError as error:
        done.damaged.append({"path": wanted.path, "problem": str(error.facts["problem"])})
        return None
    sha256 = artifacts.digest(content)
    changed = known is not None and known.sha256 != sha256
    place = f"{wanted.path}.{sha256[:12]}" if changed else known.place if known else wanted.path
    item = Item(path=wanted.path, place=place, sha256=sha256, size=len(content))
    done.files += 1
    done.bytes += item.size
    if shelf.holds(item):
        return item
    shelf.put(item, io.BytesIO(content))
    done.copied += 1
    _read_back(shelf, item)
    return item


def _put(shelf: Shelf, item: Item, source: Path, done: Backup) -> None:
    done.bytes += item.size
    if not shelf.holds(item):
        with source.open("rb") as file:
            shelf.put(item, file)
        _read_back(shelf, item)


def _read_back(shelf: Shelf, item: Item) -> None:
    """What was written is read again where that can be done before the end."""
    if shelf.readable and not shelf.holds(item):
        raise IntegrityError(path=item.place, problem="what was written reads otherwise")


def _beside(target: Path) -> Path:
    """Where the database is copied to first: beside a .tar, inside a folder."""
    return target.with_name(f"{target.name}.log.tmp") if is_one_file(target) else target / "log.tmp"

"""The durable copies of files that were just published.

A published file's bytes stand in the commit of the event that publishes it; the file in the run's folder is written
without waiting for the disk. `confirm` compares each file with its copy, writes it again where it differs, syncs it and
its folders, and only then gives the copy up. After a crash the same code repairs whatever the disk lost.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from vm_webapp import artifacts
from vm_webapp.db import Database, execute, execute_many
from vm_webapp.workspace import Workspace

_BATCH = 64


def keep(connection: Connection, run_id: str, files: Mapping[str, bytes]) -> None:
    """Put the files' bytes (by path relative to the run's folder) into the caller's transaction."""
    paths = json.dumps([[path, len(content)] for path, content in files.items()])
    execute(
        connection,
        "INSERT INTO pending_files (run_id, paths_json, content) VALUES (?, ?, ?)",
        (run_id, paths, b"".join(files.values())),
    )


def confirm(database: Database, workspace: Workspace) -> int:
    """Make all published files durable and give their copies up; returns how many commits' files that were.

    OSError when the disk fails: the copies stay, and it is to be tried again.
    """
    count = 0
    while rows := _oldest(database):
        _make_durable(workspace, rows)
        database.write(partial(_give_up, done=[(row.pending_id,) for row in rows]))
        count += len(rows)
    return count


def find_copy(connection: Connection, run_id: str, path: str) -> bytes | None:
    """The newest durable copy of a file that is still in the database; None where it was given up."""
    rows = connection.exec_driver_sql(
        "SELECT paths_json, content FROM pending_files WHERE run_id = ? ORDER BY pending_id DESC", (run_id,)
    )
    return next((content for row in rows for name, content in _unpacked(row) if name == path), None)


def sweep(database: Database, workspace: Workspace) -> None:
    """Remove what interrupted writes of published files left under temporary names, while nobody writes any."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT run_id, paths_json FROM pending_files").all()
    for run_id, paths in rows:
        for path, _size in json.loads(paths):
            Path(f"{workspace.run_dir(run_id)}/{path}.tmp").unlink(missing_ok=True)


def count_pending(database: Database) -> int:
    """How many commits' files still have their durable copies in the database."""
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM pending_files").scalar_one())


def forget_copies(connection: Connection, run_ids: Iterable[str]) -> None:
    """Give up the durable copies of these runs' files, in the caller's transaction: they are to be nowhere any more."""
    execute_many(connection, "DELETE FROM pending_files WHERE run_id = ?", [(run_id,) for run_id in run_ids])


def _oldest(database: Database) -> Sequence[Row[Any]]:
    with database.read() as connection:
        return connection.exec_driver_sql(
            "SELECT pending_id, run_id, paths_json, content FROM pending_files ORDER BY pending_id LIMIT ?", (_BATCH,)
        ).all()


def _make_durable(workspace: Workspace, rows: Sequence[Row[Any]]) -> None:
    folders = {str(workspace.root), str(workspace.runs)}
    run_dirs = {row.run_id: str(workspace.run_dir(row.run_id)) for row in rows}
    newest = {(row.run_id, path): content for row in rows for path, content in _unpacked(row)}
    for (run_id, path), content in newest.items():
        target = f"{run_dirs[run_id]}/{path}"
        folder, _, name = target.rpartition("/")
        if not _is_durable(target, content):
            artifacts.write_files(Path(folder), {name: content}, sync=False)
            artifacts.sync_file(Path(target))
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    artifacts.sync_folders(folders)


def _is_durable(target: str, content: bytes) -> bool:
    """Whether the file holds exactly these bytes; if so they are on the disk when this returns."""
    try:
        descriptor = os.open(target, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError:
        return False
    try:
        same = os.read(descriptor, len(content) + 1) == content
        if same:
            artifacts.sync_descriptor(descriptor)
        return same
    finally:
        os.close(descriptor)


def _unpacked(row: Row[Any]) -> Iterator[tuple[str, bytes]]:
    start = 0
    for path, size in json.loads(row.paths_json):
        yield path, bytes(row.content[start : start + size])
        start += size


def _give_up(connection: Connection, *, done: list[tuple[int]]) -> None:
    execute_many(connection, "DELETE FROM pending_files WHERE pending_id = ?", done)

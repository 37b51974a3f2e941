"""The durable copies of files that were just published.

A published file's bytes stand in the commit of the event that publishes it; the file in the run's folder is written
without waiting for the disk. `confirm` compares each file with its copy, writes it again where it differs, syncs it and
its folders, and only then gives the copy up. After a crash the same code repairs whatever the disk lost.
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection

from vm_webapp import artifacts
from vm_webapp.db import Database
from vm_webapp.workspace import Workspace

_BATCH = 256


def keep(connection: Connection, run_id: str, files: Mapping[str, bytes]) -> None:
    """Put the files' bytes (by path relative to the run's folder) into the caller's transaction."""
    connection.exec_driver_sql(
        "INSERT INTO pending_files (run_id, path, content) VALUES (?, ?, ?)"
        " ON CONFLICT (run_id, path) DO UPDATE SET content = excluded.content",
        [(run_id, path, content) for path, content in files.items()],
    )


def confirm(database: Database, workspace: Workspace, *, limit: int | None = None) -> int:
    """Make files durable and give their copies up, `limit` files at the most; returns how many.

    OSError when the disk fails: the copies stay, and it is to be tried again.
    """
    count = 0
    while limit is None or count < limit:
        with database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT run_id, path, content FROM pending_files ORDER BY rowid LIMIT ?", (_BATCH,)
            ).all()
        if not rows:
            break
        _make_durable(workspace, [(run_id, path, bytes(content)) for run_id, path, content in rows])
        database.write(partial(_give_up, done=[(run_id, path) for run_id, path, _ in rows]))
        count += len(rows)
    return count


def count_pending(database: Database) -> int:
    """How many files still have their durable copy in the database."""
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM pending_files").scalar_one())


def _make_durable(workspace: Workspace, rows: list[tuple[str, str, bytes]]) -> None:
    folders: set[str] = set()
    for run_id, path, content in rows:
        run_dir = workspace.run_dir(run_id)
        target = run_dir / path
        if not target.is_file() or target.read_bytes() != content:
            artifacts.write_files(target.parent, {target.name: content}, sync=False)
        artifacts.sync_file(target)
        for parent in target.relative_to(workspace.root).parents:
            folders.add(str(workspace.root / parent))
    artifacts.sync_folders(folders)


def _give_up(connection: Connection, *, done: list[tuple[str, str]]) -> None:
    connection.exec_driver_sql("DELETE FROM pending_files WHERE run_id = ? AND path = ?", done)

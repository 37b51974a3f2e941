"""The index's own file: its tables, and whether they are sound.

    stages     a published stage: brand, project, thread, mode, who made it, granted by a person, of a completed run
    documents  a text file of it; a search reads many of these rows
    bodies     the documents' texts as they were published; a search reads few of them
    words      FTS5 over the documents: title, body, stems; contentless, since the bodies are there
    sources    what a stage was made from or with: a prompt, a model, a writer, a rule, a file, a run
    vectors    the meaning of a document's passages, where an embedding model is configured
    about      the log that is indexed and how far, in the transaction of what was read

All of it is derived, so it stands in a file beside the database and not in it: a run never waits for the index, a
garbled index is thrown away whole, and a SQLite without FTS5 costs the search and nothing else. Its shape has a number
in `user_version`; a file of another shape is made anew. WAL with synchronous=NORMAL: a power cut may take the newest
rows, with the checkpoint that speaks of them, and leaves no torn ones (https://sqlite.org/wal.html).
"""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DatabaseError

from vm_webapp.db import Database, build_engine, database_of, execute, first_value
from vm_webapp.errors import NotReadable, VmError

T = TypeVar("T")

_SHAPE: Final = 2
_DDL: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE stages (
  stage_id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  stage_key TEXT NOT NULL,
  stage_position INTEGER NOT NULL,
  brand_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  mode TEXT NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  writer TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_sha256 TEXT NOT NULL,
  created_at TEXT NOT NULL,
  granted INTEGER NOT NULL CHECK (granted IN (0, 1)),
  unknown INTEGER NOT NULL CHECK (unknown IN (0, 1) AND NOT (granted AND unknown)),
  completed INTEGER NOT NULL CHECK (completed IN (0, 1)),
  gap TEXT NOT NULL,
  UNIQUE (run_id, stage_key)
);

CREATE INDEX ix_stages_gap ON stages (stage_id) WHERE gap <> '';

CREATE TABLE documents (
  document_id INTEGER PRIMARY KEY,
  stage_id INTEGER NOT NULL REFERENCES stages,
  path TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  language TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  UNIQUE (stage_id, path)
);

CREATE TABLE bodies (document_id INTEGER PRIMARY KEY REFERENCES documents, body TEXT NOT NULL);

CREATE VIRTUAL TABLE words USING fts5 (title, body, stems, content='', tokenize='unicode61 remove_diacritics 2');

CREATE TABLE sources (
  run_id TEXT NOT NULL,
  stage_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, value, run_id, stage_key)
) WITHOUT ROWID;

CREATE TABLE vectors (
  document_id INTEGER NOT NULL REFERENCES documents,
  model TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY (document_id, model, ordinal)
) WITHOUT ROWID
"""
_TABLES: Final = ("about", "stages", "documents", "bodies", "words", "sources", "vectors")
_ALIKE: Final = ("documents", "bodies", "words_docsize")


class Store:
    """The file of the index, opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database: Database | None = None
        self._opening = threading.Lock()

    def exists(self) -> bool:
        """Whether there is a file to read."""
        return self.path.is_file()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state; NotReadable where the file is none of ours or garbled."""
        try:
            with self._opened().read() as connection:
                yield connection
        except DatabaseError as error:
            raise NotReadable(path=self.path, problem=f"the search index does not read ({error.orig})") from error

    def write(self, job: Callable[[Connection], T]) -> T:
        """Execute the job in a transaction of its own."""
        return self._opened().write(job)

    def compact(self) -> None:
        """Leave nothing in the file of what was deleted from it."""
        self._opened().compact()

    def make(self) -> None:
        """Make the file where there is none; it appears with all its tables, so that no reader meets half of it."""
        with self._opening:
            if self.exists():
                return
            self._close()
            beside = self.path.with_name(f"{self.path.name}.new")
            _remove(beside)
            database = database_of(build_engine(beside))
            try:
                database.write(_make)
            finally:
                database.close()
            beside.replace(self.path)

    def is_sound(self) -> bool:
        """Whether the file has all tables in today's shape, and they hold what they should."""
        try:
            with self._opened().read() as connection:
                return _is_sound(connection)
        except (DatabaseError, VmError):
            return False

    def renew(self) -> None:
        """Begin afresh: in place where the file is sound, so that readers keep their footing, else as a new file.

        OSError where the system does not let go of a file that is not sound.
        """
        if self.exists() and self.is_sound():
            self.write(_remake)
            return
        with self._opening:
            self._close()
            _remove(self.path)
        self.make()

    def close(self) -> None:
        """Close all connections; the next use opens the file again."""
        with self._opening:
            self._close()

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def _opened(self) -> Database:
        with self._opening:
            if self._database is None:
                if not self.exists():
                    raise NotReadable(path=self.path, problem="there is no search index yet")
                engine = build_engine(self.path)
                event.listen(engine, "connect", _need_no_sync)
                self._database = database_of(engine)
            return self._database


def remember(connection: Connection, name: str, value: object) -> None:
    """Note something about the index."""
    execute(
        connection,
        "INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, str(value)),
    )


def recollect(connection: Connection, name: str) -> str:
    """What was noted, empty where nothing was."""
    return str(first_value(connection, "SELECT value FROM about WHERE name = ?", (name,)) or "")


def _need_no_sync(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    connection.execute("PRAGMA synchronous=NORMAL")


def _remake(connection: Connection) -> None:
    for table in reversed(_TABLES):
        execute(connection, f"DROP TABLE {table}")
    _make(connection)


def _make(connection: Connection) -> None:
    for statement in _DDL.split(";"):
        execute(connection, statement)
    execute(connection, f"PRAGMA user_version = {_SHAPE}")
    remember(connection, "generation", secrets.token_hex(4))


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


def _is_sound(connection: Connection) -> bool:
    if first_value(connection, "PRAGMA user_version") != _SHAPE:
        return False
    for table in _TABLES:
        execute(connection, f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - ours
    counts = [first_value(connection, f"SELECT count(*) FROM {table}") for table in _ALIKE]  # noqa: S608 - ours
    return len(set(counts)) == 1 and first_value(connection, "PRAGMA quick_check(1)") == "ok"

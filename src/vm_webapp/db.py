"""The database: one connection that writes, readers beside it, and commits made in groups.

SQLite allows one writer at a time. So there is one writing connection per process and a line in front of it: a writer
waits for its turn instead of failing. Whoever is first in line executes the jobs of all who wait, each in its own
savepoint, and commits them with one sync of the disk (group commit: DeWitt et al., "Implementation Techniques for Main
Memory Database Systems", SIGMOD 1984). A job's result is handed out only once it is durable.

WAL with synchronous=FULL: a commit that returned survives power loss.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from vm_webapp import migrations
from vm_webapp.artifacts import make_folder
from vm_webapp.errors import DatabaseTooNew, NotReadable
from vm_webapp.signals import Signal

SCHEMA_REVISION = "0004"
"""The newest migration; a test compares it with the migrations folder."""

EVENT_TYPES = "vm_event_types"
"""Where a connection notes the types of the events appended in its transaction."""

_OPTION = "vm_database"
_WRITER_WAIT_SECONDS = 60
_BUSY_MS = 60_000
_PATIENCE_MS = 1_000
_GROUP_LIMIT = 64

T = TypeVar("T")
Job = Callable[[Connection], T]


class Claims:
    """Which runs are being driven in this process; gone with it, so that nothing is ever held by the dead."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, name: str) -> bool:
        """Take the name unless somebody has it."""
        with self._lock:
            if name in self._held:
                return False
            self._held.add(name)
            return True

    def release(self, name: str) -> None:
        """Give the name back."""
        with self._lock:
            self._held.discard(name)


class Database:
    """What stands behind an engine: its readers, its group commit, and the signal that something was committed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = _create_engine(path, readers=False)
        self.readers = _create_engine(path, readers=True)
        self.committed = Signal()
        self.claims = Claims()
        self._line: deque[tuple[Job[Any], Future[Any]]] = deque()
        self._turn = threading.Lock()
        self._undo: list[Callable[[], None]] = []
        self._closed = False
        self._listeners: list[Callable[[frozenset[str]], None]] = []

    def write(self, job: Job[T]) -> T:
        """Execute the job in the writing transaction, return its result once that is durable.

        An error in the job undoes that job alone; an error in the commit is raised to every job of its group.
        """
        result: Future[T] = Future()
        self._line.append((job, result))
        while not result.done():
            with self._turn:
                if not result.done():
                    self._commit_group()
        return result.result()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and cannot write."""
        with self.readers.connect() as connection:
            connection.begin()  # also for statements past SQLAlchemy; it ends with the connection
            yield connection

    def listen(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Have the types of the events in each commit told to `listener`, in the committing thread."""
        self._listeners.append(listener)

    def tell(self, connection_info: dict[str, Any]) -> None:
        """Tell everyone who waits that a commit is durable."""
        types = frozenset(connection_info.pop(EVENT_TYPES, ()))
        self.committed.notify()
        for listener in self._listeners:
            listener(types)

    def on_failed_commit(self, undo: Callable[[], None]) -> None:
        """Register what must be forgotten when a group's commit fails (caches of what was read in it)."""
        self._undo.append(undo)

    def compact(self) -> None:
        """Write the database anew without the pages that were freed, and empty its log file: what was deleted is gone.

        Writers wait meanwhile; it needs room for a second copy. NotReadable where a reader keeps the log file: it is to
        be tried again. https://sqlite.org/lang_vacuum.html
        """
        with self._turn:
            self._require_open()
            with closing(self.writer.raw_connection()) as connection:
                driver = cast("sqlite3.Connection", connection.driver_connection)
                try:
                    driver.execute("VACUUM")
                    driver.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")  # writers stand in line behind this
                    busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                except _driver().Error as error:
                    raise _translated("VACUUM", error) from error
                finally:
                    driver.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        if busy:
            raise NotReadable(path=self.path, problem="a reader keeps what was deleted in its log file")

    def close(self) -> None:
        """Close all connections, and take no more jobs; the last one folds the log file into the database."""
        with self._turn:
            self._closed = True
        self.readers.dispose()
        self.writer.dispose()

    def _commit_group(self) -> None:
        group = [self._line.popleft() for _ in range(min(len(self._line), _GROUP_LIMIT))]
        outcomes: list[Callable[[], None]] = []
        try:
            self._require_open()
            with self.writer.begin() as connection:
                info = connection.info
                info.pop(EVENT_TYPES, None)
                for job, result in group:
                    outcomes.append(self._attempt(connection, job, result, alone=len(group) == 1))
        except BaseException as error:  # noqa: BLE001 - every waiting caller gets it, and re-raises it in its own thread
            for forget in self._undo:
                forget()
            for _, result in group:
                result.set_exception(_explained(error))
            return
        self.tell(info)
        for settle in outcomes:
            settle()

    def _attempt(self, connection: Connection, job: Job[T], result: Future[T], *, alone: bool) -> Callable[[], None]:
        """The job's result, to be told after the commit; alone in its group, a job's error is the group's."""
        if alone:
            value = job(connection)
            self._require_transaction(connection)
            return lambda: result.set_result(value)
        try:
            with connection.begin_nested():
                value = job(connection)
        except Exception as error:  # noqa: BLE001 - told to the caller who owns the job
            for forget in self._undo:
                forget()
            self._require_transaction(connection)
            failure = error
            return lambda: result.set_exception(failure)
        return lambda: result.set_result(value)

    def _require_open(self) -> None:
        """What is closed belongs to the next owner."""
        if self._closed:
            raise NotReadable(path=self.path, problem="it was closed")

    def _require_transaction(self, connection: Connection) -> None:
        """SQLite ends the whole transaction on some errors (full disk, I/O): then the jobs before are undone as well.

        https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        """
        if not cast("sqlite3.Connection", connection.connection.driver_connection).in_transaction:
            raise NotReadable(path=self.path, problem="the disk failed in the middle of a transaction")


def execute(connection: Connection, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
    """The statement in the driver's own words, past SQLAlchemy's machinery: for the few that every commit needs.

    Errors are SQLAlchemy's all the same.
    """
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        return driver.execute(statement, values)
    except _driver().Error as error:
        raise _translated(statement, error) from error


def first_value(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - a column's
    """The first column of the first row; None where there is no row."""
    row = execute(connection, statement, values).fetchone()
    return row[0] if row else None


def execute_many(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """The statement once for each row, as `execute`."""
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        driver.executemany(statement, rows)
    except _driver().Error as error:
        raise _translated(statement, error) from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A plain connection to a database file that belongs to nobody: a copy, or one that is being made."""
    mode = "ro" if read_only else "rwc"
    made = _driver().connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    return cast("sqlite3.Connection", made)


def driver_error() -> type[Exception]:
    """The root of the errors of a plain connection."""
    return cast("type[Exception]", _driver().Error)


def build_engine(path: Path) -> Engine:
    """The engine of the database at `path`, whose folder is made where it is missing; NotReadable if that cannot be."""
    path = Path(path)
    try:
        make_folder(path.parent)
    except OSError as error:
        raise NotReadable(path=path.parent, problem=error.strerror or str(error)) from error
    database = Database(path)
    database.writer.update_execution_options(**{_OPTION: database})
    return database.writer


def database_of(engine: Engine) -> Database:
    """The database behind an engine that `build_engine` made."""
    return cast("Database", engine.get_execution_options()[_OPTION])


def init_db(engine: Engine) -> None:
    """Bring the schema up to date, in one transaction; an older database is upgraded, a newer one refused."""
    found = _schema_revision(engine)
    if found == SCHEMA_REVISION:
        return
    path = database_of(engine).path
    if found is not None and found > SCHEMA_REVISION:
        raise DatabaseTooNew(path=path, found=found, known=SCHEMA_REVISION)
    with engine.begin() as connection:
        migrations.prepare(connection)


@contextmanager
def session_scope(engine: Engine) -> Iterator[Session]:
    """A session on the writing connection: committed at the end, or rolled back and the error raised again."""
    session = Session(engine)
    try:
        yield session
        info = session.connection().info if session.in_transaction() else {}
        session.commit()
        database_of(engine).tell(info)
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def _schema_revision(engine: Engine) -> str | None:
    """The database's revision, None for an empty one; NotReadable for what is no database of ours.

    It is looked at through a connection that cannot write: even the pragmas of ours would change another's file. Only a
    database whose first transaction was cut off has to be opened for writing, which is how SQLite takes that back.
    """
    path = database_of(engine).path
    if not path.exists():
        return None
    driver = _driver()
    try:
        try:
            names, found = _look_at(path, "ro")
        except driver.OperationalError:
            names, found = _look_at(path, "rw")
    except driver.Error as error:
        raise NotReadable(path=path, problem=str(error)) from error
    if names and "alembic_version" not in names:
        raise NotReadable(path=path, problem="it is a database of another program")
    return found


def _look_at(path: Path, mode: str) -> tuple[set[str], str | None]:
    """The names of a database's tables, and its revision where it has one."""
    with closing(_driver().connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)) as connection:
        names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in names:
            return names, None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return names, str(found[0]) if found else None


def _create_engine(path: Path, *, readers: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),  # an address in one text would have meanings for ? and %
        module=_driver(),
        poolclass=QueuePool,
        pool_size=8 if readers else 1,
        max_overflow=56 if readers else 0,
        pool_timeout=_WRITER_WAIT_SECONDS,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000, "isolation_level": None},
    )
    begin = "BEGIN" if readers else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=4000"):
            connection.execute(f"PRAGMA {pragma}")
        if readers:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin_explicitly(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@cache
def _driver() -> ModuleType:
    """The newest SQLite at hand: 3.7.0 to 3.51.2 can corrupt a database when two connections reset the WAL at once."""
    try:
        import pysqlite3.dbapi2 as bundled  # noqa: PLC0415 - there is no wheel for every platform
    except ImportError:
        return sqlite3
    return cast("ModuleType", bundled)


def _translated(statement: str, error: Exception) -> BaseException:
    return DBAPIError.instance(statement, None, error, _driver().Error)


def _explained(error: BaseException) -> BaseException:
    if isinstance(error, PoolTimeout):
        return NotReadable(path="the database", problem="another session has held it for a minute without committing")
    return error

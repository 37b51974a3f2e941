"""Opening a workspace: its settings, and its database for reading, without owning it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from vm_webapp import projections
from vm_webapp.cli.failures import warn
from vm_webapp.cli.invocation import Invocation
from vm_webapp.db import SCHEMA_REVISION, Database, build_engine, database_of
from vm_webapp.errors import DatabaseTooNew, Invalid, NotReadable
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

_HEADER = 20
_MAGIC = b"SQLite format 3\0"
_WAL = b"\x02\x02"


class Outdated(NotReadable):
    """The database {path} was written by an older VM (schema {found}, this program works with {known})."""

    remedy = "Serve it or run something once, and it is brought up to date."


@dataclass(frozen=True, slots=True)
class Records:
    """A workspace that is only read."""

    workspace: Workspace
    database: Database


def settings_of(call: Invocation) -> Settings:
    """The settings, with what the call says over what the environment says.

    A workspace named in the call has its own database, whatever the environment says. Outside of --verbose only errors
    are logged.
    """
    values: dict[str, Any] = {}
    if call.workspace is not None:
        values |= {"vm_workspace_root": call.workspace, "vm_db_path": None}
    if call.database is not None:
        values["vm_db_path"] = call.database
    if call.token is not None:
        values["vm_token"] = call.token
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "The settings"
        problem = first["msg"].removeprefix("Value error, ")
        raise Invalid(f"{name} cannot be used: {problem}.") from error


def quietly(settings: Settings, call: Invocation) -> Settings:
    """The settings for a command that shows its own progress: errors alone are logged, unless --verbose."""
    return settings if call.verbose else settings.model_copy(update={"vm_log_level": "ERROR"})


@contextmanager
def reading(call: Invocation, *, older: bool = False) -> Iterator[Records | None]:
    """The workspace's records, None where nothing was ever recorded; makes no file.

    With `older` a database of an older release is read as it is. Raises NotReadable, Outdated and DatabaseTooNew for a
    database that cannot be read.
    """
    settings = settings_of(call)
    path = settings.database_path
    if not _is_there(path):
        yield None
        return
    database = database_of(build_engine(path))
    try:
        known = _check(database, older=older)
        if known and not older and not _is_current(database):
            warn(f"The lists are behind the log; `{call.spelled('rebuild')}` builds them afresh.", call)
        yield Records(Workspace(settings.vm_workspace_root), database) if known else None
    except DatabaseError as error:
        raise NotReadable(path=path, problem=str(error.orig)) from error
    finally:
        database.close()


def nothing_yet(call: Invocation) -> None:
    """Say how to begin."""
    first = call.spelled("run", "Launch our cold brew in Lisbon in May")
    warn(f"Nothing is here yet ({settings_of(call).vm_workspace_root}). Begin with: {first}", call)


def _is_there(path: Path) -> bool:
    """Whether a database of ours may be there; asked before it is opened, since opening one changes its mode.

    Format: the database file's header, https://www.sqlite.org/fileformat2.html, bytes 0 to 15 and 18, 19 (2 is WAL).
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotReadable(path=path, problem=error.strerror or str(error)) from error
    if not header:
        return False
    if not header.startswith(_MAGIC) or header[18:20] != _WAL:
        raise NotReadable(path=path, problem="it is no database of VM")
    return True


def _check(database: Database, *, older: bool) -> bool:
    """Whether there are tables; raises unless their schema is this program's, or an older one that will do."""
    with database.read() as connection:
        found = _revision(connection)
    if found is not None and found != SCHEMA_REVISION and not (older and found < SCHEMA_REVISION):
        kind = DatabaseTooNew if found > SCHEMA_REVISION else Outdated
        raise kind(path=database.path, found=found, known=SCHEMA_REVISION)
    return found is not None


def _revision(connection: Connection) -> str | None:
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").scalar()
    if not tables:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _is_current(database: Database) -> bool:
    with database.read() as connection:
        return projections.is_current(connection)

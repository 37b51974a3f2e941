"""The schema's history, which Alembic reads, and what it comes to; `prepare` runs one in the caller's transaction.

A new database gets today's schema at once, from schema.sql: its history takes a third of a second, and needs Alembic.
That both come to the same tests/test_properties_schema.py says, which also writes schema.sql after a new revision.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.config import Config

SCHEMA: Final = Path(__file__).with_name("schema.sql")
_HAS_TABLES: Final = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"


def prepare(connection: Connection) -> None:
    """Bring the connected database to today's schema, whether it is empty or of an older release."""
    if connection.exec_driver_sql(_HAS_TABLES).scalar():
        upgrade(connection)
    else:
        for statement in _statements_of(SCHEMA.read_text(encoding="utf-8").splitlines()):
            connection.exec_driver_sql(statement)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the connected database to `revision` by way of its history; one that is there already is left as it is."""
    from alembic import command  # noqa: PLC0415 - slow to import and seldom needed

    command.upgrade(config(connection), revision)


def _statements_of(lines: Iterable[str]) -> Iterator[str]:
    """The SQL statements in these lines, each of which ends with a line."""
    statement = ""
    for line in lines:
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def config(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, without a file."""
    from alembic.config import Config  # noqa: PLC0415 - likewise

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["connection"] = connection
    return made

"""The schema: models and migrations agree, lists are read by index, the databases of others are left alone."""

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.schema import CreateIndex, CreateTable

from vm_webapp import event_store, migrations, repo
from vm_webapp.access.sessions import find_session
from vm_webapp.access.tokens import find_token
from vm_webapp.commands import OWNER, Commands
from vm_webapp.db import SCHEMA_REVISION, build_engine, database_of, init_db
from vm_webapp.domain.brands import CreateBrand
from vm_webapp.errors import DatabaseTooNew, NotReadable
from vm_webapp.models import Base


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The engine of a database with its schema."""
    made = build_engine(tmp_path / "workspace.sqlite3")
    init_db(made)
    yield made
    database_of(made).close()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A reading connection."""
    with database_of(engine).read() as reading:
        yield reading


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    """Alembic finds no difference of tables, columns, types, indexes and constraints."""
    with engine.begin() as writing:
        context = MigrationContext.configure(writing, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_new_database_is_what_the_migrations_come_to(tmp_path: Path) -> None:
    """Statement by statement: schema.sql is what they make. After a new revision VM_SCHEMA=on writes it anew."""
    migrated, made = (build_engine(tmp_path / name) for name in ("migrated.sqlite3", "made.sqlite3"))
    with migrated.begin() as writing:
        migrations.upgrade(writing)
    if os.environ.get("VM_SCHEMA") == "on":
        migrations.SCHEMA.write_text("".join(f"{line}\n" for line in _dumped(migrated)), encoding="utf-8")
    init_db(made)

    assert _unordered(made) == _unordered(migrated)
    for one in (migrated, made):
        database_of(one).close()


def test_the_newest_migration_is_the_one_that_is_asked_for() -> None:
    """SCHEMA_REVISION names the only head."""
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [SCHEMA_REVISION]


def test_what_the_database_forbids_the_models_forbid_too(engine: Engine) -> None:
    """Names and texts of all checks and partial indexes are the same in a migrated and in a created database."""
    created = sqlite3.connect(":memory:")
    wanted = [str(statement) for statement in _ddl(engine)]
    for statement in wanted:
        created.execute(statement)
    with engine.connect() as migrated:
        found = migrated.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    ours = {
        name: _normal(sql) for name, sql in created.execute("SELECT name, sql FROM sqlite_master WHERE sql NOTNULL")
    }
    created.close()
    theirs = {name: _normal(sql) for name, sql in found}
    assert {name: theirs.get(name) for name in ours} == ours


LISTS: dict[str, Callable[[Connection], object]] = {
    "brands": lambda reader: repo.list_brands(reader, before=9),
    "projects": lambda reader: repo.list_projects(reader, before=9),
    "rules of a brand": lambda reader: repo.list_rules(reader, "b", before=9),
    "active rules of a brand": lambda reader: repo.list_rules(reader, "b", status="active", before=9),
    "projects of a brand": lambda reader: repo.list_projects(reader, brand_id="b", before=9),
    "threads": lambda reader: repo.list_threads(reader, before=9),
    "threads of a project": lambda reader: repo.list_threads(reader, project_id="p", before=9),
    "runs of a thread": lambda reader: repo.list_runs_by_thread(reader, "t", before=9),
    "requesters of a thread": lambda reader: repo.list_requesters(reader, "t"),
    "runs": lambda reader: repo.list_runs(reader, before=9),
    "runs of a status": lambda reader: repo.list_runs(reader, status="failed", before=9),
    "comments": lambda reader: repo.list_comments(reader, "t", before=9),
    "tasks": lambda reader: repo.list_tasks(reader, "t", before=9),
    "open tasks": lambda reader: repo.list_tasks(reader, "t", status="open", before=9),
    "timeline": lambda reader: repo.list_timeline_items_view(reader, thread_id="t", before=9),
    "one brand": lambda reader: repo.list_brands(reader, brand_id="b", before=9),
    "threads of a brand": lambda reader: repo.list_threads(reader, brand_id="b", before=9),
    "threads of a project and brand": lambda reader: repo.list_threads(reader, project_id="p", brand_id="b", before=9),
    "runs of a brand": lambda reader: repo.list_runs(reader, brand_id="b", before=9),
    "runs of a brand and status": lambda reader: repo.list_runs(reader, brand_id="b", status="failed", before=9),
    "tokens": lambda reader: repo.list_tokens(reader, before=9),
    "tokens of a brand": lambda reader: repo.list_tokens(reader, brand_id="b", before=9),
    "token of a secret": lambda reader: find_token(reader, f"vm_{'a' * 43}"),
    "session of a cookie": lambda reader: find_session(reader, f"vm_{'a' * 43}", datetime.now(UTC)),
    "log of a brand": lambda reader: event_store.read_after(reader, 9, brand_id="b", without=("token",)),
    "ready runs": lambda reader: repo.list_ready_runs(reader, "t"),
    "turn": lambda reader: repo.turn_is_free(reader, thread_id="t", run_id="r"),
    "stream": lambda reader: event_store.load_stream(reader, "thread:t"),
    "stream version": lambda reader: event_store.stream_version(reader, "thread:t"),
    "log": lambda reader: event_store.read_after(reader, 9),
    "log of a thread": lambda reader: event_store.read_after(reader, 9, thread_id="t"),
    "log by type": lambda reader: event_store.read_after(reader, 9, types=("WorkflowRunQueued",)),
    "last position": event_store.last_position,
    "open runs": repo.list_open_runs,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_read_by_an_index(name: str, connection: Connection) -> None:
    """No query walks a whole table, and none sorts what it read; only the open runs may be sorted, once, at start."""
    allowed = "USE TEMP B-TREE FOR ORDER BY" if name == "open runs" else None
    plans = [
        line for statement, values in _asked(connection, LISTS[name]) for line in _plan(connection, statement, values)
    ]
    assert plans
    assert [line for line in plans if line != allowed and ("SCAN" in line or "TEMP B-TREE" in line)] == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda reader: repo.list_ready_runs(reader, "t"),
        lambda reader: repo.list_busy_runs(reader, "t"),
        lambda reader: repo.turn_is_free(reader, thread_id="t", run_id="r"),
    ],
    ids=["ready", "busy", "turn"],
)
def test_whose_turn_it_is_costs_what_is_open_in_the_thread(
    connection: Connection, ask: Callable[[Connection], object]
) -> None:
    """However many runs are in line in other threads, and however many the thread has behind it."""
    plans = [line for statement, values in _asked(connection, ask) for line in _plan(connection, statement, values)]
    walked = [line for line in plans if "runs_view USING" in line and "(run_id=?)" not in line]
    assert walked
    assert all("USING INDEX ix_runs_open (thread_id=?" in line for line in walked), plans


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """DatabaseTooNew names both revisions; not a byte of the file changes."""
    path = tmp_path / "workspace.sqlite3"
    engine = build_engine(path)
    init_db(engine)
    with engine.begin() as writing:
        writing.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database_of(engine).close()
    before = _digest(path)
    again = build_engine(path)
    with pytest.raises(DatabaseTooNew, match=f"schema 9999, this program knows {SCHEMA_REVISION}"):
        init_db(again)
    database_of(again).close()
    assert _digest(path) == before


def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """NotReadable; neither its tables nor its journal mode change."""
    path = tmp_path / "workspace.sqlite3"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE invoices (number INTEGER)")
    foreign.commit()
    foreign.close()
    before = _digest(path)
    engine = build_engine(path)
    with pytest.raises(NotReadable, match="another program"):
        init_db(engine)
    database_of(engine).close()
    assert _digest(path) == before


@pytest.mark.parametrize("content", [b"no database at all\n" * 400, b"SQLite format 3\x00" + b"\xff" * 8176])
def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    """NotReadable, and the file keeps its bytes."""
    path = tmp_path / "workspace.sqlite3"
    path.write_bytes(content)
    engine = build_engine(path)
    with pytest.raises(NotReadable):
        init_db(engine)
    database_of(engine).close()
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    """NotReadable instead of a trace."""
    (tmp_path / "workspace.sqlite3").mkdir()
    engine = build_engine(tmp_path / "workspace.sqlite3")
    with pytest.raises(NotReadable):
        init_db(engine)
    database_of(engine).close()


def test_a_second_upgrade_keeps_every_row(engine: Engine) -> None:
    """A database that is there already is left as it is, at the newest revision."""
    Commands(database_of(engine)).handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    with engine.begin() as writing:
        migrations.upgrade(writing)
    init_db(engine)
    with database_of(engine).read() as reading:
        assert repo.get_brand(reader=reading, brand_id="b-1")["name"] == "Aurora"
        assert event_store.last_position(reading) == 1


def _dumped(engine: Engine) -> list[str]:
    """All that makes the database what it is, as SQLite's own shell would write it."""
    with closing(sqlite3.connect(database_of(engine).path)) as connection:
        return [line for line in connection.iterdump() if not line.startswith(("BEGIN", "COMMIT", "DELETE"))]


def _unordered(engine: Engine) -> list[list[str]]:
    """The same, whatever the order of statements and of the lines in one: Alembic's differs from time to time."""
    return sorted(sorted(line.strip(" \t,") for line in statement.split("\n")) for statement in _dumped(engine))


def _ddl(engine: Engine) -> list[Any]:
    statements: list[Any] = []
    mock = engine.dialect
    for table in Base.metadata.sorted_tables:
        statements.append(CreateTable(table).compile(dialect=mock))
        statements += [CreateIndex(index).compile(dialect=mock) for index in table.indexes]
    return statements


def _normal(sql: str) -> list[str]:
    """The words of a definition, whatever their order; alike where a primary key is said to be NOT NULL or not."""
    return sorted(set(re.findall(r"[\w']+|[<>=]+", sql[sql.index("(") :])) - {"NOT", "NULL"})


def _asked(connection: Connection, ask: Callable[[Connection], object]) -> list[tuple[str, Any]]:
    """The statements that a query sends, with their values where SQLAlchemy sends them."""
    seen: list[tuple[str, Any]] = []
    expanded: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        seen.append((statement, values))

    driver: Any = connection.connection.driver_connection
    driver.set_trace_callback(lambda statement: expanded.append((statement, ())))
    event.listen(connection, "before_cursor_execute", note)
    ask(connection)
    event.remove(connection, "before_cursor_execute", note)
    driver.set_trace_callback(None)
    return seen or expanded


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:  # noqa: ANN401 - bound values
    driver: Any = connection.connection.driver_connection
    return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

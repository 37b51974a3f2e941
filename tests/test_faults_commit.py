"""The line of writers when a job, a statement or a commit fails: who is told what, and what is there afterwards."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from vm_webapp.commands import OWNER, Commands
from vm_webapp.db import Database, build_engine, database_of, init_db
from vm_webapp.domain.brands import CreateBrand, UpdateBrand
from vm_webapp.errors import AlreadyExists, NotReadable


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with its schema."""
    engine = build_engine(tmp_path / "workspace.sqlite3")
    init_db(engine)
    opened = database_of(engine)
    yield opened
    opened.close()


def together(database: Database, *jobs: Callable[[Connection], Any]) -> list[Future[Any]]:
    """The outcomes of jobs that are committed as one group, in this order."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        begun.set()
        go_on.wait(20)

    with ThreadPoolExecutor(len(jobs) + 1) as threads:
        threads.submit(database.write, hold)
        begun.wait(20)
        outcomes = []
        for at, job in enumerate(jobs, start=1):
            outcomes.append(threads.submit(database.write, job))
            while len(database._line) < at:
                threading.Event().wait(0.001)
        go_on.set()
    return outcomes


def note(key: str) -> Callable[[Connection], str]:
    """A job that records a checkpoint of that name."""

    def job(connection: Connection) -> str:
        connection.exec_driver_sql("INSERT INTO checkpoints (name, position) VALUES (?, 1)", (key,))
        return key

    return job


def noted(database: Database) -> list[str]:
    """The names of the checkpoints."""
    with database.read() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM checkpoints ORDER BY name").scalars())


def test_a_job_that_fails_hurts_no_other_of_its_group(database: Database) -> None:
    """What it wrote is undone, its caller gets the error, the others are committed."""

    def fail(connection: Connection) -> None:
        note("bad")(connection)
        raise ValueError

    first, bad, last = together(database, note("first"), fail, note("last"))
    assert (first.result(), last.result()) == ("first", "last")
    assert isinstance(bad.exception(), ValueError)
    assert noted(database) == ["first", "last"]


def test_a_statement_that_rolls_the_whole_transaction_back_fails_the_whole_group(database: Database) -> None:
    """SQLite ends the transaction on some errors (a full disk, an I/O error): nobody may be told that it succeeded."""

    def fill(connection: Connection) -> None:
        (pages,) = connection.exec_driver_sql("PRAGMA page_count").one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        try:
            note("x" * 1_000_000)(connection)
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    outcomes = together(database, note("first"), fill, note("last"))
    told = [outcome.result() for outcome in outcomes if outcome.exception() is None]
    assert told == noted(database)
    assert {type(outcome.exception()) for outcome in outcomes} == {NotReadable}
    assert database.write(note("afterwards")) == "afterwards"


def test_a_failed_commit_fails_every_job_of_its_group(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are told, nothing is there, and the next commit goes through."""
    fail_commits(database, monkeypatch, times=1)
    fail_next = together(database, note("one"), note("two"))
    assert [type(outcome.exception()) for outcome in fail_next].count(OperationalError) == 2
    assert noted(database) == []
    assert database.write(note("afterwards")) == "afterwards"


def test_what_was_read_in_a_failed_commit_is_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A brand whose commit failed can be made again, and its stream has one event."""
    commands = Commands(database)
    fail_commits(database, monkeypatch, times=1, skip=0)
    with pytest.raises(OperationalError):
        commands.handle(CreateBrand(brand_id="b-1", name="Aurora"), by=OWNER)
    commands.handle(CreateBrand(brand_id="b-1", name="Borealis"), by=OWNER)
    outcome = commands.handle(UpdateBrand(brand_id="b-1", voice="calm"), by=OWNER)
    assert [event.stream_version for event in outcome.events] == [2]
    assert outcome.state.name == "Borealis"


def test_what_was_read_in_a_failed_job_is_forgotten(database: Database) -> None:
    """The states that a job kept are those of its own savepoint: with it they are gone."""
    commands = Commands(database)

    def create_and_fail(connection: Connection) -> None:
        commands.handle_in(connection, CreateBrand(brand_id="b-1", name="Aurora"), OWNER)
        raise ValueError

    def create(connection: Connection) -> Any:  # noqa: ANN401 - the brand
        return commands.handle_in(connection, CreateBrand(brand_id="b-1", name="Borealis"), OWNER).state

    bad, good, late = together(database, create_and_fail, create, create)
    assert isinstance(bad.exception(), ValueError)
    assert good.result().name == "Borealis"
    assert isinstance(late.exception(), AlreadyExists)


def test_two_hundred_writers_at_once_are_all_served(database: Database) -> None:
    """Every third fails on its own account; each of the others finds its row."""

    def write(at: int) -> str | None:
        def job(connection: Connection) -> str:
            name = note(f"{at:03}")(connection)
            if at % 3 == 0:
                raise ValueError
            return name

        try:
            return database.write(job)
        except ValueError:
            return None

    with ThreadPoolExecutor(32) as threads:
        told = [name for name in threads.map(write, range(200)) if name]
    assert sorted(told) == noted(database)
    assert len(told) == 133


def fail_commits(database: Database, monkeypatch: pytest.MonkeyPatch, *, times: int, skip: int = 1) -> None:
    """Make commits fail as on a full disk, `times` of them after the next `skip`."""
    dialect = database.writer.dialect
    commit = dialect.do_commit
    count = iter(range(1_000_000))

    def failing(connection: Any) -> None:  # noqa: ANN401 - the driver's connection
        if skip <= next(count) < skip + times:
            connection.rollback()
            driver: Any = dialect.dbapi
            raise driver.OperationalError("database or disk is full")
        commit(connection)

    monkeypatch.setattr(dialect, "do_commit", failing)

"""What the tests of `verify` share: a copy of a filled workspace, and ways to attack it.

A test module takes the fixtures over with `filled = fresh_filled` and `shell = copied_shell`.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from test_cli_look import Shell, make_workspace
from vm_webapp.models import EventRow

COLUMNS = [column.name for column in EventRow.__table__.columns]


AT = 7
"""The position of the event that is attacked: one in the middle, on a run's stream."""


@pytest.fixture(scope="module")
def fresh_filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three runs, to be copied."""
    workspace = tmp_path_factory.mktemp("proved") / "vm"
    make_workspace(workspace)
    return workspace


@pytest.fixture
def copied_shell(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a copy of the filled workspace."""
    shutil.copytree(filled, tmp_path / "vm")
    capsys.readouterr()
    return Shell(capsys, tmp_path / "vm")


def sql(workspace: Path, *statements: str) -> None:
    """Raw SQL, with the triggers taken away and put back, as somebody would who knows them."""
    with closing(sqlite3.connect(workspace / "workspace.sqlite3")) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in (*statements, *(text for _, text in triggers)):
            connection.execute(statement)
        connection.commit()


def rows(workspace: Path, query: str) -> list[sqlite3.Row]:
    """What the database has."""
    with closing(sqlite3.connect(workspace / "workspace.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(query).fetchall()


def problems(shell: Shell, *arguments: str) -> str:
    """The sentences of what does not hold; there has to be one."""
    said = shell.json("verify", *arguments)
    assert said["ok"] is False
    assert said["problems"]
    return "\n".join(problem["text"] for problem in said["problems"])


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

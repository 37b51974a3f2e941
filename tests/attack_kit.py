# ruff: noqa: S608 - it attacks with raw SQL of its own
"""Attacks on a workspace's files and rows: each does its deed and says the words by which it has to be named."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from verify_kit import flip, rows, sql
from vm_webapp.log_tree.keys import verifiers_path
from vm_webapp.proof.notes import SigningKey
from vm_webapp.workspace import Workspace

DEEDS = ("flip", "delete", "swap", "reorder", "truncate", "add")


Attack = Callable[[Path], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there is nothing to find."""

    reason: str


def finished(workspace: Path) -> list[Path]:
    """The folders of the runs that were made here and completed."""
    found = rows(workspace, "SELECT run_id FROM runs_view WHERE status = 'completed' AND imported_json IS NULL")
    return sorted(workspace / "runs" / row["run_id"] for row in found)


def at(workspace: Path, pattern: str) -> list[Path]:
    """The files of that kind, below the runs."""
    return sorted(workspace.glob(f"runs/{pattern}"))


def to_file(pattern: str, change: Callable[[Path], object]) -> Attack:
    """Do something to the first file of a kind; it has to be named."""

    def attack(workspace: Path) -> tuple[str, ...]:
        path = at(workspace, pattern)[0]
        change(path)
        return (str(path),)

    return attack


def swap_files(pattern: str, other: str = "") -> Attack:
    """Give two files each other's content; both have to be named."""

    def attack(workspace: Path) -> tuple[str, ...]:
        one, two = at(workspace, pattern)[0], at(workspace, other or pattern)[-1]
        first, second = one.read_bytes(), two.read_bytes()
        assert first != second
        one.write_bytes(second)
        two.write_bytes(first)
        return str(one), str(two)

    return attack


def turn_lines(path: Path) -> None:
    """The file's lines in the other order."""
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[::-1]))


def beside(path: Path) -> None:
    """One more file beside it."""
    path.with_name("more.txt").write_text("more", encoding="utf-8")


def add_beside(pattern: str) -> Attack:
    """One more file beside the first of a kind; it has to be named."""

    def attack(workspace: Path) -> tuple[str, ...]:
        path = at(workspace, pattern)[0]
        beside(path)
        return (str(path.with_name("more.txt")),)

    return attack


def cut(path: Path) -> None:
    """The file without its last bytes."""
    path.write_bytes(path.read_bytes()[:-2])


def files(pattern: str, *, other: str = "") -> dict[str, Attack | Nothing]:
    """A row for a kind of file in a run's folder."""
    return {
        "flip": to_file(pattern, flip),
        "delete": to_file(pattern, Path.unlink),
        "swap": swap_files(pattern, other),
        "reorder": to_file(pattern, turn_lines),
        "truncate": to_file(pattern, cut),
        "add": add_beside(pattern),
    }


def to_rows(*statements: str, told: tuple[str, ...]) -> Attack:
    """Raw SQL, and what has to be told."""

    def attack(workspace: Path) -> tuple[str, ...]:
        sql(workspace, *statements)
        return told

    return attack


def swap_column(table: str, column: str, where: str, *told: str) -> Attack:
    """Give two rows each other's value of a column, and say what has to be told."""

    def attack(workspace: Path) -> tuple[str, ...]:
        (one, first), (two, second) = (
            (row["key"], row["value"])
            for row in rows(
                workspace, f"SELECT {where.split(maxsplit=1)[0]} AS key, {column} AS value FROM {table} WHERE {where}"
            )
        )
        assert first != second
        with closing(sqlite3.connect(workspace / "workspace.sqlite3")) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            extra = " AND level = 0" if table == "tree_nodes" else ""
            for key, value in ((one, second), (two, first)):
                statement = f"UPDATE {table} SET {column} = ? WHERE {where.split(maxsplit=1)[0]} = ?{extra}"
                connection.execute(statement, (value, key))
            for _, text in triggers:
                connection.execute(text)
            connection.commit()
        return told

    return attack


def moved(table: str, key: str, one: int, other: int) -> tuple[str, ...]:
    """SQL that swaps the places of two rows."""
    return (
        f"UPDATE {table} SET {key} = -1 WHERE {key} = {one}",
        f"UPDATE {table} SET {key} = {one} WHERE {key} = {other}",
        f"UPDATE {table} SET {key} = {other} WHERE {key} = -1",
    )


def to_copies(change: Callable[[sqlite3.Connection], object], *told: str) -> Attack:
    """Do something to the durable copies."""

    def attack(workspace: Path) -> tuple[str, ...]:
        with closing(sqlite3.connect(workspace / "workspace.sqlite3")) as connection:
            change(connection)
            connection.commit()
        return told

    return attack


def edit_copy(change: Callable[[bytes], bytes], connection: sqlite3.Connection) -> None:
    """Change the content of the first copies, whatever the sizes say."""
    number, content = connection.execute("SELECT pending_id, content FROM pending_files LIMIT 1").fetchone()
    connection.execute("UPDATE pending_files SET content = ? WHERE pending_id = ?", (change(content), number))


def middle_byte(content: bytes) -> bytes:
    """One bit in the middle is another."""
    half = len(content) // 2
    return content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]


def turn_paths(connection: sqlite3.Connection) -> None:
    """The paths of the first copies in the other order."""
    number, paths = connection.execute("SELECT pending_id, paths_json FROM pending_files LIMIT 1").fetchone()
    connection.execute(
        "UPDATE pending_files SET paths_json = ? WHERE pending_id = ?", (json.dumps(json.loads(paths)[::-1]), number)
    )


def exchange_runs(connection: sqlite3.Connection) -> None:
    """The first two commits' copies under each other's run."""
    (one, first), (two, second) = connection.execute("SELECT pending_id, run_id FROM pending_files LIMIT 2").fetchall()
    for number, run_id in ((one, second), (two, first)):
        connection.execute("UPDATE pending_files SET run_id = ? WHERE pending_id = ?", (run_id, number))


def add_copy(connection: sqlite3.Connection) -> None:
    """A copy of a file that nobody published."""
    connection.execute(
        "INSERT INTO pending_files (run_id, paths_json, content)"
        " SELECT run_id, '[[\"stages/01-brief/artifacts/more.md\", 1]]', x'41' FROM pending_files LIMIT 1"
    )


def to_keys(change: Callable[[Path], object], *told: str) -> Attack:
    """Do something to the keys that verify."""

    def attack(workspace: Path) -> tuple[str, ...]:
        change(verifiers_path(Workspace(workspace)))
        return told

    return attack


def other_key(path: Path) -> None:
    """Another's key in the place of this log's."""
    path.write_text(f"{SigningKey('vm-log/x', bytes(32)).verifier}\n", encoding="utf-8")

# ruff: noqa: S608 - it attacks with raw SQL of its own
"""Every kind of thing that a workspace stores, times everything that can be done to it: found, and named by its place.

A cell is an attack and the words that have to be told, or the reason why there is nothing to find. That no cell is left
out is a test of its own.
"""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from attack_kit import (
    DEEDS,
    Attack,
    Nothing,
    add_copy,
    at,
    cut,
    edit_copy,
    exchange_runs,
    files,
    finished,
    middle_byte,
    moved,
    other_key,
    swap_column,
    to_copies,
    to_keys,
    to_rows,
    turn_paths,
)
from bundle_kit import Made, fresh_made
from test_cli_look import Shell, make_workspace
from verify_kit import flip, problems, sql
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.commands import OWNER
from vm_webapp.host import open_host
from vm_webapp.log_tree.keys import verifiers_path
from vm_webapp.proof.notes import SigningKey
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter

made = fresh_made


@pytest.fixture(scope="module")
def stored(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all kinds of things: finished runs, a failed attempt, an imported run, durable copies."""
    workspace = tmp_path_factory.mktemp("stored") / "vm"
    make_workspace(workspace)
    settings = Settings(vm_workspace_root=workspace, vm_db_path=workspace / "workspace.sqlite3", vm_log_level="ERROR")
    host = open_host(settings, llm=FixedWriter())
    import_bundle(host.commands, host.workspace, made.content, place=Place(), by=OWNER)
    assert host.log_tree.wait(30)
    host.close()
    with closing(sqlite3.connect(settings.database_path)) as connection:
        for folder in finished(workspace):
            paths = sorted(path for path in folder.glob("stages/01-*/**/*") if path.is_file())
            listed = [
                [path.relative_to(folder).as_posix(), path.stat().st_size] for path in [*paths, folder / "run.json"]
            ]
            content = b"".join((folder / str(path)).read_bytes() for path, _ in listed)
            connection.execute(
                "INSERT INTO pending_files (run_id, paths_json, content) VALUES (?, ?, ?)",
                (folder.name, json.dumps(listed), content),
            )
        connection.commit()
    return workspace


@pytest.fixture
def shell(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The program on a copy of it."""
    shutil.copytree(stored, tmp_path / "vm")
    capsys.readouterr()
    return Shell(capsys, tmp_path / "vm")


EVENTS: dict[str, Attack | Nothing] = {
    "flip": to_rows(
        "UPDATE events SET payload = replace(payload, '\"', '''') WHERE global_position = 7", told=("position 7",)
    ),
    "delete": to_rows("DELETE FROM events WHERE global_position = 7", told=("The event at position 7 is missing",)),
    "swap": swap_column(
        "events",
        "payload",
        "global_position IN (6, 7)",
        "position 6 is not what was recorded",
        "position 7 is not what was recorded",
    ),
    "reorder": to_rows(*moved("events", "global_position", 6, 7), told=("position 6", "position 7")),
    "truncate": to_rows(
        "DELETE FROM events WHERE global_position > (SELECT max(global_position) - 3 FROM events)",
        told=("its counter says", "it was cut off, or is another log"),
    ),
    "add": to_rows(
        "INSERT INTO events SELECT global_position + 1, 'evt-more', event_type, payload_version, aggregate_type,"
        " aggregate_id, stream_id, stream_version + 1, actor_type, actor_id, brand_id, project_id, thread_id, run_id,"
        " correlation_id, causation_id, occurred_at, payload, sha256, previous_sha256 FROM events"
        " ORDER BY global_position DESC LIMIT 1",
        told=("The event evt-more at position",),
    ),
}


SIGNED: dict[str, Attack | Nothing] = {
    "flip": to_rows(
        "UPDATE signed_checkpoints SET signed_at = replace(signed_at, 'T', ' ') WHERE number = 1",
        told=("The signed checkpoint 1 does not hold",),
    ),
    "delete": to_rows("DELETE FROM signed_checkpoints WHERE number = 1", told=("The signed checkpoint 1 is missing",)),
    "swap": swap_column(
        "signed_checkpoints",
        "note",
        "number IN (1, 2)",
        "The signed checkpoint 1 does not hold",
        "The signed checkpoint 2 does not hold",
    ),
    "reorder": to_rows(*moved("signed_checkpoints", "number", 1, 2), told=("The signed checkpoint",)),
    "truncate": to_rows(
        "DELETE FROM signed_checkpoints WHERE number = (SELECT max(number) FROM signed_checkpoints)",
        told=("were signed",),
    ),
    "add": to_rows(
        "INSERT INTO signed_checkpoints SELECT number + 1, size + 1, note, signed_at, sha256 FROM signed_checkpoints"
        " ORDER BY number DESC LIMIT 1",
        told=("does not hold",),
    ),
}


_ONE, _OTHER = (f"(SELECT event_id FROM event_keys ORDER BY event_id {which} LIMIT 1)" for which in ("ASC", "DESC"))
_SWAPPED = f"UPDATE event_keys SET key = (SELECT key FROM event_keys WHERE event_id = {_OTHER}) WHERE event_id = {_ONE}"
TEXT_KEYS: dict[str, Attack | Nothing] = {
    "flip": to_rows(
        f"UPDATE event_keys SET key = randomblob(32) WHERE event_id = {_ONE}",
        told=("it was sealed with another key",),
    ),
    "delete": to_rows(f"DELETE FROM event_keys WHERE event_id = {_ONE}", told=("their key is missing",)),
    "swap": to_rows(_SWAPPED, told=("it was sealed with another key",)),
    "reorder": Nothing("keys are found by their event's id; they have no order"),
    "truncate": to_rows(
        f"UPDATE event_keys SET key = substr(key, 1, 16) WHERE event_id = {_ONE}",
        told=("it was sealed with another key",),
    ),
    "add": to_rows(
        "INSERT INTO event_keys VALUES ('evt-of-nobody', randomblob(32))", told=("no text that it would open",)
    ),
}


NODES: dict[str, Attack | Nothing] = {
    "flip": to_rows(
        "UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 1 AND position = 2", told=("node 2 on level 1",)
    ),
    "delete": to_rows("DELETE FROM tree_nodes WHERE level = 0 AND position = 5", told=("leaf 5 is missing",)),
    "swap": swap_column("tree_nodes", "sha256", "position IN (5, 6) AND level = 0", "as leaf 5", "as leaf 6"),
    "reorder": to_rows(
        "UPDATE tree_nodes SET position = -position WHERE level = 0 AND position IN (5, 6)",
        "UPDATE tree_nodes SET position = 11 + position WHERE level = 0 AND position < 0",
        told=("as leaf 5", "as leaf 6"),
    ),
    "truncate": to_rows(
        "DELETE FROM tree_nodes WHERE level = 0"
        " AND position > (SELECT max(position) - 2 FROM tree_nodes WHERE level = 0)",
        told=("leaves, and its checkpoint says",),
    ),
    "add": to_rows("INSERT INTO tree_nodes VALUES (0, 5000, zeroblob(32))", told=("1 leaves more than the log has",)),
}


COPIES: dict[str, Attack | Nothing] = {
    "flip": to_copies(partial(edit_copy, middle_byte), "The durable copy of"),
    "delete": Nothing("a copy is given up when its file is on the disk; a file that is not there is named itself"),
    "swap": to_copies(exchange_runs, "The durable copy of"),
    "reorder": to_copies(turn_paths, "The durable copy of"),
    "truncate": to_copies(partial(edit_copy, lambda content: content[:-1]), "cannot be read"),
    "add": to_copies(
        add_copy, "The durable copy of stages/01-brief/artifacts/more.md", "of nothing that was published"
    ),
}


KEYS: dict[str, Attack | Nothing] = {
    "flip": to_keys(flip, "log.vkeys"),
    "delete": to_keys(Path.unlink, "none of the keys at hand has signed it"),
    "swap": to_keys(other_key, "none of the keys at hand has signed it"),
    "reorder": Nothing("each line is a key that signed here once; their order proves nothing"),
    "truncate": to_keys(cut, "log.vkeys"),
    "add": Nothing("whoever can add a key is the owner; a note names one that has signed nothing, --key pins one"),
}


RUN_JSON = files("r-*/run.json") | {"reorder": Nothing("JSON with its names in another order says the same")}


BUNDLE = files("r-*/bundle.zip", other="r-*/stages/01-*/manifest.json")


KINDS: dict[str, dict[str, Attack | Nothing]] = {
    "events": EVENTS,
    "signed checkpoints": SIGNED,
    "tree nodes": NODES,
    "keys of texts": TEXT_KEYS,
    "durable copies": COPIES,
    "verifier keys": KEYS,
    "run.json": RUN_JSON,
    "manifest.json": files("r-*/stages/01-brief/manifest.json"),
    "input.json": files("r-*/stages/01-brief/input.json"),
    "output.json": files("r-*/stages/*-brief/output.json", other="r-*/stages/02-*/output.json"),
    "artifacts": files("r-*/stages/01-brief/artifacts/brief.md"),
    "failed attempts": files("r-*/stages/*/attempts/*/error.json", other="r-*/stages/*/attempts/*/input.json"),
    "imported bundles": BUNDLE,
}


def test_every_cell_is_there() -> None:
    """Each kind with each deed: an attack, or the reason why there is nothing to find."""
    assert {kind: tuple(cells) for kind, cells in KINDS.items()} == dict.fromkeys(KINDS, DEEDS)


def test_all_of_it_holds_before(shell: Shell) -> None:
    """Nothing is said against a workspace that nobody attacked."""
    said = shell.json("verify")
    assert (said["problems"], said["notes"]) == ([], [])


CELLS = [
    pytest.param(cell, id=f"{kind}: {deed}")
    for kind, cells in KINDS.items()
    for deed, cell in cells.items()
    if not isinstance(cell, Nothing)
]


@pytest.mark.parametrize("attack", CELLS)
def test_it_is_found_and_named(shell: Shell, attack: Attack) -> None:
    """By its place."""
    wanted = attack(shell.workspace)
    told = problems(shell)
    assert [words for words in wanted if words not in told] == []


@pytest.mark.parametrize("name", ["status", "stages", "request_text"])
def test_run_json_says_all_that_it_said(shell: Shell, name: str) -> None:
    """What is left out is found as what is changed."""
    path = at(shell.workspace, "r-*/run.json")[0]
    said = json.loads(path.read_bytes())
    del said[name]
    path.write_text(json.dumps(said), encoding="utf-8")
    assert f"{path} says something else than the log" in problems(shell)


def test_copies_of_a_run_that_is_not_in_the_log_are_named(shell: Shell) -> None:
    """The next start would write them."""
    sql(shell.workspace, "UPDATE pending_files SET run_id = 'r-nobody' WHERE pending_id = 1")
    sql(shell.workspace, "INSERT INTO pending_files (run_id, paths_json, content) VALUES ('r-nobody', '[]', x'')")
    assert "a run r-nobody that is not in the log" in problems(shell)


@pytest.mark.parametrize("does", ["SELECT 1;", "SELECT RAISE(ABORT, 'x') WHERE 0;"])
def test_a_guard_that_does_nothing_is_named(shell: Shell, does: str) -> None:
    """A trigger of the same name that lets everything through."""
    with closing(sqlite3.connect(shell.workspace / "workspace.sqlite3")) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute(f"CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN {does} END")
        connection.commit()
    assert "The trigger events_no_update, which keeps rows from being changed, is another." in problems(shell)


def test_a_trigger_of_somebody_elses_is_named(shell: Shell) -> None:
    """It would do something with every event to come."""
    with closing(sqlite3.connect(shell.workspace / "workspace.sqlite3")) as connection:
        connection.execute("CREATE TRIGGER more AFTER INSERT ON events BEGIN DELETE FROM event_keys; END")
        connection.commit()
    assert "The database has a trigger more, which is none of the program's." in problems(shell)


def test_a_name_that_run_json_says_twice_is_named(shell: Shell) -> None:
    """Readers differ in which of the two they take."""
    path = at(shell.workspace, "r-*/run.json")[0]
    path.write_bytes(path.read_bytes().replace(b"{", b'{"status": "failed", ', 1))
    assert f"{path} says something else than the log" in problems(shell)


def test_a_key_that_has_signed_nothing_is_worth_knowing(shell: Shell) -> None:
    """A note, for the owner may have supplied it; wherever it stands among the others."""
    path = verifiers_path(Workspace(shell.workspace))
    own, other = path.read_text(encoding="utf-8"), f"{SigningKey('vm-log/x', bytes(32)).verifier}\n"
    for together in (f"{other}{own}", f"{own}{other}"):
        path.write_text(together, encoding="utf-8")
        said = shell.json("verify")
        assert said["ok"] is True
        assert [note["text"][:16] for note in said["notes"]] == ["The key vm-log/x"]


def test_a_pipe_in_a_files_place_is_named_and_not_waited_for(shell: Shell) -> None:
    """Of any kind of file: the check goes on to its end."""
    paths = [at(shell.workspace, f"r-*/{name}")[0] for name in ("run.json", "stages/01-brief/artifacts/brief.md")]
    for path in paths:
        path.unlink()
        os.mkfifo(path)
    told = problems(shell)
    assert [path for path in paths if str(path) not in told] == []


def test_lists_that_are_garbled_do_not_stop_the_check(shell: Shell) -> None:
    """They are derived, and made anew by `rebuild`; the files are checked all the same."""
    sql(shell.workspace, "UPDATE runs_view SET stages_json = '{', error_json = 'x'")
    path = at(shell.workspace, "r-*/stages/01-brief/artifacts/brief.md")[0]
    flip(path)
    assert str(path) in problems(shell)

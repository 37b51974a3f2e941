# ruff: noqa: S608 - it attacks with raw SQL of its own
"""`verify` is attacked: every kind of thing that is stored is changed, taken away, swapped, re-ordered, cut, added to.

Each attack is done to a copy of one workspace, by raw SQL or on the disk, and has to be named with its place.
"""

import itertools
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from test_cli_look import Shell, make_workspace
from test_old_workspaces import unpack
from vm_webapp import pending_files
from vm_webapp.cli import Exit
from vm_webapp.cli.checks.pause import Pause
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.db import build_engine, database_of
from vm_webapp.host import open_host
from vm_webapp.log_tree import store
from vm_webapp.log_tree.keys import key_path, verifiers_path
from vm_webapp.models import EventRow
from vm_webapp.proof.events import NUMBERS, canonical_event, event_digest
from vm_webapp.proof.notes import SigningKey, sign_checkpoint
from vm_webapp.proof.tree import Frontier, Node, leaf_hash
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

COLUMNS = [column.name for column in EventRow.__table__.columns]
AT = 7
"""The position of the event that is attacked: one in the middle, on a run's stream."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three runs, to be copied."""
    workspace = tmp_path_factory.mktemp("proved") / "vm"
    make_workspace(workspace)
    return workspace


@pytest.fixture
def shell(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
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


def test_an_untouched_workspace_holds(shell: Shell) -> None:
    """All events are signed and counted, nothing is said against them."""
    said = shell.json("verify")
    events = rows(shell.workspace, "SELECT count(*) AS n FROM events")[0]["n"]
    assert (said["ok"], said["problems"], said["notes"]) == (True, [], [])
    assert said["events"] == said["signed"] == events
    assert said["checkpoints"] == rows(shell.workspace, "SELECT count(*) AS n FROM signed_checkpoints")[0]["n"] > 0
    assert f"signed up to event {events}" in shell("verify").out


def changed(name: str) -> str:
    """SQL that changes a column of the event, as little as it can be."""
    if name in NUMBERS or name == "global_position":
        return f"UPDATE events SET {name} = {name} + 1000 WHERE global_position = {AT}"
    one = f"CASE substr({name}, -1) WHEN 'x' THEN 'y' ELSE 'x' END"
    value = f"coalesce(substr({name}, 1, length({name}) - 1) || {one}, 'x')"
    return f"UPDATE events SET {name} = {value} WHERE global_position = {AT}"


@pytest.mark.parametrize("name", COLUMNS)
def test_a_change_of_any_column_of_an_event_is_named(shell: Shell, name: str) -> None:
    """By its position; the run alone finds it as well."""
    sql(shell.workspace, changed(name))
    told = problems(shell)
    place = AT + 1000 if name == "global_position" else AT
    assert f"position {place}" in told
    if name == "global_position":
        assert f"The event at position {AT} is missing from the log" in told


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in {*NUMBERS, "global_position"}])
def test_a_column_of_another_type_is_named(shell: Shell, name: str) -> None:
    """Bytes that are no text, and text that is no UTF-8: the check goes on to the end."""
    sql(shell.workspace, f"UPDATE events SET {name} = x'c3' WHERE global_position = {AT}")
    assert f"position {AT}" in problems(shell)
    sql(shell.workspace, f"UPDATE events SET {name} = CAST(x'c328' AS TEXT) WHERE global_position = {AT}")
    assert f"position {AT}" in problems(shell)


def test_an_event_that_is_taken_away_is_named(shell: Shell) -> None:
    """In the middle by its gap, in its stream and in the tree."""
    sql(shell.workspace, f"DELETE FROM events WHERE global_position = {AT}")
    assert f"The event at position {AT} is missing from the log." in problems(shell)


def test_a_log_that_was_cut_is_named(shell: Shell) -> None:
    """The tree goes on, and so do the counter and what was signed."""
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, f"DELETE FROM events WHERE global_position > {last - 3}")
    told = problems(shell)
    assert f"The log ends at position {last - 3}, and its counter says {last}" in told
    assert "The tree has 3 leaves more than the log has events" in told
    assert f"covers {last} events, and the log has {last - 3}" in told


def swap(one: int, other: int) -> tuple[str, ...]:
    """SQL that swaps two positions."""
    return (
        f"UPDATE events SET global_position = -1 WHERE global_position = {one}",
        f"UPDATE events SET global_position = {one} WHERE global_position = {other}",
        f"UPDATE events SET global_position = {other} WHERE global_position = -1",
    )


def test_events_that_were_reordered_are_named(shell: Shell) -> None:
    """Of two streams, so that each stream by itself is whole."""
    found = rows(shell.workspace, "SELECT global_position, stream_id FROM events ORDER BY global_position")
    one, other = next(
        (a["global_position"], b["global_position"])
        for a, b in itertools.pairwise(found)
        if a["stream_id"] != b["stream_id"]
    )
    sql(shell.workspace, *swap(one, other))
    told = problems(shell)
    assert f"position {one} is not the one that was taken into the tree as leaf {one - 1}" in told
    assert f"position {other} is not the one that was taken into the tree as leaf {other - 1}" in told


def test_payloads_that_were_swapped_are_named(shell: Shell) -> None:
    """Both events."""
    one, other = (
        row["payload"]
        for row in rows(
            shell.workspace, "SELECT payload FROM events WHERE global_position IN (6, 7) ORDER BY global_position"
        )
    )
    with closing(sqlite3.connect(shell.workspace / "workspace.sqlite3")) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET payload = ? WHERE global_position = 6", (other,))
        connection.execute("UPDATE events SET payload = ? WHERE global_position = 7", (one,))
        connection.commit()
    told = problems(shell)
    assert "position 6 is not what was recorded: its digest does not hold" in told
    assert "position 7 is not what was recorded: its digest does not hold" in told
    assert "The trigger events_no_update, which keeps rows from being changed, is missing." in told


def test_an_event_that_was_added_is_named(shell: Shell) -> None:
    """At the end without a digest, and with one that follows on nothing."""
    columns = ", ".join(name for name in COLUMNS if name not in {"global_position", "event_id", "stream_version"})
    source = f"SELECT 'evt-forged', 99, {columns} FROM events WHERE global_position = {AT}"
    copied = f"INSERT INTO events (event_id, stream_version, {columns}) {source}"
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, copied)
    told = problems(shell)
    assert f"The event evt-forged at position {last + 1} is number 99 of its stream" in told


def forge(workspace: Path, *, from_tree: bool, key: SigningKey | None = None) -> None:
    """Rewrite an event and all digests that follow from it; the tree too; what was signed too, with a key."""
    found = [dict(row) for row in rows(workspace, "SELECT * FROM events ORDER BY global_position")]
    heads: dict[str, str] = {}
    frontier, statements = Frontier(), list[str]()
    nodes: list[Node] = []
    for row in found:
        if row["global_position"] == AT:
            row["actor_id"] = "mallory"
        row["previous_sha256"] = heads.get(row["stream_id"])
        heads[row["stream_id"]] = row["sha256"] = event_digest(row)
        previous = "NULL" if row["previous_sha256"] is None else f"'{row['previous_sha256']}'"
        statements.append(
            f"UPDATE events SET actor_id = '{row['actor_id']}', sha256 = '{row['sha256']}',"
            f" previous_sha256 = {previous} WHERE global_position = {row['global_position']}"
        )
        nodes += frontier.append(leaf_hash(_canonical(row)))
    if from_tree:
        statements += [
            f"UPDATE tree_nodes SET sha256 = x'{one.sha256.hex()}'"
            f" WHERE level = {one.level} AND position = {one.position}"
            for one in nodes
        ]
    if key:
        note = sign_checkpoint(key, size=frontier.size, root=frontier.root())
        row = {"number": 1, "size": frontier.size, "note": note, "signed_at": "2026-01-01T00:00:00.000000Z"}
        values = f"1, {frontier.size}, '{note}', '{row['signed_at']}', '{store.signed_digest(row)}'"
        statements += [
            "DELETE FROM signed_checkpoints",
            f"INSERT INTO signed_checkpoints (number, size, note, signed_at, sha256) VALUES ({values})",
            "UPDATE checkpoints SET position = 1 WHERE name = 'signed'",
        ]
    sql(workspace, *statements)


def _canonical(row: dict[str, object]) -> bytes:
    return canonical_event(row)


def test_an_event_with_all_digests_forged_is_named_by_the_tree(shell: Shell) -> None:
    """Though its chain is whole."""
    forge(shell.workspace, from_tree=False)
    told = problems(shell)
    assert f"position {AT} is not the one that was taken into the tree as leaf {AT - 1}" in told
    assert "its digest does not hold" not in told
    run = rows(shell.workspace, f"SELECT run_id FROM events WHERE global_position = {AT}")[0]["run_id"]
    assert f"taken into the tree as leaf {AT - 1}" in problems(shell, run)


def test_a_log_with_its_tree_forged_is_named_by_what_was_signed(shell: Shell) -> None:
    """Between two checkpoints."""
    forge(shell.workspace, from_tree=True)
    assert "it was rewritten within the first" in problems(shell)


def test_a_log_that_was_rewritten_with_its_key_is_found_by_a_witness(shell: Shell, tmp_path: Path) -> None:
    """Whoever holds the key can hide everything, but from those who kept an older checkpoint."""
    witness = tmp_path / "witness.txt"
    assert shell("checkpoint", "--save", str(witness)).code == Exit.OK
    honest = shell("verify", "--against", str(witness))
    key = SigningKey.parse(key_path(Workspace(shell.workspace)).read_text())
    forge(shell.workspace, from_tree=True, key=key)
    assert shell.json("verify")["problems"] == []
    assert f"The log is not the one of the checkpoint in {witness}" in problems(shell, "--against", str(witness))
    assert (honest.code, "the log is the one that the witness saw" in honest.out) == (Exit.OK, True)


def test_a_log_that_was_cut_and_signed_again_is_found_by_a_witness(shell: Shell, tmp_path: Path) -> None:
    """It is shorter than what was seen."""
    witness = tmp_path / "witness.txt"
    shell("checkpoint", "--save", str(witness))
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(shell.workspace, f"DELETE FROM events WHERE global_position > {last - 2}")
    assert f"The checkpoint in {witness} covers".lower() in problems(shell, "--against", str(witness)).lower()


def test_a_witness_that_nobody_signed_is_refused(shell: Shell, tmp_path: Path) -> None:
    """By its name; and so is a file that is not there."""
    forged = tmp_path / "forged.txt"
    forged.write_text(sign_checkpoint(SigningKey("vm-log/x", bytes(32)), size=3, root=bytes(32)))
    assert "none of the keys at hand has signed it" in shell("verify", "--against", str(forged)).err
    assert shell("verify", "--against", str(tmp_path / "none.txt")).code != Exit.OK
    assert shell("verify", "latest", "--against", str(forged)).code == Exit.USAGE


CHECKPOINTS = {
    "a number": "UPDATE signed_checkpoints SET number = 50 WHERE number = 1",
    "a size": "UPDATE signed_checkpoints SET size = size - 1 WHERE number = 1",
    "a note": "UPDATE signed_checkpoints SET note = replace(note, 'vm-log', 'vm-lag') WHERE number = 1",
    "a root": "UPDATE signed_checkpoints SET note = substr(note, 1, 30) || 'A' || substr(note, 32) WHERE number = 1",
    "bytes for a note": "UPDATE signed_checkpoints SET note = x'c3' WHERE number = 1",
    "text that is none": "UPDATE signed_checkpoints SET note = CAST(x'c328' AS TEXT) WHERE number = 1",
    "a time": "UPDATE signed_checkpoints SET signed_at = '2027' || substr(signed_at, 5) WHERE number = 1",
    "a digest": "UPDATE signed_checkpoints SET sha256 = replace(sha256, substr(sha256, 1, 1), 'x') WHERE number = 1",
    "it is gone": "DELETE FROM signed_checkpoints WHERE number = 1",
    "the last is gone": "DELETE FROM signed_checkpoints WHERE number = (SELECT max(number) FROM signed_checkpoints)",
    "one is added": "INSERT INTO signed_checkpoints SELECT number + 1, size + 1, note, signed_at, sha256"
    " FROM signed_checkpoints ORDER BY number DESC LIMIT 1",
    "all are gone": "DELETE FROM signed_checkpoints",
    "the count": "UPDATE checkpoints SET position = position + 1 WHERE name = 'signed'",
}


@pytest.mark.parametrize("statement", CHECKPOINTS.values(), ids=CHECKPOINTS.keys())
def test_a_change_of_a_signed_checkpoint_is_named(shell: Shell, statement: str) -> None:
    """By its number, or by how many there should be."""
    sql(shell.workspace, statement)
    assert "signed checkpoint" in problems(shell)


def test_checkpoints_that_were_swapped_are_named(shell: Shell) -> None:
    """Both notes hold, and stand where they do not belong."""
    assert len(rows(shell.workspace, "SELECT number FROM signed_checkpoints")) > 1
    sql(
        shell.workspace,
        "UPDATE signed_checkpoints SET number = -1 WHERE number = 1",
        "UPDATE signed_checkpoints SET number = 1 WHERE number = 2",
        "UPDATE signed_checkpoints SET number = 2 WHERE number = -1",
    )
    assert "The signed checkpoint" in problems(shell)


NODES = {
    "a leaf": ("UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 0 AND position = 5", "as leaf 5"),
    "an inner node": (
        "UPDATE tree_nodes SET sha256 = zeroblob(32) WHERE level = 1 AND position = 2",
        "node 2 on level 1 is not the hash of its children",
    ),
    "a leaf is gone": ("DELETE FROM tree_nodes WHERE level = 0 AND position = 5", "leaf 5 is missing"),
    "an inner node is gone": (
        "DELETE FROM tree_nodes WHERE level = 2 AND position = 1",
        "node 1 on level 2 is missing",
    ),
    "the first is gone": ("DELETE FROM tree_nodes WHERE level = 1 AND position = 0", "node 0 on level 1 is missing"),
    "a leaf is added": ("INSERT INTO tree_nodes VALUES (0, 5000, zeroblob(32))", "1 leaves more than the log has"),
    "an inner node is added": (
        "INSERT INTO tree_nodes VALUES (3, 900, zeroblob(32))",
        "node 900 on level 3 should not",
    ),
    "a level is added": (
        "INSERT INTO tree_nodes VALUES (30, 0, zeroblob(32))",
        "node 0 on level 30 should not be there",
    ),
    "a short node": ("UPDATE tree_nodes SET sha256 = x'00' WHERE level = 0 AND position = 5", "as leaf 5"),
    "text for a node": ("UPDATE tree_nodes SET sha256 = 'x' WHERE level = 0 AND position = 5", "as leaf 5"),
    "two are swapped": (
        "UPDATE tree_nodes SET sha256 = (SELECT o.sha256 FROM tree_nodes o WHERE o.level = 0 AND"  # noqa: ISC004 - one
        " o.position = 11 - tree_nodes.position) WHERE level = 0 AND position IN (5, 6)",
        "as leaf 5",
    ),
    "its checkpoint": ("UPDATE checkpoints SET position = 3 WHERE name = 'log_tree'", "its checkpoint says"),
    "its checkpoint beyond": ("UPDATE checkpoints SET position = 9999 WHERE name = 'log_tree'", "its checkpoint says"),
}


@pytest.mark.parametrize(("statement", "told"), NODES.values(), ids=NODES.keys())
def test_a_change_of_the_tree_is_named(shell: Shell, statement: str, told: str) -> None:
    """By its level and position, and nothing above it."""
    sql(shell.workspace, statement)
    found = problems(shell)
    assert told in found


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_change_of_the_keys_is_named(shell: Shell) -> None:
    """Of those that verify: garbled, missing, or another's."""
    path = verifiers_path(Workspace(shell.workspace))
    before = path.read_text()
    path.write_text(before[:-9])
    assert str(path) in problems(shell)
    path.unlink()
    assert "none of the keys at hand has signed it" in problems(shell)
    path.write_text(f"{SigningKey('vm-log/x', bytes(32)).verifier}\n")
    assert "none of the keys at hand has signed it" in problems(shell)
    assert shell("verify", "--key", before.strip()).code == Exit.OK


def to_folder(path: Path) -> None:
    """Put a folder where the file was."""
    path.unlink()
    path.mkdir()


FILES = (
    "run.json",
    "stages/01-brief/input.json",
    "stages/01-brief/output.json",
    "stages/01-brief/manifest.json",
    "stages/01-brief/artifacts/brief.md",
)
DEEDS: dict[str, Callable[[Path], object]] = {
    "flip": flip,
    "delete": Path.unlink,
    "truncate": lambda path: path.write_bytes(path.read_bytes()[:-2]),
    "empty": lambda path: path.write_bytes(b""),
    "extend": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "folder": to_folder,
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
@pytest.mark.parametrize("name", FILES)
def test_a_change_of_any_kind_of_file_is_named(shell: Shell, name: str, deed: Callable[[Path], object]) -> None:
    """By its path."""
    path = Path(shell.json("show", "latest")["folder"]) / name
    deed(path)
    assert str(path) in problems(shell)


def test_files_that_were_swapped_are_named(shell: Shell) -> None:
    """Both, between two runs."""
    found = [Path(shell.json("show", run["run_id"])["folder"]) for run in shell.json("runs")["runs"][1:]]
    one, other = (folder / "stages/01-brief/manifest.json" for folder in found)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    told = problems(shell)
    assert [str(path) in told for path in (one, other)] == [True, True]


def test_what_was_added_is_named(shell: Shell) -> None:
    """A file in a stage, in a run, a run among the runs, a link."""
    folder = Path(shell.json("show", "latest")["folder"])
    added = [
        folder / "stages/01-brief/artifacts/more.md",
        folder / "more.txt",
        folder / "stages/99-more/manifest.json",
        folder.parent / "r-more" / "run.json",
        folder / "link",
    ]
    for path in added[:-1]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    added[-1].symlink_to(folder.parent, target_is_directory=True)
    told = problems(shell)
    assert [str(path.parent if path.name == "run.json" else path) in told for path in added] == [True] * len(added)


def test_a_durable_copy_that_was_changed_is_named(shell: Shell) -> None:
    """The next start would write it over the file that is right."""
    folder = Path(shell.json("show", "latest")["folder"])
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    with engine.begin() as connection:
        pending_files.keep(connection, folder.name, {"stages/01-brief/artifacts/brief.md": b"forged"})
    database_of(engine).close()
    assert "The durable copy of stages/01-brief/artifacts/brief.md" in problems(shell)


def test_a_damaged_database_is_named_and_the_files_are_checked(shell: Shell) -> None:
    """What can be read is checked, and the damage is said."""
    path = shell.workspace / "workspace.sqlite3"
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    root = rows(shell.workspace, "SELECT rootpage AS n FROM sqlite_master WHERE name = 'tree_nodes'")[0]["n"]
    content[(root - 1) * page : (root - 1) * page + 40] = bytes(40)
    path.write_bytes(content)
    assert "The database is damaged" in problems(shell) or "cannot be read" in problems(shell)


def test_a_thread_and_a_run_are_checked_by_themselves(shell: Shell) -> None:
    """With their events and their files; what others have is not looked at."""
    said = shell.json("verify", "--thread", "Lisbon launch")
    alone = shell.json("verify", "latest")
    assert (said["ok"], said["runs"], alone["ok"], alone["runs"]) == (True, 2, True, 1)
    assert said["events"] > alone["events"] > 0
    thread = rows(shell.workspace, "SELECT global_position AS n FROM events WHERE event_type = 'ThreadCreated'")[0]["n"]
    sql(shell.workspace, f"UPDATE events SET actor_id = 'x' WHERE global_position = {thread}")
    assert f"position {thread}" in problems(shell, "--thread", "Lisbon launch")
    assert shell("verify", "latest").code == Exit.OK
    assert shell("verify", "--thread", "none").code == Exit.USAGE


def test_it_works_beside_the_process_that_owns_the_workspace(shell: Shell) -> None:
    """While it is open and after more was recorded."""
    host = open_host(Settings(vm_workspace_root=shell.workspace, vm_db_path=shell.workspace / "workspace.sqlite3"))
    said = shell("verify")
    host.close()
    assert said.code == Exit.OK


def test_a_workspace_of_before_is_checked_as_it_is(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its database being brought up to date: nothing is signed there, and that is said."""
    unpack(settings)
    sql(settings.vm_workspace_root, "PRAGMA journal_mode = WAL")
    shell = Shell(capsys, settings.vm_workspace_root)
    said = shell.json("verify")
    assert (said["problems"], said["signed"], said["events"] > 0) == ([], 0, True)
    assert "under no signed checkpoint yet" in said["notes"][-1]["text"]
    folder = next((settings.vm_workspace_root / "runs").glob("r-done/stages/*/manifest.json"))
    flip(folder)
    assert str(folder) in problems(shell)


def test_a_workspace_of_before_is_signed_once_it_was_opened(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its old events have no digest of their own, and the tree covers them all the same."""
    unpack(settings)
    host = open_host(settings)
    assert host.log_tree.wait(30)
    host.close()
    shell = Shell(capsys, settings.vm_workspace_root)
    assert shell.json("verify")["problems"] == []
    sql(settings.vm_workspace_root, "UPDATE events SET actor_id = 'mallory' WHERE global_position = 2")
    assert "position 2 is not the one that was taken into the tree as leaf 1" in problems(shell)


@pytest.fixture
def cut_off(shell: Shell) -> Iterator[Records]:
    """The workspace's records, and no state left over."""
    engine = build_engine(shell.workspace / "workspace.sqlite3")
    yield Records(Workspace(shell.workspace), database_of(engine))
    Pause(shell.workspace / "workspace.sqlite3", resume=False).forget()
    database_of(engine).close()


class _Cut(Exception):
    pass


@pytest.mark.parametrize("when", ["events", "runs"])
def test_a_check_that_was_cut_off_goes_on(
    shell: Shell, cut_off: Records, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it had found; nothing is checked twice, and the report is that of a check in one go."""
    monkeypatch.setattr("vm_webapp.cli.verify._EVERY", 10)
    sql(shell.workspace, f"UPDATE events SET actor_id = 'x' WHERE global_position = {AT}")
    whole = verify_all(cut_off)
    pause = Pause(cut_off.database.path, resume=False)

    def cut(what: str, _done: int, _total: int) -> None:
        if what == when:
            raise _Cut

    with pytest.raises(_Cut):
        verify_all(cut_off, pause=pause, tell=cut)
    pause.write()
    again = Pause(cut_off.database.path, resume=True)
    assert again.report.events > 0
    assert verify_all(cut_off, pause=again) == whole
    assert not again.path.exists()


@pytest.mark.parametrize("state", ["{", "[]", '{"format": 9}', '{"format": 1}'])
def test_a_state_that_is_garbled_is_passed_over(cut_off: Records, state: str) -> None:
    """The check begins anew."""
    pause = Pause(cut_off.database.path, resume=False)
    pause.path.write_text(state)
    again = Pause(cut_off.database.path, resume=True)
    assert (again.report.events, again.chain.position, again.of_runs.runs) == (0, 0, 0)


def test_the_command_takes_the_state_up(shell: Shell, cut_off: Records) -> None:
    """--resume, and it is gone afterwards."""
    pause = Pause(cut_off.database.path, resume=False)
    pause.write()
    assert shell("verify", "--resume").code == Exit.OK
    assert not pause.path.exists()


def test_a_checkpoint_is_shown_and_kept(shell: Shell, tmp_path: Path) -> None:
    """As text, as JSON, with its key, in a file."""
    note, said = shell("checkpoint").out, shell.json("checkpoint")
    assert said["note"] == note
    assert shell("checkpoint", "--key").out.strip() == said["key"]
    assert "holds the checkpoint" in shell("checkpoint", "--save", str(tmp_path / "c.txt")).out
    assert (tmp_path / "c.txt").read_text() == note
    assert shell("checkpoint", "--save", str(tmp_path / "none" / "c.txt")).code != Exit.OK


def test_a_proof_is_kept_and_checked_without_the_workspace(shell: Shell, tmp_path: Path) -> None:
    """Of a run and of an event; with the key it is pinned, with a byte changed it does not hold."""
    kept, key = tmp_path / "proof.json", shell.json("checkpoint")["key"]
    assert shell("proof", "latest", "--save", str(kept)).code == Exit.OK
    elsewhere = Shell(shell.capsys, tmp_path / "elsewhere")
    said, pinned = elsewhere("verify", str(kept)), elsewhere.json("verify", str(kept), "--key", key)
    assert (said.code, "Note: it was checked with the key that it brings along" in said.out) == (Exit.OK, True)
    assert (pinned["ok"], pinned["pinned"], pinned["problems"]) == (True, True, [])
    event_id = rows(shell.workspace, "SELECT event_id FROM events WHERE global_position = 1")[0]["event_id"]
    one = shell.json("proof", event_id)
    assert [event["index"] for event in one["events"]] == [0]
    document = json.loads(kept.read_text())
    document["events"][0]["index"] += 1
    kept.write_text(json.dumps(document))
    assert elsewhere("verify", str(kept)).code == Exit.FAILED
    assert "is not the one that was signed" in elsewhere("verify", str(kept)).out


def test_keys_come_as_text_or_as_a_file(shell: Shell, tmp_path: Path) -> None:
    """Whatever is neither is refused."""
    file = tmp_path / "key.txt"
    file.write_text(shell("checkpoint", "--key").out)
    assert shell("verify", "--key", str(file)).code == Exit.OK
    assert shell("verify", "--key", "none").code == Exit.USAGE


@pytest.mark.parametrize("arguments", [("checkpoint",), ("proof", "latest"), ("verify",)])
def test_where_nothing_is_nothing_is_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """Said, with the way to begin."""
    said = Shell(capsys, tmp_path / "none")(*arguments)
    assert (said.code, "Nothing is here yet" in said.err) == (Exit.WORKSPACE, True)

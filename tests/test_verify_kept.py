# ruff: noqa: S608 - it attacks with raw SQL of its own
"""What was signed is kept beside the database: who can change that alone can neither rewrite the log nor cut it."""

from contextlib import closing
from pathlib import Path

import pytest

from test_cli_look import Shell
from test_verify_witness import forge
from verify_kit import copied_shell, fresh_filled, problems, rows, sql
from vm_webapp.cli import Exit
from vm_webapp.host import open_host
from vm_webapp.log_tree.kept import kept_path
from vm_webapp.log_tree.keys import verifiers_path
from vm_webapp.proof.notes import SigningKey, sign_checkpoint
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

filled = fresh_filled
shell = copied_shell
NOTHING_SIGNED = ("DELETE FROM signed_checkpoints", "UPDATE checkpoints SET position = 0 WHERE name = 'signed'")
NEWEST = "size = (SELECT max(size) FROM signed_checkpoints)"
REWRITTEN = "The log is not the one of the checkpoint in keys/log.checkpoint: it was rewritten within the first"


def settings_of(shell: Shell) -> Settings:
    """Those of the workspace that a start would have."""
    return Settings(vm_workspace_root=shell.workspace, vm_db_path=shell.workspace / "workspace.sqlite3")


def newest(shell: Shell) -> str:
    """The newest checkpoint in the database."""
    return str(rows(shell.workspace, "SELECT note FROM signed_checkpoints ORDER BY size DESC LIMIT 1")[0]["note"])


def test_what_is_kept_is_the_newest_that_was_signed(shell: Shell) -> None:
    """Byte for byte, for everybody to read."""
    path = kept_path(Workspace(shell.workspace))
    assert path.read_text(encoding="utf-8") == newest(shell)
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_log_that_was_rewritten_in_the_database_alone_is_found(shell: Shell) -> None:
    """Though its chain and tree are whole, and nothing in it was ever signed; a start signs nothing of it."""
    forge(shell.workspace, from_tree=True)
    sql(shell.workspace, *NOTHING_SIGNED)
    key = verifiers_path(Workspace(shell.workspace)).read_text(encoding="utf-8").strip()
    run = str(rows(shell.workspace, "SELECT run_id FROM runs_view LIMIT 1")[0]["run_id"])
    for asked in ((), ("--key", key), (run,), ("--thread", "Lisbon launch")):
        assert REWRITTEN in problems(shell, *asked)

    with closing(open_host(settings_of(shell))) as host:
        assert not host.log_tree.wait(20)
        assert "another root than the checkpoint in keys/log.checkpoint says" in host.log_tree.state().problem
    assert rows(shell.workspace, "SELECT number FROM signed_checkpoints") == []
    assert REWRITTEN in problems(shell)


def test_a_log_that_was_cut_off_in_the_database_alone_is_found(shell: Shell) -> None:
    """With its tree, its checkpoints and its counter."""
    last = rows(shell.workspace, "SELECT max(global_position) AS n FROM events")[0]["n"]
    sql(
        shell.workspace,
        f"DELETE FROM events WHERE global_position > {last - 2}",
        f"UPDATE sqlite_sequence SET seq = {last - 2} WHERE name = 'events'",
        "DELETE FROM tree_nodes",
        "UPDATE checkpoints SET position = 0 WHERE name = 'log_tree'",
        *NOTHING_SIGNED,
    )
    assert "The checkpoint in keys/log.checkpoint covers".lower() in problems(shell).lower()


def test_a_checkpoint_that_nobody_signed_is_none(shell: Shell) -> None:
    """In the database it stops the signing; beside it, it is named, and replaced by the next start."""
    forged = sign_checkpoint(SigningKey("acme", bytes(32)), size=3, root=bytes(32))
    path = kept_path(Workspace(shell.workspace))
    path.write_text(forged, encoding="utf-8")
    assert "The checkpoint in keys/log.checkpoint does not hold: none of the keys at hand" in problems(shell)

    with closing(open_host(settings_of(shell))) as host:
        assert host.log_tree.wait(20)
    assert path.read_text(encoding="utf-8") == newest(shell)

    sql(
        shell.workspace,
        f"UPDATE signed_checkpoints SET note = '{forged}' WHERE size = (SELECT max(size) FROM signed_checkpoints)",
    )
    with closing(open_host(settings_of(shell))) as host:
        host.log_tree.catch_up()
        assert "does not hold (none of the keys at hand has signed it" in host.log_tree.state().problem


@pytest.mark.parametrize("how", ["missing", "ahead"])
def test_a_start_makes_both_the_same(shell: Shell, how: str) -> None:
    """What an older release left, and what a crash between the two writes leaves."""
    path = kept_path(Workspace(shell.workspace))
    if how == "missing":
        path.unlink()
    else:
        sql(shell.workspace, f"DELETE FROM signed_checkpoints WHERE {NEWEST}")
        sql(shell.workspace, "UPDATE checkpoints SET position = position - 1 WHERE name = 'signed'")
    said = shell.json("verify")
    assert said["ok"] is True
    assert any("is newer than any in the database" in note["text"] for note in said["notes"]) is (how == "ahead")

    with closing(open_host(settings_of(shell))) as host:
        assert host.log_tree.wait(20)
    assert path.read_text(encoding="utf-8") == newest(shell)
    assert shell("verify").code == Exit.OK


def test_a_part_is_held_against_the_keys_that_are_named(shell: Shell) -> None:
    """A run or a thread under another's key does not hold, nor does one whose texts have lost their keys."""
    other = str(SigningKey("acme", bytes(32)).verifier)
    for asked in (("latest",), ("--thread", "Lisbon launch")):
        assert shell("verify", *asked).code == Exit.OK
        assert "none of the keys at hand has signed it" in problems(shell, *asked, "--key", other)
    sql(shell.workspace, "DELETE FROM event_keys")
    for asked in (("latest",), ("--thread", "Lisbon launch")):
        assert "cannot be read: their key is missing" in problems(shell, *asked)


def test_a_backup_leaves_it_out(shell: Shell, tmp_path: Path) -> None:
    """It may be ahead of the log that is in the backup; whoever restores one has a log that signs on."""
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    assert shell("backup", str(backup), "--with-keys").code == Exit.OK
    assert shell("restore", str(backup), "--into", str(restored)).code == Exit.OK
    keys = Workspace(restored).keys
    assert sorted(path.name for path in keys.iterdir()) == ["log.key", "log.vkeys"]

    with closing(open_host(Settings(vm_workspace_root=restored, vm_db_path=restored / "workspace.sqlite3"))) as host:
        host.log_tree.catch_up()
        assert host.log_tree.problem == ""
    assert kept_path(Workspace(restored)).exists()


def test_a_recovered_log_is_another(shell: Shell) -> None:
    """What was kept of the old one is set aside with its key."""
    old = kept_path(Workspace(shell.workspace)).read_bytes()
    for path in shell.workspace.glob("workspace.sqlite3*"):
        path.unlink()
    assert shell("recover").code == Exit.OK
    (aside,) = Workspace(shell.workspace).keys.glob("log.checkpoint.before-*")
    assert aside.read_bytes() == old

    with closing(open_host(settings_of(shell))) as host:
        host.log_tree.catch_up()
        assert host.log_tree.problem == ""
    assert shell("verify").code == Exit.OK

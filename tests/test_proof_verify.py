# ruff: noqa: S608 - it attacks with raw SQL of its own
"""`verify` of a whole, untouched or damaged workspace, of a part of one, and of one from before the chain."""

import pytest

from test_cli_look import Shell
from test_old_workspaces import unpack
from verify_kit import copied_shell, flip, fresh_filled, problems, rows, sql
from vm_webapp.cli import Exit
from vm_webapp.host import open_host
from vm_webapp.settings import Settings

filled = fresh_filled
shell = copied_shell


def test_an_untouched_workspace_holds(shell: Shell) -> None:
    """All events are signed and counted, nothing is said against them."""
    said = shell.json("verify")
    events = rows(shell.workspace, "SELECT count(*) AS n FROM events")[0]["n"]
    assert (said["ok"], said["problems"], said["notes"]) == (True, [], [])
    assert said["events"] == said["signed"] == events
    assert said["checkpoints"] == rows(shell.workspace, "SELECT count(*) AS n FROM signed_checkpoints")[0]["n"] > 0
    assert f"signed up to event {events}" in shell("verify").out


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

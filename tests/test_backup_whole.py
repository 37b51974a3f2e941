"""Backups: whole or not there, made while the workspace works, and what is restored starts and holds."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from vm_webapp import repo
from vm_webapp.backups import make_backup, restore_backup
from vm_webapp.backups.inventory import is_plain, read_inventory
from vm_webapp.cli import main
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER
from vm_webapp.domain.brands import CreateBrand, UpdateBrand
from vm_webapp.domain.projects import CreateProject
from vm_webapp.domain.thread_messages import CreateThread
from vm_webapp.errors import Conflict, IntegrityError, Invalid, NotReadable
from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter


def settings_at(root: Path) -> Settings:
    """Settings of a workspace in that folder."""
    return Settings(vm_workspace_root=root, vm_db_path=root / "workspace.sqlite3", vm_log_level="ERROR")


def fill(host: Host, runs: int = 2) -> list[str]:
    """A brand, a project and a thread with finished runs."""
    for command in (
        CreateBrand(brand_id="b-1", name="Aurora"),
        CreateProject(project_id="p-1", brand_id="b-1", name="Spring"),
        CreateThread(thread_id="t-1", brand_id="b-1", project_id="p-1", title="Launch"),
    ):
        host.commands.handle(command, by=OWNER)
    return [one_more(host) for _ in range(runs)]


def one_more(host: Host) -> str:
    """A run's id, once it is settled."""
    made = host.runtime.execute_thread_run(
        thread_id="t-1", brand_id="b-1", project_id="p-1", request_text="Launch", mode="plan_90d", actor_id="Ana"
    )
    return str(made["run_id"])


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608 - the schema's names
            for name in names
            if name != "pending_files" and not name.startswith("sqlite_")
        }


def check_workspace(root: Path, runs: int) -> None:
    """It starts, and everything in it holds."""
    host = open_host(settings_at(root), llm=FixedWriter())
    try:
        report = verify_all(Records(host.workspace, host.database))
        assert [finding.text for finding in report.problems] == []
        assert report.runs == runs
        assert report.stages == runs * 8
    finally:
        host.close()


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_is_restored_is_what_was_there(host: Host, tmp_path: Path, name: str) -> None:
    """The log row by row, every published file, and own profiles; it starts and verifies."""
    fill(host)
    host.workspace.profiles.mkdir()
    (host.workspace.profiles / "own.yaml").write_text("title: Own\n", encoding="utf-8")
    done = make_backup(host.database, host.workspace, tmp_path / name)
    before = tables(host.settings.database_path)
    restored = restore_backup(tmp_path / name, tmp_path / "again")
    assert (done.damaged, restored.position, restored.files) == ([], done.position, done.files)
    found = tables(tmp_path / "again" / "workspace.sqlite3")
    assert {kind: rows for kind, rows in found.items() if kind == "events"} == {"events": before["events"]}
    assert (tmp_path / "again" / "profiles" / "own.yaml").read_text(encoding="utf-8") == "title: Own\n"
    assert [path.name for path in (tmp_path / "again" / "keys").rglob("*")] == ["log.vkeys"]
    (tmp_path / "again" / "profiles" / "own.yaml").unlink()
    check_workspace(tmp_path / "again", 2)


def test_a_second_backup_copies_only_what_is_new(host: Host, tmp_path: Path) -> None:
    """Files that stand there already are read, and not written again."""
    fill(host, 1)
    first = make_backup(host.database, host.workspace, tmp_path / "backup")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "backup" / "runs").rglob("*") if path.is_file()}
    one_more(host)
    second = make_backup(host.database, host.workspace, tmp_path / "backup")
    assert first.copied == first.files
    assert second.copied == second.files - first.files
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list((tmp_path / "backup" / "log").iterdir())) == 1
    restore_backup(tmp_path / "backup", tmp_path / "again")
    check_workspace(tmp_path / "again", 2)


def test_it_is_whole_while_somebody_writes(host: Host, tmp_path: Path) -> None:
    """Backups beside runs and edits: each is one state of the log with all files that this state speaks of."""
    fill(host, 1)
    ending = threading.Event()

    def write() -> None:
        number = 0
        while not ending.is_set():
            number += 1
            host.commands.handle(UpdateBrand(brand_id="b-1", voice=f"voice {number}"), by=OWNER)
            if number % 20 == 0:
                one_more(host)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            done = make_backup(host.database, host.workspace, tmp_path / f"backup-{number}")
            assert done.damaged == []
    finally:
        ending.set()
        writing.join()
    for number in range(3):
        restore_backup(tmp_path / f"backup-{number}", tmp_path / f"again-{number}")
        root = tmp_path / f"again-{number}"
        opened = open_host(settings_at(root), llm=FixedWriter(), resume=False)
        try:
            report = verify_all(Records(opened.workspace, opened.database))
            assert [finding.text for finding in report.problems] == []
        finally:
            opened.close()


def test_files_that_are_only_in_the_commit_yet_are_taken_from_there(host: Host, tmp_path: Path) -> None:
    """A published file that the disk lost, whose durable copy is still in the database, is in the backup."""
    fill(host, 1)
    host.close()
    opened = open_host(settings_at(host.workspace.root), llm=FixedWriter())
    try:
        opened._ending.set()
        run_id = one_more(opened)
        path = next(opened.workspace.run_dir(run_id).rglob("brief.md"))
        path.unlink()
        done = make_backup(opened.database, opened.workspace, tmp_path / "backup")
    finally:
        opened.close()
    assert done.damaged == []
    assert (tmp_path / "backup" / path.relative_to(host.workspace.root)).is_file()


def test_a_damaged_file_is_named_and_left_out(host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is backed up; the command's exit code says that something is wrong."""
    (run_id,) = fill(host, 1)
    host.close()
    path = next(host.workspace.run_dir(run_id).rglob("brief.md"))
    path.write_bytes(path.read_bytes() + b"!")
    code = main(["--workspace", str(host.workspace.root), "backup", str(tmp_path / "backup")])
    assert code == 1
    assert "brief.md" in capsys.readouterr().err
    inventory = read_inventory((tmp_path / "backup" / "backup.json").read_bytes(), where="")
    assert [one["path"] for one in inventory.damaged] == [path.relative_to(host.workspace.root).as_posix()]
    restore_backup(tmp_path / "backup", tmp_path / "again")


def test_keys_are_copied_only_on_request(host: Host, tmp_path: Path) -> None:
    """They come back readable for this user alone."""
    fill(host, 1)
    host.webhooks.secrets.keep("wh-1", "whsec_AAAA")
    make_backup(host.database, host.workspace, tmp_path / "without")
    make_backup(host.database, host.workspace, tmp_path / "with", with_keys=True)
    assert {path.name for path in (tmp_path / "without" / "keys").rglob("*")} <= {"log.vkeys"}
    restored = restore_backup(tmp_path / "with", tmp_path / "again")
    key = tmp_path / "again" / "keys" / "webhooks" / "wh-1.secret"
    assert restored.with_keys
    assert (key.read_text(), key.stat().st_mode & 0o777) == ("whsec_AAAA", 0o600)
    assert (tmp_path / "with" / "keys" / "webhooks" / "wh-1.secret").stat().st_mode & 0o777 == 0o600


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("pattern", ["log/*.sqlite3", "runs/*/run.json", "runs/*/stages/*/artifacts/brief.md"])
@pytest.mark.parametrize("harm", [_flip, Path.unlink])
def test_a_backup_that_does_not_hold_is_not_restored(
    host: Host, tmp_path: Path, pattern: str, harm: Callable[[Path], None]
) -> None:
    """One bit in the log, in run.json or in a deliverable, or one of them missing: refused, nothing written."""
    fill(host, 1)
    make_backup(host.database, host.workspace, tmp_path / "backup")
    harm(next((tmp_path / "backup").glob(pattern)))
    with pytest.raises(IntegrityError):
        restore_backup(tmp_path / "backup", tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "vm"]


def test_a_torn_or_doubled_archive_is_refused(host: Host, tmp_path: Path) -> None:
    """Cut off, with a second file of a name, with a link, or no archive at all."""
    fill(host, 1)
    make_backup(host.database, host.workspace, tmp_path / "whole.tar")
    content = (tmp_path / "whole.tar").read_bytes()
    (tmp_path / "torn.tar").write_bytes(content[: len(content) // 2])
    (tmp_path / "none.tar").write_bytes(b"hello")
    shutil.copy(tmp_path / "whole.tar", tmp_path / "double.tar")
    with tarfile.open(tmp_path / "double.tar", "a") as archive:
        archive.addfile(tarfile.TarInfo("backup.json"))
    shutil.copy(tmp_path / "whole.tar", tmp_path / "link.tar")
    with tarfile.open(tmp_path / "link.tar", "a") as archive:
        link = tarfile.TarInfo("runs/x")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    for name in ("torn", "none", "double", "link"):
        with pytest.raises((IntegrityError, NotReadable)):
            restore_backup(tmp_path / f"{name}.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("path", ["../out", "/etc/x", "runs/../../x", "runs//x", "", "a\\b", "C:x", "runs/\x00", "."])
def test_places_outside_are_refused(path: str) -> None:
    """An inventory names nothing outside of the backup and of the workspace."""
    assert not is_plain(path)


def test_an_inventory_that_lies_is_refused(host: Host, tmp_path: Path) -> None:
    """A path elsewhere, a name twice, another format, or a file in no place of a workspace."""
    fill(host, 1)
    make_backup(host.database, host.workspace, tmp_path / "backup")
    path = tmp_path / "backup" / "backup.json"
    said = json.loads(path.read_bytes())
    lies = [
        {**said, "format": "vm-backup/9"},
        {**said, "files": [{**said["files"][0], "path": "../../out"}]},
        {**said, "files": [said["files"][0], said["files"][0]]},
        {**said, "files": [{**said["files"][0], "path": "workspace.lock"}]},
        {**said, "tables": {**said["tables"], "events": 1}},
        [],
    ]
    for lie in lies:
        path.write_text(json.dumps(lie), encoding="utf-8")
        with pytest.raises(IntegrityError):
            restore_backup(tmp_path / "backup", tmp_path / "again")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["backup", "vm"]


def test_what_is_there_is_left_alone(host: Host, tmp_path: Path) -> None:
    """A target that holds something, for backups and for restores; a place inside; another workspace's backups."""
    fill(host, 1)
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine", encoding="utf-8")
    make_backup(host.database, host.workspace, tmp_path / "backup")
    with pytest.raises(Conflict):
        restore_backup(tmp_path / "backup", full)
    with pytest.raises(Conflict):
        make_backup(host.database, host.workspace, full)
    with pytest.raises(Invalid):
        make_backup(host.database, host.workspace, host.workspace.root / "backup")
    other = open_host(settings_at(tmp_path / "other"), llm=FixedWriter())
    try:
        fill(other, 1)
        with pytest.raises(Conflict, match="another workspace"):
            make_backup(other.database, other.workspace, tmp_path / "backup")
    finally:
        other.close()
    assert [path.name for path in full.iterdir()] == ["mine.txt"]


CHILD = """
import os, sys
from pathlib import Path
from vm_webapp.backups import make_backup, restore_backup, shelf
from vm_webapp.db import build_engine, database_of
from vm_webapp.workspace import Workspace

work, left = sys.argv[1], int(sys.argv[5])
root, backup, target = map(Path, sys.argv[2:5])
true_fsync, true_replace, count = os.fsync, Path.replace, [0]

def die_at(call):
    def act(*given, **named):
        count[0] += 1
        if count[0] == left:
            os.kill(os.getpid(), 9)
        return call(*given, **named)
    return act

os.fsync, Path.replace = die_at(true_fsync), die_at(true_replace)
Path.rename, Path.unlink = die_at(Path.rename), die_at(Path.unlink)
if work == "backup":
    database = database_of(build_engine(root / "workspace.sqlite3"))
    make_backup(database, Workspace(root), backup)
    database.close()
else:
    restore_backup(backup, target)
print(count[0])
"""


def run_child(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """The work in a process that is killed at the n-th step."""
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def quiet(host: Host) -> Path:
    """A workspace that nobody serves any more."""
    fill(host, 1)
    host.close()
    return host.workspace.root


def test_killed_anywhere_a_backup_is_the_one_before_or_the_new_one(quiet: Path, tmp_path: Path) -> None:
    """SIGKILL at steps all over a first and a second backup: what stands there restores, and the next one succeeds."""
    database, workspace = settings_at(quiet).database_path, Workspace(quiet)
    steps = int(run_child("backup", quiet, tmp_path / "count", "-", 0).stdout)
    assert steps > 40
    for left in [1, steps // 2, steps - 3, steps - 1]:
        place = tmp_path / f"first-{left}"
        killed = run_child("backup", quiet, place, "-", left)
        assert killed.returncode == -signal.SIGKILL
        if (place / "backup.json").exists():
            restore_backup(place, tmp_path / f"again-{left}")
        else:
            with pytest.raises(NotReadable):
                restore_backup(place, tmp_path / f"again-{left}")
            assert not (tmp_path / f"again-{left}").exists()
        assert run_child("backup", quiet, place, "-", 0).returncode == 0
        shutil.rmtree(tmp_path / f"again-{left}", ignore_errors=True)
        restore_backup(place, tmp_path / f"again-{left}")
    assert database.is_file()
    assert workspace.runs.is_dir()


def test_killed_anywhere_a_restore_is_nothing_or_whole(quiet: Path, tmp_path: Path) -> None:
    """SIGKILL at steps all over a restore: no target or a whole one, and restoring again succeeds."""
    backup, target = tmp_path / "backup", tmp_path / "again"
    assert run_child("backup", quiet, backup, "-", 0).returncode == 0
    steps = int(run_child("restore", "-", backup, tmp_path / "count", 0).stdout)
    for left in [1, steps // 2, steps - 1, steps]:
        killed = run_child("restore", "-", backup, target, left)
        assert killed.returncode == -signal.SIGKILL
        if not target.exists():
            restore_backup(backup, target)
        check_workspace(target, 1)
        shutil.rmtree(target)
    assert not list(tmp_path.glob("*restoring*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file system of its own")
def test_a_full_disk_leaves_what_was_there(quiet: Path, tmp_path: Path) -> None:
    """A backup and a restore on a disk that is too small: a sentence, and the earlier backup still restores."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in quiet.rglob("*") if path.is_file())
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size * 2 // 3}", "tmpfs", disk], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        assert run_child("backup", quiet, tmp_path / "good", "-", 0).returncode == 0
        full = run_child("backup", quiet, disk / "backup", "-", 0)
        assert "NotReadable" in full.stderr
        assert "disk is full" in full.stderr
        assert not (disk / "backup" / "backup.json").exists()
        shutil.rmtree(disk / "backup", ignore_errors=True)
        with pytest.raises(NotReadable, match="No space left"):
            restore_backup(tmp_path / "good", disk / "again")
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_backups_at_once_do_not_mix(host: Host, tmp_path: Path) -> None:
    """The second one is told to wait."""
    from filelock import FileLock  # noqa: PLC0415 - this test alone plays the other process

    fill(host, 1)
    make_backup(host.database, host.workspace, tmp_path / "backup")
    with FileLock(tmp_path / "backup" / ".lock"), pytest.raises(Conflict, match="Another backup"):
        make_backup(host.database, host.workspace, tmp_path / "backup")
    with host.database.read() as connection:
        assert repo.list_brands(connection)

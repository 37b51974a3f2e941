"""An imported run's bundle is its proof: backups carry it, and a lost database is recovered from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle_kit import Made, a_run, fresh_made, open_in
from vm_webapp import bundles, event_store, repo
from vm_webapp.backups import make_backup, recover, restore_backup
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER
from vm_webapp.host import Host
from vm_webapp.workspace import Workspace

made = fresh_made


@pytest.fixture
def home(made: Made, tmp_path: Path) -> Iterator[Path]:
    """The folder of a workspace with an imported run, in a brand of its own name; nobody serves it."""
    host = open_in(tmp_path)
    import_bundle(host.commands, host.workspace, made.content, place=Place(brand="Borealis"), by=OWNER)
    assert host.log_tree.wait(30)
    host.close()
    yield tmp_path
    shutil.rmtree(tmp_path / "vm")


def problems(host: Host) -> list[str]:
    """What verify finds."""
    return [finding.text for finding in verify_all(Records(host.workspace, host.database)).problems]


def exported(host: Host, run_id: str) -> bytes:
    """The run as it is handed on."""
    with host.database.read() as connection:
        return bundles.export_run(connection, host.workspace, run_id, key=None).content


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_the_bundle_is_backed_up_and_restored(home: Path, made: Made, name: str) -> None:
    """Byte for byte: the restored workspace holds, and hands it on as it came."""
    host = open_in(home)
    done = make_backup(host.database, host.workspace, home / name)
    host.close()
    restore_backup(home / name, home / "again" / "vm")
    kept = home / "again" / "vm" / "runs" / made.run_id / "bundle.zip"
    assert (done.damaged, kept.read_bytes()) == ([], made.content)
    again = open_in(home / "again")
    try:
        assert problems(again) == []
        assert exported(again, made.run_id) == made.content
    finally:
        again.close()


def test_a_changed_bundle_is_named_by_the_backup(home: Path, made: Made) -> None:
    """And left out."""
    path = home / "vm" / "runs" / made.run_id / "bundle.zip"
    host = open_in(home)
    path.write_bytes(made.content[:-1])
    done = make_backup(host.database, host.workspace, home / "backup")
    host.close()
    assert [one["path"] for one in done.damaged] == [f"runs/{made.run_id}/bundle.zip"]


def lose(home: Path) -> Path:
    """The database is gone; the path where it was."""
    path = home / "vm" / "workspace.sqlite3"
    for one in path.parent.glob("workspace.sqlite3*"):
        one.unlink()
    return path


def test_a_lost_imported_run_is_recovered_from_its_bundle(home: Path, made: Made) -> None:
    """As imported, with its past and its proof, in the thread that it was brought into; verify finds nothing wrong."""
    before = open_in(home)
    with before.database.read() as connection:
        was = dict(repo.get_run(connection, made.run_id))
    before.close()
    done = recover(Workspace(home / "vm"), lose(home))
    assert (done.runs, done.stages, done.problems) == (1, 2, [])
    host = open_in(home)
    try:
        with host.database.read() as connection:
            run = dict(repo.get_run(connection, made.run_id))
            kinds = [event.event_type for event in event_store.load_stream(connection, f"run:{made.run_id}")]
        told = {name: run["imported"][name] for name in ("origin", "key", "fingerprint", "bundle_sha256")}
        assert told == {name: was["imported"][name] for name in told}
        assert run["imported"]["by"] == "recovery"
        assert {name: run[name] for name in ("thread_id", "status", "stages", "requested_by")} == {
            name: was[name] for name in ("thread_id", "status", "stages", "requested_by")
        }
        assert kinds == ["WorkflowRunImported", "RunRecovered"]
        assert problems(host) == []
        assert exported(host, made.run_id) == made.content
    finally:
        host.close()


def test_files_that_were_lost_with_the_database_come_back_from_the_bundle(home: Path, made: Made) -> None:
    """What did not hold is named, and written again as the bundle has it."""
    deliverable = next((home / "vm" / "runs" / made.run_id).glob("stages/01-*/artifacts/*"))
    content = deliverable.read_bytes()
    deliverable.write_bytes(b"forged")
    done = recover(Workspace(home / "vm"), lose(home))
    assert any(str(deliverable) in problem for problem in done.problems)
    assert deliverable.read_bytes() == content
    host = open_in(home)
    try:
        assert problems(host) == []
    finally:
        host.close()


def test_a_bundle_that_does_not_hold_proves_nothing(home: Path, made: Made) -> None:
    """It is named; the stages that hold are recovered as those of any other run, and verify names it again."""
    path = home / "vm" / "runs" / made.run_id / "bundle.zip"
    path.write_bytes(made.content[:-1])
    done = recover(Workspace(home / "vm"), lose(home))
    assert (done.runs, done.stages) == (1, 2)
    assert any("bundle.zip does not hold" in problem for problem in done.problems)
    host = open_in(home)
    try:
        assert problems(host) == [f"{path} is in no manifest."]
    finally:
        host.close()


def test_recovery_names_a_place_as_its_own_runs_do(home: Path, made: Made) -> None:
    """The imported run's brand of elsewhere names none here that another run speaks of."""
    host = open_in(home)
    with host.database.read() as connection:
        thread = str(repo.get_run(connection, made.run_id)["thread_id"])
    a_run(host, thread)
    host.close()
    recover(Workspace(home / "vm"), lose(home))
    again = open_in(home)
    try:
        with again.database.read() as connection:
            assert [brand["name"] for brand in repo.list_brands(connection)] == ["Borealis"]
            assert {str(run["thread_id"]) for run in map(repo.as_mapping, repo.list_runs(connection))} == {thread}
        assert problems(again) == []
    finally:
        again.close()

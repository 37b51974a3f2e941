"""Recovery: what run folders prove is read again as if nothing had happened, and marked; what they do not is said."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from test_backup_whole import check_workspace, fill, one_more, settings_at
from test_erasure_engine import erase, places_of
from vm_webapp import event_store, projections, repo
from vm_webapp.backups import recover
from vm_webapp.cli import Exit, main
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER
from vm_webapp.errors import Conflict
from vm_webapp.host import Host, open_host
from vm_webapp.run_requests import Change
from vm_webapp.workspace import Workspace

from fixed_writer import FixedWriter


@pytest.fixture
def root(host: Host) -> Path:
    """A workspace with two finished runs that nobody serves."""
    fill(host, 2)
    host.close()
    return host.workspace.root


def lose(root: Path) -> None:
    """The database is gone."""
    for path in root.glob("workspace.sqlite3*"):
        path.unlink()


def reopened(root: Path) -> Host:
    """The workspace, served again."""
    return open_host(settings_at(root), llm=FixedWriter())


def test_recovered_runs_are_read_like_any_other(root: Path) -> None:
    """Lists, the run, its artifacts and verify; in the same thread, project and brand, under their names."""
    before = {path.parent.name: json.loads(path.read_bytes()) for path in root.glob("runs/*/run.json")}
    lose(root)
    done = recover(Workspace(root), root / "workspace.sqlite3")
    assert (done.runs, done.stages, done.problems) == (2, 16, [])
    check_workspace(root, 2)
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            runs = {str(run["run_id"]): run for run in map(repo.as_mapping, repo.list_runs(connection))}
            assert {run_id: run["request_text"] for run_id, run in runs.items()} == {
                run_id: said["request_text"] for run_id, said in before.items()
            }
            found = repo.get_run(connection, next(iter(before)))
            assert found["status"] == "completed"
            assert [brand["name"] for brand in repo.list_brands(connection)] == ["Aurora"]
            assert [thread["title"] for thread in repo.list_threads(connection)] == ["Launch"]
            stages = before[str(found["run_id"])]["stages"]
            assert {key: stage["manifest_sha256"] for key, stage in found["stages"].items()} == {
                stage["stage_key"]: stage["manifest_sha256"] for stage in stages
            }
    finally:
        opened.close()


def test_what_is_recovered_is_marked(root: Path) -> None:
    """Every event is by `recovery`; each run says what it rests on, and what run.json said, which nothing proves."""
    said = {path.parent.name: json.loads(path.read_bytes()) for path in root.glob("runs/*/run.json")}
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            events = event_store.read_after(connection, 0)
    finally:
        opened.close()
    assert {(event.actor_type, event.actor_id) for event in events} == {("system", "recovery")}
    assert events[0].event_type == "WorkspaceRecovered"
    assert any("approved" in sentence for sentence in events[0].payload["unknown"])
    marks = {event.run_id: event.payload for event in events if event.event_type == "RunRecovered"}
    assert {run_id: mark["said"] for run_id, mark in marks.items()} == said
    assert all(len(mark["stages"]) == 8 for mark in marks.values())


def test_a_recovered_run_is_erased_to_the_last_byte(root: Path) -> None:
    """What run.json said of it stands in the log sealed like every other text."""
    run_id = min(path.name for path in root.glob("runs/*"))
    secret = json.loads((root / "runs" / run_id / "run.json").read_bytes())["request_text"]
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            thread_id = str(repo.get_run(connection, run_id)["thread_id"])
        erase(opened, thread_id)
    finally:
        opened.close()
    assert places_of(root, secret) == []


def test_views_of_a_recovered_log_come_out_equal(root: Path) -> None:
    """The recovered log is a log: read again from zero it shows the same."""
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            before = [repo.as_mapping(run) for run in repo.list_runs(connection)]
            assert projections.is_current(connection)
        opened.database.write(projections.rebuild)
        with opened.database.read() as connection:
            assert [repo.as_mapping(run) for run in repo.list_runs(connection)] == before
    finally:
        opened.close()


def test_a_recovered_run_can_be_gone_on_from(root: Path) -> None:
    """A new run in the recovered thread, and a fork of a recovered run that carries its earlier stages over."""
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    opened = reopened(root)
    try:
        one_more(opened)
        old = min(path.name for path in root.glob("runs/*"))
        asked = opened.requests.fork(old, stage_key="plan", change=Change(request_text="Another"), by=OWNER)
        opened.commands.handle(asked, by=OWNER)
        opened.orchestrator.catch_up()
        assert opened.orchestrator.settle(60)
        with opened.database.read() as connection:
            forked = repo.get_run(connection, asked.run_id)
        assert forked["status"] == "completed"
        report = verify_all(Records(opened.workspace, opened.database))
        assert [finding.text for finding in report.problems] == []
        assert report.runs == 4
    finally:
        opened.close()


@pytest.mark.parametrize("left", ["all of it", "what was taken over"])
def test_a_fork_is_recovered_with_its_own_request(root: Path, left: str) -> None:
    """Not with that of the run whose stages it took over, which is what those stages were given."""
    run_id = min(path.name for path in root.glob("runs/*"))
    opened = reopened(root)
    try:
        change = Change(request_text="Something else by May")
        asked = opened.requests.fork(run_id, stage_key="kpis", change=change, by=OWNER)
        opened.commands.handle(asked, by=OWNER)
        opened.orchestrator.catch_up()
        assert opened.orchestrator.settle(60)
    finally:
        opened.close()
    if left == "what was taken over":
        for path in (root / "runs" / asked.run_id / "stages").glob("0[678]-*"):
            shutil.rmtree(path)
    lose(root)
    recover(Workspace(root), root / "workspace.sqlite3")
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            assert repo.get_run(connection, asked.run_id)["request_text"] == "Something else by May"
    finally:
        opened.close()


def test_a_damaged_database_is_moved_aside(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is kept, byte for byte; the command says where, and what is not proven."""
    path = root / "workspace.sqlite3"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x00" * 40_000 + content[44_096:])
    damaged = path.read_bytes()
    assert main(["--workspace", str(root), "recover"]) == Exit.OK
    aside = min(root.glob("workspace.sqlite3.damaged-*"), key=lambda one: len(one.name))
    assert aside.read_bytes() == damaged
    said = capsys.readouterr().out
    assert aside.name in said
    assert "Recovered 2 runs, 16 stages" in said
    assert "Not recovered" in said
    assert main(["--workspace", str(root), "verify"]) == Exit.OK


def test_a_sound_database_is_left_alone(root: Path) -> None:
    """Refused, and nothing is changed; so is a workspace in which nothing proves anything."""
    before = (root / "workspace.sqlite3").read_bytes()
    with pytest.raises(Conflict, match="sound"):
        recover(Workspace(root), root / "workspace.sqlite3")
    assert (root / "workspace.sqlite3").read_bytes() == before
    shutil.rmtree(root / "runs")
    lose(root)
    with pytest.raises(Conflict, match="proves anything"):
        recover(Workspace(root), root / "workspace.sqlite3")
    assert not (root / "workspace.sqlite3").exists()


def test_a_workspace_that_is_served_is_left_alone(host: Host) -> None:
    """Somebody has it: refused."""
    assert main(["--workspace", str(host.workspace.root), "recover"]) == Exit.WORKSPACE


def test_what_does_not_hold_is_left_out_and_named(root: Path) -> None:
    """A changed deliverable: its stage is not recovered, its run is failed, the others are whole."""
    path = min(root.glob("runs/*/stages/*/artifacts/audience.md"))
    path.write_bytes(path.read_bytes() + b"!")
    lose(root)
    done = recover(Workspace(root), root / "workspace.sqlite3")
    assert (done.runs, done.stages) == (2, 15)
    assert any("audience.md" in problem for problem in done.problems)
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            states = {str(run["run_id"]): run["status"] for run in map(repo.as_mapping, repo.list_runs(connection))}
    finally:
        opened.close()
    assert states[path.parts[-5]] == "failed"
    assert sorted(states.values()) == ["completed", "failed"]


def test_without_run_json_the_manifests_are_enough(root: Path) -> None:
    """An open run, or one whose run.json is garbled: its stages are read; it is failed, nothing says how it ended."""
    first, second = sorted(root.glob("runs/*/run.json"))
    first.unlink()
    second.write_bytes(b'{"run_id": 5}')
    lose(root)
    done = recover(Workspace(root), root / "workspace.sqlite3")
    assert (done.runs, done.stages) == (2, 16)
    opened = reopened(root)
    try:
        with opened.database.read() as connection:
            assert {run["status"] for run in map(repo.as_mapping, repo.list_runs(connection))} == {"failed"}
            assert [brand["name"] for brand in repo.list_brands(connection)] == ["Aurora"]
        report = verify_all(Records(opened.workspace, opened.database))
        assert [finding.text for finding in report.problems] == []
    finally:
        opened.close()


def test_hostile_folders_do_no_harm(root: Path) -> None:
    """Names that are no ids, links, JSON of the wrong shape and strange claims are passed over or taken as text."""
    runs = root / "runs"
    (runs / "..odd name").mkdir()
    (runs / "link").symlink_to(root)
    deep = runs / "r-deep" / "stages" / "01-brief"
    deep.mkdir(parents=True)
    (deep / "manifest.json").write_text("[" * 100_000, encoding="utf-8")
    claims = min(runs.glob("r-*/run.json"))
    said = json.loads(claims.read_bytes())
    said |= {"brand_id": ["x"], "profile": 7, "stages": [7, {"stage_key": {}}], "error": "no", "created_at": 5}
    claims.write_text(json.dumps(said), encoding="utf-8")
    lose(root)
    done = recover(Workspace(root), root / "workspace.sqlite3")
    assert done.runs == 2
    assert len(done.problems) >= 2


CHILD = """
import os, sys
from pathlib import Path
from vm_webapp.backups import recover
from vm_webapp.run_requests import Change
from vm_webapp.workspace import Workspace

root, left, count, true_rename = Path(sys.argv[1]), int(sys.argv[2]), [0], Path.rename

def rename(*given):
    count[0] += 1
    if count[0] == left:
        os.kill(os.getpid(), 9)
    return true_rename(*given)

Path.rename = rename
recover(Workspace(root), root / "workspace.sqlite3")
"""


@pytest.mark.parametrize("left", [1, 2, 3])
def test_killed_in_the_exchange_it_can_be_done_again(root: Path, left: int) -> None:
    """SIGKILL before each rename: there is the damaged database, none, or the new one; nothing half, and it goes on."""
    path = root / "workspace.sqlite3"
    path.write_bytes(b"damaged")
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    command = [sys.executable, "-c", CHILD, str(root), str(left)]
    killed = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert not path.exists() or path.read_bytes() == b"damaged"
    recover(Workspace(root), path)
    kept = list(root.glob("workspace.sqlite3.damaged-*"))
    assert [one.read_bytes() for one in kept] == [b"damaged"]
    check_workspace(root, 2)
    assert os.access(path, os.W_OK)

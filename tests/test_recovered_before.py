"""Runs that an older build recovered: its RunRecovered does not say that approvals are not known, and nor are they."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bundle_kit import Made, a_run, a_thread, fresh_made, open_in, served_again, settle
from test_backup_recover import lose
from vm_webapp import events, repo
from vm_webapp.backups import recover, replica
from vm_webapp.bundles import Place, import_bundle
from vm_webapp.cli.opening import Records
from vm_webapp.cli.verify import verify_all
from vm_webapp.commands import OWNER
from vm_webapp.host import Host
from vm_webapp.workspace import Workspace

made = fresh_made
found = served_again


def recover_as_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder's workspace loses its database, and the older build recovers it."""
    root, rests_on = folder / "vm", replica._rests_on
    with monkeypatch.context() as build:
        build.setitem(events.UPCASTERS, ("RunRecovered", 1), lambda said, _id: {"unknown": [], **said})
        build.setattr(replica, "CATALOGUE", {**events.CATALOGUE, "RunRecovered": 1})
        build.setattr(
            replica, "_rests_on", lambda run: {name: said for name, said in rests_on(run).items() if name != "unknown"}
        )
        lose(root)
        recover(Workspace(root), root / "workspace.sqlite3")


@pytest.fixture
def run_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run whose first stage somebody approved, in a workspace that the older build has recovered."""
    host = open_in(tmp_path)
    run_id = a_run(host, a_thread(host))
    host.close()
    recover_as_before(tmp_path, monkeypatch)
    return run_id


def run_of(host: Host, run_id: str) -> Mapping[str, Any]:
    """The run as the lists have it."""
    with host.database.read() as connection:
        return dict(repo.get_run(connection, run_id))


def approvals_of(host: Host, run_id: str) -> list[str]:
    """What the lists say of the approval of each stage."""
    return [stage["approval"] for stage in run_of(host, run_id)["stages"].values()]


def test_a_stage_that_needs_approval_asks_again(found: Host, run_id: str) -> None:
    """Today's profile says who is asked; the recovered plan has no gates, and would publish it unasked."""
    command = found.requests.edit(run_id, "brief", edit={"text": "Mine"}, by=OWNER)
    found.commands.handle(command, by=OWNER)
    settle(found)
    assert run_of(found, command.run_id)["status"] == "waiting_approval"


def test_the_lists_are_put_right_at_the_start(found: Host, run_id: str) -> None:
    """They say that it is not known, without anybody asking for it; run.json may go on saying what that build said."""
    assert approvals_of(found, run_id) == ["unknown", "unknown"]
    report = verify_all(Records(found.workspace, found.database))
    assert [finding.text for finding in report.problems] == []


def test_a_run_json_that_says_anything_else_is_named(found: Host, run_id: str) -> None:
    """What that build did not say of it is a problem as of any other run."""
    path = found.workspace.run_dir(run_id) / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"none"', b'"required"'))
    report = verify_all(Records(found.workspace, found.database))
    assert [finding.text for finding in report.problems] == [f"{path} says something else than the log."]


def test_an_imported_run_keeps_its_approvals(tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bundle tells them, whatever its RunRecovered does not say: it goes on by its own plan."""
    host = open_in(tmp_path)
    import_bundle(host.commands, host.workspace, made.content, place=Place(), by=OWNER)
    assert host.log_tree.wait(30)
    host.close()
    recover_as_before(tmp_path, monkeypatch)
    host = open_in(tmp_path)
    try:
        assert approvals_of(host, made.run_id) == ["required", "none"]
        (tmp_path / "vm" / "profiles" / "gated.yaml").unlink()
        assert host.requests.edit(made.run_id, "brief", edit={"text": "Mine"}, by=OWNER).plan.stages[0].approval == (
            "required"
        )
    finally:
        host.close()
